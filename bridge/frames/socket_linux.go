package frames

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// writable reports whether the socket under conn takes bytes without blocking.
func writable(conn net.Conn) bool {
	takes := true
	control(beneath(conn), func(fd int) {
		set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}} //nolint:gosec // a descriptor
		n, err := unix.Poll(set, 0)
		takes = err != nil || n > 0
	})
	return takes
}

// setUnacked sets TCP_USER_TIMEOUT; 0 is the default of the system. It reports whether the
// socket is open.
func setUnacked(tcp *net.TCPConn, limit time.Duration) bool {
	return control(tcp, func(fd int) {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds()))
	})
}

// windowClosed reports whether the peer has acknowledged all sent bytes and has no room for
// the next.
func windowClosed(tcp *net.TCPConn) bool {
	closed := false
	control(tcp, func(fd int) {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		closed = err == nil && info.Unacked == 0 && info.Notsent_bytes > 0 && info.Probes <= 1
	})
	return closed
}

// control calls do with the descriptor of a socket. It returns false if that is closed.
func control(conn net.Conn, do func(fd int)) bool {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	return err == nil && raw.Control(func(fd uintptr) { do(int(fd)) }) == nil
}
