package handlers

import (
	"context"
	"net/http"

	"duplex/bridge"
)

func (h *Handler) serviceRead(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), param(r, "service"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, jsonOf(&s))
}

// service finds a service by its id or its name.
func (h *Handler) service(ctx context.Context, idOrName string) (bridge.Service, error) {
	if checkName(idOrName) != nil { // no service has it
		return bridge.Service{}, bad("service_not_found", "service")
	}
	s, err := h.Store.Service(ctx, idOrName)
	return s, h.absent(err, "service_not_found")
}
