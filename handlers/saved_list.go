package handlers

import (
	"net/http"

	"duplex/handlers/reply"
)

func (h *Handler) savedList(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	messages, err := h.Store.SavedMessages(r.Context(), s.ID)
	if err != nil {
		return err
	}
	list := make([]savedJSON, len(messages))
	for i := range messages {
		list[i] = savedJSONOf(&messages[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"messages": list})
}
