package pages

import (
	"context"
	"time"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/views"
)

const (
	listedSessions = 20             // sessions in the side list besides open ones
	failedFor      = 24 * time.Hour // time for which a session that ended with an error is listed
)

// sidebar is the list of services and of sessions at the side of every page.
type sidebar struct {
	person   identity.Person
	services []bridge.Service
	made     []string // folders that the person made
	sessions []bridge.Info
	history  int64 // sessions that the person may see
	inside   bool  // the page shows a session of the selected service
	now      time.Time
}

func (h *Pages) loadSidebar(ctx context.Context) (sidebar, error) {
	if err := h.RequireAssets(); err != nil {
		return sidebar{}, err
	}
	s := sidebar{person: identity.Of(ctx), now: h.Now()}
	var err error
	if s.services, err = h.Load.Services(ctx); err != nil {
		return s, err
	}
	if s.made, err = h.Load.Store.Folders(ctx, s.person.ID); err != nil {
		return s, err
	}
	if s.history, _, err = h.Store.CountSessions(ctx, access.VisibleSessions(ctx, bridge.SessionFilter{})); err != nil {
		return s, err
	}
	f := bridge.SessionFilter{Limit: listedSessions}
	s.sessions, err = h.Load.Sessions(ctx, f)
	if err == nil {
		s.sessions, err = h.Load.AddRunning(ctx, f, s.sessions)
	}
	return s, err
}

// serviceLinks returns the services in their folders. selected is the service that the page
// shows, by itself or with a session.
func (s *sidebar) serviceLinks(selected string) views.ServiceList {
	list := views.ServiceList{History: s.history}
	for _, f := range load.FoldersOf(s.services, s.made) {
		folder := views.ServiceFolder{Name: f.Name, MayChange: f.KeptBy(&s.person) == nil}
		for i := range f.Services {
			folder.Services = append(folder.Services, s.serviceLink(&f.Services[i], selected))
		}
		list.Folders = append(list.Folders, folder)
	}
	for i := range s.services {
		v := &s.services[i]
		switch link := s.serviceLink(v, selected); {
		case v.Folder != "":
		case v.Demo != "":
			list.Demo = append(list.Demo, link)
		default:
			list.Loose = append(list.Loose, link)
		}
	}
	return list
}

func (s *sidebar) serviceLink(v *bridge.Service, selected string) views.ServiceLink {
	keys := 0
	for field := range v.Secrets {
		if bridge.OfCredential(field) {
			keys++
		}
	}
	return views.ServiceLink{
		ID: v.ID, Name: v.Name, Kind: string(v.Credential.Kind), Demo: v.Demo, Address: v.Address,
		Keys: keys, Private: !v.Shared, MayChange: access.ChangesService(&s.person, v), Selected: v.ID == selected && !s.inside, Context: v.ID == selected && s.inside,
	}
}

// sessionLinks returns the open sessions, the selected one, and the person's own that ended
// with an error a short time ago: the browser knows which of those were seen.
func (s *sidebar) sessionLinks(selected string) []views.SessionLink {
	var links []views.SessionLink
	for i := range s.sessions {
		v := &s.sessions[i]
		failed := hasFailed(v)
		isNew := failed && v.Access.Owner == s.person.ID && s.now.Sub(v.Ending.At) < failedFor
		if v.State == bridge.Closed && v.ID != selected && !isNew {
			continue
		}
		links = append(links, views.SessionLink{
			ID: v.ID, Name: sessionName(v), Service: s.naming(v), Address: v.Address, State: string(v.State), Failed: failed,
			Owner: s.ownerShown(v), OpenedBy: v.OpenedBy, OpenedAt: v.OpenedAt, Selected: v.ID == selected,
		})
	}
	return links
}

// hasFailed reports whether a session ended with an error.
func hasFailed(info *bridge.Info) bool {
	return info.State == bridge.Closed && info.Ending != nil && (info.Ending.Finding != nil || !info.Ending.Clean)
}

// naming returns the service that names a session; nil when it has a name of its own, or the
// service is unknown.
func (s *sidebar) naming(info *bridge.Info) *views.ServiceLink {
	if info.Name != "" {
		return nil
	}
	service := s.findService(func(v bridge.Service) bool {
		return v.ID == info.ServiceID && v.Demo != "" && v.Name == info.ServiceName
	})
	if service == nil {
		return nil
	}
	link := s.serviceLink(service, "")
	return &link
}

// ownerShown returns the owner's name for a session of another person; "" for others.
func (s *sidebar) ownerShown(info *bridge.Info) string {
	if info.Access.Owner == s.person.ID {
		return ""
	}
	return info.Access.OwnerName
}

// sessionName returns the name of a session, or else that of its service, or else the dialled
// address.
func sessionName(info *bridge.Info) string {
	switch {
	case info.Name != "":
		return info.Name
	case info.ServiceName != "":
		return info.ServiceName
	}
	return info.Address
}
