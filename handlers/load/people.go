package load

import (
	"net/http"

	"duplex/handlers/identity"
)

// People is who has been here; with one local user nobody is written down.
func (l *Loader) People(r *http.Request) ([]identity.Known, error) {
	if l.Identity.Store == nil {
		return nil, nil
	}
	return l.Identity.Store.People(r.Context())
}

// Tokens is those of whoever asks; with one local user there are none.
func (l *Loader) Tokens(r *http.Request) ([]identity.AccessToken, error) {
	if l.Identity.Store == nil {
		return nil, nil
	}
	return l.Identity.Store.Tokens(r.Context(), identity.Of(r.Context()).ID)
}
