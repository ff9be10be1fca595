package handlers

import (
	"context"
	"errors"
	"net/http"

	"duplex/handlers/identity"
)

// endKey finds the function that ends a request before its time, and says why.
type endKey struct{}

// held lets a request go on for as long as somebody vouches for its person. A body that
// comes later changes nothing, and an answer that is under way is broken off. Sockets
// hold their person by themselves.
func (h *Handler) held(next http.Handler) http.Handler {
	next = h.whileStored(next) // within: to interrupt a body that has just come costs the connection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		person := identity.Of(r.Context())
		vouched, release := h.Identity.Hold(r.Context(), &person)
		defer release()
		ctx, end := context.WithCancelCause(vouched)
		defer end(nil)
		r = r.WithContext(context.WithValue(ctx, endKey{}, end))
		body := h.arriving(w, r, func() error { return h.Identity.Confirm(vouched, &person) })
		defer body.release()
		interrupted := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(interrupted)
			body.interrupt()
			if answer, ok := w.(*answerWriter); ok && endedBy(ctx) != nil {
				answer.withhold(endedBy(ctx))
			}
		})
		defer func() {
			if !stop() { // a deadline that is set later would end the connection's next request
				<-interrupted
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// endedBy is why a request was ended before its time; nil when it was not, or by the end
// of the process or of the connection.
func endedBy(ctx context.Context) error {
	cause := context.Cause(ctx)
	if refusal, ok := errors.AsType[*identity.RefusedError](cause); ok {
		return refusal
	}
	if f, ok := errors.AsType[*fault](cause); ok {
		return f
	}
	return nil
}
