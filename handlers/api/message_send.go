package api

import (
	"net/http"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
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
	session, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	payload, err := reply.ReadPayload(w, r, session.Limit(), reply.CodeMessageTooLarge)
	if err != nil {
		return err
	}
	if _, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session")); err != nil { // the message may have taken long to come
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
