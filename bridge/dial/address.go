package dial

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"duplex/bridge/loopback"
)

// AddressError is the reason that an address cannot be dialled under any policy.
type AddressError struct{ Reason Reason }

// Error implements error.
func (e *AddressError) Error() string { return "address: " + string(e.Reason) }

// MaxAddress is the maximum size of an address in bytes, parameters included. API gateway
// takes 32 KB; others take more.
const MaxAddress = 64 << 10

// ParseAddress reads the address of a target as a person pastes it. A missing scheme
// becomes wss, or ws for loopback and private addresses; http and https become ws and
// wss. A default port and surrounding spaces are dropped, the host is lower-cased, and a
// name outside ASCII is converted to its xn-- form (RFC 5891), which the policy judges
// and DNS looks up. Path and query keep their bytes, except the ones that EscapePath and
// EscapeQuery encode. An address that two parsers could read differently is refused. The
// error is an *AddressError. The result parses to itself.
func ParseAddress(raw string) (*url.URL, error) {
	raw, fragment, hasFragment := strings.Cut(strings.Trim(raw, " \t"), "#")
	raw, query, hasQuery := strings.Cut(raw, "?")
	// A space or a backslash in a query is harmless, and often pasted.
	if hasBadCharacters(raw+fragment) || hasBadCharacters(strings.NewReplacer(" ", "", `\`, "").Replace(query)) {
		return nil, &AddressError{ReasonBadCharacters}
	}
	origin, path := cutPath(withScheme(raw))
	if hasBrokenPercent(path) {
		return nil, &AddressError{ReasonPercent}
	}
	// url.URL changes a path that has bytes which a request line may not hold.
	u, err := url.Parse(origin + EscapePath(path))
	if err != nil {
		return nil, &AddressError{ReasonMalformed}
	}
	if reason := cleanScheme(u); reason != "" {
		return nil, &AddressError{reason}
	}
	switch {
	case u.User != nil:
		return nil, &AddressError{ReasonUserinfo}
	case hasFragment:
		return nil, &AddressError{ReasonFragment}
	case strings.Contains(origin, "%") && !strings.HasPrefix(u.Host, "["): // url.Parse decodes it
		return nil, &AddressError{ReasonHost}
	}
	if reason := cleanHost(u); reason != "" {
		return nil, &AddressError{reason}
	}
	u.RawQuery = EscapeQuery(query)
	u.ForceQuery = hasQuery && query == ""
	return u, nil
}

// cutPath splits an address behind its authority.
func cutPath(address string) (origin, path string) {
	scheme, rest, found := strings.Cut(address, "://")
	slash := strings.IndexByte(rest, '/')
	if !found || slash < 0 {
		return address, ""
	}
	return scheme + "://" + rest[:slash], rest[slash:]
}

// withScheme puts a scheme before an address that has none: "host", "host:8080/path",
// "[::1]:8080". It returns an address with a scheme as it is, and also "name:text", which
// only looks like a host with a port.
func withScheme(address string) string {
	authority, _, _ := strings.Cut(address, "/")
	host, port := cutPort(authority)
	switch {
	case authority == "", strings.HasSuffix(authority, ":"):
		return address
	case strings.Contains(authority, "@"): // refused later as userinfo
	case strings.ContainsFunc(port, func(r rune) bool { return r < '0' || r > '9' }):
		return address
	case isScheme(host) && (port != "" || strings.HasPrefix(address[len(authority):], "//")): // ws:8080, ws//host
		return address
	case isScheme(authority[:max(strings.IndexByte(authority, ':'), 0)]): // ws:127.0.0.1:8080
		return address
	}
	if seldomHasTLS(host) {
		return "ws://" + address
	}
	return "wss://" + address
}

func isScheme(name string) bool {
	return slices.Contains([]string{"ws", "wss", "http", "https"}, strings.ToLower(name))
}

// seldomHasTLS reports whether a host usually has no certificate: this machine, and literal
// addresses of private networks.
func seldomHasTLS(host string) bool {
	host = bareName(host)
	if loopback.IsName(host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	addr = addr.Unmap()
	return err == nil && (isPrivate(addr) || addr.IsLinkLocalUnicast())
}

func hasBadCharacters(raw string) bool {
	return !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r <= 0x9f || r == '\\'
	})
}

// cleanScheme changes the scheme to ws or wss. It returns "", or the reason of a refusal.
func cleanScheme(u *url.URL) Reason {
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	case "ws", "wss":
	default:
		return ReasonScheme
	}
	if u.Opaque != "" || u.Host == "" {
		return ReasonMalformed
	}
	return ""
}

// cleanHost normalizes host and port. It returns "", or the reason of a refusal.
func cleanHost(u *url.URL) Reason {
	host, bracketed := asciiHost(u.Hostname()), strings.HasPrefix(u.Host, "[")
	if strings.ContainsFunc(host, isNotASCII) {
		return ReasonHost
	}
	host = strings.ToLower(host) // only now: it turns the Kelvin sign into a "k"
	if reason := checkHost(host, bracketed); reason != "" {
		return reason
	}
	if bracketed {
		host = "[" + host + "]"
	}
	if strings.HasSuffix(u.Host, ":") {
		return ReasonPort
	}
	if u.Port() == "" {
		u.Host = host
		return ""
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return ReasonPort
	}
	u.Host = fmt.Sprintf("%s:%d", host, port)
	if uint16(port) == defaultPort(u.Scheme) {
		u.Host = host
	}
	return ""
}

func checkHost(host string, bracketed bool) Reason {
	if host == "" {
		return ReasonMalformed
	}
	if bracketed {
		return checkIPv6(host)
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		return ""
	}
	if endsInNumber(host) {
		return ReasonNumber
	}
	if !isName(host) {
		return ReasonHost
	}
	return ""
}

func checkIPv6(host string) Reason {
	if strings.Contains(host, "%") {
		return ReasonZone
	}
	if addr, err := netip.ParseAddr(host); err != nil || !addr.Is6() {
		return ReasonMalformed
	}
	return ""
}

// endsInNumber is the "ends in a number checker" of the URL Standard (section 3.5). To
// browsers and inet_aton a host with a number as its last label is an IPv4 address, in
// decimal, octal or hex, with one to four parts. Go would look it up as a name.
func endsInNumber(host string) bool {
	host = strings.TrimRight(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		last, digits = hex, "0123456789abcdef"
	} else if last == "" {
		return false
	}
	return strings.Trim(last, digits) == ""
}

// isName checks the lengths of RFC 1035 section 2.3.4 and the letters. RFC 952 has no
// underscore, but private names use it.
func isName(host string) bool {
	name := strings.TrimSuffix(host, ".")
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

func defaultPort(scheme string) uint16 {
	if scheme == "wss" || scheme == "https" {
		return 443
	}
	return 80
}

// hostPort returns the host and the port of a parsed address, or the default port.
func hostPort(u *url.URL) (string, uint16) {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return u.Hostname(), defaultPort(u.Scheme)
	}
	return u.Hostname(), uint16(port)
}

// HostOf returns "host:port", with the default port if the address has none.
func HostOf(u *url.URL) string {
	host, port := hostPort(u)
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// asciiHost converts every label outside ASCII to its xn-- form, RFC 5891 section 5. It
// returns a host that cannot be converted as it is, and also one with a label that spells
// ASCII in other characters ("１２７", "ⓔxample"), which would mislead a reader.
func asciiHost(host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if !strings.ContainsFunc(label, isNotASCII) {
			continue
		}
		converted, err := idna.Lookup.ToASCII(label)
		if err != nil || !strings.HasPrefix(converted, "xn--") || strings.Contains(converted, ".") {
			return host
		}
		labels[i] = converted
	}
	return strings.Join(labels, ".")
}

func isNotASCII(r rune) bool { return r >= utf8.RuneSelf }
