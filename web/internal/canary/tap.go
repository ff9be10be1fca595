package canary

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
)

// Tap is a proxy between a program and its clients: it forwards every byte and searches
// the program's answers. Of the requests it searches the addresses, which must not hold
// a secret either.
type Tap struct {
	w        *Watch
	listener *net.TCPListener
	running  sync.WaitGroup

	mu     sync.Mutex // guards the fields below
	conns  map[*net.TCPConn]bool
	closed bool
}

// Tap listens on an address, and passes on from the moment it is told to whom.
func (w *Watch) Tap(listen netip.AddrPort) (*Tap, error) {
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(listen))
	if err != nil {
		return nil, err
	}
	return &Tap{w: w, listener: listener, conns: map[*net.TCPConn]bool{}}, nil
}

// Addr is the address to talk to.
func (t *Tap) Addr() string { return t.listener.Addr().String() }

// To starts to pass connections on to a program. Until then they wait.
func (t *Tap) To(program netip.AddrPort) {
	t.running.Go(func() { t.accept(net.TCPAddrFromAddrPort(program)) })
}

// Refuse accepts no more connections, like a stopped program; open ones end when it ends
// them.
func (t *Tap) Refuse() { _ = t.listener.Close() }

// Close cuts the open connections, and returns when everything was searched.
func (t *Tap) Close() {
	t.Refuse()
	t.mu.Lock()
	t.closed = true
	for conn := range t.conns {
		_ = conn.Close()
	}
	t.mu.Unlock()
	t.running.Wait()
}

func (t *Tap) accept(program *net.TCPAddr) {
	for {
		conn, err := t.listener.AcceptTCP()
		if err != nil {
			return
		}
		t.running.Go(func() { t.pass(conn, program) })
	}
}

// keep lets Close cut a connection; false when it comes too late.
func (t *Tap) keep(conn *net.TCPConn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conns[conn] = true
	return !t.closed
}

func (t *Tap) forget(conns ...*net.TCPConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
		delete(t.conns, conn)
	}
}

// pass connects a peer with the program until both have ended.
func (t *Tap) pass(peer *net.TCPConn, at *net.TCPAddr) {
	program, err := net.DialTCP("tcp", nil, at)
	if err != nil {
		cut(peer) // as a program would that is gone
		return
	}
	defer t.forget(peer, program)
	if !t.keep(peer) || !t.keep(program) {
		return
	}
	asked := make(chan string, 64) // the methods of requests, to parse their answers
	var both sync.WaitGroup
	both.Go(func() { t.copy(program, peer, func(r io.Reader) { readRequests(t.w, r, asked) }) })
	both.Go(func() { t.copy(peer, program, func(r io.Reader) { readAnswers(t.w, r, asked) }) })
	both.Wait()
}

// copy passes bytes on first, and has them read after that.
func (t *Tap) copy(to, from *net.TCPConn, read func(io.Reader)) {
	out, in := io.Pipe()
	var reading sync.WaitGroup
	reading.Go(func() {
		read(out)
		_, _ = io.Copy(io.Discard, out) // the unread rest
	})
	_, err := io.CopyBuffer(onlyWriter{io.MultiWriter(to, in)}, onlyReader{from}, make([]byte, 64<<10))
	_ = in.Close()
	reading.Wait()
	if err == nil {
		err = to.CloseWrite()
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		cut(to)
		cut(from)
	}
}

// cut ends a connection without a goodbye.
func cut(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}

// onlyReader hides other methods of a reader, so that io.CopyBuffer uses the given
// buffer.
type onlyReader struct{ io.Reader }
