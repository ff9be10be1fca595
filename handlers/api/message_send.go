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
	clientID, resolves := q.Values.Get("client_id"), q.Flag("resolve")
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
	message := bridge.Outgoing{Opcode: opcode, Payload: payload, ClientID: clientID, Sender: identity.Of(r.Context()).Name}
	if resolves {
		if message.Payload, message.Wire, err = session.Resolve(payload); err != nil {
			return reply.MapTemplate(err, "body", string(payload))
		}
	}
	seq, err := session.Send(r.Context(), message)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusCreated, map[string]int64{"seq": seq})
}
