package bridge

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/transcript"
)

// maxRecentIDs is how many client ids are remembered without asking the library.
const maxRecentIDs = 1024

// Outgoing is a message to be sent.
type Outgoing struct {
	Opcode   transcript.Opcode
	Payload  []byte
	ClientID string // "" for none; the same id twice is one message
	Sender   string
}

// Send writes a message to the target and returns its seq once it is stored. It
// goes to the log before it goes to the socket, so an answer never stands above its
// question; should the socket then fail, an event says so. Errors: ErrClosed,
// ErrInvalidUTF8 and *TooLargeError, after which nothing was sent; *SendError.
//
// Once the message is in the log, ctx no longer matters: a message is not cut in
// half because a browser went away.
func (s *Session) Send(ctx context.Context, m Outgoing) (int64, error) {
	if err := s.check(m); err != nil {
		return 0, err
	}
	select {
	case s.sending <- struct{}{}:
	case <-s.life.Done():
		return 0, ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	seq, err := s.sendOnce(ctx, m)
	<-s.sending
	if err != nil {
		return seq, err
	}
	return seq, s.log.wait(ctx, seq)
}

func (s *Session) check(m Outgoing) error {
	if size := int64(len(m.Payload)); size > s.limit {
		return &TooLargeError{Size: size, Limit: s.limit}
	}
	if m.Opcode == transcript.Text && !utf8.Valid(m.Payload) {
		return ErrInvalidUTF8
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != Open || s.life.Err() != nil { // after our close frame nothing may be sent
		return ErrClosed
	}
	return nil
}

// sendOnce sends m unless its client id was seen before. The caller holds the
// sending token.
func (s *Session) sendOnce(ctx context.Context, m Outgoing) (int64, error) {
	if s.failed {
		return 0, ErrClosed
	}
	seq, seen, err := s.seen(ctx, m.ClientID)
	if seen || err != nil {
		return seq, err
	}
	seq, err = s.log.append(ctx, transcript.Message{
		Direction: transcript.Sent, Opcode: m.Opcode, Payload: m.Payload, Sender: m.Sender, ClientID: m.ClientID,
	})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrClosed, err)
	}
	s.remember(m.ClientID, seq)
	s.departed(int64(len(m.Payload)))
	if err := s.conn.Write(s.life, messageType(m.Opcode), m.Payload); err != nil {
		s.failed = true // the same client id again must not be told that it was sent
		s.log.note(EventSendFailed, facts{"seq": seq})
		return seq, &SendError{Seq: seq, Err: err}
	}
	return seq, nil
}

// seen looks for an earlier message with the same client id.
func (s *Session) seen(ctx context.Context, clientID string) (int64, bool, error) {
	if clientID == "" {
		return 0, false, nil
	}
	if seq, ok := s.recent[clientID]; ok {
		return seq, true, nil
	}
	return s.hub.Library.SeqOfClientID(ctx, s.record.ID, clientID)
}

// remember keeps a client id that the library may not have yet. By the time the
// map is full, the log has long taken what it held.
func (s *Session) remember(clientID string, seq int64) {
	if clientID == "" {
		return
	}
	if len(s.recent) >= maxRecentIDs {
		_ = s.log.wait(s.life, seq-1)
		clear(s.recent)
	}
	s.recent[clientID] = seq
}

func (s *Session) departed(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastOut, s.outSize = s.hub.Now(), size
	s.keep()
}

func messageType(o transcript.Opcode) websocket.MessageType {
	if o == transcript.Text {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}
