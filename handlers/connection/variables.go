package connection

import (
	"context"
	"maps"
	"time"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/reply"
)

// variables holds the values that a connection takes from its environment and its dialect. A
// variable of the dialect has the value of the service, or else that of the environment, or
// else its default; so have secrets.
type variables struct {
	values  map[string]string       // for templates
	secrets map[string]vault.Secret // of the environment
	speech  *bridge.Speech          // nil without a dialect
	spoken  map[string]vault.Secret // secrets of the environment that the dialect uses
	now     time.Time
}

// loadVariables returns the variables of a service that is dialled with c. The error names
// the variable or secret of the dialect that is missing or unknown.
func (b *Builder) loadVariables(ctx context.Context, s *bridge.Service, c sign.Credential) (*variables, error) {
	v := &variables{values: map[string]string{}, now: b.Now()}
	if s.Environment != "" {
		environment, err := b.Store.Environment(ctx, s.Environment)
		if err != nil {
			return nil, b.Errors.MapNotFoundField(err, reply.CodeEnvironmentNotFound, "environment")
		}
		maps.Copy(v.values, environment.Values)
		if v.secrets, err = b.openEnvironment(ctx, &environment); err != nil {
			return nil, err
		}
	}
	var err error
	if v.speech, err = b.speechOf(ctx, s, c); err != nil || v.speech == nil {
		return v, err
	}
	v.takeDialect(v.speech.Dialect, &v.speech.Values)
	vars, err := v.speech.Dialect.VarsOf(v.speech.Values)
	if err == nil {
		err = v.speech.Dialect.Check(v.speech.Values)
	}
	maps.Copy(v.values, vars)
	return v, err
}

// takeDialect completes the values of a dialect by those of the environment.
func (v *variables) takeDialect(d *dialect.Dialect, to *dialect.Values) {
	vars := maps.Clone(to.Vars)
	if vars == nil {
		vars = map[string]string{}
	}
	for _, declared := range d.Vars {
		if value := v.values[declared.Name]; vars[declared.Name] == "" && value != "" {
			vars[declared.Name] = value
		}
	}
	to.Vars = vars
	if to.OtherCredential {
		return
	}
	secrets := maps.Clone(to.Secrets)
	if secrets == nil {
		secrets = map[string]vault.Secret{}
	}
	v.spoken = map[string]vault.Secret{}
	for _, declared := range d.Secrets {
		if secret := v.secrets[declared.Name]; secrets[declared.Name].IsZero() && !secret.IsZero() {
			secrets[declared.Name], v.spoken[declared.Name] = secret, secret
		}
	}
	to.Secrets = secrets
}
