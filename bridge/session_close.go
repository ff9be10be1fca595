package bridge

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/frames"
)

// Close starts the close handshake on behalf of a person and returns when the session has
// ended, or ctx has; the session ends in any case. A target that does not answer is cut off
// after the Hub's CloseWait.
func (s *Session) Close(ctx context.Context, code int, reason string) error {
	if err := checkClose(code, reason); err != nil {
		return err
	}
	return s.closeAs(ctx, closerPerson, code, reason)
}

// checkClose refuses a code and a reason that must not be sent.
func checkClose(code int, reason string) error {
	switch {
	case !frames.Sendable(code):
		return ErrCloseCode
	case len(reason) > frames.MaxCloseReason || !utf8.ValidString(reason):
		return ErrCloseReason
	}
	return nil
}

func (s *Session) closeAs(ctx context.Context, by closer, code int, reason string) error {
	if wanted := by == closerPerson || code == int(websocket.StatusNormalClosure) || code == int(websocket.StatusGoingAway); wanted && s.speaker != nil {
		s.speaker.finish()
	}
	if s.beginClose(by, code) {
		_ = s.conn.SendClose(websocket.StatusCode(code), reason) // bounded by the timer of beginClose
	}
	select {
	case <-s.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failLog closes a session whose log has failed.
func (s *Session) failLog() {
	s.giveUp(websocket.StatusInternalError, "session cannot be recorded")
}

// failPings closes a session that the target floods with pings.
func (s *Session) failPings() {
	s.closing.Go(func() {
		s.log.appendEvent(EventPingFlood, facts{"limit": maxPings})
		s.giveUp(websocket.StatusPolicyViolation, "too many pings")
	})
}

// giveUp closes the session. It blocks while the target does not read, until the timer of
// beginClose.
func (s *Session) giveUp(code websocket.StatusCode, reason string) {
	if s.beginClose(closerDuplex, int(code)) {
		_ = s.conn.SendClose(code, reason)
	}
}

// beginClose reports whether the caller is the first to close. Until the target answers, or
// the wait for it ends, its messages are read and stored.
func (s *Session) beginClose(by closer, code int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != Open {
		return false
	}
	wait := s.hub.CloseWait
	if code == int(websocket.StatusPolicyViolation) && by == closerDuplex {
		wait = min(wait, floodWait)
	}
	s.state, s.closedBy, s.closeCode = Closing, by, code
	s.cutTimer = time.AfterFunc(wait, func() {
		s.conn.Cut()
		s.log.release() // the reader may wait for a store that is away
	})
	s.stopKeeping()
	s.revise()
	return true
}

func (s *Session) stopCutting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cutTimer != nil {
		s.cutTimer.Stop()
	}
}

func (s *Session) firstCloser() closer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closedBy == "" {
		return closerTarget
	}
	return s.closedBy
}

// closingOf describes the end of the connection: the close frame that was received, the code
// that we failed it with, or 1006 when there was neither, RFC 6455 section 7.1.5.
func (s *Session) closingOf(err error) diagnose.Closing {
	c := s.measureClose(err)
	c.Limits = diagnose.Limits{Message: s.limits.Message, Request: s.limits.Request, Idle: s.limits.Idle, Session: s.limits.Session}
	if s.speaker != nil {
		s.speaker.explainClose(&c, s.hub.Now())
	}
	return c
}

// measureClose is closingOf without the knowledge of the dialect.
func (s *Session) measureClose(err error) diagnose.Closing {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, _ := s.log.totals()
	now := s.hub.Now()
	c := diagnose.Closing{
		Code: int(websocket.StatusAbnormalClosure), ByUs: s.closedBy != "", Err: err,
		OpenFor: now.Sub(s.record.OpenedAt), Idle: now.Sub(latest(s.record.OpenedAt, s.lastIn, s.lastOut)),
		Sent: counts.Sent, Received: counts.Received, LastSentSize: s.outSize,
		PingInterval: s.pings.interval, PingsMissed: int(s.pings.missed.Load()), GaveUp: s.pings.gaveUp.Load(), FirstReceived: s.firstIn, LastError: s.lastError(),
	}
	_, _, unrecorded := s.log.progress()
	c.Unrecorded = unrecorded != nil
	if !s.lastOut.IsZero() {
		c.SinceSent = now.Sub(s.lastOut)
	}
	failure := s.conn.Failure()
	if failure != nil { // RFC 6455 section 7.1.7
		c.Err, c.Code = failure, int(failure.Code())
		c.ByUs = c.ByUs || failure.Rule == frames.TooLarge
	}
	frame, closed := errors.AsType[websocket.CloseError](err)
	switch {
	case closed:
		c.Code, c.Reason, c.Clean = int(frame.Code), frame.Reason, true
	case failure == nil && s.closedBy == closerDuplex && s.closeCode == int(websocket.StatusPolicyViolation):
		c.Code = s.closeCode
	}
	return c
}

// formerKept is the maximum size in bytes of the message before the last that is kept. Errors
// have a few hundred bytes, and every open session may hold one.
const formerKept = 4 << 10

// lastError returns the error that the last message carried, or the message before it if the
// last only announces the end. The caller holds mu.
func (s *Session) lastError() diagnose.ServiceError {
	found, ok := diagnose.ErrorIn(s.recentIn)
	seq := s.recentSeq
	if !ok && diagnose.IsEnd(s.recentIn) {
		found, ok = diagnose.ErrorIn(s.formerIn)
		seq = s.formerSeq
	}
	if !ok {
		return diagnose.ServiceError{}
	}
	return diagnose.ServiceError{Code: s.conn.Mask(found.Code), Words: s.conn.Mask(found.Words), Seq: seq}
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
