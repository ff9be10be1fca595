package api

import (
	"context"
	"net/http"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Send sends the request's body as one message.
func (h *Messages) Send(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	opcode := transcript.Opcode(q.Choice("opcode", string(transcript.Text), string(transcript.Binary)))
	clientID := q.Values.Get("client_id")
	if opcode == "" {
		q.Wrong("opcode")
	}
	if !wire.ValidClientID(clientID) {
		q.Wrong("client_id")
	}
	if q.Err != nil {
		return q.Err
	}
	session, err := h.loadLive(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	payload, err := reply.ReadPayload(w, r, session.Limit(), reply.CodeMessageTooLarge)
	if err != nil {
		return err
	}
	if _, err := h.loadLive(r.Context(), reply.Param(r, "session")); err != nil { // the message may have taken long to come
		return err
	}
	if err := h.Errors.RequireStorage(); err != nil {
		return err
	}
	seq, err := session.Send(r.Context(), bridge.Outgoing{
		Opcode: opcode, Payload: payload, ClientID: clientID, Sender: identity.Of(r.Context()).Name,
	})
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusCreated, map[string]int64{"seq": seq})
}

// loadLive returns an open session in which the person may send. An ended session and an
// unknown one have different errors.
func (h *Messages) loadLive(ctx context.Context, id string) (*bridge.Session, error) {
	info, err := h.Load.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	person := identity.Of(ctx)
	if err := access.RequireSend(&person, &info); err != nil {
		return nil, err
	}
	if s, live := h.Hub.Session(id); live {
		return s, nil
	}
	return nil, reply.Bad(reply.CodeSessionClosed, "")
}
