package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/reply"
)

// deleteTime bounds the deletion of a long log, which goes on when whoever asked for
// it leaves.
const deleteTime = 5 * time.Minute

// sessionDelete deletes a session that has ended, with its transcript.
func (h *Handler) sessionDelete(w http.ResponseWriter, r *http.Request) error {
	id := reply.Param(r, "session")
	info, err := h.managed(r.Context(), id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(h.Hub.Sessions(), func(live bridge.Info) bool { return live.ID == id }) {
		if info.State == bridge.Closed && h.Hub.StoreAway() { // its end waits to be stored
			return reply.Bad("store_unavailable", "")
		}
		return reply.Bad("session_running", "")
	}
	entry := audit.Entry{Action: audit.SessionDelete, Object: objectOf(&info)}
	if err := h.record(r.Context(), entry); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), deleteTime)
	defer cancel()
	if err := h.deleted(ctx, id); err != nil {
		h.noteFailed(r.Context(), entry, err)
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleted deletes a session of the store.
func (h *Handler) deleted(ctx context.Context, id string) error {
	err := h.Store.DeleteSession(ctx, id)
	if errors.Is(err, h.StoreErrors.Running) { // in another process, or it is just ending
		return &reply.Fault{Code: "session_running", Cause: err}
	}
	return h.errors.MapNotFound(err, "session_not_found")
}
