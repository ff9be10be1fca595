package load

import (
	"context"
	"errors"
	"net/http"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// SeesSession reports whether p, who has the id of a session, may see it.
func (l *Loader) SeesSession(ctx context.Context, p *identity.Person, info *bridge.Info) (bool, error) {
	if info.Access.Shared {
		return true, nil
	}
	return l.listsSession(ctx, p, info)
}

// listsSession reports whether an open session is in the lists of p. It follows the same
// rule as the store's filter.
func (l *Loader) listsSession(ctx context.Context, p *identity.Person, info *bridge.Info) (bool, error) {
	if info.Access.Owner == p.ID || access.IsAdmin(p) {
		return true, nil
	}
	if info.ServiceID == "" {
		return false, nil
	}
	s, err := l.Store.Service(ctx, "", info.ServiceID)
	if errors.Is(err, l.Errors.StoreErrors.NotFound) {
		return false, nil
	}
	// A service may have the id of another as its name.
	return err == nil && s.ID == info.ServiceID && access.SeesService(p, &s), err
}

// requireSeesSession refuses a session that the person may not see.
func (l *Loader) requireSeesSession(ctx context.Context, info *bridge.Info) error {
	person := identity.Of(ctx)
	sees, err := l.SeesSession(ctx, &person, info)
	if err == nil && !sees {
		return reply.Bad(reply.CodeSessionNotFound, "")
	}
	return err
}

// SessionToManage loads a session that the person may manage; owner_required.
func (l *Loader) SessionToManage(ctx context.Context, id string) (bridge.Info, error) {
	info, err := l.Session(ctx, id)
	if err != nil {
		return info, err
	}
	if person := identity.Of(ctx); !access.ManagesSession(&person, &info) {
		return info, access.OwnerRequired(info.Access.OwnerName)
	}
	return info, nil
}

// WithKept adds the pin and the name of an open session, which only the store knows.
func (l *Loader) WithKept(r *http.Request, info bridge.Info) bridge.Info {
	if info.State != bridge.Closed {
		if kept, err := l.Store.Session(r.Context(), info.ID); err == nil {
			info.Pinned, info.Name = kept.Pinned, kept.Name
		}
	}
	return info
}

// Session loads an open or ended session or relay, if the person may see it;
// session_not_found.
func (l *Loader) Session(ctx context.Context, id string) (bridge.Info, error) {
	info, err := l.AnySession(ctx, id)
	if err == nil {
		err = l.requireSeesSession(ctx, &info)
	}
	if err != nil {
		return bridge.Info{}, err
	}
	return info, nil
}

// LiveSession loads an open session in which the person may send. An ended session and an
// unknown one have different errors.
func (l *Loader) LiveSession(ctx context.Context, id string) (*bridge.Session, error) {
	info, err := l.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	person := identity.Of(ctx)
	if err := access.RequireSend(&person, &info); err != nil {
		return nil, err
	}
	if s, live := l.Hub.Session(id); live {
		return s, nil
	}
	return nil, reply.Bad(reply.CodeSessionClosed, "")
}

// ListedSession loads a session that is in the lists of the person; session_not_found.
func (l *Loader) ListedSession(ctx context.Context, id string) (bridge.Info, error) {
	info, err := l.AnySession(ctx, id)
	if err != nil {
		return bridge.Info{}, err
	}
	person := identity.Of(ctx)
	lists, err := l.listsSession(ctx, &person, &info)
	if err == nil && !lists {
		err = reply.Bad(reply.CodeSessionNotFound, "")
	}
	return info, err
}

// AnySession loads a session without a check of the person.
func (l *Loader) AnySession(ctx context.Context, id string) (bridge.Info, error) {
	if s, live := l.Hub.Session(id); live {
		return s.Info(), nil
	}
	for _, info := range l.Hub.Sessions() {
		if info.ID == id {
			return info, nil
		}
	}
	record, err := l.Store.Session(ctx, id)
	if err != nil {
		return bridge.Info{}, l.Errors.MapNotFound(err, reply.CodeSessionNotFound)
	}
	return pastInfo(record), nil
}

// pastInfo returns the info of a session that is only in the store.
func pastInfo(r bridge.Record) bridge.Info { return bridge.Info{Record: r, State: bridge.Closed} }
