package handlers

import (
	"net/http"

	"duplex/bridge/audit"
	"duplex/handlers/reply"
)

func (h *Handler) serviceDelete(w http.ResponseWriter, r *http.Request) error {
	s, err := h.changed(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.ServiceDelete, Object: objectOfService(&s)}
	if err := h.record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.DeleteService(r.Context(), s.ID); err != nil {
		h.noteFailed(r.Context(), entry, err)
		return h.errors.MapNotFound(err, "service_not_found")
	}
	h.endAccess(r.Context(), &s, true)
	h.announce(s.ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
