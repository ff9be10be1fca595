package handlers

import (
	"net/http"
	"time"

	"duplex/handlers/identity"
)

// lease says who is asking, and until when that holds; null is for good. Asking
// renews it, as any other request does: sockets live as long as somebody vouches
// for their person.
func (h *Handler) lease(w http.ResponseWriter, r *http.Request) error {
	person := identity.Of(r.Context())
	var until *string
	if !person.Until.IsZero() {
		text := person.Until.UTC().Format(time.RFC3339Nano)
		until = &text
	}
	return answer(w, http.StatusOK, map[string]any{
		"person":     map[string]string{"id": person.ID, "name": person.Name, "role": person.Role.String()},
		"expires_at": until,
	})
}
