package handlers

import (
	"net/http"

	"duplex/handlers/reply"
)

func (h *Handler) savedDelete(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	if err := h.Store.DeleteSaved(r.Context(), s.ID, reply.Param(r, "message")); err != nil {
		return h.errors.MapNotFound(err, "saved_not_found")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
