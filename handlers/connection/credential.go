package connection

import (
	"encoding/json"
	"strings"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/reply"
)

// ReadCredential reads the credential of a request. Given is false when the request
// does not speak of one.
func (in *Input) ReadCredential() (c sign.Credential, given bool, err error) {
	raw, err := withoutInfos(in.Credential)
	if err != nil || raw == nil {
		return sign.Credential{Kind: sign.KindNone}, false, err
	}
	c, err = sign.Parse(raw)
	return c, true, err
}

// withoutInfos drops "secrets", which answers carry and requests need not: so what
// was read can be sent back.
func withoutInfos(raw json.RawMessage) (json.RawMessage, error) {
	if text := strings.TrimSpace(string(raw)); text == "" || text == "null" {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, reply.Bad(sign.CodeBadValue, "credential")
	}
	delete(fields, "secrets")
	return json.Marshal(fields)
}

// Change is a credential as it is to be saved.
type Change struct {
	plain   sign.Credential
	Secrets map[string]vault.Secret // new ones
	Keep    []string                // names of those that stay
}

// changeOf says what c makes of the credential that saved has, whose secrets stay
// sealed. The error says what is missing in the outcome.
func changeOf(c sign.Credential, saved *bridge.Service) (Change, error) {
	out := Change{plain: sign.Credential{Kind: c.Kind, Plain: c.Plain}, Secrets: map[string]vault.Secret{}}
	kept := sign.Credential{Kind: saved.Credential.Kind, Secrets: map[string]vault.Secret{}}
	for name := range saved.Secrets {
		if bridge.IsRowField(name) {
			continue
		}
		kept.Secrets[name] = vault.NewSecret("kept") // stands in for one that was checked when it was saved
	}
	if err := c.WithSaved(kept).Validate(); err != nil {
		return out, err
	}
	if err := c.CheckEntered(); err != nil {
		return out, err
	}
	for name, secret := range c.Secrets {
		if !secret.IsZero() { // a zero one is to be deleted
			out.Secrets[name] = secret
		}
	}
	if c.Kind != saved.Credential.Kind {
		return out, nil
	}
	for name := range saved.Secrets {
		if _, said := c.Secrets[name]; !said && !bridge.IsRowField(name) {
			out.Keep = append(out.Keep, name)
		}
	}
	return out, nil
}

// BindSecrets lets secrets that are entered for a service go there, and nowhere else.
func BindSecrets(s *bridge.Service, secrets map[string]vault.Secret, owner string) error {
	if len(secrets) == 0 {
		return nil
	}
	binding, err := s.Binding(owner)
	if err != nil {
		return err
	}
	ofKey, err := s.ClientKeyBinding(owner)
	if err != nil {
		return err
	}
	ofRow := binding
	ofRow.Endpoint = "" // it is not exchanged for anything
	for name, secret := range secrets {
		switch {
		case name == dial.ClientKeyField:
			secrets[name] = secret.Bind(ofKey)
		case bridge.IsRowField(name):
			secrets[name] = secret.Bind(ofRow)
		default:
			secrets[name] = secret.Bind(binding)
		}
	}
	return nil
}
