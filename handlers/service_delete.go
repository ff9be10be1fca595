package handlers

import "net/http"

func (h *Handler) serviceDelete(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), param(r, "service"))
	if err != nil {
		return err
	}
	if err := h.Store.DeleteService(r.Context(), s.ID); err != nil {
		return h.absent(err, "service_not_found")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
