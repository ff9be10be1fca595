package handlers

import (
	"cmp"
	"context"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
)

// serviceJSON is a service as it is shown. Of its secrets it says only that they
// are there.
type serviceJSON struct {
	ID           string                `json:"id"`
	Name         string                `json:"name"`
	Address      string                `json:"address"`
	Params       []bridge.Parameter    `json:"params"`
	Headers      []bridge.Parameter    `json:"headers"`
	Subprotocols []string              `json:"subprotocols"`
	Credential   map[string]any        `json:"credential"`
	Secrets      map[string]secretJSON `json:"secrets"` // of headers and params, by field
	Compression  bool                  `json:"compression"`
	TLS          tlsJSON               `json:"tls"`
	PingInterval float64               `json:"ping_interval"` // seconds; 0 is off
	PongTimeout  float64               `json:"pong_timeout"`  // seconds; 0 is off
	Limits       limitsJSON            `json:"limits"`
	RecordRelay  bool                  `json:"record_relay"`
	RelayOrigins []string              `json:"relay_origins"` // of pages that may use the relay
	Shared       bool                  `json:"shared"`        // with the team; else it is its owner's alone
	Demo         string                `json:"demo"`
	Owner        string                `json:"owner"`      // a name
	Mine         bool                  `json:"mine"`       // whoever asks is the owner
	MayChange    bool                  `json:"may_change"` // whoever asks may save and delete it
}

type tlsJSON struct {
	CAPEM             string                 `json:"ca_pem"`
	SkipVerify        bool                   `json:"skip_verify,omitempty"`
	ClientCertPEM     string                 `json:"client_cert_pem,omitempty"`
	ClientCertificate *clientCertificateJSON `json:"client_certificate,omitempty"` // what it says
	ClientKey         *secretJSON            `json:"client_key,omitempty"`         // of its key, that it is there
}

type limitsJSON struct {
	MaxMessageBytes int64 `json:"max_message_bytes"`
}

type secretJSON struct {
	Set          bool     `json:"set"`
	Fingerprint  string   `json:"fingerprint"`
	UpdatedAtUS  int64    `json:"updated_at_us"`
	LastUsedAtUS int64    `json:"last_used_at_us"` // 0 when never
	Owner        string   `json:"owner"`           // an id
	OwnerName    string   `json:"owner_name"`      // the id for one who has none
	MayBind      bool     `json:"may_bind"`        // whoever asks may say where it goes
	Targets      []string `json:"targets"`
	TLS          bool     `json:"tls"`
	Endpoint     string   `json:"endpoint,omitempty"` // where it is exchanged for a token
	Usable       bool     `json:"usable"`             // for the address that the service has
}

// jsonOf is s as it is shown to whoever asks.
func jsonOf(ctx context.Context, s *bridge.Service) *serviceJSON {
	person := identity.Of(ctx)
	return &serviceJSON{
		ID: s.ID, Name: s.Name, Address: s.Address,
		Params:       spelled(s.Params),
		Headers:      append([]bridge.Parameter{}, s.Headers...),
		Subprotocols: append([]string{}, s.Subprotocols...),
		Credential:   credentialJSON(&person, s), Secrets: secretsJSON(&person, s, bridge.IsRowField), Compression: s.Compression, TLS: tlsOf(ctx, s),
		PingInterval: s.PingInterval.Seconds(), PongTimeout: s.PongTimeout.Seconds(), Limits: limitsJSON{s.MaxMessageBytes},
		RecordRelay: s.RecordRelay, RelayOrigins: append([]string{}, s.RelayOrigins...), Shared: s.Shared, Demo: s.Demo,
		Owner: ownerOf(&person, s), Mine: s.Owner == person.ID, MayChange: changesService(&person, s),
	}
}

// spelled is params as they are sent, so that what is shown is what goes out, also for
// those that were saved without a spelling.
func spelled(params []bridge.Parameter) []bridge.Parameter {
	out := make([]bridge.Parameter, len(params))
	for i, p := range params {
		if !p.Secret {
			p.Raw = p.Spelling()
		}
		out[i] = p
	}
	return out
}

// ownerOf is the name of the owner. What p has just saved is p's; of one local person
// nobody keeps the name.
func ownerOf(p *identity.Person, s *bridge.Service) string {
	switch {
	case s.Owner == p.ID:
		return p.Name
	case s.OwnerName != "":
		return s.OwnerName
	}
	return s.Owner
}

// enteredBy is the name of the person who entered a secret.
func enteredBy(info bridge.SecretInfo) string {
	return cmp.Or(info.OwnerName, info.Binding.Owner)
}

func secretOf(p *identity.Person, info bridge.SecretInfo, usable bool) secretJSON {
	return secretJSON{
		Set: true, Fingerprint: info.Fingerprint, UpdatedAtUS: wire.Micros(info.UpdatedAt), LastUsedAtUS: wire.Micros(info.LastUsedAt),
		Owner: info.Binding.Owner, OwnerName: enteredBy(info), MayBind: binds(p, info.Binding), Targets: append([]string{}, info.Binding.Targets...), TLS: info.Binding.TLS,
		Endpoint: info.Binding.Endpoint, Usable: usable,
	}
}

// secretsJSON shows the secrets of those fields that which selects, without their values.
func secretsJSON(p *identity.Person, s *bridge.Service, which func(field string) bool) map[string]secretJSON {
	secrets := map[string]secretJSON{}
	for name, info := range s.Secrets {
		if which(name) {
			secrets[name] = secretOf(p, info, s.Usable(name, info))
		}
	}
	return secrets
}

func credentialJSON(p *identity.Person, s *bridge.Service) map[string]any {
	secrets := secretsJSON(p, s, func(field string) bool { return field != dial.ClientKeyField && !bridge.IsRowField(field) })
	out := map[string]any{"kind": s.Credential.Kind, "secrets": secrets}
	for name, value := range s.Credential.Plain {
		out[name] = value
	}
	return out
}
