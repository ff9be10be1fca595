// Package shape maps services, sessions and messages to the JSON that the API answers
// with, that viewers receive and that the console page starts with.
package shape

import (
	"bytes"
	"context"
	"encoding/json"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
)

// Service describes a service, without the values of its secrets.
type Service struct {
	ID           string             `json:"id"`
	Name         string             `json:"name"`
	Address      string             `json:"address"`
	Params       []bridge.Parameter `json:"params"`
	Headers      []bridge.Parameter `json:"headers"`
	Subprotocols []string           `json:"subprotocols"`
	Credential   map[string]any     `json:"credential"`
	Secrets      map[string]Secret  `json:"secrets"` // of headers and params, by field
	TLS          TLS                `json:"tls"`
	RelayOrigins []string           `json:"relay_origins"` // of pages that may use the relay
	Shared       bool               `json:"shared"`        // with the team; otherwise private to its owner
	Dialect      string             `json:"dialect"`       // its name; "" for none
	Environment  string             `json:"environment"`   // its name; "" for none
	Folder       string             `json:"folder"`        // that it is listed in; "" for none
	Demo         string             `json:"demo"`
	Owner        string             `json:"owner"`      // a name
	Mine         bool               `json:"mine"`       // the person is the owner
	MayChange    bool               `json:"may_change"` // the person may save and delete it

	settings map[string]any // by name, beside the other fields
}

// MarshalJSON implements json.Marshaler.
func (s *Service) MarshalJSON() ([]byte, error) {
	type fields Service // without this method
	raw, err := marshal((*fields)(s))
	if err != nil {
		return nil, err
	}
	settings, err := marshal(s.settings)
	if err != nil {
		return nil, err
	}
	return append(append(raw[:len(raw)-1], ','), settings[1:]...), nil
}

// marshal is json.Marshal without escapes for HTML: the writer of the answer adds those.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// ServiceOf maps a service for the person.
func ServiceOf(ctx context.Context, s *bridge.Service) *Service {
	person := identity.Of(ctx)
	return &Service{
		ID: s.ID, Name: s.Name, Address: s.Address,
		Params:       spelled(s.Params),
		Headers:      append([]bridge.Parameter{}, s.Headers...),
		Subprotocols: append([]string{}, s.Subprotocols...),
		Credential:   credentialOf(&person, s), Secrets: secretsOf(&person, s, bridge.IsRowField), TLS: tlsOf(ctx, s),
		settings: settingsOf(s), RelayOrigins: append([]string{}, s.RelayOrigins...), Shared: s.Shared, Dialect: s.Dialect, Environment: s.Environment, Folder: s.Folder, Demo: s.Demo,
		Owner: ownerOf(&person, s), Mine: s.Owner == person.ID, MayChange: access.ChangesService(&person, s),
	}
}

// spelled returns params in the spelling in which they are sent, also those saved without
// one. A template is spelled when it is filled in.
func spelled(params []bridge.Parameter) []bridge.Parameter {
	out := make([]bridge.Parameter, len(params))
	for i, p := range params {
		if !p.Secret && p.Template() == "" {
			p.Raw = p.Spelling()
		}
		out[i] = p
	}
	return out
}

// ownerOf returns the name of the owner of a service. The name of a single local person
// is not stored.
func ownerOf(p *identity.Person, s *bridge.Service) string {
	switch {
	case s.Owner == p.ID:
		return p.Name
	case s.OwnerName != "":
		return s.OwnerName
	}
	return s.Owner
}
