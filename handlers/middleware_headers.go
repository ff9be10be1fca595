package handlers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"duplex/handlers/pages"
)

// policy is the Content-Security-Policy. Styles with the nonce are the editor's. Images
// and sound in a message are shown from blob: addresses, which only the page's own
// scripts can make; data: is for the sealed frame, which restricts it further. One
// Trusted Types policy may exist, "preview": it makes the sealed frame that shows HTML,
// and starts the page's own worker.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; img-src 'self' data: blob:; media-src blob:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; " +
	"object-src 'none'; require-trusted-types-for 'script'; trusted-types preview"

// setHeaders sets the headers that every answer has.
func (h *Handler) setHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce := rand.Text()
		header := w.Header()
		header.Set("Content-Security-Policy", fmt.Sprintf(policy, nonce))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(self), payment=(), usb=()")
		header.Set("Cache-Control", "no-store")
		if h.Identity.Secure() {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), pages.NonceKey{}, nonce)))
	})
}
