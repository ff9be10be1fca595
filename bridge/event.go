package bridge

import (
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

// EventKind names an event of a session's log, in the event field of its row.
type EventKind string

// The kinds of events.
const (
	EventConnected            EventKind = "connected"
	EventSubprotocolNotChosen EventKind = "subprotocol_not_chosen"
	EventPingLost             EventKind = "ping_lost"
	EventPingFlood            EventKind = "ping_flood"
	EventMessageTooLarge      EventKind = "message_too_large"
	EventInvalidUTF8          EventKind = "invalid_utf8"
	EventSendFailed           EventKind = "send_failed"
	EventSentLate             EventKind = "sent_late"       // a mark was written later than its stamp says
	EventStepFailed           EventKind = "step_failed"     // of the dialect
	EventRepliesDropped       EventKind = "replies_dropped" // of the dialect, above its rate
	EventDrained              EventKind = "drained"
	EventInterrupted          EventKind = "interrupted" // the last event of a session after its process died
	EventClosed               EventKind = "closed"
)

// EventKinds returns all kinds of events.
func EventKinds() []EventKind {
	return []EventKind{
		EventConnected, EventSubprotocolNotChosen, EventPingLost, EventPingFlood, EventMessageTooLarge, EventInvalidUTF8,
		EventSendFailed, EventSentLate, EventStepFailed, EventRepliesDropped, EventDrained, EventInterrupted, EventClosed,
	}
}

// Mark says that a sent message may be missing at the target, in the event field of
// its row.
type Mark string

// The marks.
const (
	MarkNotSent Mark = "not_sent" // stored too late, so it was not sent
	MarkUnsure  Mark = "unsure"   // stored, and the process died before it was known to be sent
)

// Marks returns all marks.
func Marks() []Mark { return []Mark{MarkNotSent, MarkUnsure} }

// facts are the values of an event by name. They are stored as JSON.
type facts map[string]any

// appendEvent queues an event even when the queue is full: events are few and small. An
// error is dropped here, because the next append of a message returns it too.
func (l *log) appendEvent(kind EventKind, f facts) {
	payload, err := json.Marshal(f)
	if err != nil {
		payload = []byte("{}")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.queue(&transcript.Message{Direction: transcript.Event, Event: string(kind), Payload: payload}, l.now())
}

// appendInvalidReason stores the bytes of a close reason that is not UTF-8, which JSON
// cannot hold.
func (l *log) appendInvalidReason(reason string) {
	if !utf8.ValidString(reason) {
		l.appendEvent(EventInvalidUTF8, facts{"close_reason_hex": hex.EncodeToString([]byte(reason))})
	}
}
