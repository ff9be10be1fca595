// Package access holds the rules of who may see and do what. It loads nothing: a rule
// looks at a person and a thing.
package access

import (
	"duplex/handlers/identity"
)

// Require says which role a person lacks, or which scope their program's token.
func Require(p *identity.Person, role identity.Role, scope identity.Scope) error {
	err := RequireRole(p, role)
	if err == nil && !p.Within(scope) {
		err = &identity.RefusedError{Code: identity.RefusedScope, Scope: scope}
	}
	return err
}

// RequireRole says which role a person lacks.
func RequireRole(p *identity.Person, role identity.Role) error {
	if p.Role < role {
		return &identity.RefusedError{Code: identity.RefusedRole, Need: role}
	}
	return nil
}
