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

// endAccessTime bounds the wait until ended connections are closed.
const endAccessTime = 2 * time.Second

// endAccess ends the sessions and relays of people who may no longer use a service,
// because they use its secrets. Those of its owner and of admins stay, unless the service
// is gone.
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

// isAdminNow reports whether a person other than the sender is an admin; false when the
// store fails.
func (h *Services) isAdminNow(ctx context.Context, person string) bool {
	role, err := h.Identity.RoleOf(ctx, person)
	return err == nil && role == identity.Admin
}

// announceAccess makes the viewers of a service's sessions check again whether they may see
// them.
func (h *Services) announceAccess(service string) {
	for _, info := range h.Hub.Sessions() {
		if s, live := h.Hub.Session(info.ID); live && info.ServiceID == service {
			s.Announce()
		}
	}
}
