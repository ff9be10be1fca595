package load

import (
	"context"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Sessions lists sessions and relays, newest first. The hub overrides the store for open
// sessions, and only it knows relays without a log.
func (l *Loader) Sessions(ctx context.Context, f bridge.SessionFilter) ([]bridge.Info, error) {
	f, person := access.VisibleSessions(ctx, f), identity.Of(ctx)
	live := l.Hub.Sessions() // before the store is asked: a session that ends in between is in the store
	if err := l.setPlace(ctx, &f, live); err != nil {
		return nil, err
	}
	records, err := l.Store.Sessions(ctx, f)
	if err != nil {
		return nil, err
	}
	known := map[string]bridge.Info{}
	for _, info := range live {
		known[info.ID] = info
	}
	var infos []bridge.Info
	for _, record := range records {
		info, running := known[record.ID]
		if !running {
			info = pastInfo(record)
		}
		info.Pinned, info.Name, info.Turns = record.Pinned, record.Name, record.Turns
		delete(known, record.ID)
		infos = append(infos, info)
	}
	if f.Before != "" || f.After != "" {
		return infos, nil
	}
	for _, info := range known {
		if info.Kind != bridge.KindRelay || !selectsRelay(f, &info) {
			continue
		}
		lists, err := l.listsSession(ctx, &person, &info)
		if err != nil {
			return nil, err
		}
		if lists {
			infos = append(infos, info)
		}
	}
	sortNewest(infos)
	return infos[:min(len(infos), f.Limit)], nil
}

// setPlace sets the time of the session from which a list continues, when it is open:
// it may be a relay that is not in the store.
func (l *Loader) setPlace(ctx context.Context, f *bridge.SessionFilter, live []bridge.Info) error {
	i := slices.IndexFunc(live, func(info bridge.Info) bool { return info.ID == f.Before })
	if i < 0 {
		return nil
	}
	person := identity.Of(ctx)
	lists, err := l.listsSession(ctx, &person, &live[i])
	if lists {
		f.BeforeTime = live[i].OpenedAt
	}
	return err
}

func sortNewest(infos []bridge.Info) {
	slices.SortStableFunc(infos, func(a, b bridge.Info) int { return b.OpenedAt.Compare(a.OpenedAt) })
}

// selectsRelay applies the filter of the store to an open relay, which is not in the store.
func selectsRelay(f bridge.SessionFilter, info *bridge.Info) bool {
	contains := func(text, part string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(part)) }
	return (f.Service == "" || f.Service == info.ServiceID || contains(info.ServiceName, f.Service) || contains(info.Address, f.Service)) &&
		contains(info.OpenedBy, f.OpenedBy) && (f.State == "" || f.State == bridge.Open) && !f.Broken && !f.Failed &&
		!info.OpenedAt.Before(f.From) && (f.To.IsZero() || info.OpenedAt.Before(f.To))
}

// AddRunning adds older sessions that are open, so that short new ones do not hide them.
func (l *Loader) AddRunning(ctx context.Context, f bridge.SessionFilter, listed []bridge.Info) ([]bridge.Info, error) {
	f.State, f.Limit = bridge.Open, reply.DefaultSessions
	running, err := l.Sessions(ctx, f)
	if err != nil {
		return nil, err
	}
	for _, info := range running {
		if !slices.ContainsFunc(listed, func(known bridge.Info) bool { return known.ID == info.ID }) {
			listed = append(listed, info)
		}
	}
	sortNewest(listed)
	return listed, nil
}
