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
