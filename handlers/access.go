package handlers

import (
	"context"
	"errors"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// What people may see and do. A service is its owner's alone or the team's. A session
// is listed, counted and searched for its owner and for whoever may see its service. One
// that is shared by link opens for everybody who has its id, and is in nobody else's
// lists. What somebody may not see is not there for them: the answer is the one for an id
// that never was.

func isAdmin(p *identity.Person) bool { return p.Role == identity.Admin }

// seesService reports whether p may see a service and use it.
func seesService(p *identity.Person, s *bridge.Service) bool {
	return s.Shared || s.Owner == p.ID || isAdmin(p)
}

// changesService reports whether p may change a service that they see, and delete it.
func changesService(p *identity.Person, s *bridge.Service) bool {
	return p.Role >= identity.Member && (s.ID == "" || s.Owner == p.ID) || isAdmin(p)
}

// manages reports whether p may close a session, share it and hand it over.
func manages(p *identity.Person, info *bridge.Info) bool {
	return p.Role >= identity.Member && info.Access.Owner == p.ID || isAdmin(p)
}

// sends reports whether p may send messages in a session that they see.
func sends(p *identity.Person, info *bridge.Info) bool {
	return manages(p, info) || p.Role >= identity.Member && info.Access.Rights == bridge.Join
}

// accessOf is what is said to p of the access to a session.
func accessOf(p *identity.Person, info *bridge.Info) wire.Access {
	acts := admitted(p, identity.Member, identity.ScopeSessions) == nil
	return wire.Access{
		Owner: info.Access.OwnerName, Shared: info.Access.Shared, Rights: string(info.Access.Rights),
		Mine: info.Access.Owner == p.ID, MaySend: acts && sends(p, info), MayManage: acts && manages(p, info),
	}
}

// seesSession reports whether p, who has the id of a session, may see it.
func (h *Handler) seesSession(ctx context.Context, p *identity.Person, info *bridge.Info) (bool, error) {
	if info.Access.Shared {
		return true, nil
	}
	return h.listsSession(ctx, p, info)
}

// listsSession reports whether a session is in the lists of p, as the store's filter
// does for those that it keeps.
func (h *Handler) listsSession(ctx context.Context, p *identity.Person, info *bridge.Info) (bool, error) {
	if info.Access.Owner == p.ID || isAdmin(p) {
		return true, nil
	}
	if info.ServiceID == "" {
		return false, nil
	}
	s, err := h.Store.Service(ctx, "", info.ServiceID)
	if errors.Is(err, h.StoreErrors.NotFound) {
		return false, nil
	}
	// One that is called like the id of another is not that one.
	return err == nil && s.ID == info.ServiceID && seesService(p, &s), err
}

// checkSees refuses a session that whoever asks may not see.
func (h *Handler) checkSees(ctx context.Context, info *bridge.Info) error {
	person := identity.Of(ctx)
	sees, err := h.seesSession(ctx, &person, info)
	if err == nil && !sees {
		return reply.Bad("session_not_found", "")
	}
	return err
}

// managed finds a session, for who may manage it.
func (h *Handler) managed(ctx context.Context, id string) (bridge.Info, error) {
	info, err := h.session(ctx, id)
	if err != nil {
		return info, err
	}
	if person := identity.Of(ctx); !manages(&person, &info) {
		return info, ownerRequired(info.Access.OwnerName)
	}
	return info, nil
}

// changed finds a service, for who may change it.
func (h *Handler) changed(ctx context.Context, idOrName string) (bridge.Service, error) {
	s, err := h.service(ctx, idOrName)
	if err != nil {
		return s, err
	}
	if person := identity.Of(ctx); !changesService(&person, &s) {
		return s, ownerRequired(s.OwnerName)
	}
	return s, nil
}

func ownerRequired(owner string) error {
	return &reply.Fault{Code: "owner_required", Values: map[string]string{"owner": owner}}
}

// checkSends refuses to send for who may only watch.
func checkSends(p *identity.Person, info *bridge.Info) error {
	if err := allowed(p, identity.Member); err != nil {
		return err
	}
	if !sends(p, info) {
		return &reply.Fault{Code: "watch_only", Values: map[string]string{"owner": info.Access.OwnerName}}
	}
	return nil
}

// services returns those that whoever asks may see, by name.
func (h *Handler) services(ctx context.Context) ([]bridge.Service, error) {
	all, err := h.Store.Services(ctx)
	person := identity.Of(ctx)
	var seen []bridge.Service
	for i := range all {
		if seesService(&person, &all[i]) {
			seen = append(seen, all[i])
		}
	}
	return seen, err
}

// visible narrows a filter down to what whoever asks may see.
func visible(ctx context.Context, f bridge.SessionFilter) bridge.SessionFilter {
	if person := identity.Of(ctx); !isAdmin(&person) {
		f.VisibleTo = person.ID
	}
	return f
}
