package load

import (
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

// maxReadings bounds the logs whose turns are kept in memory.
const maxReadings = 4

// readings keeps the turns that were computed from logs last: a log is read once, and one that
// grows is read on.
type readings struct {
	mu  sync.Mutex // guards all
	all []*reading // the one used last is at the end
}

// reading is one log as one dialect reads it.
type reading struct {
	session, by string

	mu     sync.Mutex // guards all below
	reader *dialect.Reader
	seq    int64 // of the newest message that was read
}

// of returns a reading, which begins with a reader of begin where it is not kept.
func (k *readings) of(session, by string, begin func() *dialect.Reader) *reading {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := slices.IndexFunc(k.all, func(r *reading) bool { return r.session == session && r.by == by })
	if at < 0 {
		if len(k.all) >= maxReadings {
			k.all = slices.Delete(k.all, 0, 1)
		}
		k.all = append(k.all, &reading{session: session, by: by, reader: begin()})
		return k.all[len(k.all)-1]
	}
	r := k.all[at]
	k.all = append(slices.Delete(k.all, at, at+1), r)
	return r
}

func (k *readings) forget(r *reading) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(other *reading) bool { return other == r })
}

// goOn reads the messages that follow; end is that of the session, zero while it runs. The
// caller holds mu.
func (r *reading) goOn(messages iter.Seq2[transcript.Message, error], end time.Time) error {
	for m, err := range messages {
		if err != nil {
			return fmt.Errorf("read turns: %w", err)
		}
		r.reader.Read(&m)
		r.seq = m.Seq
	}
	if !end.IsZero() {
		r.reader.Tick(end)
	}
	return nil
}
