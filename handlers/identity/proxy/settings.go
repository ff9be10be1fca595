// Package proxy identifies people by a trusted reverse proxy: by the headers it sets (mode
// headers), or by a signed token that it adds or passes on (mode jwt).
package proxy

import "net/netip"

// Settings configures a mode. Headers serves mode headers; Token and GroupsClaim serve
// mode jwt.
type Settings struct {
	Peers       []netip.Prefix // addresses of the proxy; optional in mode jwt
	Secret      string         // that the proxy sends in X-Proxy-Secret; "" for none
	Headers     Headers
	Token       Token
	GroupsClaim string
}

// Headers names the headers that a trusted proxy sends.
type Headers struct {
	User, Email, Name, Groups string
	Separator                 string // between groups
}

// Token holds the requirements on a signed token.
type Token struct {
	Header     string // that carries it, with or without "Bearer "
	Issuer     string
	Audience   string
	KeysURL    string // of a JSON Web Key Set; for aws-alb of the folder of keys
	Algorithms []string
	Signer     string // aws-alb: the ARN of the load balancer
}
