package frames

import (
	"net"
	"time"
)

// limits are the times after which TCP gives up a peer that is silent. A peer that
// vanishes says nothing, and its host is all that can be asked: a service that computes
// for a minute answers no ping, while its system acknowledges every byte.
type limits struct {
	keepAlive net.KeepAliveConfig // while nothing is under way
	unacked   time.Duration       // while something is: TCP_USER_TIMEOUT, RFC 5482
	look      time.Duration       // between looks whether the peer's window is closed
}

// found bounds the time to notice a vanished peer at 80 s with pings every 20 s: until
// the next ping, and unacked. An outage of 30 s is outlived: TCP sends again after 25 s,
// and then after 51 s.
var found = limits{
	keepAlive: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4},
	unacked:   time.Minute,
	look:      15 * time.Second,
}

// watch has the system find a peer that vanishes, until the connection is closed.
func (s *Stream) watch(l limits) {
	tcp, ok := beneath(s.Conn).(*net.TCPConn)
	if !ok {
		return
	}
	_ = tcp.SetKeepAliveConfig(l.keepAlive)
	setUnacked(tcp, l.unacked)
	s.told.Lock()
	defer s.told.Unlock()
	s.looking = time.AfterFunc(l.look, func() { s.look(tcp, l) })
}

// look lifts the limit from a connection whose peer is there and takes nothing for now:
// Linux counts a closed window as silence, however often the peer acknowledges.
func (s *Stream) look(tcp *net.TCPConn, l limits) {
	limit := l.unacked
	if windowClosed(tcp) {
		limit = 0
	}
	if setUnacked(tcp, limit) { // else it is closed
		s.told.Lock()
		defer s.told.Unlock()
		if s.looking != nil {
			s.looking.Reset(l.look)
		}
	}
}

// unwatch ends what watch began.
func (s *Stream) unwatch() {
	s.told.Lock()
	defer s.told.Unlock()
	if s.looking != nil {
		s.looking.Stop()
		s.looking = nil
	}
}

// beneath returns the socket under TLS and other layers.
func beneath(conn net.Conn) net.Conn {
	for {
		layer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = layer.NetConn()
	}
}
