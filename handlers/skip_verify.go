package handlers

import (
	"context"

	"duplex/bridge"
	"duplex/handlers/identity"
)

// maySkipVerify says whether this person may connect without checking certificates.
func (h *Handler) maySkipVerify(ctx context.Context) bool {
	return h.AllowSkipVerify && h.isAdmin(identity.Of(ctx))
}

// isAdmin says whether p may do what is kept from others.
func (h *Handler) isAdmin(p identity.Person) bool {
	if h.Admin != nil {
		return h.Admin(p)
	}
	return p.Role == identity.Admin
}

// mayTurnOffChecks refuses to save a service whose certificate nobody checks, unless it
// was saved so before: then every dial is refused to whoever may not.
func (h *Handler) mayTurnOffChecks(ctx context.Context, s, saved *bridge.Service) error {
	if s.SkipVerify && !saved.SkipVerify && !h.maySkipVerify(ctx) {
		return bad("skip_verify_refused", "tls.skip_verify")
	}
	return nil
}
