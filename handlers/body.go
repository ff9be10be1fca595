package handlers

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

// A body has to come at bodyRate bytes in each bodyTime, to its end. One byte now and
// then would hold a connection, and memory, for as long as somebody likes.
const (
	bodyTime = 15 * time.Second
	bodyRate = 16 << 10
	bodyPart = 32 << 10 // bytes that are read at a time
)

// arrivingBody is the body of a request while it comes. It is read as it comes, within
// bounds of time and memory, and its end is an error when its person may not ask for
// anything any more.
type arrivingBody struct {
	io.ReadCloser

	ctx     context.Context //nolint:containedctx // of the request that the body is of
	control *http.ResponseController
	time    time.Duration
	upload  *upload
	confirm func() error // whether the person may still ask

	window int64     // bytes since the deadline was set; -1 before it is
	late   time.Time // the deadline
	err    error     // what every further read gets

	mu   sync.Mutex // guards done
	done bool       // nothing more is read, so no deadline may be set
}

// arriving puts an arrivingBody in place of the body of r.
func (h *Handler) arriving(w http.ResponseWriter, r *http.Request, confirm func() error) *arrivingBody {
	person := identity.Of(r.Context())
	b := &arrivingBody{
		ReadCloser: r.Body, ctx: r.Context(), control: http.NewResponseController(w), time: h.bodyTime,
		upload: h.uploads.begin(person.ID), confirm: confirm, window: -1,
	}
	if r.Body == http.NoBody {
		b.done = true
		return b
	}
	r.Body = b
	return b
}

// release gives the room that the body took to others.
func (b *arrivingBody) release() { b.upload.end() }

// interrupt ends a read that waits.
func (b *arrivingBody) interrupt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.done {
		_ = b.control.SetReadDeadline(time.Unix(1, 0))
	}
}

// Read implements io.Reader.
func (b *arrivingBody) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.err = b.prepare(); b.err != nil {
		return 0, b.err
	}
	n, err = b.ReadCloser.Read(p[:min(len(p), bodyPart)])
	b.window += int64(n)
	b.upload.take(int64(n))
	b.err = b.explain(err)
	return n, b.err
}

// prepare waits for room and sets the deadline of what comes next.
func (b *arrivingBody) prepare() error {
	waited, err := b.upload.await(b.ctx)
	if err != nil {
		return err
	}
	if waited || b.window < 0 || b.window >= bodyRate {
		b.window, b.late = 0, time.Now().Add(b.time)
		_ = b.control.SetReadDeadline(b.late)
	}
	if b.ctx.Err() != nil { // looked at last: interrupt may have been before the deadline was set
		return b.interrupted()
	}
	return nil
}

func (b *arrivingBody) interrupted() error {
	return cmp.Or[error](endedBy(b.ctx), &interruptedError{context.Cause(b.ctx)})
}

// interruptedError says why a body is not waited for to its end, or is of no use then:
// the process ends, or the store is away.
type interruptedError struct{ cause error }

func (e *interruptedError) Error() string { return "body interrupted: " + e.cause.Error() }

func (e *interruptedError) Unwrap() error { return e.cause }

// explain says why no more comes. At the end it is looked again who asks.
func (b *arrivingBody) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		b.finish()
		return b.confirmed(err)
	case endedBy(b.ctx) != nil:
		return endedBy(b.ctx)
	case errors.Is(err, os.ErrDeadlineExceeded) && b.ctx.Err() != nil && time.Now().Before(b.late): // by interrupt
		return b.interrupted()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &fault{code: "upload_too_slow", field: "body", values: map[string]string{"bytes": strconv.Itoa(bodyRate), "seconds": wholeSeconds(b.time)}, cause: err}
	}
	return &fault{code: "bad_value", field: "body", cause: err} // it broke off; half a message is none
}

// confirmed is the end of the body, or why it is of no use.
func (b *arrivingBody) confirmed(end error) error {
	err := b.confirm()
	if refusal, ok := errors.AsType[*identity.RefusedError](err); ok {
		return refusal
	}
	if err != nil {
		return &interruptedError{err}
	}
	return end
}

// finish takes the deadline away: net/http reads on, to see whether the browser leaves.
func (b *arrivingBody) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
	b.upload.arrived()
	_ = b.control.SetReadDeadline(time.Time{})
}

// firstBuffer is what a body is given room for before any of it has come, in bytes.
const firstBuffer = 4 << 10

// readPayload reads the body, at most limit bytes; a longer one is refused with the
// code, before any of it is read where it says so. The room it takes follows what has
// come, and not what the request claims.
func readPayload(w http.ResponseWriter, r *http.Request, limit int64, code string) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(code, limit)
	}
	most := int(limit) + 1 // one more than may come, so that its end is read
	if r.ContentLength >= 0 {
		most = int(r.ContentLength) + 1
	}
	body := http.MaxBytesReader(w, r.Body, limit)
	payload := make([]byte, 0, min(firstBuffer, most))
	for {
		if len(payload) == cap(payload) {
			payload = append(make([]byte, 0, min(2*cap(payload), max(most, len(payload)+1))), payload...)
		}
		n, err := body.Read(payload[len(payload):cap(payload)])
		payload = payload[:len(payload)+n]
		switch {
		case errors.Is(err, io.EOF):
			return payload, nil
		case err != nil:
			return nil, bodyFault(err, &fault{code: "bad_value", field: "body", cause: err}, code)
		}
	}
}

// bodyFault is what a body that could not be read is answered with: why it did not
// come; the code, if there is one, when it is too long; and otherwise the fault.
func bodyFault(err error, otherwise *fault, tooLong string) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok && tooLong != "" {
		return tooLarge(tooLong, large.Limit)
	}
	if f, ok := errors.AsType[*fault](err); ok {
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
