package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

func newTokenMode(s *Settings, client *http.Client, now func() time.Time) *tokenMode {
	m := &tokenMode{
		proxies: proxies{s.Proxies, s.ProxySecret}, header: s.Token.Header,
		single: single{s.Token.Header, secretHeader}, groups: s.GroupsClaim, now: now,
	}
	if s.Token.Signer != "" {
		m.verify = newBalancer(&s.Token, client, now).verify
		return m
	}
	keys := &keySet{url: s.Token.KeysURL, client: client, now: now}
	m.verify = verifierOf(s.Token.Issuer, s.Token.Audience, s.Token.Algorithms, keys)
	return m
}

// verifierOf checks signature, issuer and audience. Times are checked by checkTimes,
// with our own leeway.
func verifierOf(issuer, audience string, algorithms []string, keys *keySet) func(context.Context, string) ([]byte, error) {
	accepted := make([]jose.SignatureAlgorithm, len(algorithms))
	for i, name := range algorithms {
		accepted[i] = jose.SignatureAlgorithm(name)
	}
	return func(ctx context.Context, raw string) ([]byte, error) {
		payload, err := keys.verify(ctx, raw, accepted)
		if err == nil {
			err = checkIssued(payload, issuer, audience)
		}
		return payload, err
	}
}

// checkIssued refuses the claims of another issuer, and those for somebody else
// (OpenID Connect Core section 3.1.3.7).
func checkIssued(payload []byte, issuer, audience string) error {
	o, err := parseObject(payload)
	if err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	said, err := o.text("iss")
	if err != nil {
		return err
	}
	if said != issuer && (issuer != googleIssuer || "https://"+said != googleIssuer) {
		return fmt.Errorf("it is issued by %.80q", said)
	}
	audiences, err := o.texts("aud")
	if err != nil {
		return err
	}
	if !slices.Contains(audiences, audience) {
		return fmt.Errorf("it is for %.80q", audiences)
	}
	return nil
}

// googleIssuer is also written without its scheme in Google's ID tokens.
const googleIssuer = "https://accounts.google.com"

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
	o, err := parseObject(payload)
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	var c tokenClaims
	var preferred string
	for name, to := range map[string]*string{
		"iss": &c.issuer, "sub": &c.subject, "name": &c.name, "preferred_username": &preferred, "email": &c.email,
	} {
		if *to, err = o.text(name); err != nil {
			return nil, err
		}
	}
	for name, to := range map[string]*time.Time{"exp": &c.until, "nbf": &c.notBefore, "iat": &c.issued} {
		if *to, err = o.instant(name); err != nil {
			return nil, err
		}
	}
	if c.subject == "" || !printable(c.subject) || len(c.subject) > maxText || strings.ContainsRune(c.subject, utf8.RuneError) {
		return nil, errors.New("the token names nobody")
	}
	c.name, c.email = cmp.Or(clean(c.name), clean(preferred)), clean(c.email)
	if verified := string(o["email_verified"]); o.has("email_verified") && verified != "true" && verified != `"true"` {
		c.email = "" // anybody may have entered it
	}
	c.groups, err = o.texts(groups)
	return &c, err
}

// clean leaves out a name that cannot be shown.
func clean(s string) string {
	if !printable(s) || len(s) > maxText {
		return ""
	}
	return s
}
