package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/reply"
)

// environmentInput is an environment in a request. Fields of answers that are not read here
// are ignored, so that a client can send back an answer.
type environmentInput struct {
	Name    *string                    `json:"name"` // left out, a saved one stays
	Values  map[string]string          `json:"values"`
	Secrets map[string]json.RawMessage `json:"secrets"` // null deletes one, and one that is left out stays

	Owner       any `json:"owner"`
	UpdatedAtUS any `json:"updated_at_us"`
}

// secretInput is a secret of an environment. Without a value the saved one stays.
type secretInput struct {
	Value   string    `json:"value"`
	Targets *[]string `json:"targets"` // the hosts that it may be sent to; required with a value
	TLS     *bool     `json:"tls"`     // over TLS only; left out, yes but for loopback
}

// environmentChange is the change of the secrets of an environment.
type environmentChange struct {
	set  map[string]vault.Secret
	keep []string
	gone []string
	bind map[string]vault.Binding // of kept ones
}

// namePattern is the form of the names of values and secrets, as templates have them.
var namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// readInto sets the values of e and returns the change of its secrets, which owner enters.
func (in *environmentInput) readInto(e *bridge.Environment, owner string) (environmentChange, error) {
	c := environmentChange{set: map[string]vault.Secret{}, bind: map[string]vault.Binding{}}
	if len(in.Values) > bridge.MaxEnvironmentValues {
		return c, reply.TooMany("values", len(in.Values), bridge.MaxEnvironmentValues)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Values)) {
		if err := requireEnvironmentValue("values."+name, name, in.Values[name]); err != nil {
			return c, err
		}
	}
	e.Values = maps.Clone(in.Values)
	for _, name := range slices.Sorted(maps.Keys(in.Secrets)) {
		if err := in.readSecret(&c, e, name, owner); err != nil {
			return c, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Secrets)) {
		if _, said := in.Secrets[name]; !said {
			c.keep = append(c.keep, name)
		}
	}
	if count := len(c.set) + len(c.keep); count > bridge.MaxEnvironmentValues {
		return c, reply.TooMany("secrets", count, bridge.MaxEnvironmentValues)
	}
	return c, nil
}

func requireEnvironmentValue(where, name, value string) error {
	switch {
	case !namePattern.MatchString(name):
		return reply.Breaks(reply.RuleVariableName, where)
	case len(value) > bridge.MaxEnvironmentValueSize:
		return reply.TooLong(where, len(value), bridge.MaxEnvironmentValueSize)
	case bytes.IndexByte([]byte(value), 0) >= 0:
		return reply.Breaks(reply.RuleNoControls, where)
	}
	return nil
}

// readSecret reads one secret.
func (in *environmentInput) readSecret(c *environmentChange, e *bridge.Environment, name, owner string) error {
	where, raw := "secrets."+name, in.Secrets[name]
	saved, kept := e.Secrets[name]
	if string(raw) == "null" {
		if kept {
			c.gone = append(c.gone, name)
		}
		return nil
	}
	var given secretInput
	if err := json.Unmarshal(raw, &given); err != nil {
		var value string
		if json.Unmarshal(raw, &value) != nil {
			return reply.Bad(reply.CodeBadValue, where)
		}
		given.Value = value
	}
	if err := requireEnvironmentValue(where, name, given.Value); err != nil {
		return err
	}
	b, err := given.binding(where, saved.Binding, kept)
	switch {
	case err != nil:
		return err
	case given.Value == "" && !kept:
		return reply.Bad(reply.CodeMissingSecret, where+".value")
	case given.Value == "":
		c.keep = append(c.keep, name)
		if b.TLS != saved.Binding.TLS || !slices.Equal(b.Targets, saved.Binding.Targets) {
			c.bind[name] = b
		}
		return nil
	case len(given.Value) < sign.MinSecret:
		return reply.Bad(reply.CodeSecretTooShort, where+".value")
	}
	c.set[name] = vault.NewSecret(given.Value).Bind(vault.Binding{Targets: b.Targets, TLS: b.TLS, Owner: owner})
	return nil
}

// binding returns the hosts that the secret may be sent to. A new value may go where the
// saved one may, unless the request says otherwise.
func (in *secretInput) binding(where string, saved vault.Binding, kept bool) (vault.Binding, error) {
	if in.Targets == nil && !kept {
		return saved, reply.Bad(reply.CodeMissingField, where+".targets")
	}
	b := saved
	if in.Targets != nil {
		targets, err := readTargets(*in.Targets, where+".targets")
		if err != nil {
			return b, err
		}
		b.Targets = targets
		if !kept {
			b.TLS = slices.ContainsFunc(targets, func(target string) bool { return !dial.IsLoopbackPattern(target) })
		}
	}
	if in.TLS != nil {
		b.TLS = *in.TLS
	}
	return b, nil
}
