// Package pages renders the HTML pages, one file for each.
package pages

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/handlers/auditlog"
	"duplex/handlers/load"
	"duplex/handlers/shape"

	"github.com/a-h/templ"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/static"
	"duplex/views"
	"duplex/views/text"
)

// CountStore counts sessions.
type CountStore interface {
	CountSessions(ctx context.Context, f bridge.SessionFilter) (sessions, messages int64, err error)
}

// Pages renders the pages.
type Pages struct {
	Store           CountStore
	Identity        *identity.Guard
	Load            *load.Loader
	Audit           *auditlog.Log
	Readers         *shape.Readers
	Reply           *reply.Responder
	Errors          *reply.Mapper
	Assets          *static.Manifest // nil when they were not built
	Text            *text.Catalogues
	Version         string
	PublicOrigins   func() []string
	Settings        []views.SettingRow
	Retention       Retention
	AllowSkipVerify bool // admins may connect without checking the certificate
	Now             func() time.Time
}

// render answers with a page. The whole page is rendered before anything is sent, so that
// an error does not leave half a page.
func (h *Pages) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var html bytes.Buffer
	if err := page.Render(r.Context(), &html); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes()) // the client may be gone
	return nil
}

// shell returns the model of the frame of a page, in the words of t.
func (h *Pages) shell(r *http.Request, t *text.Catalogue, title string) views.Shell {
	person := identity.Of(r.Context())
	s := views.Shell{
		Title: "Duplex", Nonce: nonceOf(r), Language: t.Tag(), Languages: h.languages(t), User: person.Name,
		Role:    person.Role.String(),
		Version: h.Version, Path: r.URL.Path, Place: r.URL.RequestURI(),
		Say:   func(key string) string { return t.Say(key, nil) },
		Count: t.Count,
	}
	if c := h.Errors.Condition(); c.Code != "" {
		s.Store = t.Say("error."+string(c.Code), c.Values)
	}
	if title != "" {
		s.Title = title + " · Duplex"
	}
	if h.Assets != nil {
		s.Assets, s.Sentences = h.Assets.URLs(), h.Assets.URL("text-"+t.Language+".js")
	}
	return s
}

// RequireAssets returns the error of a build without scripts and styles.
func (h *Pages) RequireAssets() error {
	if h.Assets == nil {
		return &reply.Error{Code: reply.CodeAssetsNotBuilt, Cause: static.ErrNotBuilt}
	}
	return nil
}

// languages returns the languages to choose from, with that of t marked.
func (h *Pages) languages(t *text.Catalogue) []views.Language {
	var out []views.Language
	for _, c := range h.Text.All() {
		out = append(out, views.Language{Name: c.Language, Tag: c.Tag(), Title: c.Say("language.name", nil), Chosen: c == t})
	}
	return out
}
