package principal

// Mode is a way to identify the sender of a request.
type Mode string

// The modes.
const (
	ModeNone    Mode = "none"    // one local person
	ModeHeaders Mode = "headers" // headers of a trusted proxy
	ModeToken   Mode = "jwt"     // a signed token that a proxy adds or passes on
	ModeOIDC    Mode = "oidc"    // people sign in here, at an OpenID provider
)
