package access

import (
	"context"

	"duplex/bridge"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// ManagesSession reports whether p may close a session, delete it, share it and hand it over.
func ManagesSession(p *identity.Person, info *bridge.Info) bool {
	return p.Role >= identity.Member && info.Access.Owner == p.ID || IsAdmin(p)
}

// SendsInSession reports whether p may send messages in a session that they see.
func SendsInSession(p *identity.Person, info *bridge.Info) bool {
	return ManagesSession(p, info) || p.Role >= identity.Member && info.Access.Rights == bridge.Join
}

// OwnerRequired returns the error for a call that only the owner may make. owner is the
// name shown.
func OwnerRequired(owner string) error {
	return &reply.Error{Code: reply.CodeOwnerRequired, Values: map[string]string{"owner": owner}}
}

// RequireSend refuses people who may only watch the session.
func RequireSend(p *identity.Person, info *bridge.Info) error {
	if err := RequireRole(p, identity.Member); err != nil {
		return err
	}
	if !SendsInSession(p, info) {
		return &reply.Error{Code: reply.CodeWatchOnly, Values: map[string]string{"owner": info.Access.OwnerName}}
	}
	return nil
}

// VisibleSessions narrows a filter to the sessions that the person may see.
func VisibleSessions(ctx context.Context, f bridge.SessionFilter) bridge.SessionFilter {
	if person := identity.Of(ctx); !IsAdmin(&person) {
		f.VisibleTo = person.ID
	}
	return f
}
