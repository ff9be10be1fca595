package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"duplex/handlers/reply"
)

// logRequest writes a line for each request: the route and not the path, which may name
// a service; never the query.
func (h *Handler) logRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := h.Now()
		a := reply.Request{ID: rand.Text()[:12], Peer: r.RemoteAddr}
		w.Header().Set("X-Request-Id", a.ID)
		r = r.WithContext(context.WithValue(r.Context(), reply.RequestKey{}, a))
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			route := chi.RouteContext(r.Context()).RoutePattern()
			took := h.Now().Sub(began)
			h.requests.observe(r.Method, route, wrapped.Status(), took)
			level := slog.LevelInfo
			if !strings.HasPrefix(route, "/api/") && !strings.HasPrefix(route, "/relay/") {
				level = slog.LevelDebug
			}
			h.Log.LogAttrs(r.Context(), level, "request",
				slog.String("id", a.ID), slog.String("method", r.Method), slog.String("route", route), slog.Int("status", wrapped.Status()),
				slog.Int("bytes", wrapped.BytesWritten()), slog.Duration("took", took))
		}()
		next.ServeHTTP(wrapped, r)
	})
}

// recoverPanic turns a panic into an answer without details.
func (h *Handler) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value) // cuts the answer, so that no client takes a part for the whole
			}
			h.Log.ErrorContext(r.Context(), "handler panicked", "id", reply.RequestOf(r.Context()).ID, "panic", fmt.Sprint(value), "stack", string(debug.Stack()))
			if wrapped, ok := w.(middleware.WrapResponseWriter); ok && wrapped.Status() == 0 {
				h.reply.Fail(w, r, &reply.Error{Code: reply.CodeInternal})
			}
		}()
		next.ServeHTTP(w, r)
	})
}
