package shape

import (
	"cmp"
	"context"
	"maps"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
)

// Environment describes an environment, without the values of its secrets.
type Environment struct {
	Name        string            `json:"name"`
	Values      map[string]string `json:"values"`
	Secrets     map[string]Secret `json:"secrets"`
	Owner       string            `json:"owner"` // the name of the person who saved it last
	UpdatedAtUS int64             `json:"updated_at_us"`
}

// EnvironmentOf maps an environment for the person.
func EnvironmentOf(ctx context.Context, e *bridge.Environment) *Environment {
	person := identity.Of(ctx)
	out := &Environment{
		Name: e.Name, Values: map[string]string{}, Secrets: map[string]Secret{}, Owner: cmp.Or(e.OwnerName, e.Owner), UpdatedAtUS: wire.Micros(e.UpdatedAt),
	}
	if e.Owner == person.ID {
		out.Owner = person.Name
	}
	maps.Copy(out.Values, e.Values)
	for name, info := range e.Secrets {
		out.Secrets[name] = secretOf(&person, info, true)
	}
	return out
}
