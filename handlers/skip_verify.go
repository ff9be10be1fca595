package handlers

import (
	"context"

	"duplex/bridge"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// maySkipVerify says whether this person may connect without checking certificates.
func (h *Handler) maySkipVerify(ctx context.Context) bool {
	person := identity.Of(ctx)
	return h.AllowSkipVerify && isAdmin(&person)
}

// mayTurnOffChecks refuses to save a service whose certificate nobody checks, unless it
// was saved so before: then every dial is refused to whoever may not.
func (h *Handler) mayTurnOffChecks(ctx context.Context, s, saved *bridge.Service) error {
	if s.SkipVerify && !saved.SkipVerify && !h.maySkipVerify(ctx) {
		return reply.Bad("skip_verify_refused", "tls.skip_verify")
	}
	return nil
}
