package dialect

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"duplex/bridge/vault"
)

// Values are the variables and secrets that a service or a request brings.
type Values struct {
	Vars    map[string]string
	Secrets map[string]vault.Secret

	// OtherCredential says that a credential of another kind authenticates the handshake. No
	// secret is missing then: the parts of the handshake that need one are left out.
	OtherCredential bool
}

// MissingVarError says that a variable without a default has no value.
type MissingVarError struct{ Name string }

// Error implements error.
func (e *MissingVarError) Error() string { return fmt.Sprintf("variable %s has no value", e.Name) }

// MissingSecretError says that a secret has no value.
type MissingSecretError struct{ Name string }

// Error implements error.
func (e *MissingSecretError) Error() string { return fmt.Sprintf("secret %s has no value", e.Name) }

// UnknownVarError says that a value has a name that the dialect does not have.
type UnknownVarError struct {
	Name   string
	Secret bool // the value is a secret
}

// Error implements error.
func (e *UnknownVarError) Error() string {
	if e.Secret {
		return fmt.Sprintf("the dialect has no secret %s", e.Name)
	}
	return fmt.Sprintf("the dialect has no variable %s", e.Name)
}

// Connection has the values of one connection: variables, secrets, session values, captures
// and counters. It serves one handshake, since session values and signatures are not used
// again. It is not safe for concurrent use.
type Connection struct {
	Dialect *Dialect
	Scope   Scope

	absent  map[string]bool // names without a value, because a secret that they need has none
	secure  bool            // the address is wss
	expires time.Time       // of the minted values; zero when they do not expire
}

// Connect begins a connection to u with fresh session values. The error is a
// *MissingVarError, *MissingSecretError, *UnknownVarError or *TemplateError.
func (d *Dialect) Connect(v Values, u *url.URL, now time.Time) (*Connection, error) {
	vars, err := d.VarsOf(v)
	if err == nil {
		err = d.checkSecrets(v)
	}
	if err != nil {
		return nil, err
	}
	c := &Connection{Dialect: d, absent: map[string]bool{}, Scope: Scope{
		Vars: vars, Secrets: map[string]vault.Secret{}, Session: map[string]string{}, Captured: map[string]string{},
		Local: map[string]string{}, Counters: maps.Clone(d.counters), Hidden: map[string]bool{},
	}}
	for _, s := range d.Secrets {
		if secret := v.Secrets[s.Name]; !secret.IsZero() {
			c.Scope.Secrets[s.Name] = secret
		} else {
			c.absent["secret."+s.Name] = true
		}
	}
	c.setAddress(u, now)
	return c, c.assign(d.session, c.Scope.Session)
}

// Check reports the first error of Connect about variables and secrets.
func (d *Dialect) Check(v Values) error {
	if _, err := d.VarsOf(v); err != nil {
		return err
	}
	return d.checkSecrets(v)
}

// VarsOf returns the value of every variable: that of v, or else its default. The error is a
// *MissingVarError or an *UnknownVarError.
func (d *Dialect) VarsOf(v Values) (map[string]string, error) {
	vars := map[string]string{}
	for _, declared := range d.Vars {
		vars[declared.Name] = declared.Default
	}
	for _, name := range slices.Sorted(maps.Keys(v.Vars)) {
		if _, known := vars[name]; !known {
			return nil, &UnknownVarError{Name: name}
		}
		if v.Vars[name] != "" {
			vars[name] = v.Vars[name]
		}
	}
	for _, declared := range d.Vars {
		if declared.Required && vars[declared.Name] == "" {
			return nil, &MissingVarError{declared.Name}
		}
	}
	return vars, nil
}

func (d *Dialect) checkSecrets(v Values) error {
	for _, name := range slices.Sorted(maps.Keys(v.Secrets)) {
		known := slices.ContainsFunc(d.Secrets, func(s Secret) bool { return s.Name == name })
		if !known && !v.Secrets[name].IsZero() {
			return &UnknownVarError{Name: name, Secret: true}
		}
	}
	for _, s := range d.Secrets {
		if v.Secrets[s.Name].IsZero() && !s.Optional && !v.OtherCredential {
			return &MissingSecretError{s.Name}
		}
	}
	return nil
}

// setAddress sets the values that come from the address of the handshake.
func (c *Connection) setAddress(u *url.URL, now time.Time) {
	c.Scope.Host, c.Scope.Path, c.Scope.Query, c.Scope.Now = u.Host, u.EscapedPath(), u.RawQuery, now
	c.secure = u.Scheme == "wss"
}

// assign adds the values of assignments to one of the maps of the scope, each seen by the
// later ones.
func (c *Connection) assign(list []Assignment, to map[string]string) error {
	for _, a := range list {
		text, left, err := c.build(a.Value)
		if err != nil {
			return fmt.Errorf("value of %s: %w", a.Name, err)
		}
		if left {
			c.absent[a.Name] = true
			continue
		}
		to[a.Name] = string(text.Wire)
		c.Scope.Hidden[a.Name] = text.HasSecret()
	}
	return nil
}

// build builds a template. Left says that it is to be left out, because a secret that it
// needs has no value.
func (c *Connection) build(t *Template) (text Text, left bool, err error) {
	text, err = t.Build(&c.Scope)
	if wrong, ok := errors.AsType[*TemplateError](err); ok && c.absent[wrong.Name] {
		return Text{}, true, nil
	}
	return text, false, err
}

// hidden returns the values of the connection that nobody may see.
func (c *Connection) hidden() []vault.Secret {
	var out []vault.Secret
	for _, secret := range c.Scope.Secrets {
		out = append(out, secret)
	}
	for _, values := range []map[string]string{c.Scope.Session, c.Scope.Captured, c.Scope.Local} {
		for name, value := range values {
			if c.Scope.Hidden[name] && value != "" {
				out = append(out, vault.NewSecret(value))
			}
		}
	}
	return out
}
