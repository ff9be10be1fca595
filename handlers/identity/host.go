package identity

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// isOwnLoopback reports whether hostport is a loopback name with the port of one of
// the origins.
func isOwnLoopback(hostport string, origins []string) bool {
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Host != hostport || !isLoopback(u.Hostname()) {
		return false
	}
	return slices.ContainsFunc(origins, func(origin string) bool {
		o, err := url.Parse(origin)
		return err == nil && portOf(o) == portIn(u.Port(), o.Scheme)
	})
}

// sameHost reports whether hostport is that of an origin; the default port may be
// there or not.
func sameHost(origin, hostport string) bool {
	o, err := url.Parse(origin)
	if err != nil {
		return false
	}
	u, err := url.Parse(o.Scheme + "://" + hostport)
	return err == nil && u.Host == hostport && strings.EqualFold(u.Hostname(), o.Hostname()) && portOf(u) == portOf(o)
}

func portOf(u *url.URL) string { return portIn(u.Port(), u.Scheme) }

// portIn fills in the default port of a scheme.
func portIn(port, scheme string) string {
	switch {
	case port != "":
		return port
	case scheme == "https":
		return "443"
	default:
		return "80"
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// IsUnclaimedHost reports whether a request's Host is one that nobody can point anywhere
// by their own DNS: an address, or a name without a dot, port or not.
func IsUnclaimedHost(hostport string) bool {
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Host != hostport || u.Hostname() == "" {
		return false
	}
	return net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".")
}

// IsLocal reports whether host is a name of this machine, for addresses that may
// do without TLS. Names below "localhost" are always this machine (RFC 6761 section
// 6.3); the client of this package sees to it that they are.
func IsLocal(host string) bool {
	return isLoopback(host) || strings.HasSuffix(strings.ToLower(host), ".localhost")
}
