package proxy

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"duplex/handlers/identity/principal"
)

// secretHeader carries the proxy's secret, where one is set.
const secretHeader = "X-Proxy-Secret"

// sender recognises the trusted proxy by its address and its secret.
type sender struct {
	peers  []netip.Prefix
	secret string
}

// checkPeer refuses connections from other addresses.
func (s *sender) checkPeer(r *http.Request) error {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil && slices.ContainsFunc(s.peers, func(p netip.Prefix) bool { return p.Contains(peer.Addr().Unmap().WithZone("")) }) {
		return nil
	}
	return principal.Refuse(principal.RefusedProxy, errors.New("the connection does not come from a trusted proxy"))
}

// checkSecret refuses requests without the proxy's secret.
func (s *sender) checkSecret(secret string) error {
	if s.secret != "" && subtle.ConstantTimeCompare([]byte(s.secret), []byte(secret)) != 1 {
		return principal.Refuse(principal.RefusedProxy, errors.New("the proxy's secret is missing or wrong"))
	}
	return nil
}
