package load

import (
	"net/http"

	"duplex/handlers/identity"
)

// People returns the known people; none with one local user.
func (l *Loader) People(r *http.Request) ([]identity.Known, error) {
	if l.Identity.Store == nil {
		return nil, nil
	}
	return l.Identity.Store.People(r.Context())
}

// Tokens returns the access tokens of the person; none with one local user.
func (l *Loader) Tokens(r *http.Request) ([]identity.AccessToken, error) {
	if l.Identity.Store == nil {
		return nil, nil
	}
	return l.Identity.Store.Tokens(r.Context(), identity.Of(r.Context()).ID)
}
