package api

import (
	"context"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// endAccessTime bounds the wait for connections that are ended.
const endAccessTime = 2 * time.Second

// endAccess ends the sessions and relays of people who may no longer use a service: all
// others than its owner's and, unless it is gone, those of admins. They would go on with
// its secrets otherwise.
func (h *Services) endAccess(ctx context.Context, s *bridge.Service, gone bool) {
	if h.Identity.Settings.Mode == identity.ModeNone {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endAccessTime)
	defer cancel()
	const reason = reply.CodeAccessEnded
	ended := h.Hub.EndAccess(ctx, int(reply.CloseOf(reason)), string(reason), func(info *bridge.Info) bool {
		owner := info.Access.Owner
		return info.ServiceID == s.ID && owner != s.Owner && (gone || !h.isAdminNow(ctx, owner))
	})
	for i := range ended {
		h.Audit.Note(ctx, audit.Entry{Action: audit.SessionClose, Object: auditlog.SessionObject(&ended[i]), Detail: string(reason)})
	}
}

// isAdminNow reports whether a person who does not ask is an admin. Who cannot be looked
// up is none.
func (h *Services) isAdminNow(ctx context.Context, person string) bool {
	role, err := h.Identity.RoleOf(ctx, person)
	return err == nil && role == identity.Admin
}

// announce tells who watches sessions of a service that other people may see it now.
func (h *Services) announce(service string) {
	for _, info := range h.Hub.Sessions() {
		if s, live := h.Hub.Session(info.ID); live && info.ServiceID == service {
			s.Announce()
		}
	}
}
