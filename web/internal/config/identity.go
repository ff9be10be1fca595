package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"duplex/handlers/identity"
)

// identitySettings is the part of the table about who comes in.
var identitySettings = []Setting{
	{"identity", "DUPLEX_IDENTITY", "none", "who is asking: none is one local user on this machine; headers of a trusted proxy; jwt, a token that a proxy signs; oidc, people sign in here at an OpenID provider"},
	{"identity-preset", "DUPLEX_IDENTITY_PRESET", "", "the proxy in front, which fills in headers and keys: " + strings.Join(identity.Presets(), ", ")},
	{"trusted-proxies", "DUPLEX_TRUSTED_PROXIES", "", "addresses and prefixes that the proxy connects from; needed for headers, and kept to for jwt"},
	{"proxy-secret", "DUPLEX_PROXY_SECRET", "", "what the proxy has to send in X-Proxy-Secret, at least 16 characters"},
	{"proxy-secret-file", "DUPLEX_PROXY_SECRET_FILE", "", "file that holds it"},
	{"user-header", "DUPLEX_USER_HEADER", "", "headers: header with what people are told apart by, which never changes"},
	{"email-header", "DUPLEX_EMAIL_HEADER", "", "headers: header with the e-mail address"},
	{"name-header", "DUPLEX_NAME_HEADER", "", "headers: header with the name to show"},
	{"groups-header", "DUPLEX_GROUPS_HEADER", "", "headers: header with the groups"},
	{"group-separator", "DUPLEX_GROUP_SEPARATOR", "", "headers: what stands between groups; a comma when not set"},
	{"jwt-header", "DUPLEX_JWT_HEADER", "", "jwt: header with the token; Authorization when not set"},
	{"jwt-issuer", "DUPLEX_JWT_ISSUER", "", "jwt: who issues the tokens (iss)"},
	{"jwt-audience", "DUPLEX_JWT_AUDIENCE", "", "jwt: whom they are for (aud)"},
	{"jwt-keys-url", "DUPLEX_JWT_KEYS_URL", "", "jwt: address of the issuer's keys (JWKS), https"},
	{"jwt-algorithms", "DUPLEX_JWT_ALGORITHMS", "", "jwt: algorithms that are accepted; RS256 and ES256 when not set"},
	{"alb-signer", "DUPLEX_ALB_SIGNER", "", "jwt with aws-alb: ARN of the load balancer that signs"},
	{"oidc-issuer", "DUPLEX_OIDC_ISSUER", "", "oidc: address of the provider, https"},
	{"oidc-client-id", "DUPLEX_OIDC_CLIENT_ID", "", "oidc: id of this console at the provider"},
	{"oidc-client-secret", "DUPLEX_OIDC_CLIENT_SECRET", "", "oidc: secret of this console at the provider; none for a public client"},
	{"oidc-client-secret-file", "DUPLEX_OIDC_CLIENT_SECRET_FILE", "", "file that holds it"},
	{"oidc-scopes", "DUPLEX_OIDC_SCOPES", "openid profile email offline_access", "oidc: what is asked of the provider; add groups where it wants that"},
	{"groups-claim", "DUPLEX_GROUPS_CLAIM", "groups", "jwt and oidc: claim that lists the groups"},
	{"admins", "DUPLEX_ADMINS", "", "groups whose people may do everything"},
	{"members", "DUPLEX_MEMBERS", "", "groups whose people may connect, send and save"},
	{"viewers", "DUPLEX_VIEWERS", "", "groups whose people may look"},
	{"default-role", "DUPLEX_DEFAULT_ROLE", "", "role of people without any of these groups: viewer, member or admin; when not set they are refused"},
	{"lease-seconds", "DUPLEX_LEASE_SECONDS", "900", "how long a proof of identity holds for sockets that are open; the page renews it three times as often"},
	{"grace-seconds", "DUPLEX_GRACE_SECONDS", "1", "how much later those sockets end"},
	{"token-away-days", "DUPLEX_TOKEN_AWAY_DAYS", "7", "how many days access tokens work after their person was here the last time; with oidc and refresh tokens the provider is asked once a lease as well"},
	{"sign-out-url", "DUPLEX_SIGN_OUT_URL", "", "headers and jwt: where the proxy ends its own sign-in"},
}

// secretSettings are never shown.
var secretSettings = []string{"proxy-secret", "oidc-client-secret", "egress-proxy"}

// identity reads who comes in. What a preset knows stands in for what is not set.
func (r *reader) identity() identity.Settings {
	preset := read(r, "identity-preset", findPreset)
	s := identity.Settings{
		Mode: identity.Mode(r.text("identity")), Preset: r.text("identity-preset"),
		Proxies: read(r, "trusted-proxies", parseProxies), ProxySecret: r.secret("proxy-secret"),
		Headers: identity.Headers{
			User: r.header("user-header", preset.Headers.User), Email: r.header("email-header", preset.Headers.Email),
			Name: r.header("name-header", preset.Headers.Name), Groups: r.header("groups-header", preset.Headers.Groups),
			Separator: first(*r.values["group-separator"], preset.Headers.Separator, ","),
		},
		Token: identity.Token{
			Header: r.header("jwt-header", first(preset.Token.Header, "Authorization")),
			Issuer: first(r.text("jwt-issuer"), preset.Token.Issuer), Audience: r.text("jwt-audience"),
			Algorithms: words(r.text("jwt-algorithms")), Signer: r.text("alb-signer"),
		},
		Provider: identity.Provider{
			Issuer: r.text("oidc-issuer"), ClientID: r.text("oidc-client-id"), ClientSecret: r.secret("oidc-client-secret"),
			Scopes: words(r.text("oidc-scopes")),
		},
		GroupsClaim: r.text("groups-claim"), SignOutURL: first(r.text("sign-out-url"), preset.SignOutURL),
		Roles: identity.Roles{
			Admins: groups(r.text("admins")), Members: groups(r.text("members")), Viewers: groups(r.text("viewers")),
			Default: read(r, "default-role", identity.ParseRole),
		},
		Lease: time.Duration(read(r, "lease-seconds", between(1, 86400))) * time.Second,
		Grace: time.Duration(read(r, "grace-seconds", between(0, 300))) * time.Second,
		Away:  time.Duration(read(r, "token-away-days", between(1, 366))) * 24 * time.Hour,
	}
	if len(s.Token.Algorithms) == 0 {
		s.Token.Algorithms = preset.Token.Algorithms
	}
	if len(s.Token.Algorithms) == 0 {
		s.Token.Algorithms = []string{"RS256", "ES256"}
	}
	known := first(preset.Token.KeysURL, identity.KeysURLOf(s.Preset, s.Token.Issuer), identity.BalancerKeys(s.Token.Signer))
	s.Token.KeysURL = first(r.text("jwt-keys-url"), known)
	return s
}

// secret reads a setting that may stand in a file.
func (r *reader) secret(name string) string {
	value, file := *r.values[name], r.text(name+"-file")
	if file == "" {
		return value
	}
	raw, err := os.ReadFile(file)
	value, read := strings.TrimRight(string(raw), "\r\n"), value
	switch {
	case read != "":
		err = errors.New("the secret is set beside it; set one of them")
	case err == nil && value == "":
		err = errors.New("the file is empty")
	}
	if err != nil {
		r.mistakes = append(r.mistakes, fmt.Errorf("--%s-file: %w", name, err))
	}
	return value
}

// header reads the name of a header.
func (r *reader) header(name, preset string) string {
	header := first(r.text(name), preset)
	if header != "" && !httpguts.ValidHeaderFieldName(header) {
		r.mistakes = append(r.mistakes, fmt.Errorf("--%s %q: want the name of a header", name, header))
	}
	return header
}

func findPreset(name string) (identity.Preset, error) {
	preset, found := identity.FindPreset(name)
	if name != "" && !found {
		return preset, fmt.Errorf("want one of %s", strings.Join(identity.Presets(), ", "))
	}
	return preset, nil
}

// parseProxies reads the addresses that are believed. What is too wide would
// believe strangers, and so would a prefix that somebody had meant for one address.
func parseProxies(s string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	var mistakes []error
	for _, word := range words(s) {
		prefix, err := parseProxy(word)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%q: %w", word, err))
		}
		list = append(list, prefix)
	}
	return list, errors.Join(mistakes...)
}

func parseProxy(word string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(word); err == nil && a.Zone() == "" && !a.Is4In6() && !a.IsUnspecified() {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(word)
	widest := 32
	if prefix.Addr().Is4() {
		widest = 8
	}
	switch {
	case word == "*" || strings.HasSuffix(word, "/0"):
		return prefix, errors.New("would believe everybody; name the proxy's own address")
	case err != nil || prefix.Addr().Is4In6():
		return prefix, errors.New("want an address such as 10.0.3.7, or a prefix such as 10.0.3.0/24")
	case prefix.Bits() < widest:
		return prefix, fmt.Errorf("is wider than /%d; name the proxy's own addresses", widest)
	case prefix != prefix.Masked():
		return prefix, fmt.Errorf("has bits set behind the prefix length: want %v, or %v alone", prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}

// checkIdentity finds settings that would let strangers in, or nobody.
func (c *Config) checkIdentity() []error {
	var m mistakes
	s := &c.Identity
	switch s.Mode {
	case identity.ModeNone:
		c.checkLocal(&m)
		return m
	case identity.ModeHeaders:
		checkHeaders(s, &m)
	case identity.ModeToken:
		checkToken(s, &m)
	case identity.ModeOIDC:
		c.checkProvider(&m)
	default:
		m.add("--identity %q: want none, headers, jwt or oidc", s.Mode)
		return m
	}
	c.checkAddress(&m)
	if s.ProxySecret != "" && len(s.ProxySecret) < 16 {
		m.add("--proxy-secret: want at least 16 characters; others could guess it")
	}
	if r := &s.Roles; len(r.Admins)+len(r.Members)+len(r.Viewers) == 0 && r.Default == identity.Nobody {
		m.add("--admins, --members, --viewers, --default-role: none is set, so nobody could come in; name groups")
	}
	return m
}

type mistakes []error

func (m *mistakes) add(format string, a ...any) { *m = append(*m, fmt.Errorf(format, a...)) }

// checkLocal keeps mode none to this machine.
func (c *Config) checkLocal(m *mistakes) {
	if host, ok := c.host(); ok && !loopback(host) {
		m.add("--listen %q with --identity none would let everybody in who reaches this machine: listen on 127.0.0.1", c.Listen)
	}
	if c.PublicURL != nil && !loopback(c.PublicURL.Hostname()) {
		m.add("--public-url %q with --identity none must be a loopback address", c.PublicURL)
	}
	if c.Identity.Preset != "" || len(c.Identity.Proxies) > 0 {
		m.add("--identity none does not go with --identity-preset or --trusted-proxies: set --identity headers or jwt")
	}
}

// checkAddress refuses a console that does not know its own address, or is read by
// everybody on the way.
func (c *Config) checkAddress(m *mistakes) {
	host, ok := c.host()
	switch {
	case c.PublicURL == nil && (ok && !loopback(host) || c.Identity.Mode == identity.ModeOIDC):
		m.add("--public-url: want the address that browsers use, such as https://duplex.example; other sites' pages are told apart by it")
	case c.PublicURL != nil && !identity.IsSafeURL(c.PublicURL.String()):
		m.add("--public-url %q: want https, or everybody on the way reads what signs people in", c.PublicURL)
	}
}

func checkHeaders(s *identity.Settings, m *mistakes) {
	if len(s.Proxies) == 0 {
		m.add("--trusted-proxies: want the addresses of the proxy; without them everybody could say who they are")
	}
	preset, _ := identity.FindPreset(s.Preset)
	switch {
	case preset.Mode == identity.ModeToken:
		m.add("--identity headers with --identity-preset %s: this proxy signs what it says; set --identity jwt", s.Preset)
	case s.Headers.User == "":
		m.add("--user-header: want the header that names people, or --identity-preset with a proxy that sends one")
	}
}

func checkToken(s *identity.Settings, m *mistakes) {
	t := &s.Token
	if preset, found := identity.FindPreset(s.Preset); found && preset.Token.Header == "" {
		m.add("--identity jwt with --identity-preset %s: this proxy signs nothing; set --identity headers", s.Preset)
	}
	balancer := s.Preset == "aws-alb"
	if t.Issuer == "" || strings.Contains(t.Issuer, "://") && !identity.IsSafeURL(t.Issuer) {
		m.add("--jwt-issuer %q: want who issues the tokens; where it is an address, https", t.Issuer)
	}
	if t.Audience == "" && !balancer {
		m.add("--jwt-audience: want whom the tokens are for; without it those for other services would be good here")
	}
	if balancer && identity.BalancerKeys(t.Signer) == "" {
		m.add("--alb-signer %q: want the ARN of the load balancer; others in its region sign with the same keys", t.Signer)
	}
	if !balancer && t.Signer != "" {
		m.add("--alb-signer goes with --identity-preset aws-alb alone")
	}
	if !identity.IsSafeURL(t.KeysURL) {
		m.add("--jwt-keys-url %q: want the https address of the issuer's keys", t.KeysURL)
	}
	for _, name := range t.Algorithms {
		if !identity.IsSafeAlgorithm(name) {
			m.add("--jwt-algorithms %q: want algorithms with public keys, such as RS256 or ES256", name)
		}
	}
}

func (c *Config) checkProvider(m *mistakes) {
	p := &c.Identity.Provider
	if !identity.IsSafeURL(p.Issuer) {
		m.add("--oidc-issuer %q: want the https address of the provider", p.Issuer)
	}
	if p.ClientID == "" {
		m.add("--oidc-client-id: want the id that the provider gave this console")
	}
	if !slices.Contains(p.Scopes, "openid") {
		m.add("--oidc-scopes %q: openid has to be one of them", strings.Join(p.Scopes, " "))
	}
}

// first returns the first value that is set.
func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// words reads a list that commas or blanks divide.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// groups reads a list of groups, whose names may hold blanks. Where they hold commas
// too, as names from a directory do, a "|" divides them.
func groups(s string) []string {
	separator := ","
	if strings.Contains(s, "|") {
		separator = "|"
	}
	var list []string
	for name := range strings.SplitSeq(s, separator) {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func between(least, most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("want a number of seconds from %d to %d", least, most)
		}
		return n, nil
	}
}
