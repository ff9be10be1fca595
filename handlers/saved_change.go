package handlers

import (
	"net/http"

	"duplex/handlers/reply"
)

// savedChange renames or moves a saved message.
func (h *Handler) savedChange(w http.ResponseWriter, r *http.Request) error {
	change, err := readSavedChange(w, r)
	if err != nil {
		return err
	}
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	m, err := h.Store.ChangeSaved(r.Context(), s.ID, reply.Param(r, "message"), change)
	if err != nil {
		return h.errors.MapNotFound(err, "saved_not_found")
	}
	return reply.JSON(w, http.StatusOK, savedJSONOf(&m))
}
