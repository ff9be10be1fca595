package store

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// setCutTime bounds the time without an acknowledgement of sent data (tcp(7),
// TCP_USER_TIMEOUT). A Unix socket has no such option.
func setCutTime(network, _ string, conn syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var err error
	controlled := conn.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(cutTime.Milliseconds()))
	})
	if controlled != nil {
		return controlled
	}
	return err
}
