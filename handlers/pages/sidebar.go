package pages

import (
	"context"

	"duplex/bridge"
	"duplex/handlers/identity"
	"duplex/views"
)

// listedSessions is the number of sessions in the sidebar, besides open ones.
const listedSessions = 20

// sidebar is the list of services and of sessions at the side of every page.
type sidebar struct {
	person   string // the id of the person
	services []bridge.Service
	sessions []bridge.Info
}

func (h *Pages) loadSidebar(ctx context.Context) (sidebar, error) {
	if err := h.RequireAssets(); err != nil {
		return sidebar{}, err
	}
	services, err := h.Load.Services(ctx)
	if err != nil {
		return sidebar{}, err
	}
	f := bridge.SessionFilter{Limit: listedSessions}
	sessions, err := h.Load.Sessions(ctx, f)
	if err == nil {
		sessions, err = h.Load.AddRunning(ctx, f, sessions)
	}
	return sidebar{person: identity.Of(ctx).ID, services: services, sessions: sessions}, err
}

func (s sidebar) serviceLinks(selected string) []views.ServiceLink {
	links := make([]views.ServiceLink, len(s.services))
	for i := range s.services {
		v := &s.services[i]
		links[i] = views.ServiceLink{
			ID: v.ID, Name: v.Name, Kind: string(v.Credential.Kind), Demo: v.Demo, Address: v.Address,
			Private: !v.Shared, Selected: v.ID == selected,
		}
	}
	return links
}

func (s sidebar) sessionLinks(selected string) []views.SessionLink {
	links := make([]views.SessionLink, len(s.sessions))
	for i := range s.sessions {
		v := &s.sessions[i]
		links[i] = views.SessionLink{
			ID: v.ID, Name: sessionName(v), State: string(v.State), Owner: s.ownerShown(v),
			Messages: v.Counts.Sent + v.Counts.Received, Selected: v.ID == selected,
		}
	}
	return links
}

// ownerShown returns the owner's name for an open session of another person; "" for
// others.
func (s sidebar) ownerShown(info *bridge.Info) string {
	if info.State == bridge.Closed || info.Access.Owner == s.person {
		return ""
	}
	return info.Access.OwnerName
}

// sessionName returns the name of the session's service, or else the dialled address.
func sessionName(info *bridge.Info) string {
	if info.ServiceName != "" {
		return info.ServiceName
	}
	return info.Address
}
