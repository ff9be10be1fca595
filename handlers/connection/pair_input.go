package connection

import (
	"strings"

	"duplex/bridge"
	"duplex/bridge/dial"
)

// pairInput is a header.
type pairInput struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Enabled *bool  `json:"enabled"` // omitted is true
	Secret  bool   `json:"secret"`  // sealed; without a value the kept one stays
	Field   string `json:"field"`   // of the kept one, as answers name it
}

func (p pairInput) parameter() bridge.Parameter {
	return bridge.Parameter{Name: p.Name, Value: p.Value, Enabled: p.Enabled == nil || *p.Enabled, Secret: p.Secret, Field: p.Field}
}

// paramInput is a query parameter.
type paramInput struct {
	Name    *string `json:"name"` // omitted, like value, when raw holds both
	Value   *string `json:"value"`
	Enabled *bool   `json:"enabled"` // omitted is true
	Secret  bool    `json:"secret"`  // as of a header
	Field   string  `json:"field"`
	Raw     string  `json:"raw"` // how it is spelled in the address; one that reads otherwise than name and value is dropped
}

func (p paramInput) parameter() bridge.Parameter {
	raw := strings.ReplaceAll(dial.EscapeQuery(p.Raw), "#", "%23")
	if p.Name == nil && p.Value == nil && !p.Secret {
		if alone := bridge.ParametersOf(raw); len(alone) == 1 {
			alone[0].Enabled = p.Enabled == nil || *p.Enabled
			return alone[0]
		}
	}
	var name, value string
	if p.Name != nil {
		name = *p.Name
	}
	if p.Value != nil {
		value = *p.Value
	}
	out := pairInput{name, value, p.Enabled, p.Secret, p.Field}.parameter()
	out.Raw = raw
	if !out.IsSpelled() {
		out.Raw = ""
	}
	return out
}
