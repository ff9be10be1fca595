// Package frames reads and writes the frames of a WebSocket connection under the library. It
// refuses frames that break the protocol before the library sees them, returns close frames
// to its caller without answering them, and writes single frames. It knows nothing of
// targets, browsers or the meaning of messages.
//
// The library (github.com/coder/websocket) answers a close frame as soon as it reads it, and
// writes nothing after. A relay has to wait for the answer of the other side, and to carry
// the messages that arrive before it.
//
// A Conn is a connection of the library, for sessions. A Link is one that the library has only
// opened, for relays: it passes whole frames on as they came.
package frames

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// ErrCut is the error of reading when the peer ended the connection without a close frame.
// It is not io.EOF, which the library would take for the end of the current message.
var ErrCut = errors.New("connection ended without a close frame")

// Stream is the net.Conn that the library reads and writes. It checks the peer's frames and
// writes frames between those of the library.
type Stream struct {
	net.Conn // the socket, or TLS on it

	Reason func(string) string // masks the close reason that came; nil leaves it

	next   io.ReadWriteCloser // reads and writes Conn; may hold bytes that were read before
	client bool               // we are the client: our frames are masked, the peer's are not

	window int // bytes of the largest message that may be compressed for the peer; 0 is no limit

	opened     atomic.Bool // the handshake is complete
	isDetached atomic.Bool // the library has no part in it any more
	read       atomic.Int64
	written    atomic.Int64
	timedOut   atomic.Bool   // writing ended with ETIMEDOUT
	message    chan struct{} // holds a token while a message, a part or a close frame is written

	in  parser
	end error // of the parser; for the reading goroutine

	mu      sync.Mutex // held while writing, which may block; guards unsent, dropped and last
	unsent  int64      // missing bytes of the current frame
	dropped bool       // the current frame is dropped
	last    bool       // a close frame was sent, so nothing may follow

	state   sync.Mutex  // guards all below; held without blocking
	failure *RuleError  // sent by the next SendClose
	looking *time.Timer // of watch
}

// NewStream returns a stream over next, which reads and writes conn. Client says that we
// opened the connection. The stream reads nothing before Open.
func NewStream(next io.ReadWriteCloser, conn net.Conn, client bool) *Stream {
	return &Stream{Conn: conn, next: next, client: client, message: make(chan struct{}, 1)}
}

// Open returns the connection after the handshake. Deflate says that permessage-deflate was
// agreed. An inflated message of more than limit bytes fails the connection; 0 is no limit.
func (s *Stream) Open(ws *websocket.Conn, deflate bool, limit int64) *Conn {
	ws.SetReadLimit(-1)
	s.begin(deflate, limit)
	return &Conn{Conn: ws, stream: s}
}

// begin lets reading begin after the handshake.
func (s *Stream) begin(deflate bool, limit int64) {
	s.in.fromClient, s.in.deflate, s.in.limit = !s.client, deflate, limit
	if !s.opened.Swap(true) {
		s.watch(defaultLimits)
	}
}

// Read implements io.Reader. Before Open it returns io.EOF: the library reads a body when it
// refuses a 101, and would block.
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
			s.end = s.maskEnd(end)
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
	} // a part of a close frame came, which is not passed on
}

// maskEnd masks the close reason in the error of reading.
func (s *Stream) maskEnd(end error) error {
	closed, ok := errors.AsType[websocket.CloseError](end)
	if !ok || s.Reason == nil {
		return end
	}
	closed.Reason = s.Reason(closed.Reason)
	return closed
}

// Write implements io.Writer. After the close frame it drops all bytes: pings, pongs, and
// the library's own close frame. It also drops a ping or pong that the socket cannot take
// without blocking: the library gives up a connection on which one blocks for 5 s, and a
// busy peer may not read for longer.
func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		return len(p), nil
	}
	if s.unsent == 0 && s.opened.Load() { // the library writes each header whole, with the bytes that follow
		control, size := headOf(p)
		s.unsent, s.dropped = size, control && !writable(s.Conn)
	}
	s.unsent = max(s.unsent-int64(len(p)), 0)
	if s.dropped {
		return len(p), nil
	}
	return s.send(p)
}

// send writes bytes. It notes ETIMEDOUT for Read: the system reports a vanished peer to
// reading or to writing, not to both.
func (s *Stream) send(p []byte) (int, error) {
	n, err := s.next.Write(p)
	s.written.Add(int64(n))
	if errors.Is(err, syscall.ETIMEDOUT) {
		s.timedOut.Store(true)
	}
	return n, err
}

// headOf reads the header of a frame: whether it is a control frame, and the size of the
// whole frame.
func headOf(p []byte) (control bool, size int64) {
	var f parser
	f.takeHeader(p)
	return f.header[0]&opClose != 0, int64(f.have) + f.size()
}

// Close implements io.Closer. The library calls it when it is detached, too.
func (s *Stream) Close() error {
	if s.isDetached.Load() {
		return nil
	}
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

// writeClose writes a close frame. After one it returns net.ErrClosed.
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

// fail keeps the first failure of the connection, and returns it.
func (s *Stream) fail(failure *RuleError) *RuleError {
	s.state.Lock()
	defer s.state.Unlock()
	if s.failure == nil {
		s.failure = failure
	}
	return s.failure
}

// drain reads and drops bytes until the peer ends the connection, for at most wait.
func (s *Stream) drain(wait time.Duration) {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = s.SetReadDeadline(time.Now().Add(wait))
	_, _ = io.Copy(io.Discard, s.next)
}

// Cut closes the socket at once, during reads and writes too. It does not wait for the
// closing alert of TLS.
func (s *Stream) Cut() {
	conn := s.Conn
	for secured, ok := conn.(*tls.Conn); ok; secured, ok = conn.(*tls.Conn) { // one in the other through an https proxy
		conn = secured.NetConn()
	}
	_ = conn.Close()
	_ = s.Conn.Close()
}

// failed returns the failure of the connection, or nil.
func (s *Stream) failed() *RuleError {
	s.state.Lock()
	defer s.state.Unlock()
	return s.failure
}

// hold takes the token for writing a message, a part or a close frame. The error is
// net.ErrClosed after the close frame.
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

// pongWait bounds the wait of a pong for the end of the current message. The library
// would give up the connection after 5 s.
const pongWait = 2 * time.Second

// TakesPong reports whether a pong can be written now. A pong that waits too long behind a
// large message would break the connection; one that is left out is replaced by the next,
// RFC 6455 section 5.5.3.
func (s *Stream) TakesPong(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, pongWait)
	defer cancel()
	if err := s.hold(ctx); err != nil {
		return false
	}
	s.release()
	return true
}
