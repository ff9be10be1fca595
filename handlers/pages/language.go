package pages

import (
	"net/http"
	"slices"
	"time"

	"duplex/handlers/identity/origin"
	"duplex/handlers/reply"
)

// languageKept is the life of the language cookie.
const languageKept = 365 * 24 * time.Hour

// maxForm is the largest body of a form, in bytes.
const maxForm = 16 << 10

// ChooseLanguage sets the language cookie and redirects back to the page of the choice.
func (h *Pages) ChooseLanguage(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return reply.MapBodyError(err, &reply.Error{Code: reply.CodeBadValue, Field: "language", Cause: err}, "")
	}
	catalogue := h.Text.Named(r.PostForm.Get("language"))
	if catalogue == nil {
		return reply.Bad(reply.CodeBadValue, "language")
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the console has TLS; on loopback it has none
		Name: reply.LanguageCookie, Value: catalogue.Language, Path: "/", MaxAge: int(languageKept.Seconds()),
		HttpOnly: true, Secure: slices.Contains(h.PublicOrigins(), "https://"+r.Host), SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, origin.LocalPath(r.PostForm.Get("back")), http.StatusSeeOther) //nolint:gosec // LocalPath leads to no other host
	return nil
}
