package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// leeway is how far the clock of a provider may be from ours.
const leeway = 30 * time.Second

// safeAlgorithms are those whose keys may be public. A shared key that is called
// HS256 could be somebody's public key; "none" is no signature.
var safeAlgorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// IsSafeAlgorithm reports whether tokens may be signed with it.
func IsSafeAlgorithm(name string) bool {
	return slices.Contains(safeAlgorithms, jose.SignatureAlgorithm(name))
}

// tokenMode believes a token that was signed with a key of its issuer.
type tokenMode struct {
	proxies proxies
	header  string
	single  single
	groups  string // the claim
	verify  func(ctx context.Context, raw string) ([]byte, error)
	now     func() time.Time
}

func newTokenMode(s *Settings, now func() time.Time) *tokenMode {
	m := &tokenMode{
		proxies: proxies{s.Proxies, s.ProxySecret}, header: s.Token.Header,
		single: single{s.Token.Header, secretHeader}, groups: s.GroupsClaim, now: now,
	}
	if s.Token.Signer != "" {
		m.verify = newBalancer(&s.Token, now).verify
		return m
	}
	keys := &keySet{url: s.Token.KeysURL, client: newClient(), now: now}
	m.verify = verifierOf(s.Token.Issuer, s.Token.Audience, s.Token.Algorithms, keys)
	return m
}

// verifierOf checks signature, issuer and audience. Times are checked by checkTimes,
// with our own leeway.
func verifierOf(issuer, audience string, algorithms []string, keys *keySet) func(context.Context, string) ([]byte, error) {
	config := &oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms, SkipExpiryCheck: true}
	return func(ctx context.Context, raw string) ([]byte, error) {
		payload, err := keys.verify(ctx, raw) // here, because the library loses why keys could not be read
		if err != nil {
			return nil, err
		}
		_, err = oidc.NewVerifier(issuer, verified(payload), config).Verify(ctx, raw)
		return payload, err
	}
}

// verified is the payload of a token whose signature was checked.
type verified []byte

// VerifySignature implements oidc.KeySet.
func (v verified) VerifySignature(context.Context, string) ([]byte, error) { return v, nil }

// headers implements mode.
func (m *tokenMode) headers() single { return m.single }

// peer implements mode. A signature needs no trusted peer, but there may be one.
func (m *tokenMode) peer(r *http.Request) error {
	if len(m.proxies.prefixes) == 0 {
		return nil
	}
	return m.proxies.peer(r)
}

// read implements mode.
func (m *tokenMode) read(r *http.Request, values map[string]string) (*claims, error) {
	if err := m.proxies.says(values[secretHeader]); err != nil {
		return nil, err
	}
	raw := values[m.header]
	if scheme, rest, found := strings.Cut(raw, " "); found && strings.EqualFold(scheme, "Bearer") {
		raw = strings.TrimSpace(rest)
	}
	switch {
	case absent(raw):
		return nil, refuse(RefusedNobody, fmt.Errorf("there is no token in %s", m.header))
	case len(raw) > maxToken || strings.Count(raw, ".") != 2:
		return nil, refuse(RefusedToken, errors.New("it is not a signed token"))
	}
	payload, err := m.verify(r.Context(), raw)
	if unreachable, ok := errors.AsType[*RefusedError](err); ok {
		return nil, unreachable
	}
	if err != nil {
		return nil, refuse(RefusedToken, err)
	}
	c, err := parseClaims(payload, m.groups)
	if err == nil {
		err = c.checkTimes(m.now())
	}
	if err != nil {
		return nil, refuse(RefusedToken, err)
	}
	return &c.claims, nil
}

// tokenClaims are claims with the times that a token holds between.
type tokenClaims struct {
	claims

	notBefore time.Time
}

// checkTimes refuses a token that holds no longer, or not yet.
func (c *tokenClaims) checkTimes(now time.Time) error {
	switch {
	case c.until.IsZero():
		return errors.New("the token does not say when it ends")
	case now.After(c.until.Add(leeway)):
		return fmt.Errorf("the token ended at %s", c.until.UTC().Format(time.RFC3339))
	case now.Add(leeway).Before(c.notBefore):
		return fmt.Errorf("the token holds from %s", c.notBefore.UTC().Format(time.RFC3339))
	case now.Add(leeway).Before(c.issued):
		return fmt.Errorf("the token was issued at %s", c.issued.UTC().Format(time.RFC3339))
	}
	return nil
}

// parseClaims reads what a verified token says of a person.
func parseClaims(payload []byte, groups string) (*tokenClaims, error) {
	var said struct {
		Issuer    string   `json:"iss"`
		Subject   string   `json:"sub"`
		Name      string   `json:"name"`
		Preferred string   `json:"preferred_username"`
		Email     string   `json:"email"`
		Verified  any      `json:"email_verified"`
		Expires   *float64 `json:"exp"`
		NotBefore *float64 `json:"nbf"`
		IssuedAt  *float64 `json:"iat"`
	}
	if err := json.Unmarshal(payload, &said); err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	if said.Subject == "" || !printable(said.Subject) || len(said.Subject) > maxText {
		return nil, errors.New("the token names nobody")
	}
	c := &tokenClaims{claims: claims{issuer: said.Issuer, subject: said.Subject, name: clean(said.Name), email: clean(said.Email)}}
	if c.name == "" {
		c.name = clean(said.Preferred)
	}
	if said.Verified == false || said.Verified == "false" {
		c.email = "" // anybody may have entered it
	}
	c.until, c.notBefore, c.issued = instant(said.Expires), instant(said.NotBefore), instant(said.IssuedAt)
	var err error
	c.groups, err = groupsIn(payload, groups)
	return c, err
}

// clean leaves out a name that cannot be shown.
func clean(s string) string {
	if !printable(s) || len(s) > maxText {
		return ""
	}
	return s
}

func instant(seconds *float64) time.Time {
	if seconds == nil || *seconds <= 0 || *seconds > 1<<40 {
		return time.Time{}
	}
	return time.UnixMicro(int64(*seconds * 1e6))
}

// groupsIn reads the claim that lists groups: a list of strings, or one of them.
func groupsIn(payload []byte, claim string) ([]string, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(payload, &all); err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	raw, found := all[claim]
	if !found || string(raw) == "null" {
		return nil, nil
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list, nil
	}
	var one string
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, fmt.Errorf("the claim %s is neither a text nor a list of texts", claim)
	}
	return []string{one}, nil
}
