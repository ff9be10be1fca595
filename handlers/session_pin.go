package handlers

import (
	"net/http"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/reply"
)

// sessionPin keeps a session from the retention sweep, or no longer.
func (h *Handler) sessionPin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Pinned *bool `json:"pinned"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Pinned == nil {
		return reply.Bad("missing_field", "pinned")
	}
	info, err := h.managed(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.SessionPin, Object: objectOf(&info), Detail: pinDetail(*in.Pinned)}
	if err := h.record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.SetPinned(r.Context(), info.ID, *in.Pinned); err != nil {
		h.noteFailed(r.Context(), entry, err)
		return h.errors.MapNotFound(err, "session_not_found") // a relay that nobody records, or one that is being deleted
	}
	info.Pinned = *in.Pinned
	to := h.readerOf(w, r)
	return reply.JSON(w, http.StatusOK, to.state(&info))
}

func pinDetail(pinned bool) string {
	if pinned {
		return "keep"
	}
	return "no longer"
}

// withPin adds what of a live session the store alone knows.
func (h *Handler) withPin(r *http.Request, info bridge.Info) bridge.Info {
	if info.State != bridge.Closed {
		if kept, err := h.Store.Session(r.Context(), info.ID); err == nil {
			info.Pinned = kept.Pinned
		}
	}
	return info
}
