package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// holdPerson ends a request when its person's proof of identity ends: a body that comes
// later changes nothing, and an answer that has begun is cut. Sockets do this by
// themselves.
func (h *Handler) holdPerson(next http.Handler) http.Handler {
	next = h.whileStored(next) // inside: to interrupt a body that has just come costs the connection
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

// identify identifies the sender of a request. In mode oidc a person who opens a page is
// redirected to sign in; scripts and sockets get an error.
func (h *Handler) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := h.Hub.WhileStored(r.Context())
		person, err := h.Identity.Identify(w, r.WithContext(ctx))
		cancel() // an earlier cause stays
		switch {
		case err == nil:
			next.ServeHTTP(w, r.WithContext(identity.With(r.Context(), person)))
		case h.Identity.SignsInHere() && isUnknown(err) && navigates(r):
			http.Redirect(w, r, "/sign-in?back="+url.QueryEscape(r.URL.RequestURI()), http.StatusFound)
		default:
			h.reply.Fail(w, r.WithContext(ctx), err)
		}
	})
}

// isUnknown reports whether signing in would lift the refusal.
func isUnknown(err error) bool {
	refusal, ok := errors.AsType[*identity.RefusedError](err)
	return ok && (refusal.Code == identity.RefusedNobody || refusal.Code == identity.RefusedSignedOut)
}

// navigates reports whether a person opens a page with the request, unlike the requests
// of scripts.
func navigates(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return reply.WantsPage(r) && (mode == "" || mode == "navigate") && r.Header.Get("Upgrade") == ""
}

// require refuses people below a role, and programs with an access token that lacks the
// scope.
func (h *Handler) require(role identity.Role, scope identity.Scope) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			person := identity.Of(r.Context())
			if err := access.Require(&person, role, scope); err != nil {
				h.Identity.Refused(r, err)
				h.reply.Fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
