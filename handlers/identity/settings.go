package identity

import (
	"net/netip"
	"time"
)

// Mode is how the Guard finds out who is asking.
type Mode string

// The modes.
const (
	ModeNone    Mode = "none"    // one local person
	ModeHeaders Mode = "headers" // headers of a proxy that is trusted
	ModeToken   Mode = "jwt"     // a token that a proxy signs, or passes on
	ModeOIDC    Mode = "oidc"    // people sign in here, at an OpenID provider
)

// Settings is what a Guard runs with.
type Settings struct {
	Mode        Mode
	Preset      string         // the proxy in front, by name; "" is none in particular
	Proxies     []netip.Prefix // where requests have to come from; of mode jwt too when there are any
	ProxySecret string         // what the proxy has to say in X-Proxy-Secret; "" is nothing
	Headers     Headers
	Token       Token
	Provider    Provider
	GroupsClaim string // of a token
	SignOutURL  string // where a proxy ends its own sign-in; "" is unknown
	Roles       Roles
	Lease       time.Duration // how long a proof of identity holds for sockets that are open
	Grace       time.Duration // how much later those end
	Away        time.Duration // how long access tokens work while nobody vouches for their person; DefaultAway when 0
}

// Headers names what a trusted proxy sends.
type Headers struct {
	User, Email, Name, Groups string
	Separator                 string // between groups
}

// Token is what has to be true of a signed token.
type Token struct {
	Header     string // that carries it; "Bearer " in front of it is skipped
	Issuer     string
	Audience   string
	KeysURL    string // of a JSON Web Key Set; for aws-alb of the folder of keys
	Algorithms []string
	Signer     string // aws-alb: the ARN of the load balancer
}

// Provider is where people sign in.
type Provider struct {
	Issuer       string
	ClientID     string
	ClientSecret string // "" for a public client
	Scopes       []string
}
