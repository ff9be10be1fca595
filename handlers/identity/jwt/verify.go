package jwt

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// safeAlgorithms are the asymmetric ones. An HS256 key could be an issuer's public key,
// which everybody knows, and "none" is no signature.
var safeAlgorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// IsSafeAlgorithm reports whether signatures of this algorithm are accepted.
func IsSafeAlgorithm(name string) bool {
	return slices.Contains(safeAlgorithms, jose.SignatureAlgorithm(name))
}

// Verify checks a token and returns its payload.
type Verify func(ctx context.Context, raw string) (payload []byte, err error)

// NewVerify returns a function that checks signature, issuer and audience. Times are
// checked by Claims.CheckTimes, with our own leeway.
func NewVerify(issuer, audience string, algorithms []string, keys *KeySet) Verify {
	accepted := make([]jose.SignatureAlgorithm, len(algorithms))
	for i, name := range algorithms {
		accepted[i] = jose.SignatureAlgorithm(name)
	}
	return func(ctx context.Context, raw string) ([]byte, error) {
		payload, err := keys.verifySignature(ctx, raw, accepted)
		if err == nil {
			err = checkIssued(payload, issuer, audience)
		}
		return payload, err
	}
}

// googleIssuer is also written without its scheme in Google's ID tokens.
const googleIssuer = "https://accounts.google.com"

// checkIssued refuses another issuer and another audience (OpenID Connect Core section
// 3.1.3.7).
func checkIssued(payload []byte, issuer, audience string) error {
	o, err := ParseObject(payload)
	if err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	said, err := o.Text("iss")
	if err != nil {
		return err
	}
	if said != issuer && (issuer != googleIssuer || "https://"+said != googleIssuer) {
		return fmt.Errorf("it is issued by %.80q", said)
	}
	audiences, err := o.Texts("aud")
	if err != nil {
		return err
	}
	if !slices.Contains(audiences, audience) {
		return fmt.Errorf("it is for %.80q", audiences)
	}
	return nil
}
