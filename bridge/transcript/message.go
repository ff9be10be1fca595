// Package transcript defines the messages of a session's log, their previews, the
// search in them and the export formats. It does not know where the log is kept.
package transcript

import (
	"time"
	"unicode/utf8"
)

// Direction is the direction of a message.
type Direction string

// The directions.
const (
	Sent     Direction = "sent"     // towards the target
	Received Direction = "received" // from the target
	Event    Direction = "event"    // neither: something that happened to the session
)

// Directions returns every direction.
func Directions() []Direction { return []Direction{Sent, Received, Event} }

// Opcode is the RFC 6455 data opcode of a message; events have none.
type Opcode string

// The data opcodes, RFC 6455 section 5.6.
const (
	Text   Opcode = "text"
	Binary Opcode = "binary"
)

// Opcodes returns every opcode of messages.
func Opcodes() []Opcode { return []Opcode{Text, Binary} }

// PreviewBytes bounds the preview of a row.
const PreviewBytes = 256

// HeadBytes bounds the head of a row, which a dialect reads its label and gist from.
const HeadBytes = 64 << 10

// MaxJoined is the most messages that one Message may stand for.
const MaxJoined = 256

// Message is one entry of a log: a WebSocket message or an event.
type Message struct {
	Seq       int64     // from 1, without gaps
	At        time.Time // when it was read from or written to the socket; kept in microseconds
	Direction Direction
	Opcode    Opcode       // "" for events
	Payload   []byte       // the bytes of the message; for an event a JSON object
	Large     LargePayload // replaces Payload for a payload that is not held in memory; nil otherwise
	Event     string       // names an event: "connected", "closed"; "" for messages
	Sender    string       // the person who sent it, for sent messages
	ClientID  string       // the id the sender gave it; the same id twice is one message

	// Joined is nil for one message. Otherwise the Message stands for up to MaxJoined small ones
	// that a relay read together: it has their sizes, in bytes, and their payloads are in
	// Payload one behind the other. Their seqs follow Seq, and they share the other fields. Text
	// is valid UTF-8. Only a Recorder is given such a Message.
	Joined []uint16
}

// Last returns the seq of the last message that m stands for.
func (m *Message) Last() int64 { return m.Seq + int64(m.Len()) - 1 }

// Len returns the number of messages that m stands for.
func (m *Message) Len() int { return max(1, len(m.Joined)) }

// Split returns the messages that m stands for.
func (m *Message) Split() []Message {
	if m.Joined == nil {
		return []Message{*m}
	}
	messages, payloads := make([]Message, len(m.Joined)), m.Payload
	for i, size := range m.Joined {
		one := *m
		one.Joined, one.Seq, one.Payload = nil, m.Seq+int64(i), payloads[:size:size]
		messages[i], payloads = one, payloads[size:]
	}
	return messages
}

// Row is a message without its payload. The API, the viewers' sockets and the exports
// show it under these names.
type Row struct {
	Seq         int64     `json:"seq"`
	At          time.Time `json:"-"`
	Direction   Direction `json:"direction"`
	Opcode      Opcode    `json:"opcode,omitempty"`
	Size        int64     `json:"size"` // of the whole payload, in bytes
	Preview     []byte    `json:"-"`    // the first bytes of the payload, at most PreviewBytes
	Head        []byte    `json:"-"`    // the first bytes of the payload, at most HeadBytes; nil unless a Query asked for it
	InvalidUTF8 bool      `json:"invalid_utf8,omitempty"`
	Event       string    `json:"event,omitempty"`
	Sender      string    `json:"sender,omitempty"`
	ClientID    string    `json:"client_id,omitempty"`
}

// Row returns m without its payload. A large payload is not read: it has no preview.
func (m *Message) Row() Row {
	return Row{
		Seq:         m.Seq,
		At:          m.At,
		Direction:   m.Direction,
		Opcode:      m.Opcode,
		Size:        int64(m.size()),
		Preview:     PreviewOf(m.Opcode, m.Payload),
		InvalidUTF8: m.InvalidUTF8(),
		Event:       m.Event,
		Sender:      m.Sender,
		ClientID:    m.ClientID,
	}
}

// Message returns the message of r with its payload.
func (r *Row) Message(payload []byte) Message {
	return Message{
		Seq:       r.Seq,
		At:        r.At,
		Direction: r.Direction,
		Opcode:    r.Opcode,
		Payload:   payload,
		Event:     r.Event,
		Sender:    r.Sender,
		ClientID:  r.ClientID,
	}
}

// InvalidUTF8 reports whether m is a text message with a payload that is not UTF-8. RFC
// 6455 section 8.1 forbids that, and some targets do it. A large payload is not read.
func (m *Message) InvalidUTF8() bool { return m.Opcode == Text && !utf8.Valid(m.Payload) }

// Query selects rows of one session.
type Query struct {
	After     int64     // only rows with a greater seq
	Before    int64     // only rows with a smaller seq; 0 is no bound
	Limit     int       // at most so many rows; 0 is the store's default of 500
	Direction Direction // "" is all
	Opcode    Opcode    // "" is all
	Event     string    // only events of this name; "" is all rows
	Heads     bool      // rows have their Head
	Latest    bool      // take the last rows of the range instead of the first; still ascending
	Text      string    // only messages that contain it in their payload
	Regex     bool      // Text is a regular expression (RE2)
	FoldCase  bool      // Text matches without regard to case
	Until     time.Time // a search for Text stops then, with an *UnfinishedError; zero is no bound
}
