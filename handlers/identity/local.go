package identity

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// localMode is mode none: whoever sits at this machine is the local person.
type localMode struct{ name string }

// headers implements mode: none says who it is.
func (localMode) headers() single { return nil }

// peer implements mode. It refuses connections that do not come from this machine,
// and those that a proxy passed on: everybody behind it would be the local person.
func (localMode) peer(r *http.Request) error {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return refuse(RefusedPeer, err)
	}
	for name := range r.Header {
		if isForwarding(name) {
			return refuse(RefusedForwarded, fmt.Errorf("it has the header %s", name))
		}
	}
	return nil
}

// read implements mode.
func (m localMode) read(*http.Request, map[string]string) (*claims, error) {
	return &claims{subject: m.name}, nil
}

// isForwarding tells headers that proxies add. Some servers read "X_Forwarded_For"
// and "X.Forwarded.For" as X-Forwarded-For, so some proxies write them.
func isForwarding(name string) bool {
	name = folded(name)
	return strings.HasPrefix(name, "x-forwarded-") || slices.Contains([]string{"forwarded", "x-real-ip", "via"}, name)
}
