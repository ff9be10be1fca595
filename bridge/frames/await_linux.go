package frames

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Socket is a TCP connection that can be awaited without a buffer. It lies beneath TLS.
type Socket struct {
	*net.TCPConn

	raw     syscall.RawConn
	isEager atomic.Bool // Read returns errNoInput in place of waiting
	fd      int         // the descriptor while the socket sleeps, see sleepers

	// The rest is for the reading goroutine. Take is a field so that no read allocates.
	take  func(fd uintptr) (ended bool)
	rests bool      // waiting ends with ErrQuiet
	until time.Time // deadline of reading; zero is none
	room  room
	n     int
	err   error
	// isFlooded says that the last read got much. Before it waits then, the socket lets other
	// threads run, and reads again: what comes together is passed on together.
	isFlooded bool
	ahead     []byte // read from the socket by await, and not yet by Read
	lump      *lump  // holds ahead
}

// NewSocket returns conn as a Socket, or conn itself if it is no TCP connection.
func NewSocket(conn net.Conn) net.Conn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	s := &Socket{TCPConn: tcp, raw: raw}
	s.take = s.takeOnce
	return s
}

// NetConn returns the TCP connection.
func (s *Socket) NetConn() net.Conn { return s.TCPConn }

// Read implements net.Conn. An eager Socket returns the bytes that await has read, or
// errNoInput.
func (s *Socket) Read(p []byte) (int, error) {
	if len(s.ahead) == 0 {
		if s.isEager.Load() {
			return 0, errNoInput
		}
		return s.TCPConn.Read(p)
	}
	n := copy(p, s.ahead)
	if s.ahead = s.ahead[n:]; len(s.ahead) == 0 {
		s.close()
	}
	return n, nil
}

// setEager chooses whether Read waits.
func (s *Socket) setEager(isEager bool) { s.isEager.Store(isEager) }

// await waits for input and reads it ahead, for the Read of a layer above.
func (s *Socket) await() error {
	n, err := s.readInto(s)
	if n > 0 {
		s.ahead = s.lump[:n]
	}
	return err
}

// open implements room for await.
func (s *Socket) open() []byte {
	s.lump = takeLump()
	return s.lump[:]
}

// close implements room for await.
func (s *Socket) close() {
	s.lump.put()
	s.lump, s.ahead = nil, nil
}

// readInto waits for input and reads it into a room, which it holds only while there is
// input. It returns ErrQuiet only if s.rests.
func (s *Socket) readInto(to room) (int, error) {
	for {
		s.room = to
		err := s.raw.Read(s.take)
		s.room = nil
		if err == nil {
			return s.n, s.err
		}
		if s.until.IsZero() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		s.until = time.Time{}
		if err := s.SetReadDeadline(s.until); err != nil {
			return 0, err
		}
		if s.rests {
			return 0, ErrQuiet
		}
	}
}

// limitWait sets a deadline when a wait begins. It leaves one that is far enough away, so that
// a busy connection sets few.
func (s *Socket) limitWait() {
	now := time.Now()
	if s.rests && s.until.Sub(now) < quietTime/2 {
		s.until = now.Add(quietTime)
		_ = s.SetReadDeadline(s.until) // fails on a closed socket, as reading does
	}
}

// takeOnce reads from the descriptor. It returns false, and is called again, when input has
// to be awaited.
func (s *Socket) takeOnce(fd uintptr) (ended bool) {
	p := s.room.open()
	s.readOnce(fd, p)
	if s.isFlooded && errors.Is(s.err, syscall.EAGAIN) {
		_, _, _ = syscall.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		s.readOnce(fd, p)
	}
	s.isFlooded = s.n >= flooded
	switch {
	case s.n > 0:
		return true
	case errors.Is(s.err, syscall.EAGAIN):
		s.room.close()
		s.limitWait()
		return false
	case s.err == nil:
		s.err = io.EOF
	default:
		s.err = &net.OpError{Op: "read", Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: os.NewSyscallError("read", s.err)}
	}
	s.n = 0
	s.room.close()
	return true
}

// flooded is the size in bytes of a read after which the peer is likely to write more at once.
const flooded = 512

// readOnce reads from the descriptor without waiting.
func (s *Socket) readOnce(fd uintptr, p []byte) {
	for {
		s.n, s.err = syscall.Read(int(fd), p)
		if !errors.Is(s.err, syscall.EINTR) {
			return
		}
	}
}

// socketUnder returns the Socket under TLS and other layers, or nil.
func socketUnder(conn net.Conn) *Socket {
	for {
		if socket, ok := conn.(*Socket); ok {
			return socket
		}
		layer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = layer.NetConn()
	}
}
