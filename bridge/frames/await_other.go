//go:build !linux

package frames

import (
	"errors"
	"net"
)

// Other systems hold a buffer while they wait.

// Socket is not used.
type Socket struct {
	net.Conn

	rests bool
}

// NewSocket returns conn.
func NewSocket(conn net.Conn) net.Conn { return conn }

// NetConn returns nil.
func (s *Socket) NetConn() net.Conn { return nil }

func (s *Socket) await() error { return errors.ErrUnsupported }

func (s *Socket) readInto(room) (int, error) { return 0, errors.ErrUnsupported }

func (s *Socket) setEager(bool) {}

func (s *Socket) sleep(wake func()) { go wake() }

func (s *Socket) rouse() {}

func socketUnder(net.Conn) *Socket { return nil }
