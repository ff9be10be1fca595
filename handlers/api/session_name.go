package api

import (
	"net/http"

	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// Rename gives a session a name of its own, which lists show in place of the service's. An
// empty one takes it away.
func (h *Sessions) Rename(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name *string `json:"name"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Name == nil {
		return reply.Bad(reply.CodeMissingField, "name")
	}
	name, err := reply.OptionalName("name", *in.Name)
	if err != nil {
		return err
	}
	info, err := h.Load.SessionToManage(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.SessionName, Object: auditlog.SessionObject(&info), Detail: name}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.NameSession(r.Context(), info.ID, name); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeSessionNotFound) // a relay that is not recorded, or a session that is being deleted
	}
	info = h.Load.WithKept(r, info)
	info.Name = name
	to := h.Readers.Of(w, r)
	return reply.JSON(w, http.StatusOK, to.State(&info))
}
