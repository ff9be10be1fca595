package dialect

import (
	"net/http"
	"net/url"
	"time"

	"duplex/bridge/vault"
)

// Connection has the values of one connection: variables, secrets, session values, captures
// and counters. It is not safe for concurrent use.
type Connection struct {
	Dialect *Dialect
	Scope   Scope
}

// Values are the variables and secrets that a service or a request brings.
type Values struct {
	Vars    map[string]string
	Secrets map[string]vault.Secret
}

// Connect begins a connection to u with fresh session values. The error is a
// *MissingVarError, *MissingSecretError, *UnknownVarError or *TemplateError.
func (d *Dialect) Connect(v Values, u *url.URL, now time.Time) (*Connection, error) {
	return &Connection{Dialect: d}, nil
}

// Added is what a dialect adds to a handshake. Secret names the headers and parameters that
// must not be shown; Masked are further texts that must not.
type Added struct {
	URL          *url.URL
	Headers      http.Header
	Subprotocols []string
	SecretNames  struct{ Headers, Query []string }
	Masked       []vault.Secret
}

// MintRequest is an HTTP request to make before the handshake.
type MintRequest struct {
	Method, URL string
	Headers     http.Header
	Body        []byte
}

// Mint returns the request to make before the handshake; nil when there is none.
func (c *Connection) Mint() (*MintRequest, error) { return nil, nil }

// Minted takes the JSON answer of the request.
func (c *Connection) Minted(answer []byte) error { return nil }

// Sign evaluates sign and handshake of the dialect.
func (c *Connection) Sign(u *url.URL, now time.Time) (Added, error) { return Added{URL: u}, nil }
