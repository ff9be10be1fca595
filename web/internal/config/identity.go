package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"duplex/bridge/loopback"
	"duplex/handlers/identity"
	"duplex/handlers/identity/jwt"
	"duplex/handlers/identity/proxy"
)

func mode(s string) (identity.Mode, error) {
	return identity.Mode(strings.TrimSpace(s)), nil // checked with the settings of the mode
}

// usePreset fills in the facts about the proxy in front that are not set.
func (d *draft) usePreset() {
	s := &d.Identity
	preset, _ := proxy.FindPreset(s.Preset)
	s.Headers.User = cmp.Or(s.Headers.User, preset.Headers.User)
	s.Headers.Email = cmp.Or(s.Headers.Email, preset.Headers.Email)
	s.Headers.Name = cmp.Or(s.Headers.Name, preset.Headers.Name)
	s.Headers.Groups = cmp.Or(s.Headers.Groups, preset.Headers.Groups)
	s.Headers.Separator = cmp.Or(s.Headers.Separator, preset.Headers.Separator, ",")
	s.Token.Header = cmp.Or(s.Token.Header, preset.Token.Header, "Authorization")
	s.Token.Issuer = cmp.Or(s.Token.Issuer, preset.Token.Issuer)
	s.SignOutURL = cmp.Or(s.SignOutURL, preset.SignOutURL)
	for _, algorithms := range [][]string{preset.Token.Algorithms, {"RS256", "ES256"}} {
		if len(s.Token.Algorithms) == 0 {
			s.Token.Algorithms = algorithms
		}
	}
	s.Token.KeysURL = cmp.Or(s.Token.KeysURL, preset.Token.KeysURL, proxy.KeysURLOf(s.Preset, s.Token.Issuer), proxy.BalancerKeys(s.Token.Signer))
}

// findPreset checks the name of a preset.
func findPreset(s string) (string, error) {
	name := strings.TrimSpace(s)
	if _, found := proxy.FindPreset(name); name != "" && !found {
		return "", fmt.Errorf("want one of %s", strings.Join(proxy.Presets(), ", "))
	}
	return name, nil
}

// parseProxies reads the addresses of trusted proxies. It refuses a prefix that is too
// wide, because it would trust strangers, and one that was meant as a single address.
func parseProxies(s string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	var mistakes []error
	for _, word := range splitWords(s) {
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

// checkLocal keeps mode none to this machine.
func (c *Config) checkLocal(m *mistakes) {
	if host, ok := c.listenHost(); ok && !loopback.Is(host) {
		m.add("--listen %q with --identity none would let everybody in who reaches this machine: listen on 127.0.0.1", c.Listen)
	}
	if c.PublicURL != nil && !loopback.Is(c.PublicURL.Hostname()) {
		m.add("--public-url %q with --identity none must be a loopback address", c.PublicURL)
	}
	if c.Identity.Preset != "" || len(c.Identity.Proxies) > 0 {
		m.add("--identity none does not go with --identity-preset or --trusted-proxies: set --identity headers or jwt")
	}
}

// checkAddress refuses a console that does not know its own address, or is read by
// everybody on the way.
func (c *Config) checkAddress(m *mistakes) {
	host, ok := c.listenHost()
	switch {
	case c.PublicURL == nil && (ok && !loopback.Is(host) || c.Identity.Mode == identity.ModeOIDC):
		m.add("--public-url: want the address that browsers use, such as https://duplex.example; other sites' pages are told apart by it")
	case c.PublicURL != nil && !jwt.IsSafeURL(c.PublicURL.String()):
		m.add("--public-url %q: want https, or everybody on the way reads what signs people in", c.PublicURL)
	}
}

func checkHeaders(s *identity.Settings, m *mistakes) {
	if len(s.Proxies) == 0 {
		m.add("--trusted-proxies: want the addresses of the proxy; without them everybody could say who they are")
	}
	preset, _ := proxy.FindPreset(s.Preset)
	switch {
	case preset.Mode == identity.ModeToken:
		m.add("--identity headers with --identity-preset %s: this proxy signs what it says; set --identity jwt", s.Preset)
	case s.Headers.User == "":
		m.add("--user-header: want the header that names people, or --identity-preset with a proxy that sends one")
	}
}

func checkToken(s *identity.Settings, m *mistakes) {
	t := &s.Token
	if preset, found := proxy.FindPreset(s.Preset); found && preset.Token.Header == "" {
		m.add("--identity jwt with --identity-preset %s: this proxy signs nothing; set --identity headers", s.Preset)
	}
	balancer := s.Preset == "aws-alb"
	if t.Issuer == "" || strings.Contains(t.Issuer, "://") && !jwt.IsSafeURL(t.Issuer) {
		m.add("--jwt-issuer %q: want who issues the tokens; where it is an address, https", t.Issuer)
	}
	if t.Audience == "" && !balancer {
		m.add("--jwt-audience: want whom the tokens are for; without it those for other services would be good here")
	}
	if balancer && proxy.BalancerKeys(t.Signer) == "" {
		m.add("--alb-signer %q: want the ARN of the load balancer; others in its region sign with the same keys", t.Signer)
	}
	if !balancer && t.Signer != "" {
		m.add("--alb-signer goes with --identity-preset aws-alb alone")
	}
	if !jwt.IsSafeURL(t.KeysURL) {
		m.add("--jwt-keys-url %q: want the https address of the issuer's keys", t.KeysURL)
	}
	for _, name := range t.Algorithms {
		if !jwt.IsSafeAlgorithm(name) {
			m.add("--jwt-algorithms %q: want algorithms with public keys, such as RS256 or ES256", name)
		}
	}
}

func (c *Config) checkProvider(m *mistakes) {
	p := &c.Identity.Provider
	if !jwt.IsSafeURL(p.Issuer) {
		m.add("--oidc-issuer %q: want the https address of the provider", p.Issuer)
	}
	if p.ClientID == "" {
		m.add("--oidc-client-id: want the id that the provider gave this console")
	}
	if !slices.Contains(p.Scopes, "openid") {
		m.add("--oidc-scopes %q: openid has to be one of them", strings.Join(p.Scopes, " "))
	}
}

// listenHost returns the host of --listen; ok is false when that is no address.
func (c *Config) listenHost() (host string, ok bool) {
	host, _, err := net.SplitHostPort(c.Listen)
	return host, err == nil
}
