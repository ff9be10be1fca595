package pages

import (
	"net/http"
)

type NonceKey struct{}

// nonceOf is the nonce of this request's policy.
func nonceOf(r *http.Request) string {
	nonce, _ := r.Context().Value(NonceKey{}).(string)
	return nonce
}
