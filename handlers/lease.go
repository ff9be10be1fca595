package handlers

import (
	"net/http"
	"time"

	"duplex/handlers/identity"
)

// lease says who is asking, and until when that holds; null is for good.
func (h *Handler) lease(w http.ResponseWriter, r *http.Request) error {
	person := identity.Of(r.Context())
	var until *string
	if !person.Until.IsZero() {
		text := person.Until.UTC().Format(time.RFC3339)
		until = &text
	}
	return answer(w, http.StatusOK, map[string]any{
		"person": map[string]string{"id": person.ID, "name": person.Name}, "expires_at": until,
	})
}
