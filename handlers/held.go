package handlers

import (
	"context"
	"net/http"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

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
		r = r.WithContext(context.WithValue(ctx, reply.EndKey{}, end))
		body := h.transfer.Receive(w, r, func() error { return h.Identity.Confirm(vouched, &person) })
		defer body.Release()
		interrupted := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(interrupted)
			body.Interrupt()
			if answer, ok := w.(*reply.AnswerWriter); ok && reply.EndedBy(ctx) != nil {
				answer.Withhold(reply.EndedBy(ctx))
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
