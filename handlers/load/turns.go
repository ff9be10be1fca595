package load

import (
	"context"
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
	// Turns returns at most limit turns of an ended session, the newest of those before a
	// number, and the number of the newest, if they were stored by that reading; 0 is no bound.
	// StoreErrors.NotFound.
	Turns(ctx context.Context, session, reading string, before, limit int) (turns []dialect.Turn, last int, found bool, err error)
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
// generic reading.
func (l *Loader) Turns(ctx context.Context, info *bridge.Info, name string) ([]dialect.Turn, error) {
	turns, _, err := l.TurnPage(ctx, info, name, 0, 0)
	return turns, err
}

// TurnPage returns at most limit turns of a session, the newest of those before a number, and
// the number of the newest turn; 0 is no bound. Turns of a session that speaks the dialect come
// from memory, those of an ended session from the store where it has them, others are computed
// from the log.
func (l *Loader) TurnPage(ctx context.Context, info *bridge.Info, name string, before, limit int) (turns []dialect.Turn, last int, err error) {
	if s, live := l.Hub.Session(info.ID); live && s.Dialect() != nil && s.Info().Speech.Name == name {
		turns, last = s.TurnPage(before, limit)
		return turns, last, nil
	}
	d, err := l.Dialect(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	kept := d != nil && info.State == bridge.Closed && name == info.Dialect
	if kept {
		turns, last, found, err := l.Store.Turns(ctx, info.ID, bridge.ReadingOf(d), before, limit)
		if err != nil || found {
			return turns, last, l.Errors.MapNotFound(err, reply.CodeSessionNotFound)
		}
	}
	read := l.readings.of(info.ID, bridge.ReadingOf(d), func() *dialect.Reader { return dialect.NewReader(d, info.Vars) })
	read.mu.Lock()
	defer read.mu.Unlock()
	if err := read.goOn(l.Store.MessagesAfter(ctx, info.ID, read.seq), endOf(info)); err != nil {
		l.readings.forget(read)
		return nil, 0, err
	}
	if kept {
		all, _ := read.reader.Turns(0)
		if err := l.Store.ReplaceTurns(ctx, info.ID, bridge.ReadingOf(d), all); err != nil {
			return nil, 0, err
		}
		l.readings.forget(read)
	}
	turns, last = read.reader.Page(before, limit)
	return turns, last, nil
}

// endOf returns the end of a session; the zero time while it runs.
func endOf(info *bridge.Info) time.Time {
	if info.Ending == nil {
		return time.Time{}
	}
	return info.Ending.At
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
