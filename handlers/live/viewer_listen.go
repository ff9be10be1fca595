package live

import (
	"context"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// listen handles the events of the viewer in order until the socket closes. An event that
// cannot be read closes it, because later events may be wrong too.
func (v *viewer) listen(ctx context.Context) {
	defer close(v.conn.over)
	defer v.speech.end()
	for {
		kind, raw, err := v.conn.ReadMessage()
		if err != nil {
			v.conn.answer(err)
			return
		}
		if kind == websocket.MessageBinary && v.speech.asked {
			if err := v.takeSamples(raw); err != nil {
				return
			}
			continue
		}
		event, err := wire.ParseViewerEvent(raw)
		if kind != websocket.MessageText {
			err = &wire.EventError{}
		}
		if err != nil {
			v.refuse(ctx, err)
			return
		}
		v.busy.Store(true)
		err = v.handleEvent(ctx, &event)
		v.busy.Store(false)
		if err != nil {
			return
		}
	}
}

// handleEvent does the action of an event and answers. It returns errors of the socket only.
func (v *viewer) handleEvent(ctx context.Context, e *wire.ViewerEvent) error {
	if err := v.requireMember(ctx); err != nil {
		return v.sendRefusal(e.ClientID, err)
	}
	if e.Type == wire.TypeClose {
		code := e.Code
		if code == 0 {
			code = int(websocket.StatusNormalClosure)
		}
		return v.sendRefusal("", v.handler.CloseSession(ctx, v.info().ID, code, e.Reason))
	}
	info := v.info()
	if err := access.RequireSend(&v.Person, &info); err != nil {
		return v.sendRefusal(e.ClientID, err)
	}
	if v.session == nil {
		return v.sendRefusal(e.ClientID, reply.Bad(reply.CodeSessionClosed, ""))
	}
	if err := v.handler.Errors.RequireStorage(); err != nil {
		return v.sendRefusal(e.ClientID, err)
	}
	if e.Type == wire.TypeMicrophone {
		return v.sendRefusal("", v.speech.turn(v.session, e))
	}
	seq, err := v.sendMessage(ctx, e)
	if err != nil {
		return v.sendRefusal(e.ClientID, err)
	}
	return v.writeEvent(&wire.ServerEvent{Type: wire.TypeSent, ClientID: e.ClientID, Seq: seq})
}

// sendMessage sends the message or the text of an event.
func (v *viewer) sendMessage(ctx context.Context, e *wire.ViewerEvent) (seq int64, err error) {
	if e.Type == wire.TypePrompt {
		return v.session.Prompt(ctx, e.Text, e.ClientID)
	}
	message := bridge.Outgoing{Opcode: transcript.Opcode(e.Opcode), Payload: e.Payload(), ClientID: e.ClientID, Sender: v.Person.Name}
	if e.Resolve {
		if message.Payload, message.Wire, err = v.session.Resolve(e.Payload()); err != nil {
			return 0, reply.MapTemplate(err, "text", string(e.Payload()))
		}
	}
	return v.session.Send(ctx, message)
}

// requireMember refuses people who may only watch, because the socket is open to them
// too. It records the refusal like that of a request.
func (v *viewer) requireMember(ctx context.Context) error {
	err := access.Require(&v.Person, identity.Member, identity.ScopeSessions)
	if err != nil {
		v.handler.Audit.NoteIdentityEvent(ctx, identity.Event{Kind: identity.EventRefused, Person: v.Person, Code: string(v.handler.Errors.MapError(err).Code)})
	}
	return err
}

// sendRefusal answers that an action failed; a nil error answers nothing.
func (v *viewer) sendRefusal(clientID string, err error) error {
	if err == nil {
		return nil
	}
	f := v.handler.Errors.MapError(err)
	return v.writeEvent(&wire.ServerEvent{Type: wire.TypeRefused, ClientID: clientID, Error: reply.WireError(v.Words, f)})
}
