// Package frames looks at a WebSocket connection beneath the library, frame by frame.
// It refuses frames that break the protocol before the library sees them, hands close
// frames to its caller in place of answering them, and writes single frames and close
// frames. It knows nothing of targets, browsers or what messages mean.
//
// The library (github.com/coder/websocket) answers a close frame in the moment it
// reads it, and writes nothing after. A relay has to wait for the other side's answer,
// and to carry what arrives before it.
package frames

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// ErrCut is the error of reading when the peer ended the connection without a close
// frame. It is not io.EOF, which the library would take for the end of the message
// under way, and so for a whole message.
var ErrCut = errors.New("connection ended without a close frame")

// Stream is the connection beneath the library's. It implements net.Conn.
type Stream struct {
	net.Conn // the socket, or TLS on it

	Reason func(string) string // returns what is to be seen of a close reason that came; nil leaves it

	next   io.ReadWriteCloser // reads and writes Conn; may hold what was read before
	client bool               // we are the client: our frames are masked, the peer's are not

	window int // bytes: the largest message that may be compressed, by what was agreed on; 0 is any

	opened   atomic.Bool // the handshake is complete
	read     atomic.Int64
	written  atomic.Int64
	timedOut atomic.Bool   // writing ended with ETIMEDOUT
	message  chan struct{} // holds a token while a message, a part of one or a close frame is being written

	in  parser
	end error // what in returned; set and read while reading

	mu      sync.Mutex // held while writing, which may wait for the peer; guards unsent, dropped and last
	unsent  int64      // bytes that are missing of the frame being written
	dropped bool       // that frame is not sent
	last    bool       // a close frame was sent: nothing may follow

	told    sync.Mutex  // guards all below; nothing waits while it is held
	failure *RuleError  // what the peer is to be told, whatever SendClose says
	looking *time.Timer // of watch
}

// NewStream returns a stream over next, which reads from and writes to conn. Client
// says that we opened the connection. It reads nothing before Open.
func NewStream(next io.ReadWriteCloser, conn net.Conn, client bool) *Stream {
	return &Stream{Conn: conn, next: next, client: client, message: make(chan struct{}, 1)}
}

// Open returns the connection of a complete handshake. Deflate says that
// permessage-deflate was agreed. A message of more than limit bytes, inflated, fails
// the connection; 0 is no limit.
func (s *Stream) Open(ws *websocket.Conn, deflate bool, limit int64) *Conn {
	ws.SetReadLimit(-1)
	s.in.fromClient, s.in.deflate, s.in.limit = !s.client, deflate, limit
	s.opened.Store(true)
	s.watch(found)
	return &Conn{Conn: ws, stream: s}
}

// Read implements io.Reader. Before Open there is nothing to read: the library looks
// for a body when it refuses a 101, and would wait for one.
func (s *Stream) Read(p []byte) (int, error) {
	if !s.opened.Load() {
		return 0, io.EOF
	}
	if s.end != nil {
		return 0, s.end
	}
	for {
		n, err := s.next.Read(p)
		s.read.Add(int64(n))
		pass, end := s.in.next(p[:n])
		if end != nil {
			s.end = s.masked(end)
		}
		switch {
		case pass > 0 && end != nil:
			return pass, nil //nolint:nilerr // the end is next
		case end != nil:
			return 0, s.end
		case errors.Is(err, io.EOF) && s.timedOut.Load():
			return pass, syscall.ETIMEDOUT
		case errors.Is(err, io.EOF):
			return pass, ErrCut
		case pass > 0 || err != nil || len(p) == 0:
			return pass, err
		}
	} // a part of a close frame came, which nobody is to see
}

// masked returns what is to be seen of the end of reading.
func (s *Stream) masked(end error) error {
	closed, ok := errors.AsType[websocket.CloseError](end)
	if !ok || s.Reason == nil {
		return end
	}
	closed.Reason = s.Reason(closed.Reason)
	return closed
}

// Write implements io.Writer. After the close frame it drops what is written: pings
// and pongs, and the library's own close frame. It drops a ping or pong, too, that the
// socket does not take at once: the library gives up a connection on which one cannot
// be written for 5 s, and a peer may be too busy to read for longer.
func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		return len(p), nil
	}
	if s.unsent == 0 && s.opened.Load() { // the library writes each header whole, with what follows
		control, size := headOf(p)
		s.unsent, s.dropped = size, control && !writable(s.Conn)
	}
	s.unsent = max(s.unsent-int64(len(p)), 0)
	if s.dropped {
		return len(p), nil
	}
	return s.send(p)
}

// send writes bytes. The system tells only one of reading and writing that the peer has
// vanished.
func (s *Stream) send(p []byte) (int, error) {
	n, err := s.next.Write(p)
	s.written.Add(int64(n))
	if errors.Is(err, syscall.ETIMEDOUT) {
		s.timedOut.Store(true)
	}
	return n, err
}

// headOf reads the header that a frame begins with: whether it is a control frame,
// and the size of all of it.
func headOf(p []byte) (control bool, size int64) {
	var f parser
	for f.have < len(p) && f.have < f.headerSize() {
		f.header[f.have] = p[f.have]
		f.have++
	}
	return f.header[0]&opClose != 0, int64(f.have) + f.size()
}

// Close implements io.Closer.
func (s *Stream) Close() error {
	s.unwatch()
	return s.next.Close()
}

// writeFrame writes a frame between those of the library.
func (s *Stream) writeFrame(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		return net.ErrClosed
	}
	_, err := s.send(frame)
	return err
}

// writeClose writes the close frame, unless one was sent.
func (s *Stream) writeClose(closed websocket.CloseError) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		return net.ErrClosed
	}
	if failure := s.failed(); failure != nil {
		closed = websocket.CloseError{Code: failure.Code(), Reason: failure.Reason()}
	}
	s.last = true
	_, err := s.send(appendClose(nil, closed, s.client))
	return err
}

// failed returns the reason to fail the connection, or nil.
func (s *Stream) failed() *RuleError {
	s.told.Lock()
	defer s.told.Unlock()
	return s.failure
}

// hold waits until no message and no part of one is being written. The error is
// net.ErrClosed when nothing may be written any more.
func (s *Stream) hold(ctx context.Context) error {
	select {
	case s.message <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last {
		s.release()
		return net.ErrClosed
	}
	return nil
}

func (s *Stream) release() { <-s.message }

// pongWait is how long a pong may wait for the message that is being written. The
// library would give up the connection after 5 s.
const pongWait = 2 * time.Second

// TakesPong reports whether a pong can be written: one that had to wait behind a large
// message for too long would break the connection, while one that is left out is
// made up for by the next, RFC 6455 section 5.5.3.
func (s *Stream) TakesPong(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, pongWait)
	defer cancel()
	if err := s.hold(ctx); err != nil {
		return false
	}
	s.release()
	return true
}
