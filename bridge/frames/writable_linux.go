package frames

import (
	"crypto/tls"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// writable reports whether the socket beneath conn takes some bytes at once.
func writable(conn net.Conn) bool {
	raw, ok := rawConn(conn)
	if !ok {
		return true
	}
	takes := true
	_ = raw.Control(func(fd uintptr) {
		set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}} //nolint:gosec // a descriptor
		n, err := unix.Poll(set, 0)
		takes = err != nil || n > 0
	})
	return takes
}

// rawConn returns the socket beneath conn.
func rawConn(conn net.Conn) (syscall.RawConn, bool) {
	for {
		switch c := conn.(type) {
		case syscall.Conn:
			raw, err := c.SyscallConn()
			return raw, err == nil
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil, false
		}
	}
}

var _ interface{ NetConn() net.Conn } = (*tls.Conn)(nil)
