package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// identified finds out who is asking. People who open a page are sent to sign in
// where that is done here; scripts and sockets are told so.
func (h *Handler) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := h.Hub.WhileStored(r.Context())
		person, err := h.Identity.Identify(w, r.WithContext(ctx))
		cancel() // what ended it before stays its cause
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

// isUnknown reports whether signing in would help.
func isUnknown(err error) bool {
	refusal, ok := errors.AsType[*identity.RefusedError](err)
	return ok && (refusal.Code == identity.RefusedNobody || refusal.Code == identity.RefusedSignedOut)
}

// navigates tells a person who opens a page from scripts that ask for one.
func navigates(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return reply.WantsPage(r) && (mode == "" || mode == "navigate") && r.Header.Get("Upgrade") == ""
}

// needs lets in who has the role, or a greater one. A program needs a token that is
// good for the scope as well.
func (h *Handler) needs(role identity.Role, scope identity.Scope) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			person := identity.Of(r.Context())
			if err := admitted(&person, role, scope); err != nil {
				h.Identity.Refused(r, err)
				h.reply.Fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// admitted says which role a person lacks, or which scope their program's token.
func admitted(p *identity.Person, role identity.Role, scope identity.Scope) error {
	err := allowed(p, role)
	if err == nil && !p.Within(scope) {
		err = &identity.RefusedError{Code: identity.RefusedScope, Scope: scope}
	}
	return err
}

// allowed says which role a person lacks.
func allowed(p *identity.Person, role identity.Role) error {
	if p.Role < role {
		return &identity.RefusedError{Code: identity.RefusedRole, Need: role}
	}
	return nil
}
