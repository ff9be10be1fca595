// Package load loads services and sessions for the person of a request. Objects that the
// person may not see are not found.
package load

import (
	"context"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Store is the part of the store that the Loader reads.
type Store interface {
	TurnStore

	// Folders returns the folders that a person made, by name.
	Folders(ctx context.Context, person string) ([]string, error)

	// Services returns all services by name.
	Services(ctx context.Context) ([]bridge.Service, error)
	// Service returns the service with this id, or else the person's private one with
	// this name, or else the team's; StoreErrors.NotFound.
	Service(ctx context.Context, person, idOrName string) (bridge.Service, error)
	// Session returns one session; StoreErrors.NotFound.
	Session(ctx context.Context, id string) (bridge.Record, error)
	// Sessions returns the sessions that a filter selects, newest first.
	Sessions(ctx context.Context, f bridge.SessionFilter) ([]bridge.Record, error)
	// CountOpened returns when the sessions that a filter selects were opened, newest first.
	CountOpened(ctx context.Context, f bridge.SessionFilter) ([]bridge.OpenedCount, error)
	// Openers returns the names of the people who opened them.
	Openers(ctx context.Context, f bridge.SessionFilter) ([]string, error)
}

// Loader loads services, sessions, people and access tokens.
type Loader struct {
	Hub      *bridge.Hub
	Store    Store
	Identity *identity.Guard
	Errors   *reply.Mapper

	readings readings
}

// ServiceToChange loads a service that the person may change; owner_required.
func (l *Loader) ServiceToChange(ctx context.Context, idOrName string) (bridge.Service, error) {
	s, err := l.Service(ctx, idOrName)
	if err != nil {
		return s, err
	}
	if person := identity.Of(ctx); !access.ChangesService(&person, &s) {
		return s, access.OwnerRequired(s.OwnerName)
	}
	return s, nil
}

// Services returns the services that the person may see, by name.
func (l *Loader) Services(ctx context.Context) ([]bridge.Service, error) {
	all, err := l.Store.Services(ctx)
	person := identity.Of(ctx)
	var seen []bridge.Service
	for i := range all {
		if access.SeesService(&person, &all[i]) {
			seen = append(seen, all[i])
		}
	}
	return seen, err
}

// RequireStillSees refuses a service that was made private or deleted while its target
// was dialled.
func (l *Loader) RequireStillSees(ctx context.Context, s *bridge.Service) error {
	if s == nil {
		return nil
	}
	now, err := l.Service(ctx, s.ID)
	if err == nil && now.ID != s.ID {
		err = reply.Bad(reply.CodeServiceNotFound, "")
	}
	return err
}

// Service loads a service by id or name, if the person may see it; service_not_found.
func (l *Loader) Service(ctx context.Context, idOrName string) (bridge.Service, error) {
	if reply.RequireName(idOrName) != nil { // no service has it
		return bridge.Service{}, reply.Bad(reply.CodeServiceNotFound, "service")
	}
	person := identity.Of(ctx)
	s, err := l.Store.Service(ctx, person.ID, idOrName)
	if err == nil && !access.SeesService(&person, &s) {
		return bridge.Service{}, reply.Bad(reply.CodeServiceNotFound, "")
	}
	return s, l.Errors.MapNotFound(err, reply.CodeServiceNotFound)
}
