package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"duplex/handlers/reply"
	"duplex/views"
	"duplex/views/text"
)

// languageKept is how long it does.
const languageKept = 365 * 24 * time.Hour

// maxForm is the largest body of a form, in bytes.
const maxForm = 16 << 10

// languageChoose remembers a language and goes back to where the choice was made.
func (h *Handler) languageChoose(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return reply.MapBodyError(err, &reply.Fault{Code: "bad_value", Field: "language", Cause: err}, "")
	}
	catalogue := h.Text.Named(r.PostForm.Get("language"))
	if catalogue == nil {
		return reply.Bad("bad_value", "language")
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the console has TLS; on loopback it has none
		Name: reply.LanguageCookie, Value: catalogue.Language, Path: "/", MaxAge: int(languageKept.Seconds()),
		HttpOnly: true, Secure: slices.Contains(h.PublicOrigins(), "https://"+r.Host), SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, placeHere(r.PostForm.Get("back")), http.StatusSeeOther) //nolint:gosec // placeHere names no other host
	return nil
}

// placeHere is the path and query that a form came from, or the console's own: a
// form must not lead away from this console.
func placeHere(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || !reply.IsPlainPath(reply.RawPath(u)) {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}

// languages is what a reader of t may choose from.
func (h *Handler) languages(t *text.Catalogue) []views.Language {
	var out []views.Language
	for _, c := range h.Text.All() {
		out = append(out, views.Language{Name: c.Language, Tag: c.Tag(), Title: c.Say("language.name", nil), Chosen: c == t})
	}
	return out
}
