package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/views/text"
)

// handle is the one way from a handler that may fail to one that answers.
func (h *Handler) handle(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		if ended := endedBy(r.Context()); ended != nil { // whatever else came of it
			err = ended
			if refusal, ok := errors.AsType[*identity.RefusedError](ended); ok {
				h.Identity.Refused(r, refusal)
			}
		}
		h.fail(w, r, err)
	}
}

// ended are the codes of what was given up because the request's context ended.
var ended = []string{"internal", "draining", "audit_unavailable"}

// fail answers with an error: as a page where people look, as JSON elsewhere.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := h.faultOf(err)
	if errors.Is(context.Cause(r.Context()), bridge.ErrStoreAway) && slices.Contains(ended, f.code) {
		f = h.blamed(&fault{code: "store_unavailable", cause: err})
	}
	status := outcomes[f.code].status
	h.logFault(r, f, status)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer") // one that makes no browser ask for a password
	}
	if f.wait > 0 {
		w.Header().Set("Retry-After", wholeSeconds(f.wait))
	}
	if wantsPage(r) {
		h.problem(w, r, f, status)
		return
	}
	writeJSON(w, status, map[string]*wire.Error{"error": wireError(h.words(w, r), f)})
}

// wantsPage tells pages from everything that programs ask for.
func wantsPage(r *http.Request) bool {
	for _, prefix := range []string{"/api/", "/relay/", "/healthz", "/readyz", "/metrics", "/assets/"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// logFault keeps the cause, which is never shown.
func (h *Handler) logFault(r *http.Request, f *fault, status int) {
	level := slog.LevelDebug
	switch {
	case status == http.StatusInternalServerError:
		level = slog.LevelError
	case status > http.StatusInternalServerError:
		level = slog.LevelInfo
	}
	h.Log.LogAttrs(r.Context(), level, "request failed",
		slog.String("id", askedOf(r.Context()).id), slog.String("code", f.code), slog.String("field", f.field), slog.Any("error", f.cause))
}

// wireError is how a fault reads on every wire, in the words of t.
func wireError(t *text.Catalogue, f *fault) *wire.Error {
	values := map[string]string{"field": f.field}
	if f.reason != "" {
		values["reason"] = t.Say("evidence.reason."+f.reason, nil)
	}
	if f.search != nil {
		values["detail"] = explainExpression(t, f.search)
	}
	if f.role != identity.Nobody {
		values["role"] = roleWord(t, f.role)
	}
	maps.Copy(values, f.values)
	e := &wire.Error{
		Code: f.code, Message: t.Say(sentenceOf(t, f), values), Field: f.field,
		Rule: f.rule.name, Least: f.rule.least, Limit: f.rule.limit,
	}
	if f.failed != nil {
		explainDial(t, e, f.failed)
	}
	return e
}

// sentenceOf is the key of the most exact sentence that there is for f.
func sentenceOf(t *text.Catalogue, f *fault) string {
	key := "error." + f.code
	for _, exact := range []string{key + "." + f.rule.name + "." + f.field, key + "." + f.rule.name} {
		if f.rule.name != "" && t.Has(exact) {
			return exact
		}
	}
	return key
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // whoever asked may be gone
}

// answer is writeJSON for handlers.
func answer(w http.ResponseWriter, status int, body any) error {
	writeJSON(w, status, body)
	return nil
}
