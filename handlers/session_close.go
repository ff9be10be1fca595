package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/handlers/reply"
)

func (h *Handler) sessionClose(w http.ResponseWriter, r *http.Request) error {
	in := struct {
		Code   int    `json:"code"`
		Reason string `json:"reason"`
	}{Code: int(websocket.StatusNormalClosure)}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	id := reply.Param(r, "session")
	if err := h.closeSession(r.Context(), id, in.Code, in.Reason); err != nil {
		return err
	}
	info, err := h.session(r.Context(), id)
	if err != nil { // a relay that nobody records leaves nothing behind
		return reply.JSON(w, http.StatusOK, map[string]string{"id": id, "state": string(bridge.Closed)})
	}
	to := h.readerOf(w, r)
	return reply.JSON(w, http.StatusOK, to.state(&info))
}

// endTime is how long the end of a session is waited for: longer than a target has to
// answer its close frame.
const endTime = 7 * time.Second

// closeSession closes what is live, and tells what has ended from what never was.
func (h *Handler) closeSession(ctx context.Context, id string, code int, reason string) error {
	info, err := h.managed(ctx, id)
	if err != nil {
		return err
	}
	// A store that is away ends ctx, and does not keep the target from being closed.
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err = h.Hub.Close(closing, id, code, reason)
	if err == nil || closing.Err() != nil { // it ends, whether or not that is waited for
		h.noteClose(ctx, &info, code)
		return nil
	}
	if errors.Is(err, bridge.ErrClosed) {
		return reply.Bad("session_closed", "")
	}
	return err
}
