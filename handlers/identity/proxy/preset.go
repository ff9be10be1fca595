package proxy

import (
	"maps"
	"slices"
	"strings"

	"duplex/handlers/identity/principal"
)

// Preset holds the defaults of a known proxy. Empty fields depend on the proxy's own
// settings and have to be set.
type Preset struct {
	Mode       principal.Mode // jwt where the proxy signs, so that its other headers need no trust
	Headers    Headers
	Token      Token
	SignOutURL string
}

// presets is keyed by name. The header names are those of each proxy's documents.
var presets = map[string]Preset{
	"oauth2-proxy": {
		Mode:       principal.ModeHeaders,
		Headers:    Headers{"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Forwarded-Groups", ","},
		Token:      Token{Header: "Authorization"}, // with --pass-authorization-header
		SignOutURL: "/oauth2/sign_out",
	},
	"pomerium": {
		Mode:       principal.ModeToken,
		Token:      Token{Header: "X-Pomerium-Jwt-Assertion", Algorithms: []string{"ES256"}},
		SignOutURL: "/.pomerium/sign_out",
	},
	"authelia": {
		Mode:    principal.ModeHeaders,
		Headers: Headers{"Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", ","},
	},
	"authentik": {
		Mode:       principal.ModeHeaders,
		Headers:    Headers{"X-Authentik-Uid", "X-Authentik-Email", "X-Authentik-Name", "X-Authentik-Groups", "|"},
		Token:      Token{Header: "X-Authentik-Jwt"},
		SignOutURL: "/outpost.goauthentik.io/sign_out",
	},
	"cloudflare-access": {
		Mode:       principal.ModeToken,
		Token:      Token{Header: "Cf-Access-Jwt-Assertion", Algorithms: []string{"RS256"}},
		SignOutURL: "/cdn-cgi/access/logout",
	},
	"google-iap": {
		Mode: principal.ModeToken,
		Token: Token{
			Header: "X-Goog-Iap-Jwt-Assertion", Issuer: "https://cloud.google.com/iap",
			KeysURL: "https://www.gstatic.com/iap/verify/public_key-jwk", Algorithms: []string{"ES256"},
		},
		SignOutURL: "/?gcp-iap-mode=CLEAR_LOGIN_COOKIE",
	},
	"aws-alb": {
		Mode:  principal.ModeToken,
		Token: Token{Header: "X-Amzn-Oidc-Data", Algorithms: []string{"ES256"}},
	},
	"azure-easyauth": {
		Mode:       principal.ModeToken,
		Token:      Token{Header: "X-Ms-Token-Aad-Id-Token", Algorithms: []string{"RS256"}}, // with the token store
		SignOutURL: "/.auth/logout",
	},
	"mod-auth-openidc": {
		Mode:    principal.ModeHeaders,
		Headers: Headers{"OIDC_CLAIM_sub", "OIDC_CLAIM_email", "OIDC_CLAIM_name", "OIDC_CLAIM_groups", ","},
		Token:   Token{Header: "OIDC_id_token"},
	},
}

// Presets returns the names of the presets, sorted.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// FindPreset returns the preset of a proxy.
func FindPreset(name string) (Preset, bool) {
	p, found := presets[name]
	return p, found
}

// KeysURLOf returns the address of an issuer's keys for presets with a fixed path for
// them; "" for others.
func KeysURLOf(preset, issuer string) string {
	base := strings.TrimSuffix(issuer, "/")
	switch {
	case issuer == "":
		return ""
	case preset == "cloudflare-access":
		return base + "/cdn-cgi/access/certs"
	case preset == "pomerium" && strings.Contains(base, "://"):
		return base + "/.well-known/pomerium/jwks.json"
	case preset == "pomerium":
		return "https://" + base + "/.well-known/pomerium/jwks.json"
	}
	return ""
}
