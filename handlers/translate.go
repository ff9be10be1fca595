package handlers

import (
	"encoding/hex"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/diagnose"
	"duplex/bridge/target"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
)

// shownBytes is how much of a binary message a row shows.
const shownBytes = 64

// wireRow is a row as viewers see it.
func wireRow(r transcript.Row) wire.Row {
	shown := r.Preview
	var preview string
	if r.Opcode == transcript.Binary {
		shown = shown[:min(len(shown), shownBytes)]
		preview = hex.EncodeToString(shown)
	} else {
		preview = strings.ToValidUTF8(string(shown), "\uFFFD")
	}
	return wire.Row{
		Seq: r.Seq, AtUS: r.At.UnixMicro(), Direction: string(r.Direction), Opcode: string(r.Opcode),
		Size: r.Size, Preview: preview, Truncated: int64(len(shown)) < r.Size, InvalidUTF8: r.InvalidUTF8,
		Sender: r.Sender, ClientID: r.ClientID, Event: r.Event,
	}
}

func wireRows(rows []transcript.Row) []wire.Row {
	out := make([]wire.Row, len(rows))
	for i, row := range rows {
		out[i] = wireRow(row)
	}
	return out
}

// wireState is what is true of a session, as viewers see it.
func (h *Handler) wireState(info *bridge.Info) *wire.State {
	s := &wire.State{
		ID: info.ID, State: string(info.State), Kind: info.Kind, Service: info.ServiceID, ServiceName: info.ServiceName,
		Address: info.Address, Subprotocol: info.Report.Subprotocol, OpenedAtUS: micros(info.OpenedAt), LastSeq: info.LastSeq,
		Sent: info.Counts.Sent, Received: info.Counts.Received,
		BytesSent: info.Counts.BytesSent, BytesReceived: info.Counts.BytesReceived,
		KeepUntilUS: micros(info.KeepUntil), OpenedBy: info.OpenedBy,
	}
	for _, v := range info.Viewers {
		s.Viewers = append(s.Viewers, wire.Viewer{ID: v.ID, Name: v.Name})
	}
	if e := info.Ending; e != nil {
		s.EndedAtUS, s.CloseCode, s.CloseReason, s.Clean = micros(e.At), e.Code, e.Reason, e.Clean
		if e.Finding != nil {
			s.Diagnosis = h.wireDiagnosis(*e.Finding)
		}
	}
	return s
}

// wireOpened is wireState with the handshake, which never changes.
func (h *Handler) wireOpened(info *bridge.Info) *wire.State {
	s := h.wireState(info)
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
func (h *Handler) wireDiagnosis(f diagnose.Finding) *wire.Diagnosis {
	d := &wire.Diagnosis{
		Rule:     f.Rule,
		Cause:    h.Text.Say("diagnosis."+f.Rule+".cause", f.Values),
		Fix:      h.Text.Say("diagnosis."+f.Rule+".fix", f.Values),
		Evidence: []string{},
		Action:   string(f.Action), ActionValue: f.ActionValue,
	}
	for _, fact := range f.Facts {
		d.Evidence = append(d.Evidence, h.Text.Say("evidence."+fact.Key, fact.Values))
	}
	return d
}

// explainDial adds to e what is known of a dial that failed.
func (h *Handler) explainDial(e *wire.Error, dial *target.Error) {
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: dial.Report, Err: dial.Err}); found {
		e.Diagnosis = h.wireDiagnosis(finding)
	}
	e.Status = dial.Report.Status
	e.Body = strings.ToValidUTF8(string(dial.Report.Body), "\uFFFD")
	e.Handshake = wireHandshake(dial.Report)
}

func wireHandshake(r *target.Report) *wire.Handshake {
	return &wire.Handshake{
		Status: r.Status,
		PhasesUS: wire.Phases{
			DNS: r.Phases.DNS.Microseconds(), TCP: r.Phases.TCP.Microseconds(), TLS: r.Phases.TLS.Microseconds(),
			Upgrade: r.Phases.Upgrade.Microseconds(), Total: r.Phases.Total.Microseconds(),
		},
		Remote: r.RemoteAddr, TLS: wireTLS(r.TLS),
		RequestHeaders: wirePairs(r.RequestHeader), ResponseHeaders: wirePairs(r.ResponseHeader),
	}
}

func wireTLS(t *target.TLSInfo) *wire.TLS {
	if t == nil {
		return nil
	}
	return &wire.TLS{
		Version: t.Version, ServerName: t.ServerName, Subject: t.Subject, Issuer: t.Issuer,
		DNSNames: append([]string{}, t.DNSNames...), NotBeforeUS: micros(t.NotBefore), NotAfterUS: micros(t.NotAfter),
	}
}

func wirePairs(pairs []target.Pair) []wire.Pair {
	out := make([]wire.Pair, len(pairs))
	for i, p := range pairs {
		out[i] = wire.Pair{Name: p.Name, Value: p.Value}
	}
	return out
}
