package access

import (
	"context"

	"duplex/bridge"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
)

// The rights of people. A service belongs to its owner alone or to the team. A session is
// listed, counted and searched for its owner and for the people who may see its service.
// One that is shared by link opens for everybody who has its id, and appears in nobody
// else's lists. An object that a person may not see is not found, exactly like an unknown
// id.

// IsAdmin reports whether p has the admin role.
func IsAdmin(p *identity.Person) bool { return p.Role == identity.Admin }

// SeesService reports whether p may see a service and use it.
func SeesService(p *identity.Person, s *bridge.Service) bool {
	return s.Shared || s.Owner == p.ID || IsAdmin(p)
}

// ChangesService reports whether p may change a service that they see, and delete it.
func ChangesService(p *identity.Person, s *bridge.Service) bool {
	return p.Role >= identity.Member && (s.ID == "" || s.Owner == p.ID) || IsAdmin(p)
}

// BindsSecret reports whether p may change the targets of a secret.
func BindsSecret(p *identity.Person, b vault.Binding) bool {
	return p.Role >= identity.Member && p.ID == b.Owner || IsAdmin(p)
}

// MaySkipVerify reports whether the person of ctx may connect without checking
// certificates.
func MaySkipVerify(ctx context.Context, allowed bool) bool {
	person := identity.Of(ctx)
	return allowed && IsAdmin(&person)
}
