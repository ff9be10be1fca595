package handlers

import (
	"net/http"
	"slices"

	"duplex/handlers/identity/origin"
	"duplex/handlers/reply"
)

// requireMetricsHost refuses /metrics and /version under foreign names: a stranger could point a DNS
// name here and read the answer through a person's browser. Collectors use an IP address,
// a name without a dot, as containers have, or a name of the console.
func (h *Handler) requireMetricsHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.Identity.AllowsHost(r.Host) && !origin.IsUnclaimedHost(r.Host) {
			h.reply.Fail(w, r, &reply.Error{Code: reply.CodeHostRefused, Values: map[string]string{"origin": reply.FirstOrigin(h.PublicOrigins())}})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requirePlainPath refuses paths that programs read in different ways, and characters
// that no name can contain.
func (h *Handler) requirePlainPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !reply.IsPlainPath(reply.RawPath(r.URL)) {
			h.reply.Fail(w, r, reply.Bad(reply.CodeBadPath, ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requireSameOrigin refuses changes from pages of other sites. It checks Sec-Fetch-Site,
// and that Origin is one of the console's, scheme included.
func (h *Handler) requireSameOrigin(next http.Handler) http.Handler {
	refuse := h.handle(func(http.ResponseWriter, *http.Request) error { return reply.Bad(reply.CodeCrossOriginRefused, "") })
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(refuse)
	return protection.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Values("Origin")
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		if !safe && len(sent) > 0 && (len(sent) > 1 || !slices.Contains(h.PublicOrigins(), sent[0])) {
			refuse(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// requireHost refuses requests for a name that is not the console's.
func (h *Handler) requireHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.Identity.AllowsHost(r.Host) {
			h.reply.Fail(w, r, &reply.Error{Code: reply.CodeHostRefused, Values: map[string]string{"origin": reply.FirstOrigin(h.PublicOrigins())}})
			return
		}
		next.ServeHTTP(w, r)
	})
}
