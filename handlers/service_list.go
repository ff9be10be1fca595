package handlers

import (
	"net/http"

	"duplex/handlers/reply"
)

func (h *Handler) serviceList(w http.ResponseWriter, r *http.Request) error {
	services, err := h.services(r.Context())
	if err != nil {
		return err
	}
	list := make([]*serviceJSON, len(services))
	for i := range services {
		list[i] = jsonOf(r.Context(), &services[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"services": list})
}
