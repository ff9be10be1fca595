package target

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The reasons of an AddressError.
const (
	ReasonMalformed     = "malformed"        // no URL, or one without a host
	ReasonScheme        = "scheme"           // neither ws, wss, http nor https
	ReasonUserinfo      = "userinfo"         // user@host: the host is not where a reader looks for it
	ReasonFragment      = "fragment"         // RFC 6455 section 3 forbids them
	ReasonBadCharacters = "bad-characters"   // blanks, control characters, backslashes, broken UTF-8
	ReasonHost          = "host"             // a name that no DNS name can be, or not in ASCII
	ReasonNumber        = "ambiguous-number" // an address to some parsers and a name to others
	ReasonPort          = "port"             // empty, 0 or above 65535; of a BlockedError: not to be used
	ReasonZone          = "zone"             // an IPv6 zone names an interface of this host
)

// AddressError says why an address cannot be dialled, whatever the policy.
type AddressError struct{ Reason string }

// Error implements error.
func (e *AddressError) Error() string { return "address: " + e.Reason }

// ParseAddress reads the address of a target as a person pastes it: http and https
// stand for ws and wss, a default port and blanks around are dropped, the host is
// lower-cased, and what is not ASCII in the query is percent-encoded, as browsers
// do. It refuses whatever two parsers could read in two ways. Errors are
// *AddressError. What it returns parses to itself.
func ParseAddress(raw string) (*url.URL, error) {
	raw = strings.Trim(raw, " \t")
	if hasBadCharacters(raw) {
		return nil, &AddressError{ReasonBadCharacters}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, &AddressError{ReasonMalformed}
	}
	if reason := cleanScheme(u); reason != "" {
		return nil, &AddressError{reason}
	}
	switch {
	case u.User != nil:
		return nil, &AddressError{ReasonUserinfo}
	case strings.Contains(raw, "#"):
		return nil, &AddressError{ReasonFragment}
	}
	if reason := cleanHost(u); reason != "" {
		return nil, &AddressError{reason}
	}
	u.RawQuery = escapeNonASCII(u.RawQuery)
	return u, nil
}

func hasBadCharacters(raw string) bool {
	return !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(r rune) bool {
		return r <= ' ' || r >= 0x7f && r <= 0x9f || r == '\\'
	})
}

// cleanScheme makes it ws or wss and returns "", or the reason why not.
func cleanScheme(u *url.URL) string {
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

// cleanHost brings host and port into one spelling and returns "", or the reason
// why not.
func cleanHost(u *url.URL) string {
	host, bracketed := strings.ToLower(u.Hostname()), strings.HasPrefix(u.Host, "[")
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

func checkHost(host string, bracketed bool) string {
	if host == "" {
		return ReasonMalformed
	}
	if bracketed {
		return checkIPv6(host)
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return ReasonHost
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

func checkIPv6(host string) string {
	if strings.Contains(host, "%") {
		return ReasonZone
	}
	if addr, err := netip.ParseAddr(host); err != nil || !addr.Is6() {
		return ReasonMalformed
	}
	return ""
}

// endsInNumber is the check of that name in the URL Standard (section 3.5): a host
// whose last label is a number is an IPv4 address to browsers and to inet_aton, in
// decimal, octal and hex, with one to four parts. Go would look it up as a name.
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

// isName checks the lengths of RFC 1035 section 2.3.4 and the letters in use; the
// underscore is not a host's by the letter, and common in private names.
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

// hostPort splits the host of a parsed address, with its default port filled in.
func hostPort(u *url.URL) (string, uint16) {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return u.Hostname(), defaultPort(u.Scheme)
	}
	return u.Hostname(), uint16(port)
}

// HostOf is how a Report names the peer: host and port, whether or not the address
// says the port.
func HostOf(u *url.URL) string {
	host, port := hostPort(u)
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// escapeNonASCII percent-encodes what may not stand in a request line; some servers
// answer 400 to it.
func escapeNonASCII(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
