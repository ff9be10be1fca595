// Package transcript is the log of a session: its messages, their order, what is
// shown of them, and the formats they are exported in. It does not know where the
// log is kept.
package transcript

import "time"

// Direction says which way a message went.
type Direction string

// The directions.
const (
	Sent     Direction = "sent"     // towards the target
	Received Direction = "received" // from the target
	Event    Direction = "event"    // neither: something that happened to the session
)

// Opcode is the RFC 6455 data opcode of a message; events have none.
type Opcode string

// The data opcodes, RFC 6455 section 5.6.
const (
	Text   Opcode = "text"
	Binary Opcode = "binary"
)

// PreviewBytes is how much of a payload a row carries at most.
const PreviewBytes = 256

// Message is one entry of a log: a WebSocket message or an event.
type Message struct {
	Seq       int64     // from 1, without gaps
	At        time.Time // when it was read from or written to the socket; kept in microseconds
	Direction Direction
	Opcode    Opcode       // "" for events
	Payload   []byte       // exactly the bytes that passed; for events a JSON object of facts
	Large     LargePayload // in place of Payload, for one that is not to be held; nil for others
	Event     string       // names an event: "connected", "closed"; "" for messages
	Sender    string       // who sent it, for sent messages
	ClientID  string       // the id the sender gave it; the same id twice is one message
}

// Row is a message without its body: what a list shows.
type Row struct {
	Seq         int64
	At          time.Time
	Direction   Direction
	Opcode      Opcode
	Size        int64  // of the whole payload, in bytes
	Preview     []byte // the first bytes of the payload, at most PreviewBytes
	InvalidUTF8 bool   // a text message whose bytes are not UTF-8
	Event       string
	Sender      string
	ClientID    string
}

// Query selects rows of one session.
type Query struct {
	After     int64     // only rows with a greater seq
	Before    int64     // only rows with a smaller seq; 0 is no bound
	Limit     int       // at most so many rows; 0 is the store's default of 500
	Direction Direction // "" is all
	Opcode    Opcode    // "" is all
	Event     string    // only events of this name; "" is all rows
	Latest    bool      // take the last rows of the range instead of the first; still ascending
	Text      string    // only messages whose payload contains it
	Regex     bool      // Text is a regular expression (RE2)
	FoldCase  bool      // Text matches without regard to case
	Until     time.Time // a search for Text stops then, with an *UnfinishedError; zero is no bound
}
