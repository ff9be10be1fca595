package bridge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/transcript"
)

// maxRecentIDs is the number of client ids that are remembered before the library is asked.
const maxRecentIDs = 1024

// Outgoing is a message to send.
type Outgoing struct {
	Opcode   transcript.Opcode
	Payload  []byte // for the log
	Wire     []byte // for the socket, where it differs from Payload: secrets are not logged; nil otherwise
	ClientID string // "" for none; the same id twice is one message
	Sender   string
	At       time.Time // when to write it to the socket; zero is at once
	Mark     bool      // it asks for an answer: times are measured from it
	Upkeep   bool      // no person asked for it: it does not prolong a session that nobody watches
}

// wire returns the bytes for the socket.
func (m *Outgoing) wire() []byte {
	if m.Wire == nil {
		return m.Payload
	}
	return m.Wire
}

// sends holds the order in which messages go out, and their client ids.
type sends struct {
	last   *sending            // the newest
	recent map[string]*sending // by client id
	forgot bool                // recent no longer holds all client ids of the session

	// withheld holds, by client id, the message that was sent in place of one that was
	// stored and not sent; nil while there is none.
	withheld map[string]*sending
}

// sending is a message on its way out.
type sending struct {
	seq  int64
	at   time.Time     // when it was queued, or Outgoing.At
	err  error         // of sending; read it after done
	done chan struct{} // closed when the message was written to the socket, or will not be
}

// Send stores a message, writes it to the target and returns its seq. Errors: ErrClosed,
// ErrStoreAway, ErrInvalidUTF8 and *TooLargeError, after which nothing was sent; *SendError.
// After ErrStoreAway the same client id may be sent again.
//
// Once the message is in the log, Send ignores the end of ctx: a message is not cut in half
// because a browser went away.
func (s *Session) Send(ctx context.Context, m Outgoing) (int64, error) {
	mine, deliver, err := s.post(ctx, m)
	if err != nil {
		return 0, err
	}
	if deliver != nil {
		deliver()
		return mine.seq, mine.err
	}
	select {
	case <-mine.done:
		return mine.seq, mine.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// post gives a message its place in the log and in the order of sending. The caller must call
// deliver, which is nil for a message that is on its way already. Errors: as Send, without
// *SendError.
func (s *Session) post(ctx context.Context, m Outgoing) (mine *sending, deliver func(), err error) {
	if err := s.checkOutgoing(m); err != nil {
		return nil, nil, err
	}
	if err := s.hub.custody.checkHere(ctx); err != nil {
		return nil, nil, err
	}
	if err := s.takeTurn(ctx); err != nil {
		return nil, nil, err
	}
	before := s.sends.last
	mine, seen, err := s.enqueue(ctx, m)
	<-s.sending
	if seen || err != nil {
		return mine, nil, err
	}
	return mine, func() {
		mine.err = s.transmit(mine, before, m)
		s.forgetID(m.ClientID, mine)
		close(mine.done)
	}, nil
}

// takeTurn takes the sending token.
func (s *Session) takeTurn(ctx context.Context) error {
	for {
		tooLong, turned := s.hub.custody.awayFor(sendPatience)
		select {
		case s.sending <- struct{}{}:
			return nil
		case <-turned:
		case <-tooLong:
			return ErrStoreAway
		case <-s.life.Done():
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Session) checkOutgoing(m Outgoing) error {
	if size := int64(len(m.wire())); size > s.limits.Message {
		return &TooLargeError{Size: size, Limit: s.limits.Message}
	}
	if m.Opcode == transcript.Text && !utf8.Valid(m.wire()) {
		return ErrInvalidUTF8
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != Open || s.life.Err() != nil { // after our close frame nothing may be sent
		return ErrClosed
	}
	return nil
}

// enqueue puts m into the log and into the order of sending, unless its client id is known.
// The caller holds the sending token.
func (s *Session) enqueue(ctx context.Context, m Outgoing) (mine *sending, seen bool, err error) {
	if s.failed.Load() {
		return nil, false, ErrClosed
	}
	if mine, seen, err = s.findSent(ctx, m.ClientID); seen || err != nil {
		return mine, seen, err
	}
	message := transcript.Message{
		At: m.At, Direction: transcript.Sent, Opcode: m.Opcode, Payload: m.Payload, Sender: m.Sender, ClientID: m.ClientID,
	}
	_, again := s.sends.withheld[m.ClientID]
	if again { // the row of the withheld message may have the id, which is unique
		message.ClientID = ""
	}
	seq, err := s.log.append(ctx, message, sendPatience)
	switch {
	case errors.Is(err, ErrStoreAway), err != nil && ctx.Err() != nil: // nothing was queued, and the session continues
		return nil, false, err
	case err != nil:
		return nil, false, fmt.Errorf("%w: %w", ErrClosed, err)
	}
	mine = &sending{seq: seq, at: latest(m.At, s.hub.Now()), done: make(chan struct{})}
	s.sends.last = mine
	if again {
		s.sends.withheld[m.ClientID] = mine
	}
	if m.ClientID != "" {
		s.rememberID(m.ClientID, mine)
	}
	return mine, false, nil
}

// transmit writes a message to the socket once it is stored, the message before it is done, and
// its time has come. If the message cannot be sent, an event says so.
func (s *Session) transmit(mine, before *sending, m Outgoing) error {
	err := s.log.awaitStored(s.life, mine.seq, sendPatience)
	if err != nil {
		s.log.withhold(mine.seq)
	}
	if before != nil {
		<-before.done
	}
	if err == nil && !m.At.IsZero() {
		s.awaitTime(m.At)
	}
	if err == nil && s.failed.Load() {
		err = ErrClosed
	}
	if err == nil {
		wire := m.wire()
		s.noteSending(int64(len(wire)), m.Upkeep)
		if m.Mark {
			s.noteLate(mine)
		}
		if err = s.conn.Write(messageType(m.Opcode), wire); err == nil {
			s.log.noteSent(mine.seq)
			return nil
		}
		s.failed.Store(true)
	}
	s.log.appendEvent(EventSendFailed, facts{"seq": mine.seq})
	if errors.Is(err, ErrStoreAway) {
		return err
	}
	return &SendError{Seq: mine.seq, Err: err}
}

// awaitTime returns at a time, or when the session ends.
func (s *Session) awaitTime(at time.Time) {
	wait := at.Sub(s.hub.Now())
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.life.Done():
	}
}

// lateFrom is the least delay between the stamp of a mark and its writing that is logged.
const lateFrom = time.Millisecond

// noteLate logs how much later than its stamp a mark is written, because it was stored first:
// the times of a turn are measured from the socket. The event comes before any answer.
func (s *Session) noteLate(mine *sending) {
	if late := s.hub.Now().Sub(mine.at); late >= lateFrom {
		s.log.appendEvent(EventSentLate, facts{"seq": mine.seq, "late_us": late.Microseconds()})
	}
}

// awaitSends refuses further messages and waits for those on their way.
func (s *Session) awaitSends() {
	s.sending <- struct{}{}
	s.failed.Store(true)
	last := s.sends.last
	<-s.sending
	if last != nil {
		<-last.done
	}
}

// findSent returns the earlier message with the same client id. The caller holds the sending
// token.
func (s *Session) findSent(ctx context.Context, clientID string) (*sending, bool, error) {
	if clientID == "" {
		return nil, false, nil
	}
	if earlier, ok := s.sends.recent[clientID]; ok {
		return earlier, true, nil
	}
	if again, ok := s.sends.withheld[clientID]; ok {
		return again, again != nil, nil
	}
	if !s.sends.forgot {
		return nil, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	seq, found, err := s.hub.Library.SeqOfClientID(ctx, s.record.ID, clientID)
	if !found || err != nil {
		return nil, false, err
	}
	earlier := &sending{seq: seq, done: make(chan struct{})}
	close(earlier.done)
	return earlier, true, nil
}

// rememberID keeps a client id that the library may not have yet. When the map is full, the
// ids of messages that are done are dropped: the library has them. The caller holds the
// sending token.
func (s *Session) rememberID(clientID string, mine *sending) {
	if len(s.sends.recent) >= maxRecentIDs {
		s.sends.forgot = true
		maps.DeleteFunc(s.sends.recent, func(_ string, earlier *sending) bool {
			select {
			case <-earlier.done:
				return true
			default:
				return false
			}
		})
	}
	s.sends.recent[clientID] = mine
}

// forgetID allows a client id again after ErrStoreAway.
func (s *Session) forgetID(clientID string, mine *sending) {
	if clientID == "" || !errors.Is(mine.err, ErrStoreAway) {
		return
	}
	s.sending <- struct{}{}
	defer func() { <-s.sending }()
	delete(s.sends.recent, clientID)
	if s.sends.withheld == nil {
		s.sends.withheld = map[string]*sending{}
	}
	s.sends.withheld[clientID] = nil
}

func (s *Session) noteSending(size int64, upkeep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastOut, s.outSize = s.hub.Now(), size
	if !upkeep {
		s.keep()
	}
}

func messageType(o transcript.Opcode) websocket.MessageType {
	if o == transcript.Text {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}
