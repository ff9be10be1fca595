package dialect

import (
	"context"
	"time"

	"duplex/bridge/transcript"
)

// Source gives the messages of a recorded log.
type Source interface {
	// Messages calls do with the messages from first to last in order; a last of 0 is the end
	// of the log. It stops at the first error and returns it. The message is only valid in do.
	Messages(ctx context.Context, first, last int64, do func(*transcript.Message) error) error
}

// TurnsOf computes the turns of a recorded log and calls do with each, in order: with a nil
// dialect, by the generic rules. vars are as for NewReader. now ends a turn that is done by a
// silence; a zero time is that of the last message.
func TurnsOf(ctx context.Context, d *Dialect, vars map[string]string, source Source, now time.Time, do func(Turn) error) error {
	r := NewReader(d, vars)
	err := source.Messages(ctx, 1, 0, func(m *transcript.Message) error {
		r.Read(m)
		return r.handOver(do)
	})
	if err != nil {
		return err
	}
	if !now.IsZero() {
		r.Tick(now)
	}
	for _, t := range r.turns {
		if err := do(t.snapshot()); err != nil {
			return err
		}
	}
	return nil
}

// handOver gives all turns but the last to do, and forgets them.
func (r *Reader) handOver(do func(Turn) error) error {
	if len(r.turns) < 2 {
		return nil
	}
	for _, t := range r.turns[:len(r.turns)-1] {
		if err := do(t.snapshot()); err != nil {
			return err
		}
	}
	r.Drop(r.n)
	return nil
}
