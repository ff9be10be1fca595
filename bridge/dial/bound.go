package dial

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"duplex/bridge/loopback"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// MaxPatterns is the maximum number of targets that a secret is bound to.
const MaxPatterns = 20

// BoundError says that a secret may not be sent to the target of a request. Nothing was
// sent.
type BoundError struct {
	Field   string   // the credential's field
	Targets []string // the targets it is bound to: "wss://a.example"
	Refused string   // the target of the request: "ws://evil.example"
	Owner   string   // id of the person who entered it

	// Unverified says that the target is allowed, but not without a check of its certificate.
	Unverified bool
	// OtherCA says that the target is allowed, but not with CA certificates of the person who
	// dials.
	OtherCA bool
}

// Error implements error.
func (e *BoundError) Error() string {
	return fmt.Sprintf("secret %s is bound to %s and not for %s", e.Field, strings.Join(e.Targets, ", "), e.Refused)
}

// BindingOf returns the binding of secrets entered for a parsed address: they may be sent to
// its host, and only over TLS if its scheme is wss. An IAM password may be sent to the
// endpoint of c, and the token it is exchanged for to the host.
func BindingOf(u *url.URL, c sign.Credential, skipVerify bool, owner string) vault.Binding {
	b := vault.Binding{Targets: []string{bareHost(u)}, TLS: u.Scheme == "wss", Unverified: skipVerify, Owner: owner}
	if iam, err := iamURL(c); c.Kind == sign.KindIAMPassword && err == nil {
		b.Endpoint = originOf(iam)
	}
	return b
}

// Shown returns the targets of b for people: "wss://host" when TLS is required.
func Shown(b vault.Binding) []string {
	targets := slices.Clone(b.Targets)
	for i := range targets {
		if b.TLS {
			targets[i] = "wss://" + targets[i]
		}
	}
	return targets
}

// CheckBound checks that the stored secrets of c may be sent to u. Secrets that were typed
// for the request have no binding. The error is a *BoundError.
func CheckBound(u *url.URL, c sign.Credential, skipVerify bool) error {
	for _, field := range slices.Sorted(maps.Keys(c.Secrets)) {
		b, bound := c.Secrets[field].Binding()
		if !bound {
			continue
		}
		if err := checkBinding(u, c, b, skipVerify); err != nil {
			err.Field, err.Owner = SecretField(c.Kind, field), b.Owner
			return err
		}
	}
	return nil
}

// SecretField returns the field of a secret of a credential, as the API names it: those of a
// dialect are in an object.
func SecretField(kind sign.Kind, name string) string {
	if kind == sign.KindDialect {
		return sign.SecretsField + name
	}
	return name
}

// checkOtherCA refuses stored secrets that require TLS when the person who dials chooses the
// trusted CA certificates: with one of their own they could intercept the connection.
func checkOtherCA(u *url.URL, c sign.Credential) error {
	for _, field := range slices.Sorted(maps.Keys(c.Secrets)) {
		b, _ := c.Secrets[field].Binding()
		if b.TLS || strings.HasPrefix(b.Endpoint, "https:") {
			return &BoundError{Field: SecretField(c.Kind, field), Targets: Shown(b), Refused: originOf(u), Owner: b.Owner, OtherCA: true}
		}
	}
	return nil
}

// Allows reports whether a secret with the binding b may be sent to u.
func Allows(b vault.Binding, u *url.URL, c sign.Credential, skipVerify bool) bool {
	return checkBinding(u, c, b, skipVerify) == nil
}

func checkBinding(u *url.URL, c sign.Credential, b vault.Binding, skipVerify bool) *BoundError {
	switch iam, err := iamURL(c); {
	case c.Kind == sign.KindDialect: // its endpoint is checked with the request there
	case c.Kind == sign.KindIAMPassword && err == nil && originOf(iam) != b.Endpoint:
		return &BoundError{Targets: []string{b.Endpoint}, Refused: originOf(iam)}
	case c.Kind != sign.KindIAMPassword && b.Endpoint != "": // the target would get a secret of the endpoint
		return &BoundError{Targets: []string{b.Endpoint}, Refused: originOf(u)}
	}
	within := func(pattern string) bool { return matchesTarget(pattern, u) }
	if !slices.ContainsFunc(b.Targets, within) || b.TLS && u.Scheme != "wss" {
		return &BoundError{Targets: Shown(b), Refused: originOf(u)}
	}
	if b.TLS && skipVerify && !b.Unverified {
		return &BoundError{Targets: Shown(b), Refused: originOf(u), Unverified: true}
	}
	return nil
}

// matchesTarget compares names, not addresses: the owner of a secret does not control which
// address a name resolves to. A pattern without a port matches the default ports of ws and
// wss.
func matchesTarget(pattern string, u *url.URL) bool {
	host, port := cutPort(pattern)
	name, dialled := hostPort(u)
	if port == "" {
		return u.Port() == "" && matchesHost(host, bareName(name))
	}
	return port == strconv.Itoa(int(dialled)) && matchesHost(host, bareName(name))
}

// cutPort splits "host:port"; an IPv6 address is in brackets.
func cutPort(pattern string) (host, port string) {
	if i := strings.LastIndexByte(pattern, ':'); i > strings.LastIndexByte(pattern, ']') {
		pattern, port = pattern[:i], pattern[i+1:]
	}
	return strings.Trim(pattern, "[]"), port
}

// ParsePattern normalizes a target that a person typed, "host", "host:port" or
// "*.example.com", for a Binding. The error is an *AddressError.
func ParsePattern(raw string) (string, error) {
	rest, wild := strings.CutPrefix(strings.TrimSpace(raw), "*.")
	u, err := ParseAddress("wss://" + rest)
	if err != nil {
		return "", err
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery {
		return "", &AddressError{ReasonMalformed}
	}
	if !wild {
		return bareHost(u), nil
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || isPublicSuffix(bareName(u.Hostname())) {
		return "", &AddressError{ReasonHost}
	}
	return "*." + bareHost(u), nil
}

// IsLoopbackPattern reports whether a pattern of ParsePattern names this machine.
func IsLoopbackPattern(pattern string) bool {
	host, _ := cutPort(pattern)
	return loopback.Is(host)
}

// isPublicSuffix reports whether anybody can register a name below the host: "com", "co.uk",
// "github.io" (the Public Suffix List, https://publicsuffix.org).
func isPublicSuffix(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	below, _ := publicsuffix.PublicSuffix("x." + host) // of a rule such as "*.kawasaki.jp"
	return suffix == host || below == "x."+host
}

// bareName removes the dot of an absolute name.
func bareName(host string) string { return strings.TrimSuffix(host, ".") }

// bareHost returns the host and port of a parsed address, without that dot.
func bareHost(u *url.URL) string {
	if port := u.Port(); port != "" {
		return strings.TrimSuffix(strings.TrimSuffix(u.Host, ":"+port), ".") + ":" + port
	}
	return bareName(u.Host)
}

func originOf(u *url.URL) string { return u.Scheme + "://" + bareHost(u) }
