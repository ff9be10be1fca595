package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/coder/websocket"

	"duplex/bridge"
)

func (h *Handler) sessionClose(w http.ResponseWriter, r *http.Request) error {
	in := struct {
		Code   int    `json:"code"`
		Reason string `json:"reason"`
	}{Code: int(websocket.StatusNormalClosure)}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	id := param(r, "session")
	if err := h.closeSession(r.Context(), id, in.Code, in.Reason); err != nil {
		return err
	}
	info, err := h.session(r.Context(), id)
	if err != nil { // a relay that nobody records leaves nothing behind
		return answer(w, http.StatusOK, map[string]string{"id": id, "state": string(bridge.Closed)})
	}
	return answer(w, http.StatusOK, wireState(h.words(w, r), &info))
}

// closeSession closes what is live, and tells what has ended from what never was.
func (h *Handler) closeSession(ctx context.Context, id string, code int, reason string) error {
	info, infoErr := h.session(ctx, id) // before: a relay that nobody records leaves nothing behind
	err := h.Hub.Close(ctx, id, code, reason)
	if infoErr == nil && (err == nil || ctx.Err() != nil) { // it ends, whether or not that is waited for
		h.noteClose(ctx, &info, code)
	}
	if !errors.Is(err, bridge.ErrClosed) {
		return err
	}
	if _, err := h.session(ctx, id); err != nil {
		return err
	}
	return bad("session_closed", "")
}
