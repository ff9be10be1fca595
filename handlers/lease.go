package handlers

import (
	"net/http"
	"time"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// lease says who is asking, and until when that holds; null is for good. Asking
// renews it, as any other request does: sockets live as long as somebody vouches
// for their person.
func (h *Handler) lease(w http.ResponseWriter, r *http.Request) error {
	person := identity.Of(r.Context())
	var until *string
	var again *int64
	if !person.Until.IsZero() {
		text, wait := person.Until.UTC().Format(time.RFC3339Nano), person.Until.Sub(h.Now()).Milliseconds()/identity.LeaseParts
		until, again = &text, &wait
	}
	return reply.JSON(w, http.StatusOK, map[string]any{
		"person":     map[string]string{"id": person.ID, "name": person.Name, "role": person.Role.String()},
		"expires_at": until, "renew_in_ms": again,
	})
}
