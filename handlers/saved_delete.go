package handlers

import "net/http"

func (h *Handler) savedDelete(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), param(r, "service"))
	if err != nil {
		return err
	}
	if err := h.Store.DeleteSaved(r.Context(), s.ID, param(r, "message")); err != nil {
		return h.absent(err, "saved_not_found")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
