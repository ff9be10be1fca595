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
// answer.
func dropSecretInfos(raw json.RawMessage) (json.RawMessage, error) {
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

// BindSecrets binds the secrets that are entered for a service to its target.
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
