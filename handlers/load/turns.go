package load

import (
	"context"
	"fmt"
	"iter"
	"time"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

// TurnStore keeps dialects and logs, and turns that were read.
type TurnStore interface {
	// Dialect returns a dialect, built-in or of the team; StoreErrors.NotFound.
	Dialect(ctx context.Context, name string) (*dialect.Dialect, error)
	// MessagesAfter returns the log after a seq with whole payloads. An error is the last item.
	MessagesAfter(ctx context.Context, session string, after int64) iter.Seq2[transcript.Message, error]
	// Turns returns the turns of an ended session, if they were stored by that reading;
	// StoreErrors.NotFound.
	Turns(ctx context.Context, session, reading string) (turns []dialect.Turn, found bool, err error)
	// ReplaceTurns stores all turns of an ended session.
	ReplaceTurns(ctx context.Context, session, reading string, turns []dialect.Turn) error
}

// Dialect loads a dialect; nil for the name "". dialect_not_found.
func (l *Loader) Dialect(ctx context.Context, name string) (*dialect.Dialect, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	d, err := l.Store.Dialect(ctx, name)
	if reply.IsMissing(l.Errors.MapNotFound(err, reply.CodeDialectNotFound), reply.CodeDialectNotFound) {
		return nil, reply.Bad(reply.CodeDialectNotFound, "dialect")
	}
	return d, err
}

// Turns returns the turns of a session as the dialect of that name reads them; "" is the
// generic reading. Turns of a session that speaks it come from memory, those of an ended
// session from the store where it has them, others are computed from the log.
func (l *Loader) Turns(ctx context.Context, info *bridge.Info, name string) ([]dialect.Turn, error) {
	if s, live := l.Hub.Session(info.ID); live && s.Dialect() != nil && s.Info().Speech.Name == name {
		turns, _ := s.Turns(0)
		return turns, nil
	}
	d, err := l.Dialect(ctx, name)
	if err != nil {
		return nil, err
	}
	kept := d != nil && info.State == bridge.Closed && name == info.Dialect
	if kept {
		turns, found, err := l.Store.Turns(ctx, info.ID, bridge.ReadingOf(d))
		if err != nil || found {
			return turns, l.Errors.MapNotFound(err, reply.CodeSessionNotFound)
		}
	}
	turns, err := readTurns(l.Store.MessagesAfter(ctx, info.ID, 0), d, info.Vars, endOf(info))
	if err == nil && kept {
		err = l.Store.ReplaceTurns(ctx, info.ID, bridge.ReadingOf(d), turns)
	}
	return turns, err
}

// endOf returns the end of a session; the zero time while it runs.
func endOf(info *bridge.Info) time.Time {
	if info.Ending == nil {
		return time.Time{}
	}
	return info.Ending.At
}

// readTurns computes the turns of a log; d may be nil. end is that of the session, zero while
// it runs.
func readTurns(messages iter.Seq2[transcript.Message, error], d *dialect.Dialect, vars map[string]string, end time.Time) ([]dialect.Turn, error) {
	reader := dialect.NewReader(d, vars)
	for m, err := range messages {
		if err != nil {
			return nil, fmt.Errorf("read turns: %w", err)
		}
		reader.Read(&m)
	}
	if !end.IsZero() {
		reader.Tick(end)
	}
	turns, _ := reader.Turns(0)
	return turns, nil
}

// RowNoter returns what labels the rows of a session; nil for a session without a dialect, also
// when the dialect was deleted or cannot be read any more.
func (l *Loader) RowNoter(ctx context.Context, info *bridge.Info) *dialect.Noter {
	return dialect.NewNoter(l.RowDialect(ctx, info), info.Vars)
}

// RowDialect returns the dialect that a session is read by; nil for none, also when it was
// deleted or cannot be read any more.
func (l *Loader) RowDialect(ctx context.Context, info *bridge.Info) *dialect.Dialect {
	if info.Speech != nil && info.Speech.Name == info.Dialect {
		return info.Speech.Dialect
	}
	d, err := l.Dialect(ctx, info.Dialect)
	if err != nil {
		return nil
	}
	return d
}
