package handlers

import (
	"encoding/hex"
	"maps"
	"net/http"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
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

	condition func() Condition // of the store
}

func (h *Handler) readerOf(w http.ResponseWriter, r *http.Request) reader {
	return reader{words: h.words(w, r), person: identity.Of(r.Context()), condition: h.condition}
}

// state is what is true of a session.
func (r *reader) state(info *bridge.Info) *wire.State {
	s := &wire.State{
		ID: info.ID, State: string(info.State), Kind: string(info.Kind), Service: info.ServiceID, ServiceName: info.ServiceName,
		Address: info.Address, Subprotocol: info.Report.Subprotocol, OpenedAtUS: micros(info.OpenedAt), LastSeq: info.LastSeq,
		Sent: info.Counts.Sent, Received: info.Counts.Received,
		BytesSent: info.Counts.BytesSent, BytesReceived: info.Counts.BytesReceived,
		KeepUntilUS: micros(info.KeepUntil), OpenedBy: info.OpenedBy, Access: accessOf(&r.person, info),
	}
	if info.StoreAway {
		s.Store = "away"
	}
	if word := storeWord[r.condition().Code]; word != "" && info.State != bridge.Closed {
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
		s.EndedAtUS, s.CloseCode, s.CloseReason, s.Clean = micros(e.At), e.Code, e.Reason, e.Clean
		if e.Finding != nil {
			s.Diagnosis = wireDiagnosis(r.words, *e.Finding)
		}
	}
	return s
}

// opened is state with the handshake, which never changes.
func (r *reader) opened(info *bridge.Info) *wire.State {
	s := r.state(info)
	s.Handshake = wireHandshake(&info.Report)
	return s
}

// micros is microseconds since 1970; 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// wireDiagnosis puts a finding into words.
func wireDiagnosis(t *text.Catalogue, f diagnose.Finding) *wire.Diagnosis {
	values := worded(t, f.Values)
	d := &wire.Diagnosis{
		Rule:     f.Rule,
		Cause:    t.Say("diagnosis."+f.Rule+".cause", values),
		Fix:      t.Say("diagnosis."+f.Rule+".fix", values),
		Evidence: []string{},
		Action:   string(f.Action), ActionValue: f.ActionValue,
	}
	if f.Said != nil {
		d.Said = t.Say(f.Said.Key, f.Said.Values)
		d.Cause = d.Said + " " + d.Cause
	}
	for _, fact := range f.Facts {
		d.Evidence = append(d.Evidence, t.Say("evidence."+fact.Key, fact.Values))
	}
	return d
}

// worded puts the values of a finding that are names of ours into words: why an
// address is refused, and which field is meant.
func worded(t *text.Catalogue, values map[string]string) map[string]string {
	out := maps.Clone(values)
	if reason, known := values["reason"]; known {
		out["reason"] = t.Say("evidence.reason."+reason, nil)
	}
	field := values["field"]
	field = field[strings.LastIndex(field, ".")+1:] // "tls.ca_pem" has no name but the last part's
	for _, key := range []string{"auth.field." + field, "page.setting." + field} {
		if t.Has(key) {
			out["field"] = t.Say(key, nil)
		}
	}
	return out
}

// explainDial adds to e what is known of a dial that failed.
func explainDial(t *text.Catalogue, e *wire.Error, dial *dial.Error) {
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: dial.Report, Err: dial.Err}); found {
		e.Diagnosis = wireDiagnosis(t, finding)
	}
	e.Status = dial.Report.Status
	e.Body = strings.ToValidUTF8(string(dial.Report.Body), "\uFFFD")
	e.Handshake = wireHandshake(dial.Report)
}

func wireHandshake(r *dial.Report) *wire.Handshake {
	return &wire.Handshake{
		Status: r.Status,
		PhasesUS: wire.Phases{
			DNS: r.Phases.DNS.Microseconds(), TCP: r.Phases.TCP.Microseconds(), Proxy: r.Phases.Proxy.Microseconds(), TLS: r.Phases.TLS.Microseconds(),
			Upgrade: r.Phases.Upgrade.Microseconds(), Total: r.Phases.Total.Microseconds(),
		},
		Remote: r.RemoteAddr, Proxy: r.Proxy, TLS: wireTLS(r.TLS),
		RequestHeaders: wirePairs(r.RequestHeader), ResponseHeaders: wirePairs(r.ResponseHeader),
	}
}

func wireTLS(t *dial.TLSInfo) *wire.TLS {
	if t == nil {
		return nil
	}
	return &wire.TLS{
		Version: t.Version, ServerName: t.ServerName, Subject: t.Subject, Issuer: t.Issuer,
		DNSNames: append([]string{}, t.DNSNames...), NotBeforeUS: micros(t.NotBefore), NotAfterUS: micros(t.NotAfter),
		Unverified: t.Unverified,
	}
}

func wirePairs(pairs []dial.Pair) []wire.Pair {
	out := make([]wire.Pair, len(pairs))
	for i, p := range pairs {
		out[i] = wire.Pair{Name: p.Name, Value: p.Value}
	}
	return out
}
