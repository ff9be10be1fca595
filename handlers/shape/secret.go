package shape

import (
	"cmp"
	"maps"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/wire"
	"duplex/handlers/access"
	"duplex/handlers/identity"
)

// Secret describes a stored secret. It never holds the value.
type Secret struct {
	Set          bool     `json:"set"`
	Fingerprint  string   `json:"fingerprint"`
	UpdatedAtUS  int64    `json:"updated_at_us"`
	LastUsedAtUS int64    `json:"last_used_at_us"` // 0 when never
	Owner        string   `json:"owner"`           // an id
	OwnerName    string   `json:"owner_name"`      // the id without a name
	MayBind      bool     `json:"may_bind"`        // the person may change its targets
	Targets      []string `json:"targets"`
	TLS          bool     `json:"tls"`
	Endpoint     string   `json:"endpoint,omitempty"` // that exchanges it for a token
	Usable       bool     `json:"usable"`             // for the address that the service has
}

// EnteredBy names the person who entered a secret.
func EnteredBy(info bridge.SecretInfo) string {
	return cmp.Or(info.OwnerName, info.Binding.Owner)
}

func secretOf(p *identity.Person, info bridge.SecretInfo, usable bool) Secret {
	return Secret{
		Set: true, Fingerprint: info.Fingerprint, UpdatedAtUS: wire.Micros(info.UpdatedAt), LastUsedAtUS: wire.Micros(info.LastUsedAt),
		Owner: info.Binding.Owner, OwnerName: EnteredBy(info), MayBind: access.BindsSecret(p, info.Binding), Targets: append([]string{}, info.Binding.Targets...), TLS: info.Binding.TLS,
		Endpoint: info.Binding.Endpoint, Usable: usable,
	}
}

// secretsOf shows the secrets of those fields that which selects, without their values.
func secretsOf(p *identity.Person, s *bridge.Service, which func(field string) bool) map[string]Secret {
	secrets := map[string]Secret{}
	for name, info := range s.Secrets {
		if which(name) {
			secrets[name] = secretOf(p, info, s.HasTemplate() || s.Usable(name, info))
		}
	}
	return secrets
}

func credentialOf(p *identity.Person, s *bridge.Service) map[string]any {
	secrets := secretsOf(p, s, bridge.OfCredential)
	out := map[string]any{"kind": s.Credential.Kind, "secrets": secrets}
	if s.Credential.Kind == sign.KindDialect {
		vars := map[string]string{}
		maps.Copy(vars, s.Credential.Plain)
		out["vars"] = vars
		return out
	}
	for name, value := range s.Credential.Plain {
		out[name] = value
	}
	return out
}
