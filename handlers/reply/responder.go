// Package reply reads requests and answers them. It holds every error code with its
// status and close code, and maps the errors of other packages to these codes. It does
// not know routes or pages.
package reply

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/views/text"
)

// Responder answers requests that failed, in the language of the person.
type Responder struct {
	Errors *Mapper
	Text   *text.Catalogues
	Log    *slog.Logger

	// Page answers with an error as a page. When it fails, the failure is logged and JSON
	// is sent.
	Page func(w http.ResponseWriter, r *http.Request, status int, e *wire.Error) error
}

// LanguageCookie remembers the language that a person chose, and nothing else.
const LanguageCookie = "duplex_language"

// Catalogue returns the catalogue of the language that the person chose, or else that the
// browser prefers. It sets Vary.
func (p *Responder) Catalogue(w http.ResponseWriter, r *http.Request) *text.Catalogue {
	const depends = "Accept-Language, Cookie"
	if header := w.Header(); !slices.Contains(header.Values("Vary"), depends) {
		header.Add("Vary", depends)
	}
	chosen := ""
	if cookie, err := r.Cookie(LanguageCookie); err == nil {
		chosen = cookie.Value
	}
	return p.Text.For(chosen, strings.Join(r.Header.Values("Accept-Language"), ","))
}

// interruptedCodes are the codes of work that stopped because the context of the request
// ended.
var interruptedCodes = []Code{CodeInternal, CodeDraining, CodeAuditUnavailable}

// Fail answers with an error: as a page to browsers that open one, as JSON to others.
func (p *Responder) Fail(w http.ResponseWriter, r *http.Request, err error) {
	f := p.Errors.MapError(err)
	if errors.Is(context.Cause(r.Context()), bridge.ErrStoreAway) && slices.Contains(interruptedCodes, f.Code) {
		f = p.Errors.nameStoreTrouble(&Error{Code: CodeStoreUnavailable, Cause: err})
	}
	status := StatusOf(f.Code)
	p.logCause(r, f, status)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer") // a scheme for which browsers ask no password
	}
	if f.wait > 0 {
		w.Header().Set("Retry-After", wholeSeconds(f.wait))
	}
	e := WireError(p.Catalogue(w, r), f)
	e.RequestID = RequestOf(r.Context()).ID
	if WantsPage(r) {
		err := p.Page(w, r, status, e)
		if err == nil {
			return
		}
		p.Log.ErrorContext(r.Context(), "problem page", "error", err)
	}
	WriteJSON(w, status, map[string]*wire.Error{"error": e})
}

// WantsPage reports whether the request asks for a page.
func WantsPage(r *http.Request) bool {
	for _, prefix := range []string{"/api/", "/relay/", "/healthz", "/readyz", "/metrics", "/version", "/assets/"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// logCause logs the cause, which is never shown.
func (p *Responder) logCause(r *http.Request, f *Error, status int) {
	level := slog.LevelDebug
	switch {
	case status == http.StatusInternalServerError:
		level = slog.LevelError
	case status > http.StatusInternalServerError:
		level = slog.LevelInfo
	}
	p.Log.LogAttrs(r.Context(), level, "request failed",
		slog.String("id", RequestOf(r.Context()).ID), slog.String("code", string(f.Code)), slog.String("field", f.Field), slog.Any("error", f.Cause))
}
