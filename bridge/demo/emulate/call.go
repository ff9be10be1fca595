package emulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coder/websocket"
)

const (
	maxMessage = 32 << 20 // bytes, of a message from the caller
	queueSize  = 4096     // messages that wait for the script
)

// call is one connection to an emulated service.
type call struct {
	Options

	ctx     context.Context //nolint:containedctx // a call lives as long as its handler
	conn    *websocket.Conn
	request *http.Request
	inbox   chan message // closed when the caller is gone
}

// message is one message of the caller.
type message struct {
	binary  bool
	payload []byte
	at      time.Time // when it was read
}

// script speaks with a caller until it returns: an error of type *hangUp closes with its code
// and reason, nil closes with 1000, another error cuts the connection.
type script func(c *call) error

// hangUp is the end of a call with a close frame.
type hangUp struct { //nolint:errname // it ends a call, and need be no mistake
	code   websocket.StatusCode
	reason string // at most 123 bytes
}

// Error implements error.
func (h *hangUp) Error() string { return fmt.Sprintf("close with %d %s", h.code, h.reason) }

// errLate is the error of next when nothing comes in time.
var errLate = errors.New("the caller is silent for too long")

// converse accepts the handshake with one of the subprotocols, and runs the script.
func converse(w http.ResponseWriter, r *http.Request, o Options, subprotocols []string, run script) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: subprotocols, InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(maxMessage)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	c := &call{Options: o, ctx: ctx, conn: conn, request: r, inbox: make(chan message, queueSize)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer cancel()
		c.receive()
	}()
	c.finish(run(c))
	cancel()
	_ = conn.CloseNow() // returns at once after a close handshake
	<-read
}

// finish ends the connection as the script demands.
func (c *call) finish(err error) {
	end := &hangUp{code: websocket.StatusNormalClosure}
	if err == nil || errors.As(err, &end) {
		_ = c.conn.Close(end.code, end.reason) // the caller may have gone
	}
}

// receive reads messages until the caller is gone.
func (c *call) receive() {
	defer close(c.inbox)
	for {
		opcode, payload, err := c.conn.Read(c.ctx)
		if err != nil {
			return
		}
		select {
		case c.inbox <- message{opcode == websocket.MessageBinary, payload, time.Now()}:
		case <-c.ctx.Done():
			return
		}
	}
}

// next returns the next message. The error is errLate when none comes within a limit of the
// service (0 is none), which Options.Scale shortens, and context.Canceled when the caller is
// gone.
func (c *call) next(within time.Duration) (message, error) {
	if within == 0 {
		return c.nextUntil(time.Time{})
	}
	return c.nextUntil(time.Now().Add(c.limit(within)))
}

// nextUntil returns the next message; the zero time waits without a limit.
func (c *call) nextUntil(end time.Time) (message, error) {
	var late <-chan time.Time
	if !end.IsZero() {
		timer := time.NewTimer(time.Until(end))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case m, open := <-c.inbox:
		if !open {
			return message{}, context.Canceled
		}
		return m, nil
	case <-late:
		return message{}, errLate
	}
}

// pause waits between two pieces of an answer, unless the caller goes.
func (c *call) pause(d time.Duration) error {
	if d <= 0 {
		return c.ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// sendJSON sends a value as a text message.
func (c *call) sendJSON(v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return c.send(websocket.MessageText, payload)
}

// send sends a message.
func (c *call) send(opcode websocket.MessageType, payload []byte) error {
	c.Record.sent()
	return c.conn.Write(c.ctx, opcode, payload)
}

// wrote notes that the next message has a piece of the answer's text.
func (c *call) wrote(piece string) {
	c.Record.update(func(t *Turn) {
		t.Text += piece
		if t.FirstText.IsZero() {
			t.FirstText = time.Now()
		}
	})
}

// spoke notes that the next message has a piece of the answer's audio.
func (c *call) spoke(audio []byte) {
	c.Record.update(func(t *Turn) {
		t.Audio = append(t.Audio, audio...)
		if t.FirstAudio.IsZero() {
			t.FirstAudio = time.Now()
		}
	})
}

// done notes that the next message ends the answer.
func (c *call) done() {
	c.Record.update(func(t *Turn) { t.Done = time.Now() })
}

// wroteSegment notes that the next message has a whole sentence of the answer's text. A space
// joins it to the one before, except beside a script that has no spaces.
func (c *call) wroteSegment(r heard) {
	before := ""
	c.Record.update(func(t *Turn) { before = t.Text })
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(r.text)
	if before != "" && !isWide(last) && !isWide(first) {
		c.wrote(" ")
	}
	c.wrote(r.text)
}

// isWide reports whether a letter or a mark belongs to a script without spaces.
func isWide(r rune) bool {
	const marksFirst, marksLast = 0x3000, 0x303F
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= marksFirst && r <= marksLast || r >= 0xFF00 && r <= 0xFFEF
}
