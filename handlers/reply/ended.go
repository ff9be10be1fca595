package reply

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"duplex/handlers/identity"
)

// SeenTime is the time between two checks that the person may still see the object that
// they read.
const SeenTime = time.Second

// WhileSeen ends the request with the error of sees once that is a not-found error, until
// stop is called.
func WhileSeen(r *http.Request, sees func(context.Context) error) (stop func()) {
	end, _ := r.Context().Value(EndKey{}).(context.CancelCauseFunc)
	if end == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(r.Context())
	var task sync.WaitGroup
	task.Go(func() {
		for Pause(ctx, SeenTime) {
			if err := sees(ctx); IsGone(err) {
				end(err)
				return
			}
		}
	})
	return func() {
		cancel()
		task.Wait()
	}
}

// EndKey is the context key of the function that ends a request early.
type EndKey struct{}

// EndedBy returns the error that ended a request early; nil when there is none.
func EndedBy(ctx context.Context) error {
	cause := context.Cause(ctx)
	if refusal, ok := errors.AsType[*identity.RefusedError](cause); ok {
		return refusal
	}
	if f, ok := errors.AsType[*Error](cause); ok {
		return f
	}
	return nil
}

// Pause reports whether d has passed before ctx ended.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// interruptedError is the reason to stop reading a body: the process ends, or the store
// is away.
type interruptedError struct{ cause error }

func (e *interruptedError) Error() string { return "body interrupted: " + e.cause.Error() }

func (e *interruptedError) Unwrap() error { return e.cause }
