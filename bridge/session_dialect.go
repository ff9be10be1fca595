package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"duplex/bridge/diagnose"
	"duplex/bridge/dialect"
)

// Speech is the dialect that a session speaks, with the values of its variables and secrets.
type Speech struct {
	Name    string // under which the dialect is kept
	Dialect *dialect.Dialect
	Values  dialect.Values
}

// connect returns a connection of the dialect with fresh values, which adds to the handshake;
// nil without a dialect. The error is that of dialect.Connect.
func (r *OpenRequest) connect(now time.Time) (*dialect.Connection, error) {
	if r.Speech == nil {
		return nil, nil //nolint:nilnil // there is none
	}
	c, err := r.Speech.Dialect.Connect(r.Speech.Values, r.Target.URL, now)
	if err != nil {
		return nil, fmt.Errorf("begin dialect: %w", err)
	}
	r.Target.Addition = c
	return c, nil
}

// Dialect returns the dialect of the session; nil when it has none.
func (s *Session) Dialect() *dialect.Dialect {
	if s.speaker == nil {
		return nil
	}
	return s.speaker.dialect
}

// SpeechInfo is the state of a session's dialect.
type SpeechInfo struct {
	Name    string // under which the dialect is kept
	Dialect *dialect.Dialect
	Ready   bool                // the service takes requests
	Asked   time.Time           // the mark of the turn that has no complete answer; zero when there is none
	Notice  *diagnose.Finding   // the error of the newest turn; nil for none
	Audio   *dialect.SendFormat // nil when no audio can be sent
}

// info returns the state of the dialect.
func (p *speaker) info() *SpeechInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := &SpeechInfo{Dialect: p.dialect, Ready: p.driver.Ready(), Notice: p.notice}
	if p.newest.state == dialect.TurnOpen && p.newest.mark > 0 {
		i.Asked = time.UnixMicro(p.newest.mark)
	}
	if p.dialect.Audio == nil {
		return i
	}
	if format, err := p.driver.AudioFormat(); err == nil {
		i.Audio = &format
	}
	return i
}

// Ready waits until the service takes requests. Errors: ErrNoDialect, ErrClosed, the error of
// ctx, and a *dialect.StepError or *dialect.ServiceError when the opening script failed.
func (s *Session) Ready(ctx context.Context) error {
	p := s.speaker
	if p == nil {
		return ErrNoDialect
	}
	for {
		ready, changed, err := p.readiness()
		if ready || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// readiness returns whether the service takes requests, and a channel that is closed with the
// next change.
func (p *speaker) readiness() (ready bool, changed <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err = p.driver.Err(); err == nil && p.closed {
		err = ErrClosed
	}
	if said, ok := errors.AsType[*dialect.ServiceError](err); ok { // a service may echo a secret
		err = &dialect.ServiceError{Code: p.session.conn.Mask(said.Code), Message: p.session.conn.Mask(said.Message)}
	}
	return p.driver.Ready(), p.changed, err
}

// Prompt sends a text by the dialect and returns the seq of its first message. It waits until
// the service takes requests. The same client id twice is one prompt. Errors: those of Ready
// and Send, ErrTakesNoText and *OverLimitError.
func (s *Session) Prompt(ctx context.Context, text, clientID string) (int64, error) {
	r, err := s.prompt(text, clientID)
	if err != nil {
		return 0, err
	}
	select {
	case <-r.begun:
		return s.speaker.firstOf(r)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// StopAnswer asks the service to stop its answer and returns the seq of the message that does.
// Errors: those of Send, ErrNoDialect and ErrTakesNoCancel.
func (s *Session) StopAnswer(ctx context.Context) (int64, error) {
	p := s.speaker
	if p == nil {
		return 0, ErrNoDialect
	}
	if len(p.dialect.Cancel) == 0 {
		return 0, ErrTakesNoCancel
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return 0, ErrClosed
	}
	r := p.newRequest("")
	p.take(p.driver.Cancel(r.id, p.now()))
	p.mu.Unlock()
	select {
	case <-r.begun:
		return p.firstOf(r)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// prompt gives a text to the driver.
func (s *Session) prompt(text, clientID string) (*request, error) {
	p := s.speaker
	if p == nil {
		return nil, ErrNoDialect
	}
	if p.dialect.Text == nil {
		return nil, ErrTakesNoText
	}
	if !utf8.ValidString(text) {
		return nil, ErrInvalidUTF8
	}
	if err := s.Limits().Check(Planned{Chars: utf8.RuneCountInString(text), Bytes: int64(len(text))}); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if earlier := p.clients[clientID]; earlier != nil {
		return earlier, nil
	}
	r := p.newRequest(clientID)
	p.take(p.driver.Prompt(r.id, text, p.now()))
	return r, nil
}

// firstOf returns the seq of the first message of a request that has begun.
func (p *speaker) firstOf(r *request) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.first > 0 {
		return r.first, nil
	}
	if size, ok := errors.AsType[*dialect.SizeError](r.err); ok {
		return 0, &OverLimitError{Limit: LimitMessage, Value: size.Size, Max: size.Limit}
	}
	return 0, r.err
}

// Turns returns the turns that changed since the revision, and the new revision. A session
// without a dialect has none here: they are computed from its log.
func (s *Session) Turns(since int64) ([]dialect.Turn, int64) {
	if s.speaker == nil {
		return nil, 0
	}
	s.speaker.mu.Lock()
	defer s.speaker.mu.Unlock()
	return s.speaker.reader.Turns(since)
}

// TurnPage returns at most limit turns, the newest of those before a number, and the number of
// the newest turn. 0 is no bound.
func (s *Session) TurnPage(before, limit int) (turns []dialect.Turn, last int) {
	if s.speaker == nil {
		return nil, 0
	}
	s.speaker.mu.Lock()
	defer s.speaker.mu.Unlock()
	return s.speaker.reader.Page(before, limit)
}

// TurnsChanged returns a channel that is closed when a turn, the progress of audio or the
// readiness of the service may have changed; nil for a session without a dialect.
func (s *Session) TurnsChanged() <-chan struct{} {
	if s.speaker == nil {
		return nil
	}
	return s.speaker.watch()
}
