package handlers

import (
	"net/http"
)

// whileStored ends requests that wait for a store that is away.
func (h *Handler) whileStored(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := h.Hub.WhileStored(r.Context())
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
