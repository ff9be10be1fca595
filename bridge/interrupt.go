package bridge

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/transcript"
)

// Interruption describes the stored part of a session that ended with its process.
type Interruption struct {
	At     time.Time // of its last message, or of its opening
	Unsure int64     // number of sent messages that may not have arrived
	From   int64     // seq of the first of them
	To     int64     // seq of the last of them
}

// Concluded reads the ending of a session out of the last two messages of its log, oldest
// first. It returns false unless the last is EventClosed: then the process died after the
// session had ended and before the ending was stored.
func Concluded(r *Record, tail []transcript.Message) (Ending, bool) {
	if len(tail) == 0 || tail[len(tail)-1].Event != string(EventClosed) {
		return Ending{}, false
	}
	last := tail[len(tail)-1]
	var said struct {
		Code   int    `json:"code"`
		Reason string `json:"reason"`
		Clean  bool   `json:"clean"`
		By     closer `json:"by"`
	}
	if last.Direction != transcript.Event || json.Unmarshal(last.Payload, &said) != nil {
		return Ending{}, false
	}
	if len(tail) > 1 && tail[len(tail)-2].Event == string(EventInvalidUTF8) {
		said.Reason = reasonIn(tail[len(tail)-2], said.Reason)
	}
	closing := diagnose.Closing{
		Code: said.Code, Reason: said.Reason, Clean: said.Clean, ByUs: said.By != closerTarget,
		OpenFor: last.At.Sub(r.OpenedAt), Sent: r.Counts.Sent, Received: r.Counts.Received,
	}
	ending := Ending{At: last.At, Code: said.Code, Reason: said.Reason, Clean: said.Clean}
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: &r.Report, Closing: &closing}); found {
		ending.Finding = &finding
	}
	return ending, true
}

// reasonIn returns a close reason that is not UTF-8, from its EventInvalidUTF8.
func reasonIn(m transcript.Message, otherwise string) string {
	var said struct {
		Hex string `json:"close_reason_hex"`
	}
	if json.Unmarshal(m.Payload, &said) != nil || said.Hex == "" {
		return otherwise
	}
	raw, err := hex.DecodeString(said.Hex)
	if err != nil {
		return otherwise
	}
	return string(raw)
}

// Interrupted returns the last event and the ending of a session that ended with its
// process. Both have the time of the last message, since the time of the end is unknown. The
// code is 1006, as for every end without a close frame (RFC 6455 section 7.1.5).
func Interrupted(r *Record, i Interruption) (transcript.Message, Ending) {
	closing := diagnose.Closing{
		Code: int(websocket.StatusAbnormalClosure), OpenFor: i.At.Sub(r.OpenedAt),
		Sent: r.Counts.Sent, Received: r.Counts.Received,
		Interrupted: &diagnose.Interruption{At: i.At, Kept: r.LastSeq, Unsure: i.Unsure, From: i.From, To: i.To},
	}
	ending := Ending{At: i.At, Code: closing.Code}
	if finding, found := diagnose.Explain(diagnose.Evidence{Report: &r.Report, Closing: &closing}); found {
		ending.Finding = &finding
	}
	said := facts{"code": closing.Code, "kept": r.LastSeq, "unsure": i.Unsure}
	if i.Unsure > 0 {
		said["from"], said["to"] = i.From, i.To
	}
	payload, _ := json.Marshal(said) // numbers alone
	return transcript.Message{
		Seq: r.LastSeq + 1, At: i.At, Direction: transcript.Event, Event: string(EventInterrupted), Payload: payload,
	}, ending
}
