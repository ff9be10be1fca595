package handlers

import "net/http"

func (h *Handler) serviceList(w http.ResponseWriter, r *http.Request) error {
	services, err := h.services(r.Context())
	if err != nil {
		return err
	}
	list := make([]*serviceJSON, len(services))
	for i := range services {
		list[i] = jsonOf(r.Context(), &services[i])
	}
	return answer(w, http.StatusOK, map[string]any{"services": list})
}
