package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// deleteTime bounds the deletion of a long log, which goes on when whoever asked for
// it leaves.
const deleteTime = 5 * time.Minute

// sessionDelete deletes a session that has ended, with its transcript.
func (h *Handler) sessionDelete(w http.ResponseWriter, r *http.Request) error {
	id := param(r, "session")
	if _, err := h.managed(r.Context(), id); err != nil {
		return err
	}
	for _, info := range h.Hub.Sessions() {
		if info.ID == id {
			return bad("session_running", "")
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), deleteTime)
	defer cancel()
	err := h.Store.DeleteSession(ctx, id)
	if errors.Is(err, h.StoreErrors.Running) { // in another process, or it is just ending
		return &fault{code: "session_running", cause: err}
	}
	if err != nil {
		return h.absent(err, "session_not_found")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
