package frames

import (
	"compress/flate"
	"context"
	"errors"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// Conn is a WebSocket connection of the library that can also fail with a close code and close
// without reading. Reading ends with a websocket.CloseError
// when the peer closed, and with a *RuleError when it broke the protocol; neither has been
// answered then.
type Conn struct {
	*websocket.Conn

	stream *Stream
	source messageReader // of the current message
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

// Read returns the whole next message.
func (c *Conn) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	kind, r, err := c.Reader(ctx)
	if err != nil {
		return 0, nil, err
	}
	payload, err := io.ReadAll(r)
	return kind, payload, err
}

// messageReader reads a message and counts its inflated bytes.
type messageReader struct {
	conn *Conn
	next io.Reader
	left int64 // bytes until the limit
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

// noteEnd returns the reason why reading ended, and keeps a failure for SendClose.
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

// Fail makes the next SendClose send the code and reason of failure, whatever its arguments
// are. Only the first failure counts; it is returned.
func (c *Conn) Fail(failure *RuleError) error { return c.stream.fail(failure) }

// Failure returns the failure that Fail kept, or nil.
func (c *Conn) Failure() *RuleError { return c.stream.failed() }

// Write sends one message in one frame. When ctx ends first, the connection ends too.
func (c *Conn) Write(ctx context.Context, kind websocket.MessageType, payload []byte) error {
	if err := c.stream.hold(ctx); err != nil {
		return err
	}
	defer c.stream.release()
	return c.Conn.Write(ctx, kind, payload)
}

// SendClose sends a close frame and keeps reading possible: the peer may send messages
// before its own close frame. Nothing is written after it; a second call returns
// net.ErrClosed. The code must be Sendable, or 1005 for a frame without a code. SendClose
// blocks while the peer does not read, until Cut.
func (c *Conn) SendClose(code websocket.StatusCode, reason string) error {
	if err := c.stream.hold(context.Background()); err != nil {
		return err
	}
	defer c.stream.release()
	return c.stream.writeClose(websocket.CloseError{Code: code, Reason: reason})
}

// Answer sends the close frame that belongs to the error of reading: the peer's own code and
// reason, or those of a failure. It blocks as SendClose does.
func (c *Conn) Answer(end error) {
	closed, hasFrame := CloseFor(end)
	if !hasFrame {
		return
	}
	_ = c.SendClose(closed.Code, closed.Reason)
}

// Drain reads and drops bytes until the peer ends the connection, for at most wait. A socket
// that is closed with unread bytes is reset, and the peer may not see the close frame.
// Reading must have ended.
func (c *Conn) Drain(wait time.Duration) { c.stream.drain(wait) }

// Cut closes the socket at once, during reads and writes too. It does not wait for the
// closing alert of TLS.
func (c *Conn) Cut() { c.stream.Cut() }

// Moved returns the numbers of bytes read from the socket and written to it.
func (c *Conn) Moved() (read, written int64) { return c.stream.read.Load(), c.stream.written.Load() }

// Writing reports whether a message is being written.
func (c *Conn) Writing() bool { return len(c.stream.message) > 0 }

var _ net.Conn = (*Stream)(nil)
