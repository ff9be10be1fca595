package handlers

import (
	"context"
	"net/http"

	"duplex/bridge"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

func (h *Handler) serviceRead(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, jsonOf(r.Context(), &s))
}

// service finds a service by its id or its name, for who may see it.
func (h *Handler) service(ctx context.Context, idOrName string) (bridge.Service, error) {
	if reply.RequireName(idOrName) != nil { // no service has it
		return bridge.Service{}, reply.Bad("service_not_found", "service")
	}
	person := identity.Of(ctx)
	s, err := h.Store.Service(ctx, person.ID, idOrName)
	if err == nil && !seesService(&person, &s) {
		return bridge.Service{}, reply.Bad("service_not_found", "")
	}
	return s, h.errors.MapNotFound(err, "service_not_found")
}
