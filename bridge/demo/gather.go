package demo

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

// lumpBytes is the size of one write of gathered output.
const lumpBytes = 64 << 10

// gathering is a connection that can hold back writes and send them together: one
// system call per WebSocket message limits a fast push.
type gathering struct {
	net.Conn

	mu      sync.Mutex // guards held, pending, and the order of writes
	held    bool
	pending []byte
}

// hold keeps small writes back until release, or until there is a lump of them.
func (g *gathering) hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = true
}

// release sends the held output, and ends the holding back.
func (g *gathering) release() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = false
	return g.flush()
}

// Write implements net.Conn. While writes are held, an error may belong to an
// earlier one.
func (g *gathering) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held && len(g.pending)+len(p) <= lumpBytes {
		g.pending = append(g.pending, p...)
		return len(p), nil
	}
	if err := g.flush(); err != nil {
		return 0, err
	}
	if g.held && len(p) <= lumpBytes {
		g.pending = append(g.pending, p...)
		return len(p), nil
	}
	return g.Conn.Write(p)
}

// flush writes the pending output. The caller holds mu.
func (g *gathering) flush() error {
	if len(g.pending) == 0 {
		return nil
	}
	_, err := g.Conn.Write(g.pending)
	g.pending = g.pending[:0]
	return err
}

// hijacker gives a gathering to the handler that hijacks the connection.
type hijacker struct {
	http.ResponseWriter

	conn *gathering // set by Hijack
}

// Hijack implements http.Hijacker.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = &gathering{Conn: conn}
	return h.conn, bufio.NewReadWriter(buffers.Reader, bufio.NewWriter(h.conn)), nil
}
