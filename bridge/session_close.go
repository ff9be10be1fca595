package bridge

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
)

// maxCloseReason is what fits into a close frame beside the code, RFC 6455
// sections 5.5 and 5.5.1.
const maxCloseReason = 123

// Close starts the close handshake on behalf of a person and returns when the
// session has ended, or when ctx is over; the session ends in any case. A target
// that does not answer is waited for 5 s.
func (s *Session) Close(ctx context.Context, code int, reason string) error {
	if err := checkClose(code, reason); err != nil {
		return err
	}
	return s.closeAs(ctx, "person", code, reason)
}

// checkClose refuses what must not be sent, RFC 6455 sections 7.4.1 and 7.4.2.
func checkClose(code int, reason string) error {
	switch {
	case code == 1004, code == 1005, code == 1006, code == 1015:
		return ErrCloseCode
	case code < 1000 || code > 4999 || code > 1014 && code < 3000:
		return ErrCloseCode
	case len(reason) > maxCloseReason || !utf8.ValidString(reason):
		return ErrCloseReason
	}
	return nil
}

func (s *Session) closeAs(ctx context.Context, by string, code int, reason string) error {
	if result := s.beginClose(by, code, reason); result != nil {
		go func() { result <- s.conn.Close(websocket.StatusCode(code), reason) }() // run waits for it
	}
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// beginClose returns where the result of the close handshake goes, or nil when the
// caller is not the first to close.
func (s *Session) beginClose(by string, code int, reason string) chan<- error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != Open {
		return nil
	}
	s.state, s.closedBy = Closing, by
	s.closing = Ending{Code: code, Reason: reason}
	s.handshake = make(chan error, 1)
	s.stopKeeping()
	s.revise()
	return s.handshake
}

func (s *Session) closer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closedBy == "" {
		return "target"
	}
	return s.closedBy
}

// frameOf finds the close frame that was received. When we closed, either the
// reader has seen it or the close handshake has, whichever read first.
func (s *Session) frameOf(err error) (websocket.CloseError, bool) {
	s.mu.Lock()
	sent, handshake := s.closing, s.handshake
	s.mu.Unlock()
	var result error
	if handshake != nil {
		result = <-handshake
	}
	if frame, ok := errors.AsType[websocket.CloseError](errors.Join(err, result)); ok {
		return frame, true
	}
	if handshake != nil && result == nil { // it was answered with the same code
		return websocket.CloseError{Code: websocket.StatusCode(sent.Code), Reason: sent.Reason}, true
	}
	return websocket.CloseError{}, false
}

// closingOf says how the connection ended: with the close frame that was received,
// or as 1006 when none came, RFC 6455 section 7.1.5.
func (s *Session) closingOf(err error) diagnose.Closing {
	frame, received := s.frameOf(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, _ := s.log.totals()
	now := s.hub.Now()
	c := diagnose.Closing{
		Code: int(websocket.StatusAbnormalClosure), ByUs: s.closedBy != "", Err: err,
		OpenFor: now.Sub(s.record.OpenedAt), Idle: now.Sub(latest(s.record.OpenedAt, s.lastIn, s.lastOut)),
		Sent: counts.Sent, Received: counts.Received, LastSentSize: s.outSize,
		PingInterval: s.pings.interval, PingsMissed: int(s.pings.missed.Load()), FirstReceived: s.firstIn,
	}
	if !s.lastOut.IsZero() {
		c.SinceSent = now.Sub(s.lastOut)
	}
	if received {
		c.Code, c.Reason, c.Clean = int(frame.Code), frame.Reason, true
	}
	if errors.Is(err, websocket.ErrMessageTooBig) { // we sent 1009; the target did not close
		c.Code, c.ByUs = int(websocket.StatusMessageTooBig), true
	}
	return c
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
