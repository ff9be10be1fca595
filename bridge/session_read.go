package bridge

import (
	"encoding/hex"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/frames"
	"duplex/bridge/transcript"
)

// firstKept is the number of bytes of the first message that are kept for a diagnosis.
const firstKept = 64

// headKept is the number of bytes that are kept of a message above the limit.
const headKept = 1 << 10

// drainWait bounds the wait for a target to end a connection after it broke the protocol.
const drainWait = time.Second

// readMessages is the only goroutine that reads from the target. When the log is full it
// stops reading, and TCP stops the target from writing.
func (s *Session) readMessages() error {
	for {
		kind, payload, err := s.conn.ReadMessage()
		if err != nil {
			s.appendTooLarge(kind, payload, err)
			return err
		}
		opcode := opcodeOf(kind)
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
	s.closing.Go(func() { s.giveUp(websocket.StatusInvalidFramePayloadData, "text is not UTF-8") })
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
func (s *Session) appendTooLarge(kind websocket.MessageType, head []byte, err error) {
	failure, ok := errors.AsType[*frames.RuleError](err)
	if !ok || failure.Rule != frames.TooLarge {
		return
	}
	if kind == 0 { // its first frame was refused
		if head, kind = failure.Head, websocket.MessageBinary; failure.Text {
			kind = websocket.MessageText
		}
	}
	f := facts{"limit": s.limit, "opcode": opcodeOf(kind)}
	if failure.Announced > 0 {
		f["announced"] = failure.Announced
	}
	f["head_hex"] = hex.EncodeToString(head[:min(len(head), headKept)])
	s.log.appendEvent(EventMessageTooLarge, f)
}
