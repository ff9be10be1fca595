package frames

import (
	"errors"
	"net"
	"sync"

	"golang.org/x/sys/unix"
)

// sleepers waits for the input of quiet sockets in one goroutine for all. A goroutine that
// waits needs 4 KiB, and a relay has two.
type sleepers struct {
	epoll int // descriptor

	mu     sync.Mutex // guards asleep, and the fields fd of sockets
	asleep map[int]sleeper
}

// sleeper is a socket that waits.
type sleeper struct {
	*Socket

	wake func()
}

// dormitory returns the sleepers of the process.
var dormitory = sync.OnceValues(func() (*sleepers, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	z := &sleepers{epoll: epoll, asleep: map[int]sleeper{}}
	go z.watch()
	return z, nil
})

// sleep calls wake once there is input or an error, or after rouse. Wake must return soon.
func (s *Socket) sleep(wake func()) {
	z, err := dormitory()
	if err == nil {
		err = z.add(sleeper{s, wake})
	}
	if err != nil { // reading tells more
		wake()
	}
}

// rouse wakes the socket if it sleeps. To close it would not.
func (s *Socket) rouse() {
	z, err := dormitory()
	if err != nil {
		return
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.asleep[s.fd].Socket == s {
		z.wake(s.fd)
	}
}

func (z *sleepers) add(each sleeper) (err error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	isOpen := control(each.TCPConn, func(fd int) {
		event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT, Fd: int32(fd)} //nolint:gosec // a descriptor
		if err = unix.EpollCtl(z.epoll, unix.EPOLL_CTL_MOD, fd, &event); errors.Is(err, unix.ENOENT) {
			err = unix.EpollCtl(z.epoll, unix.EPOLL_CTL_ADD, fd, &event)
		}
		each.fd = fd
	})
	if !isOpen || err != nil {
		return errors.Join(err, net.ErrClosed)
	}
	z.asleep[each.fd] = each
	return nil
}

// wake wakes the socket with the descriptor, if one sleeps. The caller holds mu.
func (z *sleepers) wake(fd int) {
	if each := z.asleep[fd]; each.wake != nil {
		delete(z.asleep, fd)
		each.wake()
	}
}

// watch wakes sockets that have input. It never ends.
func (z *sleepers) watch() {
	var events [64]unix.EpollEvent
	for {
		n, _ := unix.EpollWait(z.epoll, events[:], -1) // EINTR alone
		z.mu.Lock()
		for _, event := range events[:max(n, 0)] {
			z.wake(int(event.Fd))
		}
		z.mu.Unlock()
	}
}
