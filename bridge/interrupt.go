package bridge

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/transcript"
)

// Interruption holds the facts that a store finds about a session whose process died.
type Interruption struct {
	At     time.Time // of its last message, or of its opening when there is none
	Unsure int64     // sent messages that were stored and may not have arrived
	From   int64     // seq of the first of them
	To     int64     // and of the last
}

// Concluded returns the ending that a log tells by its last two messages, oldest first.
// It is false unless the last is EventClosed: then the session had ended, and the process
// died before it could store that.
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

// reasonIn returns the bytes of a close reason that JSON could not hold.
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

// Interrupted returns the last event of such a session, and its ending: it is dated by
// the last message, since nobody knows how much later the process died. The code is
// 1006, as RFC 6455 section 7.1.5 has it when no close frame was seen.
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
