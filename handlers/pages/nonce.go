package pages

import (
	"net/http"
)

// NonceKey is the context key of the nonce in the request's content security policy. Its
// value is a string.
type NonceKey struct{}

// nonceOf returns the nonce of the request's content security policy.
func nonceOf(r *http.Request) string {
	nonce, _ := r.Context().Value(NonceKey{}).(string)
	return nonce
}
