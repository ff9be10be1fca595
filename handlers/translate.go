package handlers

import (
	"encoding/hex"
	"net/http"
	"strings"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/explain"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/views/text"
)

// shownBytes is how much of a binary message a row shows.
const shownBytes = 64

// wireRow is a row as viewers see it.
func wireRow(r transcript.Row) wire.Row {
	shown, asText := r.Preview, r.AsText()
	switch {
	case asText && int64(len(shown)) < r.Size:
		shown = transcript.WholeCharacters(shown)
	case r.Opcode == transcript.Binary && !asText:
		shown = shown[:min(len(shown), shownBytes)]
	}
	return wire.Row{
		Seq: r.Seq, AtUS: r.At.UnixMicro(), Direction: string(r.Direction), Opcode: string(r.Opcode),
		Size: r.Size, Preview: readable(&r, shown), AsText: asText, Truncated: int64(len(shown)) < r.Size, InvalidUTF8: r.InvalidUTF8,
		Sender: r.Sender, ClientID: r.ClientID, Event: r.Event,
	}
}

// readable is a part of the payload of r as JSON can carry it.
func readable(r *transcript.Row, part []byte) string {
	if r.Opcode == transcript.Binary && !r.AsText() {
		return hex.EncodeToString(part)
	}
	return strings.ToValidUTF8(string(part), "\uFFFD")
}

func wireSnippet(r *transcript.Row, s transcript.Snippet) *wire.Snippet {
	return &wire.Snippet{
		Offset: s.Offset, Before: readable(r, s.Before), Match: readable(r, s.Match), After: readable(r, s.After),
	}
}

func wireRows(rows []transcript.Row) []wire.Row {
	out := make([]wire.Row, len(rows))
	for i, row := range rows {
		out[i] = wireRow(row)
	}
	return out
}

// reader is who something is said to.
type reader struct {
	words  *text.Catalogue
	person identity.Person
	viewer string // their id among those who watch; "" when they do not

	condition func() reply.Condition // of the store
}

func (h *Handler) readerOf(w http.ResponseWriter, r *http.Request) reader {
	return reader{words: h.reply.Catalogue(w, r), person: identity.Of(r.Context()), condition: h.errors.Condition}
}

// state is what is true of a session.
func (r *reader) state(info *bridge.Info) *wire.State {
	s := &wire.State{
		ID: info.ID, State: string(info.State), Kind: string(info.Kind), Service: info.ServiceID, ServiceName: info.ServiceName,
		Address: info.Address, Subprotocol: info.Report.Subprotocol, OpenedAtUS: wire.Micros(info.OpenedAt), LastSeq: info.LastSeq,
		Sent: info.Counts.Sent, Received: info.Counts.Received,
		BytesSent: info.Counts.BytesSent, BytesReceived: info.Counts.BytesReceived,
		KeepUntilUS: wire.Micros(info.KeepUntil), OpenedBy: info.OpenedBy, Access: accessOf(&r.person, info),
	}
	if info.StoreAway {
		s.Store = "away"
	}
	if word := reply.StoreWord[r.condition().Code]; word != "" && info.State != bridge.Closed {
		s.Store = word
	}
	for _, v := range info.Viewers {
		s.Viewers = append(s.Viewers, wire.Viewer{
			ID: v.ID, Name: v.Name, You: v.ID == r.viewer, Same: v.ID != r.viewer && v.Person == r.person.ID,
			MayOwn: s.Access.MayManage && v.MayOwn && v.Person != info.Access.Owner,
		})
	}
	s.Pinned = info.Pinned
	if e := info.Ending; e != nil {
		s.EndedAtUS, s.CloseCode, s.CloseReason, s.Clean = wire.Micros(e.At), e.Code, e.Reason, e.Clean
		if e.Finding != nil {
			s.Diagnosis = explain.Diagnosis(r.words, *e.Finding)
		}
	}
	return s
}

// opened is state with the handshake, which never changes.
func (r *reader) opened(info *bridge.Info) *wire.State {
	s := r.state(info)
	s.Handshake = explain.Handshake(&info.Report)
	return s
}
