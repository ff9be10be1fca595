// Package bridge holds live connections to targets: sessions, which are logged and
// watched, and relays, which are passed through. It knows nothing of HTTP routes,
// pages or databases; who calls it and where the log is kept are handed in.
package bridge

import (
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Service is a saved target. Its secrets are not in it: Secrets says what is kept,
// and the store opens a credential only for a dial.
type Service struct {
	ID              string
	Name            string // unique, case-insensitively
	Address         string // as dial.ParseAddress gives it, without query parameters; a bare "?" stays
	Params          []Parameter
	Headers         []Parameter
	Subprotocols    []string
	Credential      sign.Credential // Plain fields only
	Secrets         map[string]SecretInfo
	Compression     bool // offer permessage-deflate
	CAPEM           string
	ClientCertPEM   string        // with its chain; its key is the secret dial.ClientKeyField
	SkipVerify      bool          // take any certificate, where that is allowed
	PingInterval    time.Duration // 0 is off
	PongTimeout     time.Duration // of no pong, after which a session is cut; 0 is never
	MaxMessageBytes int64         // of one message, either way; at most MaxMessageBytes
	RecordRelay     bool          // keep the messages that pass a relay
	RelayOrigins    []string      // of pages that may use the relay, beside those of the settings
	Owner           string        // the id of the person who made it
	OwnerName       string        // as the store knows it now
	Shared          bool          // with the team; else it is its owner's alone
	Demo            string        // the demo endpoint it belongs to; "" for people's own
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// URL is the address with the enabled parameters as its query. The error is a
// *dial.AddressError.
func (s *Service) URL() (*url.URL, error) {
	u, err := dial.ParseAddress(s.Address)
	if err != nil {
		return nil, err
	}
	if query := queryOf(s.Params); query != "" {
		u.RawQuery, u.ForceQuery = query, false
	}
	return u, nil
}

// SecretInfo is all that can be seen of a kept secret.
type SecretInfo struct {
	Fingerprint string        // 8 hex digits, the same for the same value
	Binding     vault.Binding // where it may go
	OwnerName   string        // of Binding.Owner, as the store knows it now; "" for one it does not know
	UpdatedAt   time.Time
	LastUsedAt  time.Time // zero when never
}

// Binding is where secrets that owner enters for the service may go. The error is a
// *dial.AddressError.
func (s *Service) Binding(owner string) (vault.Binding, error) {
	u, err := dial.ParseAddress(s.Address)
	if err != nil {
		return vault.Binding{}, err
	}
	return dial.BindingOf(u, s.Credential, s.SkipVerify, owner), nil
}

// Usable reports whether the kept secret of a field may go to the address that the
// service has now.
func (s *Service) Usable(field string, kept SecretInfo) bool {
	c := s.Credential
	if IsRowField(field) {
		c = sign.Credential{} // it is not exchanged for anything
	}
	u, err := dial.ParseAddress(s.Address)
	return err == nil && dial.Allows(kept.Binding, u, c, s.SkipVerify)
}

// The prefixes of the fields under which secret rows of the two lists are kept.
const (
	HeadersField = "headers["
	ParamsField  = "params["
)

// IsRowField reports whether a field is that of a header or parameter: "headers[X-Key]".
func IsRowField(field string) bool {
	return strings.HasPrefix(field, HeadersField) || strings.HasPrefix(field, ParamsField)
}

// ClientKeyUsable reports the same for the key of the client certificate.
func (s *Service) ClientKeyUsable(kept SecretInfo) bool {
	u, err := dial.ParseAddress(s.Address)
	return err == nil && (u.Scheme != "wss" || dial.Allows(kept.Binding, u, sign.Credential{}, s.SkipVerify))
}

// ClientKeyBinding is where the key of a client certificate, as owner enters it, may prove
// who we are: at the target, and nowhere without TLS. The error is a *dial.AddressError.
func (s *Service) ClientKeyBinding(owner string) (vault.Binding, error) {
	u, err := dial.ParseAddress(s.Address)
	if err != nil {
		return vault.Binding{}, err
	}
	b := dial.BindingOf(u, sign.Credential{}, s.SkipVerify, owner)
	b.TLS = true
	return b, nil
}

// Limits and defaults of a service.
const (
	MaxMessageBytes     int64 = 64 << 20
	DefaultPingInterval       = 20 * time.Second // gateways cut idle WebSockets
	DefaultKeepTime           = 30 * time.Minute
	DefaultCloseWait          = 5 * time.Second
)
