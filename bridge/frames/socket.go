package frames

import (
	"net"
	"time"
)

// limits holds the times after which TCP gives up a silent peer. Pings cannot tell a
// vanished peer from a service that computes for a minute, but TCP can: the system of a busy
// service acknowledges every byte.
type limits struct {
	keepAlive net.KeepAliveConfig // while no data is in flight
	unacked   time.Duration       // while data is in flight: TCP_USER_TIMEOUT, RFC 5482
	look      time.Duration       // between checks of the peer's window
}

// defaultLimits finds a vanished peer within 80 s with pings every 20 s: until the next ping,
// and unacked. A connection survives an outage of 30 s: TCP sends again after 25 s, and then
// after 51 s.
var defaultLimits = limits{
	keepAlive: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4},
	unacked:   time.Minute,
	look:      15 * time.Second,
}

// watch makes TCP find a vanished peer, until the connection is closed.
func (s *Stream) watch(l limits) {
	tcp, ok := beneath(s.Conn).(*net.TCPConn)
	if !ok {
		return
	}
	_ = tcp.SetKeepAliveConfig(l.keepAlive)
	setUnacked(tcp, l.unacked)
	s.state.Lock()
	defer s.state.Unlock()
	s.looking = time.AfterFunc(l.look, func() { s.checkWindow(tcp, l) })
}

// checkWindow lifts the limit while the peer's window is closed: Linux counts that as
// silence even if the peer acknowledges.
func (s *Stream) checkWindow(tcp *net.TCPConn, l limits) {
	limit := l.unacked
	if windowClosed(tcp) {
		limit = 0
	}
	if setUnacked(tcp, limit) { // if false, the socket is closed
		s.state.Lock()
		defer s.state.Unlock()
		if s.looking != nil {
			s.looking.Reset(l.look)
		}
	}
}

// unwatch stops the checks of watch.
func (s *Stream) unwatch() {
	s.state.Lock()
	defer s.state.Unlock()
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
