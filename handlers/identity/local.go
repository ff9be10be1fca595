package identity

import (
	"fmt"
	"net/http"
	"net/netip"

	"duplex/handlers/identity/principal"
	"duplex/handlers/identity/proxy"
)

// localMode is mode none: every request of this machine comes from one local person.
type localMode struct{ name string }

// Headers implements mode.
func (localMode) Headers() []string { return nil }

// CheckPeer implements mode. It refuses connections from other machines and requests that
// a proxy forwarded: everybody behind it would be the local person.
func (localMode) CheckPeer(r *http.Request) error {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return principal.Refuse(RefusedPeer, err)
	}
	for name := range r.Header {
		if proxy.IsForwarding(name) {
			return principal.Refuse(RefusedForwarded, fmt.Errorf("it has the header %s", name))
		}
	}
	return nil
}

// Claims implements mode.
func (m localMode) Claims(*http.Request, map[string]string) (*principal.Claims, error) {
	return &principal.Claims{Subject: m.name}, nil
}
