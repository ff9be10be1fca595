package bridge

import (
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

// The events of a session's log, by the names rows carry.
const (
	EventConnected            = "connected"
	EventSubprotocolNotChosen = "subprotocol_not_chosen"
	EventPingLost             = "ping_lost"
	EventPingFlood            = "ping_flood"
	EventMessageTooLarge      = "message_too_large"
	EventInvalidUTF8          = "invalid_utf8"
	EventSendFailed           = "send_failed"
	EventDrained              = "drained"
	EventClosed               = "closed"
)

// facts is what an event says, by name. It is kept as JSON.
type facts map[string]any

// The marks of sent messages that may be missing at the target, in the column of
// events.
const (
	MarkNotSent = "not_sent" // stored too late, so it was not sent
	MarkUnsure  = "unsure"   // stored, and the process died before it was known to be sent
)

// note appends an event, however full the queue is: events are few and small. One
// that cannot be kept has no other place to go: the log itself is broken then, which
// the session learns where it reads.
func (l *log) note(event string, f facts) {
	payload, err := json.Marshal(f)
	if err != nil {
		payload = []byte("{}")
	}
	m := transcript.Message{Direction: transcript.Event, Event: event, Payload: payload}
	_, _ = l.force(m)
}

// noteInvalidReason keeps the bytes of a close reason that is not UTF-8: JSON and
// people see something else in its place.
func (l *log) noteInvalidReason(reason string) {
	if !utf8.ValidString(reason) {
		l.note(EventInvalidUTF8, facts{"close_reason_hex": hex.EncodeToString([]byte(reason))})
	}
}
