package bridge

import (
	"context"
	"strconv"
	"time"

	"duplex/bridge/dialect"
)

// readerVersion grows when dialect.Reader computes other turns from the same log.
const readerVersion = 3

// ReadingOf names the way in which turns are read by a dialect; nil is the generic reading. Turns of the same log and the
// same reading are equal.
func ReadingOf(d *dialect.Dialect) string {
	sum := "generic"
	if d != nil {
		sum = d.Sum()
	}
	return sum + "/" + strconv.Itoa(readerVersion)
}

// TurnKeeper stores turns that have ended. They can be computed from the log again.
type TurnKeeper interface {
	// KeepTurn stores a turn of a session that runs.
	KeepTurn(ctx context.Context, session, reading string, t *dialect.Turn) error
	// ReplaceTurns stores all turns of an ended session.
	ReplaceTurns(ctx context.Context, session, reading string, turns []dialect.Turn) error
}

// keepTime bounds the storing of a turn.
const keepTime = 5 * time.Second

// awaitFollowers returns when the turns of all sessions are stored, or with the error of ctx.
func (h *Hub) awaitFollowers(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		h.followers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// follow stores the turns of a session as they end, and tells its trace. It returns when the
// session has ended. It does not wait for a store that is away.
func (s *Session) follow() {
	f := follower{session: s, told: map[int]bool{}}
	if d := s.Dialect(); d != nil {
		f.reading = ReadingOf(d)
	}
	var revision int64
	for ended := false; !ended; {
		changed := s.TurnsChanged()
		var turns []dialect.Turn
		turns, revision = s.Turns(revision)
		f.tell(turns, true)
		select {
		case <-changed:
		case <-s.done:
			ended = true
		}
	}
	f.conclude()
}

// follower tells turns once each.
type follower struct {
	session *Session
	reading string
	told    map[int]bool // by number
}

// tell tells the turns that have ended.
func (f *follower) tell(turns []dialect.Turn, keep bool) {
	s := f.session
	for i := range turns {
		t := &turns[i]
		if t.State == dialect.TurnOpen || f.told[t.N] {
			continue
		}
		f.told[t.N] = true
		if s.trace != nil {
			s.trace.Turn(t)
		}
		if keep {
			f.keep("turn", func(ctx context.Context) error { return s.hub.Turns.KeepTurn(ctx, s.record.ID, f.reading, t) })
		}
	}
}

// conclude stores the final state of all turns, and ends the trace.
func (f *follower) conclude() {
	s := f.session
	turns, _ := s.Turns(0)
	f.tell(turns, false)
	if s.trace != nil {
		info := s.Info()
		s.trace.Ended(&info)
	}
	if f.reading != "" {
		f.keep("turns", func(ctx context.Context) error { return s.hub.Turns.ReplaceTurns(ctx, s.record.ID, f.reading, turns) })
	}
}

// keep stores turns; an error is logged only, because they can be computed again.
func (f *follower) keep(name string, put func(context.Context) error) {
	if f.session.hub.Turns == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keepTime)
	defer cancel()
	if err := put(ctx); err != nil {
		f.session.hub.Log.DebugContext(ctx, "reading of a session not stored", "part", name, "session", f.session.record.ID, "error", err)
	}
}
