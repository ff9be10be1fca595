package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// Close closes a session with the close code and reason of the request, and answers with
// its state.
func (h *Sessions) Close(w http.ResponseWriter, r *http.Request) error {
	in := struct {
		Code   int    `json:"code"`
		Reason string `json:"reason"`
	}{Code: int(websocket.StatusNormalClosure)}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	id := reply.Param(r, "session")
	if err := h.CloseSession(r.Context(), id, in.Code, in.Reason); err != nil {
		return err
	}
	info, err := h.Load.Session(r.Context(), id)
	if err != nil { // a relay that is not recorded is not in the store
		return reply.JSON(w, http.StatusOK, map[string]string{"id": id, "state": string(bridge.Closed)})
	}
	to := h.Readers.Of(w, r)
	return reply.JSON(w, http.StatusOK, to.State(&info))
}

// endTime bounds the wait for the end of a session. It exceeds the time that a target has
// to answer a close frame.
const endTime = 7 * time.Second

// CloseSession closes an open session. It tells an ended session from an unknown one.
func (h *Sessions) CloseSession(ctx context.Context, id string, code int, reason string) error {
	info, err := h.Load.SessionToManage(ctx, id)
	if err != nil {
		return err
	}
	// The target is closed also when an unreachable store ends ctx.
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err = h.Hub.Close(closing, id, code, reason)
	if err == nil || closing.Err() != nil { // it ends, also when the wait was too short
		h.Audit.NoteClose(ctx, &info, code)
		return nil
	}
	if errors.Is(err, bridge.ErrClosed) {
		return reply.Bad(reply.CodeSessionClosed, "")
	}
	return err
}
