package pages

import (
	"net/http"
)

// NonceKey is the context key of the nonce in the request's content security policy. Its
// value is a string.
type NonceKey struct{}

// nonceOf is the nonce of this request's policy.
func nonceOf(r *http.Request) string {
	nonce, _ := r.Context().Value(NonceKey{}).(string)
	return nonce
}
