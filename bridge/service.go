// Package bridge holds live connections to targets: sessions, which are logged and watched,
// and relays, which carry messages between a browser's own WebSocket and a target. It knows
// nothing of HTTP routes, pages or databases: the caller's identity and the store are passed
// in.
package bridge

import (
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Service is a saved target. It does not hold its secrets: Secrets describes them, and the
// store unseals them for a dial only.
type Service struct {
	ConnectionSettings

	ID            string
	Name          string // unique, case-insensitively
	Address       string // in the spelling of dial.ParseAddress, without query parameters; a bare "?" stays. With templates, as it was typed
	Params        []Parameter
	Headers       []Parameter
	Subprotocols  []string
	Credential    sign.Credential // Plain fields only
	Secrets       map[string]SecretInfo
	Compression   bool // offer permessage-deflate
	CAPEM         string
	ClientCertPEM string   // with its chain; its key is the secret dial.ClientKeyField
	SkipVerify    bool     // accept any certificate, where settings allow it
	RecordRelay   bool     // store the messages of relays
	RelayOrigins  []string // origins of pages that may use the relay, beside those of the settings
	Owner         string   // id of the person who created it
	OwnerName     string   // the owner's current name
	Shared        bool     // with the team; if false, only the owner sees it
	Dialect       string   // its name; "" for none
	Folder        string   // that it is listed in; "" for none
	Environment   string   // the name of the one that its templates take values from; "" for none
	Demo          string   // the demo endpoint that it connects to; "" for others
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// HasTemplate reports whether the address has templates. It cannot be parsed before they are
// filled in.
func (s *Service) HasTemplate() bool { return dialect.HasTemplate(s.Address) }

// URL returns the address with the enabled parameters as its query. The error is a
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

// SecretInfo holds the facts about a stored secret that people may see.
type SecretInfo struct {
	Fingerprint string        // 8 hex digits, the same for the same value
	Binding     vault.Binding // the targets it may be sent to
	OwnerName   string        // the current name of Binding.Owner; "" when unknown
	UpdatedAt   time.Time
	LastUsedAt  time.Time // zero when never
}

// Binding returns the targets that secrets entered by owner may be sent to. The error is a
// *dial.AddressError.
func (s *Service) Binding(owner string) (vault.Binding, error) {
	u, err := dial.ParseAddress(s.Address)
	if err != nil {
		return vault.Binding{}, err
	}
	return dial.BindingOf(u, s.Credential, s.SkipVerify, owner), nil
}

// Usable reports whether the stored secret of a field may be sent to the current address. Of
// an address with templates this is not known.
func (s *Service) Usable(field string, kept SecretInfo) bool {
	c := s.Credential
	if IsRowField(field) {
		c = sign.Credential{} // no IAM endpoint is involved
	}
	u, err := dial.ParseAddress(s.Address)
	return err == nil && dial.Allows(kept.Binding, u, c, s.SkipVerify)
}

// Prefixes of the field names of secret headers and parameters: "headers[X-Key]".
const (
	HeadersField = "headers["
	ParamsField  = "params["
)

// IsRowField reports whether a field names a header or a parameter.
func IsRowField(field string) bool {
	return strings.HasPrefix(field, HeadersField) || strings.HasPrefix(field, ParamsField)
}

// OfCredential reports whether a secret of a service belongs to its credential: neither to the
// rows of headers and parameters, nor to the client certificate.
func OfCredential(field string) bool {
	return field != dial.ClientKeyField && !IsRowField(field)
}

// ClientKeyUsable is Usable for the key of the client certificate.
func (s *Service) ClientKeyUsable(kept SecretInfo) bool {
	u, err := dial.ParseAddress(s.Address)
	return err == nil && (u.Scheme != "wss" || dial.Allows(kept.Binding, u, sign.Credential{}, s.SkipVerify))
}

// ClientKeyBinding is Binding for the key of a client certificate, which is used with TLS
// only. The error is a *dial.AddressError.
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
)
