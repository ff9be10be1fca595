// Package access holds the rights of people on services, sessions and secrets. It loads
// nothing: a rule gets a person and an object.
package access

import (
	"duplex/handlers/identity"
)

// Require returns a *identity.RefusedError when a person lacks the role, or their
// program's token the scope.
func Require(p *identity.Person, role identity.Role, scope identity.Scope) error {
	err := RequireRole(p, role)
	if err == nil && !p.Within(scope) {
		err = &identity.RefusedError{Code: identity.RefusedScope, Scope: scope}
	}
	return err
}

// RequireRole returns a *identity.RefusedError when a person lacks the role.
func RequireRole(p *identity.Person, role identity.Role) error {
	if p.Role < role {
		return &identity.RefusedError{Code: identity.RefusedRole, Need: role}
	}
	return nil
}
