package shape

import (
	"cmp"
	"context"
	"net/http"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/access"
	"duplex/handlers/explain"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/views/text"
)

// accessOf maps the access to a session for p.
func accessOf(p *identity.Person, info *bridge.Info) wire.Access {
	acts := access.Require(p, identity.Member, identity.ScopeSessions) == nil
	return wire.Access{
		Owner: info.Access.OwnerName, Shared: info.Access.Shared, Rights: string(info.Access.Rights),
		Mine: info.Access.Owner == p.ID, MaySend: acts && access.SendsInSession(p, info), MayManage: acts && access.ManagesSession(p, info),
	}
}

// Reader is the person that something is mapped for.
type Reader struct {
	Words  *text.Catalogue
	Person identity.Person
	Viewer string // their id as a viewer; "" when they do not watch

	condition func() reply.Condition              // of the store
	dialect   func(*bridge.Info) *dialect.Dialect // nil for a session without one
}

// Readers makes the Reader of a request.
type Readers struct {
	Reply *reply.Responder

	// Dialect returns the dialect that a session is read by; nil for none.
	Dialect func(context.Context, *bridge.Info) *dialect.Dialect
}

// Of returns the person of r, with the catalogue of their language.
func (h *Readers) Of(w http.ResponseWriter, r *http.Request) Reader {
	ctx := context.WithoutCancel(r.Context())
	return Reader{
		Words: h.Reply.Catalogue(w, r), Person: identity.Of(ctx), condition: h.Reply.Errors.Condition,
		dialect: func(info *bridge.Info) *dialect.Dialect { return h.Dialect(ctx, info) },
	}
}

// State maps a session for the reader.
func (r *Reader) State(info *bridge.Info) *wire.State {
	s := &wire.State{
		ID: info.ID, State: string(info.State), Kind: string(info.Kind), Service: info.ServiceID, ServiceName: info.ServiceName,
		Address: info.Address, Subprotocol: info.Report.Subprotocol, OpenedAtUS: wire.Micros(info.OpenedAt), LastSeq: info.LastSeq,
		Sent: info.Counts.Sent, Received: info.Counts.Received,
		BytesSent: info.Counts.BytesSent, BytesReceived: info.Counts.BytesReceived,
		KeepUntilUS: wire.Micros(info.KeepUntil), OpenedBy: info.OpenedBy, Access: accessOf(&r.Person, info),
	}
	if info.StoreAway {
		s.Store = "away"
	}
	if word := reply.StoreWord[r.condition().Code]; word != "" && info.State != bridge.Closed {
		s.Store = word
	}
	for _, v := range info.Viewers {
		s.Viewers = append(s.Viewers, wire.Viewer{
			ID: v.ID, Name: v.Name, You: v.ID == r.Viewer, Same: v.ID != r.Viewer && v.Person == r.Person.ID,
			MayOwn: s.Access.MayManage && v.MayOwn && v.Person != info.Access.Owner,
		})
	}
	r.addDialect(s, info)
	s.Pinned, s.Name = info.Pinned, info.Name
	s.Turns, s.Sentences = info.Turns.Turns, info.Turns.Sentences
	s.Outcome, s.Failed = Outcome(r.Words, info)
	if e := info.Ending; e != nil {
		s.EndedAtUS, s.CloseCode, s.CloseReason, s.Clean = wire.Micros(e.At), e.Code, e.Reason, e.Clean
		if e.Finding != nil {
			s.Diagnosis = explain.Diagnosis(r.Words, *e.Finding)
		}
	}
	return s
}

// addDialect adds the dialect of a session, the error of its newest turn until the session has
// ended, and the requests that it takes while it is open.
func (r *Reader) addDialect(s *wire.State, info *bridge.Info) {
	s.Dialect, s.Environment = info.Dialect, info.Environment
	if info.Dialect != "" {
		s.DialectTitle = info.Dialect
		if d := r.dialect(info); d != nil {
			s.DialectTitle, s.Speaks = cmp.Or(InLanguage(r.Words, d.Title), d.Name), d.Speaks()
		}
	}
	if limits := sessionLimits(info); limits != (wire.Limits{}) {
		s.Limits = &limits
	}
	if info.Speech == nil || info.State == bridge.Closed {
		return
	}
	if info.Speech.Notice != nil {
		s.Diagnosis = explain.Diagnosis(r.Words, *info.Speech.Notice)
	}
	if info.State != bridge.Open {
		return
	}
	s.Ready, s.TakesText = info.Speech.Ready, info.Speech.Dialect.Text != nil
	s.StopsBy = stopsBy(info.Speech.Dialect)
	s.AskedUS = wire.Micros(info.Speech.Asked)
	if a := info.Speech.Audio; a != nil {
		s.TakesAudio = &wire.AudioFormat{Rate: a.Rate, Encoding: a.Encoding, Channels: a.Channels, FrameMS: int(a.Frame.Milliseconds())}
	}
}

// stopsBy returns the label of the message by which a dialect stops an answer, else its
// beginning; "" when it cannot.
func stopsBy(d *dialect.Dialect) string {
	if len(d.Cancel) == 0 {
		return ""
	}
	text := d.Cancel[0].String()
	label := dialect.NewNoter(d, nil).Label(&transcript.Message{Direction: transcript.Sent, Opcode: d.Cancel[0].Opcode, Payload: []byte(text)})
	return cmp.Or(label, string(transcript.PreviewOf(transcript.Text, []byte(text))))
}

// sessionLimits maps the limits of the service of a live session.
func sessionLimits(info *bridge.Info) wire.Limits {
	var out wire.Limits
	if info.Speech != nil {
		out = limitsOf(&info.Speech.Dialect.Limits)
	}
	l := &info.Limits
	out.MessageBytes, out.RequestMS, out.IdleMS = l.Message, l.Request.Milliseconds(), l.Idle.Milliseconds()
	out.SessionMS, out.AudioMS, out.Chars, out.Rate = l.Session.Milliseconds(), l.Audio.Milliseconds(), l.Chars, l.Rate
	return out
}

// OpenedState is State with the handshake, which never changes.
func (r *Reader) OpenedState(info *bridge.Info) *wire.State {
	s := r.State(info)
	s.Handshake = explain.Handshake(&info.Report)
	return s
}
