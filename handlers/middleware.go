package handlers

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
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

// asked is what is known of a request before anybody looks at who sent it.
type asked struct {
	id   string // the same in the program's log and in the audit log
	peer string // the other end of the connection
}

type askedKey struct{}

func askedOf(ctx context.Context) asked {
	a, _ := ctx.Value(askedKey{}).(asked)
	return a
}

// logged writes a line for each request: the route and not the path, which may name
// a service; never the query.
func (h *Handler) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := h.Now()
		a := asked{id: rand.Text()[:12], peer: r.RemoteAddr}
		r = r.WithContext(context.WithValue(r.Context(), askedKey{}, a))
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			route := chi.RouteContext(r.Context()).RoutePattern()
			level := slog.LevelInfo
			if !strings.HasPrefix(route, "/api/") && !strings.HasPrefix(route, "/relay/") {
				level = slog.LevelDebug
			}
			h.Log.LogAttrs(r.Context(), level, "request",
				slog.String("id", a.id), slog.String("method", r.Method), slog.String("route", route), slog.Int("status", wrapped.Status()),
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
				h.fail(w, r, &fault{code: "internal"})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// plainPaths refuses paths that two readers could take for two things, and text
// that no name can hold.
func (h *Handler) plainPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isPlain(rawPath(r.URL)) {
			h.fail(w, r, bad("bad_path", ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// rawPath is the path of a request in the spelling it came in. EscapedPath writes it
// anew, "%2F" as "/", where it holds a character that has to be escaped and is not.
func rawPath(u *url.URL) string { return cmp.Or(u.RawPath, u.EscapedPath()) }

// isPlain judges a path as it came. Behind "/relay/{service}/" is the target's own
// path, where "%2F" is a character like others: of that, only what could lead out of
// the service's path is refused.
func isPlain(raw string) bool {
	path, err := url.PathUnescape(raw)
	if err != nil || strings.Contains(raw, "//") || hasDotSegment(path) {
		return false
	}
	if parts := strings.SplitN(raw, "/", 4); len(parts) == 4 && parts[1] == "relay" {
		raw = parts[2]
		path, _ = url.PathUnescape(raw)
	}
	return !strings.Contains(strings.ToLower(raw), "%2f") && !strings.Contains(path, `\`) && utf8.ValidString(path) &&
		!strings.ContainsFunc(path, isControl)
}

// hasDotSegment reports whether a decoded path holds "." or "..", between slashes of
// either kind. Servers that know parameters of a segment read "..;x" as "..".
func hasDotSegment(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if name, _, _ := strings.Cut(segment, ";"); name == "." || name == ".." {
			return true
		}
	}
	return false
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }

// sameOrigin refuses requests that change something and come from another site's
// page: what the browser says of the site decides, and where there is an Origin, it
// has to be one of the console's, its scheme included.
func (h *Handler) sameOrigin(next http.Handler) http.Handler {
	refuse := h.handle(func(http.ResponseWriter, *http.Request) error { return bad("cross_origin_refused", "") })
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
			h.fail(w, r, &fault{code: "host_refused", values: map[string]string{"origin": h.origin()}})
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
