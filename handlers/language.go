package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"duplex/views"
	"duplex/views/text"
)

// languageCookie remembers the language that a person chose, and nothing else.
const languageCookie = "duplex_language"

// languageKept is how long it does.
const languageKept = 365 * 24 * time.Hour

// maxForm is the largest body of a form, in bytes.
const maxForm = 16 << 10

// words is the catalogue of whoever asks: the language they chose, or else what
// their browser prefers. The answer is noted to depend on both.
func (h *Handler) words(w http.ResponseWriter, r *http.Request) *text.Catalogue {
	const depends = "Accept-Language, Cookie"
	if header := w.Header(); !slices.Contains(header.Values("Vary"), depends) {
		header.Add("Vary", depends)
	}
	chosen := ""
	if cookie, err := r.Cookie(languageCookie); err == nil {
		chosen = cookie.Value
	}
	return h.Text.For(chosen, strings.Join(r.Header.Values("Accept-Language"), ","))
}

// languageChoose remembers a language and goes back to where the choice was made.
func (h *Handler) languageChoose(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return bodyFault(err, &fault{code: "bad_value", field: "language", cause: err}, "")
	}
	catalogue := h.Text.Named(r.PostForm.Get("language"))
	if catalogue == nil {
		return bad("bad_value", "language")
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the console has TLS; on loopback it has none
		Name: languageCookie, Value: catalogue.Language, Path: "/", MaxAge: int(languageKept.Seconds()),
		HttpOnly: true, Secure: slices.Contains(h.PublicOrigins(), "https://"+r.Host), SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, placeHere(r.PostForm.Get("back")), http.StatusSeeOther) //nolint:gosec // placeHere names no other host
	return nil
}

// placeHere is the path and query that a form came from, or the console's own: a
// form must not lead away from this console.
func placeHere(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || !isPlain(rawPath(u)) {
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
