package handlers

import (
	"errors"
	"net/http"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// handle turns a handler that returns an error into one that answers it.
func (h *Handler) handle(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		if ended := reply.EndedBy(r.Context()); ended != nil { // it goes before the error that followed from it
			err = ended
			if refusal, ok := errors.AsType[*identity.RefusedError](ended); ok {
				h.Identity.Refused(r, refusal)
			}
		}
		h.reply.Fail(w, r, err)
	}
}

// assets serves the scripts and styles of the pages.
func (h *Handler) assets() http.HandlerFunc {
	if h.Assets == nil {
		return h.handle(func(http.ResponseWriter, *http.Request) error { return h.pages.RequireAssets() })
	}
	return h.Assets.ServeHTTP
}
