package identity

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard decides who may come in. This one is for identity mode none: one person,
// whoever sits at this machine. It is safe for concurrent use.
type Guard struct {
	person  Person
	origins func() []string
}

// Local returns the Guard of mode none. The person has the given name; origins are
// those of the console ("http://127.0.0.1:8080"), whose ports a Host must have.
func Local(name string, origins func() []string) *Guard {
	return &Guard{person: Person{ID: "local", Name: name}, origins: origins}
}

// Identify returns who sent r. The error is a *RefusedError when the connection does not
// come from this machine, or was passed on by a proxy: everybody behind it would
// be the local person.
func (g *Guard) Identify(r *http.Request) (Person, error) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return Person{}, &RefusedError{RefusedPeer}
	}
	for name := range r.Header {
		if isForwarding(name) {
			return Person{}, &RefusedError{RefusedForwarded}
		}
	}
	return g.person, nil
}

// AllowsHost reports whether a request for this Host is meant for the console: a
// loopback name, with a port the console has. Any other name may have been pointed
// here by somebody else's DNS, to make their page the console's own origin.
func (g *Guard) AllowsHost(hostport string) bool {
	u, err := url.Parse("http://" + hostport)
	if err != nil || u.Host != hostport || !isLoopback(u.Hostname()) {
		return false
	}
	return slices.ContainsFunc(g.origins(), func(origin string) bool {
		o, err := url.Parse(origin)
		return err == nil && portOf(o) == portIn(u.Port(), o.Scheme)
	})
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

// isForwarding tells headers that proxies add. Some servers read "X_Forwarded_For"
// and "X.Forwarded.For" as X-Forwarded-For, so some proxies write them.
func isForwarding(name string) bool {
	name = strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name))
	return strings.HasPrefix(name, "x-forwarded-") || slices.Contains([]string{"forwarded", "x-real-ip", "via"}, name)
}
