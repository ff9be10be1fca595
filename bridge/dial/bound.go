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

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// MaxPatterns is how many targets a secret may be bound to.
const MaxPatterns = 20

// BoundError says that a secret may not go where a request would send it. Nothing
// was sent.
type BoundError struct {
	Field   string   // the credential's field
	Targets []string // where it may go: "wss://a.example"
	Refused string   // where it would have gone: "ws://evil.example"
	Owner   string   // the id of the person who entered it

	// Unverified says that it may go there, but not while the certificate is not checked.
	Unverified bool
	// OtherCA says that it may go there, but not on the word of certificates that whoever
	// dials has brought.
	OtherCA bool
}

// Error implements error.
func (e *BoundError) Error() string {
	return fmt.Sprintf("secret %s is bound to %s and not for %s", e.Field, strings.Join(e.Targets, ", "), e.Refused)
}

// BindingOf returns where secrets that are entered for a parsed address may go: to
// its host, over TLS if that is what it says. An IAM password goes to the endpoint of
// c, and what it is exchanged for to the address.
func BindingOf(u *url.URL, c sign.Credential, skipVerify bool, owner string) vault.Binding {
	b := vault.Binding{Targets: []string{bareHost(u)}, TLS: u.Scheme == "wss", Unverified: skipVerify, Owner: owner}
	if iam, err := iamURL(c); c.Kind == sign.KindIAMPassword && err == nil {
		b.Endpoint = originOf(iam)
	}
	return b
}

// Shown is the targets of b as people read them: "wss://host" where TLS is required.
func Shown(b vault.Binding) []string {
	targets := slices.Clone(b.Targets)
	for i := range targets {
		if b.TLS {
			targets[i] = "wss://" + targets[i]
		}
	}
	return targets
}

// CheckBound says whether the kept secrets of c may go to u. Those that were typed
// for the request go where it says. The error is a *BoundError.
func CheckBound(u *url.URL, c sign.Credential, skipVerify bool) error {
	for _, field := range slices.Sorted(maps.Keys(c.Secrets)) {
		b, bound := c.Secrets[field].Binding()
		if !bound {
			continue
		}
		if err := checkBinding(u, c, b, skipVerify); err != nil {
			err.Field, err.Owner = field, b.Owner
			return err
		}
	}
	return nil
}

// checkOtherCA refuses kept secrets that go out over TLS only where whoever dials says
// which certificates are to be trusted: they may have made them, to stand between.
func checkOtherCA(u *url.URL, c sign.Credential) error {
	for _, field := range slices.Sorted(maps.Keys(c.Secrets)) {
		b, _ := c.Secrets[field].Binding()
		if b.TLS || strings.HasPrefix(b.Endpoint, "https:") {
			return &BoundError{Field: field, Targets: Shown(b), Refused: originOf(u), Owner: b.Owner, OtherCA: true}
		}
	}
	return nil
}

// Allows says whether a secret that is bound so may go to u.
func Allows(b vault.Binding, u *url.URL, c sign.Credential, skipVerify bool) bool {
	return checkBinding(u, c, b, skipVerify) == nil
}

func checkBinding(u *url.URL, c sign.Credential, b vault.Binding, skipVerify bool) *BoundError {
	if c.Kind == sign.KindIAMPassword {
		if iam, err := iamURL(c); err == nil && originOf(iam) != b.Endpoint {
			return &BoundError{Targets: []string{b.Endpoint}, Refused: originOf(iam)}
		}
	} else if b.Endpoint != "" { // the target would get what is for the endpoint alone
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

// matchesTarget compares names and never addresses: what a name leads to is not in
// the hands of the secret's owner. Without a port a pattern stands for the default
// ports, those of ws and wss.
func matchesTarget(pattern string, u *url.URL) bool {
	host, port := cutPort(pattern)
	name, dialled := hostPort(u)
	if port == "" {
		return u.Port() == "" && matchesHost(host, bareName(name))
	}
	return port == strconv.Itoa(int(dialled)) && matchesHost(host, bareName(name))
}

// cutPort splits "host:port"; an IPv6 address stands in brackets.
func cutPort(pattern string) (host, port string) {
	if i := strings.LastIndexByte(pattern, ':'); i > strings.LastIndexByte(pattern, ']') {
		pattern, port = pattern[:i], pattern[i+1:]
	}
	return strings.Trim(pattern, "[]"), port
}

// ParsePattern reads a target as a person writes it, "host", "host:port" or
// "*.example.com", into the spelling of a Binding. The error is an *AddressError.
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
	if _, err := netip.ParseAddr(u.Hostname()); err == nil || isEverybodys(bareName(u.Hostname())) {
		return "", &AddressError{ReasonHost}
	}
	return "*." + bareHost(u), nil
}

// isEverybodys reports whether anybody can have a name below the host: "com", "co.uk",
// "github.io" (the Public Suffix List, https://publicsuffix.org).
func isEverybodys(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	below, _ := publicsuffix.PublicSuffix("x." + host) // of a rule such as "*.kawasaki.jp"
	return suffix == host || below == "x."+host
}

// bareName is a host without the dot of an absolute name.
func bareName(host string) string { return strings.TrimSuffix(host, ".") }

// bareHost is the host and port of a parsed address, likewise.
func bareHost(u *url.URL) string {
	if port := u.Port(); port != "" {
		return strings.TrimSuffix(strings.TrimSuffix(u.Host, ":"+port), ".") + ":" + port
	}
	return bareName(u.Host)
}

func originOf(u *url.URL) string { return u.Scheme + "://" + bareHost(u) }
