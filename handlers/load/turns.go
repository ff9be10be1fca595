package load

import (
	"context"
	"fmt"
	"io"
	"iter"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

// TurnStore keeps dialects and logs, and turns that were read.
type TurnStore interface {
	// Dialect returns a dialect, built-in or of the team; StoreErrors.NotFound.
	Dialect(ctx context.Context, name string) (*dialect.Dialect, error)
	// Messages returns the log with whole payloads. An error is the last item.
	Messages(ctx context.Context, session string) iter.Seq2[transcript.Message, error]
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
	if s, live := l.Hub.Session(info.ID); live && s.Dialect() != nil && s.Dialect().Name == name {
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
	turns, err := ReadTurns(l.Store.Messages(ctx, info.ID), d, info.Vars)
	if err == nil && kept {
		err = l.Store.ReplaceTurns(ctx, info.ID, bridge.ReadingOf(d), turns)
	}
	return turns, err
}

// ReadTurns computes the turns of a log; d may be nil.
func ReadTurns(messages iter.Seq2[transcript.Message, error], d *dialect.Dialect, vars map[string]string) ([]dialect.Turn, error) {
	reader := dialect.NewReader(d, vars)
	for m, err := range messages {
		if err != nil {
			return nil, fmt.Errorf("read turns: %w", err)
		}
		if err := WithPayload(&m); err != nil {
			return nil, err
		}
		reader.Read(&m)
	}
	turns, _ := reader.Turns(0)
	return turns, nil
}

// WithPayload reads a large payload of m into memory.
func WithPayload(m *transcript.Message) error {
	if m.Large == nil {
		return nil
	}
	payload, err := io.ReadAll(m.Large)
	if err != nil {
		return fmt.Errorf("read message %d: %w", m.Seq, err)
	}
	m.Payload, m.Large = payload, nil
	return nil
}

// RowDialect returns the dialect that labels the rows of a session; nil for none, also when it
// was deleted or cannot be read any more.
func (l *Loader) RowDialect(ctx context.Context, info *bridge.Info) *dialect.Dialect {
	if info.Speech != nil && info.Speech.Dialect.Name == info.Dialect {
		return info.Speech.Dialect
	}
	d, err := l.Dialect(ctx, info.Dialect)
	if err != nil {
		return nil
	}
	return d
}
