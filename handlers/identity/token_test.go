package identity_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"duplex/handlers/identity"
	"duplex/handlers/identity/proxy"

	"duplex/bridge/testkit"
)

const (
	issuer   = "https://sso.example"
	audience = "duplex"
)

// signer is an issuer of tokens that serves its keys over HTTP.
type signer struct {
	t       *testing.T
	url     string
	fetches atomic.Int64
	mu      sync.Mutex // guards all below
	keys    map[string]crypto.Signer
	down    bool
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	s := &signer{t: t, keys: map[string]crypto.Signer{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.add("rsa", rsaKey)
	s.add("ec", ecKey)
	return s
}

func (s *signer) add(id string, key crypto.Signer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[id] = key
}

// ServeHTTP answers with the keys.
func (s *signer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.fetches.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down || r.URL.Path != "/" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var set jose.JSONWebKeySet
	for id, key := range s.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{KeyID: id, Key: key.Public(), Use: "sig"})
	}
	_ = json.NewEncoder(w).Encode(set)
}

var (
	rsaKey = must(rsa.GenerateKey(rand.Reader, 2048))
	ecKey  = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	newKey = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// token signs claims.
func token(t *testing.T, algorithm jose.SignatureAlgorithm, key any, kid string, claims map[string]any) string {
	t.Helper()
	o := (&jose.SignerOptions{}).WithHeader("kid", kid)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(must(json.Marshal(claims)))
	if err != nil {
		t.Fatal(err)
	}
	return must(signed.CompactSerialize())
}

func claimsOf(now time.Time) map[string]any {
	return map[string]any{
		"iss": issuer, "aud": audience, "sub": "ada", "name": "Ada", "email": "ada@example.com", "groups": []string{"dev"},
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	}
}

func tokenSettings(keys string) identity.Settings {
	return identity.Settings{
		Mode: identity.ModeToken, GroupsClaim: "groups", Roles: roles(), Lease: 15 * time.Minute, Grace: 2 * time.Second,
		Token: proxy.Token{Header: "Authorization", Issuer: issuer, Audience: audience, KeysURL: keys, Algorithms: []string{"RS256", "ES256"}},
	}
}

func bearer(raw string) func(*http.Request) {
	return func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + raw} }
}

func TestSignedTokensAreBelieved(t *testing.T) {
	s := newSigner(t)
	d := newDoor(t, tokenSettings(s.url))
	now := d.clock.Now()
	with := func(changes map[string]any) map[string]any {
		claims := claimsOf(now)
		maps.Copy(claims, changes)
		return claims
	}
	tests := []struct {
		name string
		raw  string
		want func(identity.Person) bool
	}{
		{"RS256", token(t, jose.RS256, rsaKey, "rsa", with(nil)), func(p identity.Person) bool {
			return p.ID == issuer+"|ada" && p.Name == "Ada" && p.Role == identity.Member && p.Until.Equal(now.Add(5*time.Minute))
		}},
		{"ES256", token(t, jose.ES256, ecKey, "ec", with(nil)), func(p identity.Person) bool { return p.Email == "ada@example.com" }},
		{"no key named", token(t, jose.ES256, ecKey, "", with(nil)), func(p identity.Person) bool { return p.Name == "Ada" }},
		{"one of two audiences", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"aud": []string{"x", audience}})), func(identity.Person) bool { return true }},
		{"the lease is the shorter one", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"exp": now.Add(24 * time.Hour).Unix()})), func(p identity.Person) bool {
			return p.Until.Equal(now.Add(15 * time.Minute))
		}},
		{"ended within the leeway", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"exp": now.Add(-29 * time.Second).Unix()})), func(identity.Person) bool { return true }},
		{"begins within the leeway", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"nbf": now.Add(29 * time.Second).Unix()})), func(identity.Person) bool { return true }},
		{"an address nobody vouches for", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"email_verified": false, "name": ""})), func(p identity.Person) bool {
			return p.Email == "" && p.Name == "ada"
		}},
		{"an address vouched for in text", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"email_verified": "true"})), func(p identity.Person) bool {
			return p.Email == "ada@example.com"
		}},
		{"one group that is no list", token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"groups": "ops"})), func(p identity.Person) bool { return p.Role == identity.Admin }},
	}
	for _, verified := range []any{"False", "no", 0, "", []any{true}} {
		tests = append(tests, tests[len(tests)-1])
		last := &tests[len(tests)-1]
		last.name = fmt.Sprintf("an address vouched for by %v", verified)
		last.raw = token(t, jose.RS256, rsaKey, "rsa", with(map[string]any{"email_verified": verified}))
		last.want = func(p identity.Person) bool { return p.Email == "" }
	}
	for _, tt := range tests {
		p, r, _, err := d.ask(bearer(tt.raw))
		if err != nil || !tt.want(p) {
			t.Errorf("%s: %+v, %v", tt.name, p, err)
		}
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s: handlers see the token", tt.name)
		}
	}
	if n := s.fetches.Load(); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

func TestTokensThatDoNotHoldAreRefused(t *testing.T) {
	s := newSigner(t)
	d := newDoor(t, tokenSettings(s.url))
	now := d.clock.Now()
	good := token(t, jose.RS256, rsaKey, "rsa", claimsOf(now))
	with := func(name string, value any) string {
		claims := claimsOf(now)
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return token(t, jose.RS256, rsaKey, "rsa", claims)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(rsaKey.Public()))})
	parts := strings.Split(good, ".")
	part := func(v any) string { return base64.RawURLEncoding.EncodeToString(must(json.Marshal(v))) }
	tests := []struct {
		name string
		edit func(*http.Request)
		want string
	}{
		{"nothing", func(*http.Request) {}, identity.RefusedNobody},
		{"empty", bearer(""), identity.RefusedToken}, // "Bearer" alone is no token
		{"another scheme", func(r *http.Request) { r.Header.Set("Authorization", "Basic YWRhOmFkYQ==") }, identity.RefusedToken},
		{"no token", bearer("abc"), identity.RefusedToken},
		{"signed by another", bearer(token(t, jose.ES256, newKey, "ec", claimsOf(now))), identity.RefusedToken},
		{"changed", bearer(parts[0] + "." + part(map[string]any{"iss": issuer, "aud": audience, "sub": "root", "exp": now.Unix() + 60}) + "." + parts[2]), identity.RefusedToken},
		{"no signature", bearer(parts[0] + "." + parts[1] + "."), identity.RefusedToken},
		{"alg none", bearer(part(map[string]any{"alg": "none"}) + "." + parts[1] + "."), identity.RefusedToken},
		{"alg None", bearer(part(map[string]any{"alg": "None", "kid": "rsa"}) + "." + parts[1] + "." + parts[2]), identity.RefusedToken},
		{"HS256 under the public key", bearer(token(t, jose.HS256, publicPEM, "rsa", claimsOf(now))), identity.RefusedToken},
		{"an algorithm that is not listed", bearer(token(t, jose.RS512, rsaKey, "rsa", claimsOf(now))), identity.RefusedToken},
		{"the key of another algorithm", bearer(token(t, jose.RS256, rsaKey, "ec", claimsOf(now))), identity.RefusedToken},
		{"an own key in the header", bearer(embedded(t, claimsOf(now))), identity.RefusedToken},
		{"a key that is a path", bearer(token(t, jose.RS256, rsaKey, "../../rsa", claimsOf(now))), identity.RefusedToken},
		{"a key that is an address", bearer(token(t, jose.RS256, rsaKey, "https://evil.example/keys", claimsOf(now))), identity.RefusedToken},
		{"wrong issuer", bearer(with("iss", "https://evil.example")), identity.RefusedToken},
		{"issuer with a slash more", bearer(with("iss", issuer+"/")), identity.RefusedToken},
		{"no issuer", bearer(with("iss", nil)), identity.RefusedToken},
		{"wrong audience", bearer(with("aud", "another")), identity.RefusedToken},
		{"no audience", bearer(with("aud", nil)), identity.RefusedToken},
		{"ended", bearer(with("exp", now.Add(-31*time.Second).Unix())), identity.RefusedToken},
		{"no end", bearer(with("exp", nil)), identity.RefusedToken},
		{"an end that is no number", bearer(with("exp", "tomorrow")), identity.RefusedToken},
		{"not yet", bearer(with("nbf", now.Add(31*time.Second).Unix())), identity.RefusedToken},
		{"issued in the future", bearer(with("iat", now.Add(time.Hour).Unix())), identity.RefusedToken},
		{"no subject", bearer(with("sub", nil)), identity.RefusedToken},
		{"a subject with a line break", bearer(with("sub", "ada\nroot")), identity.RefusedToken},
		{"groups that are numbers", bearer(with("groups", []int{1})), identity.RefusedToken},
		{"groups of nobody", bearer(with("groups", []string{"strangers"})), identity.RefusedNoRole},
		{"twice", func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + good, "Bearer " + good} }, identity.RefusedAmbiguous},
		{"in two words", bearer(good + " " + good), identity.RefusedToken},
		{"40 KiB", bearer(good + strings.Repeat("A", 40<<10)), identity.RefusedToken},
		{"as JSON", bearer(`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}..`), identity.RefusedToken},
	}
	for _, tt := range tests {
		if p, _, _, err := d.ask(tt.edit); codeOf(err) != tt.want {
			t.Errorf("%s: %q as %+v, want %q", tt.name, codeOf(err), p, tt.want)
		}
	}
	if n := s.fetches.Load(); n > 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

// embedded signs with a key that the token brings along.
func embedded(t *testing.T, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: newKey}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	return must(must(signer.Sign(must(json.Marshal(claims)))).CompactSerialize())
}

func TestForgedTokensDoNotMakeRequests(t *testing.T) {
	s := newSigner(t)
	d := newDoor(t, tokenSettings(s.url))
	now := d.clock.Now()
	var forgers sync.WaitGroup
	for i := range 200 {
		forgers.Go(func() {
			raw := token(t, jose.ES256, newKey, fmt.Sprint("key-", i), claimsOf(now))
			if _, _, _, err := d.ask(bearer(raw)); codeOf(err) != identity.RefusedToken {
				t.Error(err)
			}
		})
	}
	forgers.Wait()
	testkit.AtMost(t, identityFigure, "requests for keys that 200 forged tokens cause", float64(s.fetches.Load()), 1, "")
}

func TestNewKeysAreFoundAndWithdrawnOnesForgotten(t *testing.T) {
	s := newSigner(t)
	d := newDoor(t, tokenSettings(s.url))
	try := func(key crypto.Signer, kid string) string {
		_, _, _, err := d.ask(bearer(token(t, jose.ES256, key, kid, claimsOf(d.clock.Now()))))
		return codeOf(err)
	}
	if code := try(ecKey, "ec"); code != "" {
		t.Fatal(code)
	}
	s.add("new", newKey)
	if code := try(newKey, "new"); code != identity.RefusedToken {
		t.Errorf("the floor was broken: %q", code)
	}
	d.clock.Pass(31 * time.Second)
	if code := try(newKey, "new"); code != "" {
		t.Errorf("the new key is not found: %q", code)
	}
	s.mu.Lock()
	delete(s.keys, "ec")
	s.mu.Unlock()
	d.clock.Pass(61 * time.Minute)
	if code := try(ecKey, "ec"); code != identity.RefusedToken {
		t.Errorf("a key that was withdrawn: %q", code)
	}
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	d.clock.Pass(61 * time.Minute)
	if code := try(newKey, "new"); code != "" {
		t.Errorf("keys are forgotten because their issuer is away: %q", code)
	}
}

func TestIssuerThatDoesNotAnswerIsSaidSo(t *testing.T) {
	s := newSigner(t)
	s.down = true
	d := newDoor(t, tokenSettings(s.url))
	if _, _, _, err := d.ask(bearer(token(t, jose.RS256, rsaKey, "rsa", claimsOf(d.clock.Now())))); codeOf(err) != identity.RefusedUnreachable {
		t.Error(err)
	}
}

func TestTokenFromBeforeASignOutIsWorthNothing(t *testing.T) {
	s := newSigner(t)
	d := newDoor(t, tokenSettings(s.url))
	raw := token(t, jose.RS256, rsaKey, "rsa", claimsOf(d.clock.Now()))
	p, r, _, err := d.ask(bearer(raw))
	if err != nil {
		t.Fatal(err)
	}
	d.clock.Pass(time.Second)
	if err := d.SignOutEverywhere(r, &p, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := d.ask(bearer(raw)); codeOf(err) != identity.RefusedSignedOut {
		t.Errorf("the old token: %v", err)
	}
	d.clock.Pass(time.Second)
	if _, _, _, err := d.ask(bearer(token(t, jose.RS256, rsaKey, "rsa", claimsOf(d.clock.Now())))); err != nil {
		t.Errorf("a new token: %v", err)
	}
}

const (
	albSigner = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/0123456789abcdef"
	albKey    = "12345678-abcd-4000-8000-000000000001"
)

// albToken signs as a load balancer does: padded, and the padding signed.
func albToken(t *testing.T, key *ecdsa.PrivateKey, header, claims map[string]any) string {
	t.Helper()
	return albText(t, key, string(must(json.Marshal(header))), string(must(json.Marshal(claims))))
}

// albText is albToken for header and claims that are spelled out.
func albText(t *testing.T, key *ecdsa.PrivateKey, header, claims string) string {
	t.Helper()
	text := base64.URLEncoding.EncodeToString([]byte(header)) + "." + base64.URLEncoding.EncodeToString([]byte(claims))
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.URLEncoding.EncodeToString(signature)
}

func TestLoadBalancerHasToBeOurOwn(t *testing.T) {
	var fetches atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fetches.Add(1)
		if r.URL.Path != "/"+albKey {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = pem.Encode(w, &pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(ecKey.Public()))})
	}))
	defer server.Close()
	settings := tokenSettings(server.URL)
	settings.Token.Header, settings.Token.Signer, settings.Token.Audience = "X-Amzn-Oidc-Data", albSigner, ""
	settings.Roles.Default = identity.Viewer
	d := newDoor(t, settings)
	now := d.clock.Now()
	right := map[string]any{"alg": "ES256", "kid": albKey, "signer": albSigner, "iss": issuer, "client": "duplex", "exp": now.Add(2 * time.Minute).Unix()}
	header := func(name string, value any) map[string]any {
		h := maps.Clone(right)
		h[name] = value
		return h
	}
	claims := map[string]any{"sub": "ada", "name": "Ada", "email": "ada@example.com", "exp": now.Add(time.Hour).Unix()}
	tests := []struct {
		name, raw, want string
	}{
		{"another load balancer of the region", albToken(t, ecKey, header("signer", strings.Replace(albSigner, "123456789012", "999999999999", 1)), claims), identity.RefusedToken},
		{"no signer", albToken(t, ecKey, header("signer", ""), claims), identity.RefusedToken},
		{"a key that is a path", albToken(t, ecKey, header("kid", "../"+albKey), claims), identity.RefusedToken},
		{"a key that is an address", albToken(t, ecKey, header("kid", "@evil.example/"+albKey), claims), identity.RefusedToken},
		{"wrong issuer", albToken(t, ecKey, header("iss", "https://evil.example"), claims), identity.RefusedToken},
		{"another algorithm", albToken(t, ecKey, header("alg", "none"), claims), identity.RefusedToken},
		{"right", albToken(t, ecKey, right, claims), ""},
		{"ended, whatever the payload says", albToken(t, ecKey, header("exp", now.Add(-time.Minute).Unix()), claims), identity.RefusedToken},
		{"signed by another", albToken(t, newKey, right, claims), identity.RefusedToken},
		{"an unknown key", albToken(t, newKey, header("kid", strings.Replace(albKey, "1", "2", 1)), claims), identity.RefusedToken},
	}
	for _, tt := range tests {
		p, _, _, err := d.ask(func(r *http.Request) { r.Header.Set("X-Amzn-Oidc-Data", tt.raw) })
		if codeOf(err) != tt.want || tt.want == "" && (p.ID != issuer+"|ada" || !p.Until.Equal(now.Add(2*time.Minute))) {
			t.Errorf("%s: %+v, %v", tt.name, p, err)
		}
	}
	if n := fetches.Load(); n != 1 {
		t.Errorf("%d requests for keys", n)
	}
}
