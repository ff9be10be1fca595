package origin

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/loopback"
)

// IsOwnLoopback reports whether hostport is a loopback name with the port of one of the
// origins.
func IsOwnLoopback(hostport string, origins []string) bool {
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Host != hostport || !loopback.Is(u.Hostname()) {
		return false
	}
	return slices.ContainsFunc(origins, func(origin string) bool {
		o, err := url.Parse(origin)
		return err == nil && portOf(o) == withDefault(u.Port(), o.Scheme)
	})
}

// HasHost reports whether hostport is the host of an origin, with or without the default
// port.
func HasHost(origin, hostport string) bool {
	o, err := url.Parse(origin)
	if err != nil {
		return false
	}
	u, err := url.Parse(o.Scheme + "://" + hostport)
	return err == nil && u.Host == hostport && strings.EqualFold(u.Hostname(), o.Hostname()) && portOf(u) == portOf(o)
}

func portOf(u *url.URL) string { return withDefault(u.Port(), u.Scheme) }

// withDefault replaces an empty port by the default port of a scheme.
func withDefault(port, scheme string) string {
	switch {
	case port != "":
		return port
	case scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// IsUnclaimedHost reports whether a request's Host can be no name of a stranger's DNS: an
// address, or a name without a dot, with or without a port.
func IsUnclaimedHost(hostport string) bool {
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Host != hostport || u.Hostname() == "" {
		return false
	}
	return net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".")
}
