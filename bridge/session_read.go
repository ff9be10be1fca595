package bridge

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// keptScratch is the largest buffer that is kept from one message to the next.
const keptScratch = 1 << 20

// firstKept is how much of the first message is kept for a diagnosis, in bytes.
const firstKept = 64

// headKept is how much of a message that exceeds the limit is kept, in bytes.
const headKept = 1 << 10

// drainWait is how long a target whose connection was failed may take to end it.
const drainWait = time.Second

// read is the one goroutine that reads from the target. Each message goes to the
// log as it came; when the log is full it stops reading, and so does, by TCP, the
// target stop writing.
func (s *Session) read() error {
	var scratch []byte
	for {
		opcode, payload, err := readMessage(s.life, s.conn, &scratch)
		if err != nil {
			s.noteTooLarge(opcode, payload, err)
			return err
		}
		s.arrived(payload)
		message := transcript.Message{Direction: transcript.Received, Opcode: opcode, Payload: payload}
		s.pings.behind.Store(true)
		seq, err := s.log.append(s.life, message, noLimit)
		if err != nil {
			return err
		}
		s.pings.behind.Store(false)
		if opcode == transcript.Text && !utf8.Valid(payload) {
			s.noteInvalidText(seq)
		}
	}
}

// noteInvalidText marks the first text that is not UTF-8, which is kept all the same,
// and has the connection failed with 1007, RFC 6455 section 8.1.
func (s *Session) noteInvalidText(seq int64) {
	if s.conn.Failure() != nil {
		return
	}
	_ = s.conn.Fail(&frames.RuleError{Rule: frames.UTF8})
	s.log.appendEvent(EventInvalidUTF8, facts{"seq": seq})
	close(s.invalid)
}

// answer sends the close frame that the end of reading asks for.
func (s *Session) answer(end error) {
	late := time.AfterFunc(s.hub.CloseWait, s.conn.Cut)
	defer late.Stop()
	s.conn.Answer(end)
	if _, failed := errors.AsType[*frames.RuleError](end); failed {
		s.conn.Drain(min(s.hub.CloseWait, drainWait))
	}
}

// source is what messages are read from.
type source interface {
	Reader(ctx context.Context) (websocket.MessageType, io.Reader, error)
}

// readMessage returns one whole message in memory of its own. On error it returns
// what had arrived of it.
func readMessage(ctx context.Context, conn source, scratch *[]byte) (transcript.Opcode, []byte, error) {
	kind, r, err := conn.Reader(ctx)
	if err != nil {
		return "", nil, err
	}
	buf := (*scratch)[:0]
	if cap(buf) == 0 {
		buf = make([]byte, 0, 4096)
	}
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return opcodeOf(kind), buf, err
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
	if cap(buf) > keptScratch { // large: hand it over in place of copying it
		*scratch = nil
		return opcodeOf(kind), buf, nil
	}
	*scratch = buf
	return opcodeOf(kind), append(make([]byte, 0, len(buf)), buf...), nil
}

// arrived notes when a message came, and how the first one began.
func (s *Session) arrived(payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lastIn.IsZero() {
		s.firstIn = slices.Clone(payload[:min(len(payload), firstKept)])
	}
	if s.formerIn = nil; len(s.recentIn) <= formerKept {
		s.formerIn = s.recentIn
	}
	s.lastIn, s.recentIn = s.hub.Now(), nil
	if len(payload) <= diagnose.MaxErrorMessage {
		s.recentIn = payload
	}
}

// noteTooLarge tells of a message that was not kept because it exceeds the limit.
// Its first bytes are, so that people can see what it was, and the size that its frame
// announced.
func (s *Session) noteTooLarge(opcode transcript.Opcode, head []byte, err error) {
	failure, ok := errors.AsType[*frames.RuleError](err)
	if !ok || failure.Rule != frames.TooLarge {
		return
	}
	f := facts{"limit": s.limit, "opcode": opcode}
	if opcode == "" { // refused before the library saw it
		head, f["opcode"] = failure.Head, transcript.Binary
		if failure.Text {
			f["opcode"] = transcript.Text
		}
	}
	if failure.Announced > 0 {
		f["announced"] = failure.Announced
	}
	f["head_hex"] = hex.EncodeToString(head[:min(len(head), headKept)])
	s.log.appendEvent(EventMessageTooLarge, f)
}
