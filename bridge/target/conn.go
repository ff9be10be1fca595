package target

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// ErrCut is what reading gets when a peer ended the connection without a close
// frame. It is no io.EOF, which the library would take for the end of the message
// that is under way, and so for a whole message.
var ErrCut = errors.New("connection ended without a close frame")

// pongWait is how long a ping may wait for the message that is being written. The
// library would give up the connection after 5 s.
const pongWait = 2 * time.Second

// Conn is an open connection to a target: what the library offers, and what it has
// no way for. A close reason that echoes a secret of the request comes out of it
// masked: nothing behind a Conn ever sees the secret.
type Conn struct {
	*websocket.Conn

	stream  *stream
	secrets *redactor
	message messageReader // of Reader, one at a time
}

// maxCloseReason is the length of a close reason, in bytes, RFC 6455 sections 5.5
// and 5.5.1.
const maxCloseReason = 123

// Reader waits for the next message. Only one may be read at a time.
func (c *Conn) Reader(ctx context.Context) (websocket.MessageType, io.Reader, error) {
	kind, r, err := c.Conn.Reader(ctx)
	if err != nil {
		return kind, nil, c.masked(err)
	}
	c.message = messageReader{c, r}
	return kind, &c.message, nil
}

// Read returns the next message.
func (c *Conn) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	kind, payload, err := c.Conn.Read(ctx)
	return kind, payload, c.masked(err)
}

// Ping sends a ping and waits for its pong; something has to read meanwhile.
func (c *Conn) Ping(ctx context.Context) error { return c.masked(c.Conn.Ping(ctx)) }

// messageReader reads one message.
type messageReader struct {
	conn *Conn
	next io.Reader
}

func (r *messageReader) Read(p []byte) (int, error) {
	n, err := r.next.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = r.conn.masked(err)
	}
	return n, err
}

// masked returns err with the secrets in its close reason masked.
func (c *Conn) masked(err error) error {
	frame, closed := errors.AsType[websocket.CloseError](err)
	if !closed {
		return err
	}
	reason := c.secrets.reason(frame.Reason)
	if reason == frame.Reason {
		return err
	}
	return fmt.Errorf("received close frame: %w", websocket.CloseError{Code: frame.Code, Reason: reason})
}

// Mask returns text with every secret of the request masked, for an explanation that
// quotes a message. Messages themselves are kept as they came.
func (c *Conn) Mask(text string) string { return c.secrets.text(text) }

// Cut ends the connection at once, whatever is under way on it.
func (c *Conn) Cut() { c.stream.cut() }

// Moved is how many bytes have been read from and written to the target, as far as
// the system has taken them.
func (c *Conn) Moved() (read, written int64) { return c.stream.read.Load(), c.stream.written.Load() }

// Writing reports whether a part of a message is being written.
func (c *Conn) Writing() bool { return len(c.stream.message) > 0 }

// Write sends one message. It ends with ctx, and the connection with it.
func (c *Conn) Write(ctx context.Context, kind websocket.MessageType, payload []byte) error {
	if err := c.stream.hold(ctx); err != nil {
		return err
	}
	defer c.stream.release()
	return c.masked(c.Conn.Write(ctx, kind, payload))
}

// Writer sends one message in parts.
func (c *Conn) Writer(ctx context.Context, kind websocket.MessageType) (io.WriteCloser, error) {
	w, err := c.Conn.Writer(ctx, kind)
	if err != nil {
		return nil, c.masked(err)
	}
	return &partWriter{ctx: ctx, next: w, stream: c.stream}, nil
}

// partWriter lets close frames between the parts of a message.
type partWriter struct {
	ctx    context.Context //nolint:containedctx // that of Writer
	next   io.WriteCloser
	stream *stream
}

func (w *partWriter) Write(p []byte) (int, error) {
	if err := w.stream.hold(w.ctx); err != nil {
		return 0, err
	}
	defer w.stream.release()
	return w.next.Write(p)
}

func (w *partWriter) Close() error {
	if err := w.stream.hold(w.ctx); err != nil {
		return err
	}
	defer w.stream.release()
	return w.next.Close()
}

// SendClose sends a close frame and leaves reading alone: what the target still
// says before its own close frame is read as ever. Nothing is written after it. The
// code and the reason must be such as may be sent, RFC 6455 section 7.4; 1005 is
// sent as a frame without a code. It waits while the target does not read, until
// Cut.
func (c *Conn) SendClose(code websocket.StatusCode, reason string) error {
	if err := c.stream.hold(context.Background()); err != nil {
		return err
	}
	defer c.stream.release()
	return c.stream.writeLast(closeFrame(code, reason))
}

// closeFrame is a close frame as a client sends it: masked, RFC 6455 section 5.3.
func closeFrame(code websocket.StatusCode, reason string) []byte {
	var payload []byte
	if code != websocket.StatusNoStatusRcvd {
		payload = append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...) //nolint:gosec // a close code has 16 bits
	}
	var key [4]byte
	_, _ = rand.Read(key[:])                                            // never fails
	frame := append([]byte{0x88, 0x80 | byte(len(payload))}, key[:]...) //nolint:gosec // at most 125
	for i, b := range payload {
		frame = append(frame, b^key[i%len(key)])
	}
	return frame
}

// stream is the connection beneath the library's.
type stream struct {
	io.ReadWriteCloser // of net/http, with what it has read beyond the answer

	conn     net.Conn
	upgraded atomic.Bool // the answer was accepted
	read     atomic.Int64
	written  atomic.Int64
	message  chan struct{} // holds a token while a part of a message, or a close frame, is being written

	mu   sync.Mutex // held while writing; guards last
	last bool       // a close frame was sent: nothing may follow
}

func newStream(body io.ReadWriteCloser, conn net.Conn) *stream {
	return &stream{ReadWriteCloser: body, conn: conn, message: make(chan struct{}, 1)}
}

// Read implements io.Reader. Before the answer was accepted there is nothing to
// read: the library looks for a body when it refuses a 101, and would wait for one.
func (s *stream) Read(p []byte) (int, error) {
	if !s.upgraded.Load() {
		return 0, io.EOF
	}
	n, err := s.ReadWriteCloser.Read(p)
	s.read.Add(int64(n))
	if errors.Is(err, io.EOF) {
		err = ErrCut
	}
	return n, err
}

// Write implements io.Writer. After the close frame it drops what is written: pings
// and pongs, and the library's own close frame.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		return len(p), nil
	}
	n, err := s.ReadWriteCloser.Write(p)
	s.written.Add(int64(n))
	return n, err
}

// cut closes the connection without a word: TLS would wait to send its own.
func (s *stream) cut() {
	conn := s.conn
	for secured, ok := conn.(*tls.Conn); ok; secured, ok = conn.(*tls.Conn) { // one in the other through an https proxy
		conn = secured.NetConn()
	}
	_ = conn.Close()
	_ = s.conn.Close()
}

// writeLast writes a frame that nothing may follow.
func (s *stream) writeLast(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = true
	_, err := s.ReadWriteCloser.Write(frame)
	return err
}

// hold waits until no part of a message is being written. The error is
// net.ErrClosed when nothing may be written any more.
func (s *stream) hold(ctx context.Context) error {
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

// idle reports whether a pong can be written: one that had to wait behind a large
// message for too long would break the connection, while one that is left out is
// made up for by the next, RFC 6455 section 5.5.3.
func (s *stream) idle(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, pongWait)
	defer cancel()
	if err := s.hold(ctx); err != nil {
		return false
	}
	s.release()
	return true
}

func (s *stream) release() { <-s.message }

// BrokeProtocol reports whether reading ended because the target broke RFC 6455.
// The library has no type for it, and has answered with 1002.
func BrokeProtocol(err error) bool {
	if err == nil || websocket.CloseStatus(err) != -1 {
		return false
	}
	text := err.Error()
	return slices.ContainsFunc([]string{
		"received header with unexpected rsv bits", "received unknown opcode", "received control frame payload with invalid length",
		"received fragmented control frame", "received invalid close payload", "received continuation frame without",
		"received new data message without finishing", "received negative payload length",
	}, func(phrase string) bool { return strings.Contains(text, phrase) })
}
