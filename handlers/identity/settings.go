package identity

import (
	"net/netip"
	"time"

	"duplex/handlers/identity/oidc"
	"duplex/handlers/identity/proxy"
)

// LeaseParts is the number of times that a page renews its lease before the lease ends.
const LeaseParts = 3

// SignedOutPath is the page for people who have signed out.
const SignedOutPath = "/signed-out"

// Settings configures a Guard.
type Settings struct {
	Mode        Mode
	Preset      string         // name of the proxy in front; "" for none in particular
	Proxies     []netip.Prefix // addresses of the proxy; optional in mode jwt
	ProxySecret string         // that the proxy sends in X-Proxy-Secret; "" for none
	Headers     proxy.Headers
	Token       proxy.Token
	Provider    oidc.Settings
	GroupsClaim string // of a token
	SignOutURL  string // of the proxy; "" when unknown
	Roles       Roles
	Lease       time.Duration // validity of a proof of identity for open sockets
	Grace       time.Duration // after which a socket with an expired lease ends
	Away        time.Duration // for which access tokens work without their owner; accesstoken.DefaultAway when 0
}
