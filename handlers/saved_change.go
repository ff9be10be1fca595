package handlers

import "net/http"

// savedChange renames or moves a saved message.
func (h *Handler) savedChange(w http.ResponseWriter, r *http.Request) error {
	change, err := readSavedChange(w, r)
	if err != nil {
		return err
	}
	s, err := h.service(r.Context(), param(r, "service"))
	if err != nil {
		return err
	}
	m, err := h.Store.ChangeSaved(r.Context(), s.ID, param(r, "message"), change)
	if err != nil {
		return h.absent(err, "saved_not_found")
	}
	return answer(w, http.StatusOK, savedJSONOf(&m))
}
