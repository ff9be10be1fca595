package main

import (
	"net"
	"net/http"
	"sync"
)

// newcomers is the connections that have not asked for anything yet: browsers and
// proxies open some to have them at hand. http.Server takes them for busy for 5 s, and
// would hold the end of the program up that long.
type newcomers struct {
	mu    sync.Mutex // guards conns
	conns map[net.Conn]struct{}
}

// track is a hook of http.Server.
func (n *newcomers) track(c net.Conn, state http.ConnState) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if state == http.StateNew {
		n.conns[c] = struct{}{}
	} else {
		delete(n.conns, c)
	}
}

func (n *newcomers) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		_ = c.Close()
	}
}
