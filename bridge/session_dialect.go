package bridge

import (
	"context"

	"duplex/bridge/dialect"
)

// Speech is the dialect that a session speaks, with the values of its variables and secrets.
type Speech struct {
	Dialect *dialect.Dialect
	Values  dialect.Values
}

// Dialect returns the dialect of the session; nil when it has none.
func (s *Session) Dialect() *dialect.Dialect { return nil }

// Ready waits until the service takes requests. Errors: ErrNoDialect, ErrClosed, the error of
// ctx, and a *dialect.StepError when the opening script failed.
func (s *Session) Ready(ctx context.Context) error { return ErrNoDialect }

// IsReady reports whether the service takes requests.
func (s *Session) IsReady() bool { return false }

// Prompt sends a text by the dialect and returns the seq of its first message. The same client
// id twice is one prompt. Errors: those of Ready and Send, ErrTakesNoText and *OverLimitError.
func (s *Session) Prompt(ctx context.Context, text, clientID string) (int64, error) {
	return 0, ErrNoDialect
}

// Turns returns the turns that changed since the revision, and the new revision. A session
// without a dialect has none here: they are computed from its log.
func (s *Session) Turns(since int64) ([]dialect.Turn, int64) { return nil, 0 }

// TurnsChanged returns a channel that is closed when a turn or the state of playing changes.
func (s *Session) TurnsChanged() <-chan struct{} { return nil }
