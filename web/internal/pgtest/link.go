package pgtest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// dialTime bounds how long the server may take to accept a connection.
const dialTime = 5 * time.Second

// Link carries connections to a server until it is cut. Then it carries nothing, and
// nobody is told: as when packets are dropped on the way.
type Link struct {
	listener net.Listener
	to       string

	mu    sync.Mutex    // guards all below
	whole chan struct{} // closed while the link is whole
	conns []net.Conn
}

// Through returns a Link to an address, until the test ends.
func Through(tb testing.TB, address string) *Link {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	l := &Link{listener: listener, to: address, whole: make(chan struct{})}
	close(l.whole)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { l.carry(near) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		l.Mend()
		l.mu.Lock()
		for _, conn := range l.conns {
			_ = conn.Close()
		}
		l.mu.Unlock()
		all.Wait()
	})
	return l
}

// Address replaces the server's address.
func (l *Link) Address() string { return l.listener.Addr().String() }

// Cut stops carrying.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = make(chan struct{})
}

// Mend carries traffic again, beginning with the bytes that were held back.
func (l *Link) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.whole:
	default:
		close(l.whole)
	}
}

func (l *Link) await() {
	l.mu.Lock()
	whole := l.whole
	l.mu.Unlock()
	<-whole
}

func (l *Link) carry(near net.Conn) {
	l.await()
	far, err := (&net.Dialer{Timeout: dialTime}).DialContext(context.Background(), "tcp", l.to)
	if err != nil {
		_ = near.Close()
		return
	}
	l.mu.Lock()
	l.conns = append(l.conns, near, far)
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.copy(far, near) })
	both.Go(func() { l.copy(near, far) })
	both.Wait()
}

// copy carries one direction; the end of it too goes over the link.
func (l *Link) copy(to, from net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		l.await()
		if n > 0 {
			if _, failed := to.Write(buf[:n]); failed != nil {
				err = failed
			}
		}
		if err != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}
