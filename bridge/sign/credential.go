// Package sign turns a credential into handshake headers. Its functions are pure:
// they read no clock, dial nobody and keep nothing. Sources of the protocols are
// named beside each of them.
package sign

import (
	"net/http"
	"net/url"

	"duplex/bridge/vault"
)

// Kind names how a handshake authenticates.
type Kind string

// The kinds of credential, by the names used in the API.
const (
	KindNone         Kind = "none"
	KindToken        Kind = "token"
	KindIAMPassword  Kind = "iam_password"
	KindAPIKey       Kind = "api_key"
	KindAKSK         Kind = "aksk"
	KindAppCode      Kind = "app_code"
	KindAppKey       Kind = "app_key"
	KindAppSignature Kind = "app_signature"
	KindBearer       Kind = "bearer"
	KindBasic        Kind = "basic"
	KindHeader       Kind = "header"
	KindQuery        Kind = "query"
	KindSubprotocol  Kind = "subprotocol"
	KindSigV4        Kind = "sigv4"
)

// Field describes one input of a kind.
type Field struct {
	Name     string   // as in the API: "secret_key"
	Secret   bool     // sealed at rest, write-only in API and page
	Required bool     // a credential without it is refused
	Choices  []string // the allowed values, or nil for free text
	Default  string   // used when the field is empty
}

// Scheme is one row of the table of kinds.
type Scheme struct {
	Kind   Kind
	Fields []Field
}

// Credential is a kind with its fields. Plain and Secrets are keyed by field name.
type Credential struct {
	Kind    Kind
	Plain   map[string]string
	Secrets map[string]vault.Secret
}

// Handshake is the request that is about to be sent: Apply adds to URL, Header and
// Subprotocols.
type Handshake struct {
	URL          *url.URL    // ws or wss, default port stripped, query included
	Host         string      // the Host header as it will be sent
	Header       http.Header // raw keys keep their spelling on the wire
	Subprotocols []string    // as offered, in order
}
