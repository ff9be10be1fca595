// Package frames reads and writes the frames of WebSocket connections. The library
// (github.com/coder/websocket) performs their handshakes alone. It would hold buffers while a
// connection waits, and answer a close frame as soon as it reads it, and write nothing after. A
// relay has to wait for the answer of the other side, and to carry the messages that arrive
// before it. Package frames knows nothing of targets, browsers or the meaning of messages.
//
// A Link is an open connection. A session reads and writes its messages whole; a relay passes
// whole frames on as they came.
package frames

import (
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

// Stream is a connection under the library, which neither reads nor writes it: a Link does, once
// the handshake is complete.
type Stream struct {
	net.Conn // the socket, or TLS on it

	Reason func(string) string // masks the close reason that came; nil leaves it

	next   io.ReadWriteCloser // reads and writes Conn; may hold bytes that were read before
	client bool               // we are the client: our frames are masked, the peer's are not

	window int // bytes of the largest message that may be compressed for the peer; 0 is no limit

	isOpen   atomic.Bool // the handshake is complete
	read     atomic.Int64
	written  atomic.Int64
	timedOut atomic.Bool // writing ended with ETIMEDOUT

	in parser

	mu   sync.Mutex // held while writing, which may block; guards last
	last bool       // a close frame was sent, so nothing may follow

	state   sync.Mutex  // guards all below; held without blocking
	failure *RuleError  // sent by the next SendClose
	looking *time.Timer // of watch
}

// NewStream returns a stream over next, which reads and writes conn. Client says that we
// opened the connection.
func NewStream(next io.ReadWriteCloser, conn net.Conn, client bool) *Stream {
	return &Stream{Conn: conn, next: next, client: client}
}

// Open returns the connection after the handshake, and ends the use of the library. Deflate says
// that permessage-deflate was agreed. An inflated message of more than limit bytes fails the
// connection; 0 is no limit.
func (s *Stream) Open(ws *websocket.Conn, deflate bool, limit int64) *Link {
	s.isOpen.Store(true)
	_ = ws.CloseNow() // gives its buffers back; closes nothing else now
	return newLink(s, ws.Subprotocol(), deflate, limit)
}

// Read implements io.Reader for the library, which reads a body when it refuses a 101, and would
// block.
func (s *Stream) Read([]byte) (int, error) { return 0, io.EOF }

// Write implements io.Writer for the library, whose handshake of a server ends with it.
func (s *Stream) Write(p []byte) (int, error) { return s.send(p) }

// maskEnd masks the close reason in the error of reading.
func (s *Stream) maskEnd(end error) error {
	closed, ok := errors.AsType[websocket.CloseError](end)
	if !ok || s.Reason == nil {
		return end
	}
	closed.Reason = s.Reason(closed.Reason)
	return closed
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

// Close implements io.Closer for the library, which also calls it when the connection is open.
func (s *Stream) Close() error {
	if s.isOpen.Load() {
		return nil
	}
	return s.next.Close()
}

// writeFrame writes whole frames.
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
