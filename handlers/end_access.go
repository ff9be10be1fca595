package handlers

import (
	"context"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// endAccessTime bounds the wait for connections that are ended.
const endAccessTime = 2 * time.Second

// endAccess ends the sessions and relays of people who may no longer use a service: all
// others than its owner's and, unless it is gone, those of admins. They would go on with
// its secrets otherwise.
func (h *Handler) endAccess(ctx context.Context, s *bridge.Service, gone bool) {
	if h.Identity.Settings.Mode == identity.ModeNone {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endAccessTime)
	defer cancel()
	const reason = "access_ended"
	ended := h.Hub.EndAccess(ctx, int(reply.CloseOf(reason)), reason, func(info *bridge.Info) bool {
		owner := info.Access.Owner
		return info.ServiceID == s.ID && owner != s.Owner && (gone || !h.isAdminNow(ctx, owner))
	})
	for i := range ended {
		h.note(ctx, audit.Entry{Action: audit.SessionClose, Object: objectOf(&ended[i]), Detail: reason})
	}
}

// endSession ends one session that its person may not have.
func (h *Handler) endSession(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endAccessTime)
	defer cancel()
	const reason = "access_ended"
	h.Hub.EndAccess(ctx, int(reply.CloseOf(reason)), reason, func(info *bridge.Info) bool { return info.ID == id })
}

// isAdminNow reports whether a person who does not ask is an admin. Who cannot be looked
// up is none.
func (h *Handler) isAdminNow(ctx context.Context, person string) bool {
	role, err := h.Identity.RoleOf(ctx, person)
	return err == nil && role == identity.Admin
}

// stillSees refuses what was opened of a service that was made private or deleted while
// its target was dialled.
func (h *Handler) stillSees(ctx context.Context, s *bridge.Service) error {
	if s == nil {
		return nil
	}
	now, err := h.service(ctx, s.ID)
	if err == nil && now.ID != s.ID {
		err = reply.Bad("service_not_found", "")
	}
	return err
}
