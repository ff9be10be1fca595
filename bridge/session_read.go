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

// keptScratch is the size in bytes of the largest buffer that is used again.
const keptScratch = 1 << 20

// firstKept is the number of bytes of the first message that are kept for a diagnosis.
const firstKept = 64

// headKept is the number of bytes that are kept of a message above the limit.
const headKept = 1 << 10

// drainWait bounds the wait for a target to end a connection after it broke the protocol.
const drainWait = time.Second

// readMessages is the only goroutine that reads from the target. When the log is full it
// stops reading, and TCP stops the target from writing.
func (s *Session) readMessages() error {
	var scratch []byte
	// A read ends when the connection is cut: life lasts longer. The library would watch a
	// context anew for each read, which costs more than the read.
	unwatched := context.Background()
	for {
		opcode, payload, err := readMessage(unwatched, s.conn, &scratch)
		if err != nil {
			s.appendTooLarge(opcode, payload, err)
			return err
		}
		s.noteReceived(payload)
		message := transcript.Message{Direction: transcript.Received, Opcode: opcode, Payload: payload}
		s.pings.behind.Store(true)
		seq, err := s.log.append(s.life, message, noLimit)
		if err != nil {
			return err
		}
		s.pings.behind.Store(false)
		s.noteStored(seq)
		if opcode == transcript.Text && !utf8.Valid(payload) {
			s.failInvalidText(seq)
		}
	}
}

// failInvalidText logs the first text that is not UTF-8 and fails the connection with 1007,
// RFC 6455 section 8.1. The text itself is stored.
func (s *Session) failInvalidText(seq int64) {
	if s.conn.Failure() != nil {
		return
	}
	_ = s.conn.Fail(&frames.RuleError{Rule: frames.UTF8})
	s.log.appendEvent(EventInvalidUTF8, facts{"seq": seq})
	close(s.invalid)
}

// answer sends the close frame that belongs to the error of reading.
func (s *Session) answer(end error) {
	late := time.AfterFunc(s.hub.CloseWait, s.conn.Cut)
	defer late.Stop()
	s.conn.Answer(end)
	if _, failed := errors.AsType[*frames.RuleError](end); failed {
		s.conn.Drain(min(s.hub.CloseWait, drainWait))
	}
}

// source is the reading half of a connection.
type source interface {
	Reader(ctx context.Context) (websocket.MessageType, io.Reader, error)
}

// readMessage returns one whole message in memory of its own, or, with an error, the part
// that arrived. It reads into scratch, which the next call uses again.
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
	if cap(buf) > keptScratch { // return it instead of a copy
		*scratch = nil
		return opcodeOf(kind), buf, nil
	}
	*scratch = buf
	return opcodeOf(kind), append(make([]byte, 0, len(buf)), buf...), nil
}

// noteReceived keeps the time of a message, and the bytes that a diagnosis needs.
func (s *Session) noteReceived(payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lastIn.IsZero() {
		s.firstIn = slices.Clone(payload[:min(len(payload), firstKept)])
	}
	if s.formerIn = nil; len(s.recentIn) <= formerKept {
		s.formerIn = s.recentIn
	}
	s.formerSeq, s.recentSeq = s.recentSeq, 0
	s.lastIn, s.recentIn = s.hub.Now(), nil
	if len(payload) <= diagnose.MaxErrorMessage {
		s.recentIn = payload
	}
}

// noteStored keeps the place of the last message in the log.
func (s *Session) noteStored(seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recentSeq = seq
}

// appendTooLarge logs a message that was dropped because it exceeds the limit, with its
// first bytes and the size that its frame announced.
func (s *Session) appendTooLarge(opcode transcript.Opcode, head []byte, err error) {
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
