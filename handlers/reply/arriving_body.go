package reply

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"duplex/handlers/identity"
)

// A body has to arrive at bodyRate bytes per bodyTime. A slower one could hold a
// connection and memory without end.
const (
	defaultBodyTime = 15 * time.Second
	bodyRate        = 16 << 10
)

// ArrivingBody reads the body of a request as it arrives, within bounds of time and
// memory. Its end is an error when the person's proof of identity has ended in the
// meantime.
type ArrivingBody struct {
	io.ReadCloser

	ctx     context.Context //nolint:containedctx // the request's
	control *http.ResponseController
	time    time.Duration
	upload  *upload
	confirm func() error // whether the person is still identified

	window int64     // bytes since the deadline was set; -1 before it is
	late   time.Time // the deadline
	err    error     // of every further read

	mu   sync.Mutex // guards done
	done bool       // nothing more is read, so no deadline may be set
}

// Release frees the memory that the body holds in the budget.
func (b *ArrivingBody) Release() { b.upload.release() }

// Interrupt ends a read that waits.
func (b *ArrivingBody) Interrupt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.done {
		_ = b.control.SetReadDeadline(time.Unix(1, 0))
	}
}

// Read implements io.Reader.
func (b *ArrivingBody) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.err = b.prepareRead(); b.err != nil {
		return 0, b.err
	}
	n, err = b.ReadCloser.Read(p[:min(len(p), bodyPart)])
	b.window += int64(n)
	b.upload.countBytes(int64(n))
	b.err = b.mapReadError(err)
	return n, b.err
}

// prepareRead waits for memory and sets the next deadline.
func (b *ArrivingBody) prepareRead() error {
	waited, err := b.upload.awaitRoom(b.ctx)
	if err != nil {
		return err
	}
	if waited || b.window < 0 || b.window >= bodyRate {
		b.window, b.late = 0, time.Now().Add(b.time)
		_ = b.control.SetReadDeadline(b.late)
	}
	if b.ctx.Err() != nil { // checked last: Interrupt may have come before the deadline was set
		return b.interrupted()
	}
	return nil
}

func (b *ArrivingBody) interrupted() error {
	return cmp.Or[error](EndedBy(b.ctx), &interruptedError{context.Cause(b.ctx)})
}

// mapReadError maps the error of a read. At the end of the body it confirms the person.
func (b *ArrivingBody) mapReadError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		b.clearDeadline()
		return b.confirmEnd(err)
	case EndedBy(b.ctx) != nil:
		return EndedBy(b.ctx)
	case errors.Is(err, os.ErrDeadlineExceeded) && b.ctx.Err() != nil && time.Now().Before(b.late): // by interrupt
		return b.interrupted()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Code: CodeUploadTooSlow, Field: "body", Values: map[string]string{"bytes": strconv.Itoa(bodyRate), "seconds": wholeSeconds(b.time)}, Cause: err}
	}
	return &Error{Code: CodeBadValue, Field: "body", Cause: err} // it was cut; a part of a message is not used
}

// confirmEnd returns end, or the error of the confirmation.
func (b *ArrivingBody) confirmEnd(end error) error {
	err := b.confirm()
	if refusal, ok := errors.AsType[*identity.RefusedError](err); ok {
		return refusal
	}
	if err != nil {
		return &interruptedError{err}
	}
	return end
}

// clearDeadline removes the deadline: net/http goes on reading, to notice that the browser has
// left.
func (b *ArrivingBody) clearDeadline() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
	b.upload.markComplete()
	_ = b.control.SetReadDeadline(time.Time{})
}

// MapBodyError maps an error of reading a body: the reason that it did not arrive,
// tooLong for a body that is too long, or else otherwise.
func MapBodyError(err error, otherwise *Error, tooLong Code) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok && tooLong != "" {
		return tooLarge(tooLong, large.Limit)
	}
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	if refusal, ok := errors.AsType[*identity.RefusedError](err); ok {
		return refusal
	}
	if stopped, ok := errors.AsType[*interruptedError](err); ok {
		return stopped
	}
	return otherwise
}
