package connection

import (
	"context"
	"encoding/json"
	"strings"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// ReadCredential reads the credential of a request. Given is false when the request has
// none.
func (in *Input) ReadCredential() (c sign.Credential, given bool, err error) {
	raw, err := dropSecretInfos(in.Credential)
	if err != nil || raw == nil {
		return sign.Credential{Kind: sign.KindNone}, false, err
	}
	c, err = sign.Parse(raw)
	return c, true, err
}

// dropSecretInfos drops the field "secrets" of answers, so that a client can send back an
// answer. In the credential of a dialect it has new secrets too.
func dropSecretInfos(raw json.RawMessage) (json.RawMessage, error) {
	if text := strings.TrimSpace(string(raw)); text == "" || text == "null" {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, reply.Bad(sign.CodeBadValue, "credential")
	}
	if string(fields["kind"]) != `"`+string(sign.KindDialect)+`"` {
		delete(fields, "secrets")
	}
	return json.Marshal(fields)
}

// BindSecrets binds the secrets that are entered for a service to its target: the one that
// its address has with the values of its environment.
func (b *Builder) BindSecrets(ctx context.Context, s *bridge.Service, secrets map[string]vault.Secret) error {
	if len(secrets) == 0 {
		return nil
	}
	owner := identity.Of(ctx).ID
	binding, at, err := b.bindingOf(ctx, s, owner)
	if err != nil {
		return err
	}
	ofKey, err := at.ClientKeyBinding(owner)
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

// bindingOf returns the binding of secrets that owner enters for a service now, and the
// service with its address filled in.
func (b *Builder) bindingOf(ctx context.Context, s *bridge.Service, owner string) (vault.Binding, *bridge.Service, error) {
	d, err := b.dialectOf(ctx, s)
	if err != nil {
		return vault.Binding{}, s, err
	}
	c := s.Credential
	if c.Kind == sign.KindDialect && d != nil {
		c.Secrets = map[string]vault.Secret{}
		for _, secret := range d.Secrets {
			c.Secrets[secret.Name] = vault.NewSecret("stand-in")
		}
	}
	v, err := b.loadVariables(ctx, s, c)
	if err != nil {
		return vault.Binding{}, s, err
	}
	at := &resolved{Service: *s, used: map[string]vault.Secret{}}
	if err := v.resolveAddress(at); err != nil {
		return vault.Binding{}, s, err
	}
	binding, err := at.Binding(owner)
	if err != nil || c.Kind != sign.KindDialect || d == nil || d.Mint == nil {
		return binding, &at.Service, err
	}
	binding.Endpoint, err = mintOrigin(v, &at.Service)
	return binding, &at.Service, err
}

// mintOrigin returns the origin that the dialect of a service gets a token from; "" when its
// targets include the host.
func mintOrigin(v *variables, s *bridge.Service) (string, error) {
	u, err := s.URL()
	if err != nil {
		return "", err
	}
	c, err := v.speech.Dialect.Connect(v.speech.Values, u, v.now)
	if err != nil {
		return "", err
	}
	m, err := c.Mint()
	if err != nil || m == nil {
		return "", err
	}
	return dial.MintOrigin(m.URL, u)
}
