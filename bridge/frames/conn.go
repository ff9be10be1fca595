package frames

import (
	"compress/flate"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// Conn is a WebSocket connection: the library's, with what it has no way for. Reading
// ends with a websocket.CloseError when the peer closed, and with a *RuleError when it
// broke the protocol; neither has been answered then.
type Conn struct {
	*websocket.Conn

	stream *Stream
	source messageReader // of the message being read
}

// Reader returns the next message. Only one can be read at a time.
func (c *Conn) Reader(ctx context.Context) (websocket.MessageType, io.Reader, error) {
	kind, r, err := c.Conn.Reader(ctx)
	if err != nil {
		return 0, nil, c.noteEnd(err)
	}
	c.source = messageReader{conn: c, next: r, left: c.stream.in.limit, text: kind == websocket.MessageText}
	return kind, &c.source, nil
}

// Read returns the next message whole.
func (c *Conn) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	kind, r, err := c.Reader(ctx)
	if err != nil {
		return 0, nil, err
	}
	payload, err := io.ReadAll(r)
	return kind, payload, err
}

// messageReader reads a message and counts its bytes, inflated.
type messageReader struct {
	conn *Conn
	next io.Reader
	left int64 // until the limit
	text bool
}

// Read implements io.Reader.
func (r *messageReader) Read(p []byte) (int, error) {
	n, err := r.next.Read(p)
	r.left -= int64(n)
	if r.conn.stream.in.limit > 0 && r.left < 0 {
		return n + int(max(r.left, int64(-n))), r.conn.Fail(&RuleError{Rule: TooLarge, Text: r.text})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = r.conn.noteEnd(err)
	}
	return n, err
}

// noteEnd finds out why reading ended, and keeps what the peer is to be told of it.
func (c *Conn) noteEnd(err error) error {
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt {
		return c.Fail(&RuleError{Rule: Inflate})
	}
	if failure, ok := errors.AsType[*RuleError](err); ok {
		return c.Fail(failure)
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok && !utf8.ValidString(closed.Reason) {
		_ = c.Fail(&RuleError{Rule: CloseUTF8})
	}
	return err
}

// Fail keeps the failure that the peer is told with the next SendClose, whatever that
// says. It returns the first one.
func (c *Conn) Fail(failure *RuleError) error {
	c.stream.told.Lock()
	defer c.stream.told.Unlock()
	if c.stream.failure == nil {
		c.stream.failure = failure
	}
	return c.stream.failure
}

// Failure returns the reason to fail the connection, or nil.
func (c *Conn) Failure() *RuleError { return c.stream.failed() }

// Write sends one message in one frame. It ends with ctx, and the connection with it.
func (c *Conn) Write(ctx context.Context, kind websocket.MessageType, payload []byte) error {
	if c.stream.window > 0 && len(payload) > c.stream.window { // a window of no more than the message itself was asked for
		return c.WritePart(ctx, kind, payload, true, true)
	}
	if err := c.stream.hold(ctx); err != nil {
		return err
	}
	defer c.stream.release()
	return c.Conn.Write(ctx, kind, payload)
}

// keptOutgoing is the largest buffer of a frame that is used again, in bytes.
const keptOutgoing = 256 << 10

var outgoing = sync.Pool{New: func() any { return new([]byte) }}

// WritePart sends one frame of a message that goes out in several, and is not
// compressed. Close frames may pass between the parts. It ends with ctx, and the
// connection with it.
func (c *Conn) WritePart(ctx context.Context, kind websocket.MessageType, part []byte, isFirst, isLast bool) error {
	if err := c.stream.hold(ctx); err != nil {
		return err
	}
	defer c.stream.release()
	stop := context.AfterFunc(ctx, c.Cut)
	defer stop()
	var first byte = opContinuation
	if isFirst {
		first = byte(kind) //nolint:gosec // the library's types are the opcodes
	}
	if isLast {
		first |= bitFinal
	}
	kept, _ := outgoing.Get().(*[]byte)
	frame := appendFrame((*kept)[:0], first, part, c.stream.client)
	err := c.stream.writeFrame(frame)
	if *kept = frame; cap(frame) <= keptOutgoing {
		outgoing.Put(kept)
	}
	return err
}

// SendClose sends a close frame, once, and leaves reading alone: what the peer still
// says before its own close frame is read as ever. Nothing is written after it, and
// net.ErrClosed is returned when there was one. The code must be one that may be sent,
// RFC 6455 section 7.4; 1005 is sent as a frame without a code. It waits while the
// peer does not read, until Cut.
func (c *Conn) SendClose(code websocket.StatusCode, reason string) error {
	if err := c.stream.hold(context.Background()); err != nil {
		return err
	}
	defer c.stream.release()
	return c.stream.writeClose(websocket.CloseError{Code: code, Reason: reason})
}

// Answer sends the close frame that the end of reading asks for: the peer's own code
// and reason, or why the connection fails. It waits as SendClose does.
func (c *Conn) Answer(end error) {
	closed, asked := Told(end)
	if !asked {
		return
	}
	_ = c.SendClose(closed.Code, closed.Reason)
}

// Drain reads on for at most wait, until the peer ends the connection. A connection
// that is closed with bytes unread is reset, and the peer may never see the close
// frame that was sent. Reading must have ended.
func (c *Conn) Drain(wait time.Duration) {
	if half, ok := c.stream.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = c.stream.SetReadDeadline(time.Now().Add(wait))
	_, _ = io.Copy(io.Discard, c.stream.next)
}

// Cut ends the connection at once, whatever is under way on it. TLS would wait to send
// its own end.
func (c *Conn) Cut() {
	conn := c.stream.Conn
	for secured, ok := conn.(*tls.Conn); ok; secured, ok = conn.(*tls.Conn) { // one in the other through an https proxy
		conn = secured.NetConn()
	}
	_ = conn.Close()
	_ = c.stream.Conn.Close()
}

// Moved returns the bytes that have been read from and written to the peer, as far as
// the system has taken them.
func (c *Conn) Moved() (read, written int64) { return c.stream.read.Load(), c.stream.written.Load() }

// Writing reports whether a message or a part of one is being written.
func (c *Conn) Writing() bool { return len(c.stream.message) > 0 }

var _ net.Conn = (*Stream)(nil)
