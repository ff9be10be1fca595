package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"duplex/handlers/reply"
)

// policy is the Content-Security-Policy. Styles with the nonce are the editor's. Images
// and sound in a message are shown from blob: addresses, which only the page's own
// scripts can make; data: is what the sealed frame narrows down further.
// One Trusted Types policy may exist, "preview": it makes the sealed frame that
// shows HTML, and starts the page's own worker.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; img-src 'self' data: blob:; media-src blob:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; " +
	"object-src 'none'; require-trusted-types-for 'script'; trusted-types preview"

type nonceKey struct{}

// nonceOf is the nonce of this request's policy.
func nonceOf(r *http.Request) string {
	nonce, _ := r.Context().Value(nonceKey{}).(string)
	return nonce
}

// secure sets the headers that every answer has.
func (h *Handler) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce := rand.Text()
		header := w.Header()
		header.Set("Content-Security-Policy", fmt.Sprintf(policy, nonce))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		header.Set("Cache-Control", "no-store")
		if h.Identity.Secure() {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), nonceKey{}, nonce)))
	})
}

// logged writes a line for each request: the route and not the path, which may name
// a service; never the query.
func (h *Handler) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := h.Now()
		a := reply.Request{ID: rand.Text()[:12], Peer: r.RemoteAddr}
		r = r.WithContext(context.WithValue(r.Context(), reply.RequestKey{}, a))
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			route := chi.RouteContext(r.Context()).RoutePattern()
			level := slog.LevelInfo
			if !strings.HasPrefix(route, "/api/") && !strings.HasPrefix(route, "/relay/") {
				level = slog.LevelDebug
			}
			h.Log.LogAttrs(r.Context(), level, "request",
				slog.String("id", a.ID), slog.String("method", r.Method), slog.String("route", route), slog.Int("status", wrapped.Status()),
				slog.Int("bytes", wrapped.BytesWritten()), slog.Duration("took", h.Now().Sub(began)))
		}()
		next.ServeHTTP(wrapped, r)
	})
}

// recovered turns a panic into an answer without details.
func (h *Handler) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value) // breaks off the answer, so that nobody takes a part for the whole
			}
			h.Log.ErrorContext(r.Context(), "handler panicked", "panic", fmt.Sprint(value), "stack", string(debug.Stack()))
			if wrapped, ok := w.(middleware.WrapResponseWriter); ok && wrapped.Status() == 0 {
				h.reply.Fail(w, r, &reply.Fault{Code: "internal"})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// plainPaths refuses paths that two readers could take for two things, and text
// that no name can hold.
func (h *Handler) plainPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !reply.IsPlainPath(reply.RawPath(r.URL)) {
			h.reply.Fail(w, r, reply.Bad("bad_path", ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses requests that change something and come from another site's
// page: what the browser says of the site decides, and where there is an Origin, it
// has to be one of the console's, its scheme included.
func (h *Handler) sameOrigin(next http.Handler) http.Handler {
	refuse := h.handle(func(http.ResponseWriter, *http.Request) error { return reply.Bad("cross_origin_refused", "") })
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(refuse)
	return protection.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Values("Origin")
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		if !safe && len(origin) > 0 && (len(origin) > 1 || !slices.Contains(h.PublicOrigins(), origin[0])) {
			refuse(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// whileStored ends what waits in vain for a store that is away.
func (h *Handler) whileStored(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := h.Hub.WhileStored(r.Context())
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// hosted refuses requests for a name that is not the console's.
func (h *Handler) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.Identity.AllowsHost(r.Host) {
			h.reply.Fail(w, r, &reply.Fault{Code: "host_refused", Values: map[string]string{"origin": h.origin()}})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// origin is the console's address, for sentences that tell where to go.
func (h *Handler) origin() string {
	if origins := h.PublicOrigins(); len(origins) > 0 {
		return origins[0]
	}
	return ""
}
