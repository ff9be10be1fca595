package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/dialect"
	"duplex/bridge/speech"
)

// Question is one request by the dialect: a text, or a clip.
type Question struct {
	Text     string
	ClientID string        // of a text; the same id twice is one question
	Clip     *speech.Clip  // nil for a text
	Timeout  time.Duration // from the end of the request to the end of its turn; the dialect's limit, else dialect.DefaultRequest, when 0
	Last     bool          // no other question follows: the session is closed, and what it still brings belongs to the turn
}

// Ask sends a question and returns its turn when that has ended, with notes about the audio. A
// turn that does not end in time is returned as cut, and one that could not be sent as failed.
// onTurn, which may be nil, is called with each state of the turn. Errors: those of Prompt and
// PlayAudio.
func (h *Hub) Ask(ctx context.Context, s *Session, q Question, onTurn func(dialect.Turn)) (dialect.Turn, []speech.Note, error) {
	timeout := cmp.Or(q.Timeout, s.Limits().Request, dialect.DefaultRequest)
	ready, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := s.Ready(ready); err != nil {
		turn, err := s.unanswered(ctx, err)
		return turn, nil, err
	}
	r, notes, err := s.ask(ctx, q)
	if err != nil {
		turn, err := s.unanswered(ctx, err)
		return turn, nil, err
	}
	a := &asking{session: s, request: r, timeout: timeout, onTurn: onTurn}
	turn, err := a.await(ctx)
	if err == nil && q.Last && a.turn.N > 0 && s.speaker.endsBySilence() {
		turn = a.conclude(ctx)
	}
	return turn, notes, err
}

// unanswered returns the turn of a question that could not be sent for an error: failed when
// the service reported one, did not go on with a script or closed the connection, and cut when
// it was never ready. Another error is returned.
func (s *Session) unanswered(ctx context.Context, err error) (dialect.Turn, error) {
	service, reported := errors.AsType[*dialect.ServiceError](err)
	step, failed := errors.AsType[*dialect.StepError](err)
	switch {
	case reported:
		return failedTurn(service.Code, service.Message), nil
	case failed:
		return failedTurn(string(EventStepFailed), step.Error()), nil
	case errors.Is(err, ErrClosed):
		<-s.done
		if turn, failed := s.failedTurn(); failed { // the error came in a message, before the question
			return turn, nil
		}
		if ending := s.Info().Ending; s.firstCloser() == closerTarget {
			return failedTurn(strconv.Itoa(ending.Code), ending.Reason), nil
		}
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return dialect.Turn{State: dialect.TurnCut}, nil
	}
	return dialect.Turn{}, err
}

// failedTurn returns the newest turn if an error of the service has failed it.
func (s *Session) failedTurn() (dialect.Turn, bool) {
	turns, _ := s.Turns(0)
	if len(turns) == 0 || turns[len(turns)-1].State != dialect.TurnFailed {
		return dialect.Turn{}, false
	}
	return turns[len(turns)-1], true
}

func failedTurn(code, message string) dialect.Turn {
	return dialect.Turn{State: dialect.TurnFailed, Error: &dialect.TurnError{Code: code, Message: message}}
}

// ask begins to send a question.
func (s *Session) ask(ctx context.Context, q Question) (*request, []speech.Note, error) {
	if q.Clip == nil {
		r, err := s.prompt(q.Text, q.ClientID)
		return r, nil, err
	}
	playing, err := s.PlayAudio(ctx, q.Clip, DialectPace)
	if err != nil {
		return nil, nil, err
	}
	s.speaker.mu.Lock()
	defer s.speaker.mu.Unlock()
	return s.speaker.playing.request, playing.Notes, nil
}

// asking waits for the turn of a request.
type asking struct {
	session *Session
	request *request
	timeout time.Duration
	onTurn  func(dialect.Turn)

	revision int64
	turn     dialect.Turn
}

// await returns the turn of the request.
func (a *asking) await(ctx context.Context) (dialect.Turn, error) {
	p := a.session.speaker
	sent := a.request.ended
	late := time.NewTimer(a.timeout)
	late.Stop() // it runs from the end of the request
	defer late.Stop()
	for {
		changed := p.watch()
		a.update()
		if a.turn.State != "" && a.turn.State != dialect.TurnOpen {
			return a.turn, nil
		}
		select {
		case <-changed:
		case <-sent:
			sent = nil
			late.Reset(a.timeout)
			if err := p.errorOf(a.request); err != nil && a.turn.State == "" {
				return a.session.unanswered(ctx, err)
			}
		case <-late.C:
			a.turn.State = dialect.TurnCut
			return a.turn, nil
		case <-ctx.Done():
			return a.turn, ctx.Err()
		}
	}
}

// conclude closes the session and returns the turn as it reads then. Some services send the
// end of an answer only after the messages with which a dialect ends.
func (a *asking) conclude(ctx context.Context) dialect.Turn {
	state := a.turn.State
	_ = a.session.Close(ctx, int(websocket.StatusNormalClosure), "") // an error is that of ctx
	select {
	case <-a.session.done:
	case <-ctx.Done():
	}
	a.update()
	if a.turn.State == dialect.TurnOpen { // nobody waits for it any more
		a.turn.State = state
	}
	return a.turn
}

// update takes the latest state of the turn: that of the first message of the request, or the
// first one after it.
func (a *asking) update() {
	p := a.session.speaker
	p.mu.Lock()
	first := a.request.first
	if first == 0 {
		p.mu.Unlock()
		return
	}
	var turns []dialect.Turn
	turns, a.revision = p.reader.Turns(a.revision)
	p.mu.Unlock()
	at := slices.IndexFunc(turns, func(t dialect.Turn) bool {
		if a.turn.N > 0 {
			return t.N == a.turn.N
		}
		return t.LastSeq >= first
	})
	if at < 0 {
		return
	}
	a.turn = turns[at]
	if a.onTurn != nil {
		a.onTurn(a.turn)
	}
}

// errorOf returns the error of a request that has ended.
func (p *speaker) errorOf(r *request) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return r.err
}
