package handlers

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"duplex/handlers/reply"
)

func notFound(http.ResponseWriter, *http.Request) error { return reply.Bad(reply.CodeNotFound, "") }

// methodNotAllowed answers 405 with the allowed methods, RFC 9110 section 15.5.6.
func methodNotAllowed(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	routes := chi.RouteContext(r.Context()).Routes
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if routes.Match(chi.NewRouteContext(), method, r.URL.EscapedPath()) {
			allowed = append(allowed, method)
		}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return reply.Bad(reply.CodeMethodNotAllowed, "")
}
