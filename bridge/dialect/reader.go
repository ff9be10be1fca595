package dialect

import (
	"time"

	"duplex/bridge/transcript"
)

// Reader computes turns from the messages of one session, in order. With a nil dialect it
// uses the generic rules. It is not safe for concurrent use.
type Reader struct{}

// NewReader returns a Reader. vars are the values of the dialect's variables, for rates that
// depend on them; nil uses defaults.
func NewReader(d *Dialect, vars map[string]string) *Reader { return &Reader{} }

// Read takes the next message or event of the log, and returns its note. Only the "closed"
// and "interrupted" events matter.
func (r *Reader) Read(m *transcript.Message) Note { return Note{} }

// Next returns the time at which a silence ends the open turn; zero when no silence does.
func (r *Reader) Next() time.Time { return time.Time{} }

// Tick ends the open turn if its silence is over at now.
func (r *Reader) Tick(now time.Time) {}

// Turns returns copies of the turns that changed since the revision, and the new revision.
func (r *Reader) Turns(since int64) ([]Turn, int64) { return nil, 0 }

// NoteOf returns the note of one message without regard to others.
func (d *Dialect) NoteOf(m *transcript.Message) Note { return Note{} }
