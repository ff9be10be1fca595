//go:build !linux

package frames

import (
	"errors"
	"net"
)

// Other systems hold a buffer while they wait.

// Socket is not used.
type Socket struct{}

// NewSocket returns conn.
func NewSocket(conn net.Conn) net.Conn { return conn }

func (s *Socket) await() error { return errors.ErrUnsupported }

func (s *Socket) readInto(room) (int, error) { return 0, errors.ErrUnsupported }

func (s *Socket) setEager(bool) {}

func socketUnder(net.Conn) *Socket { return nil }
