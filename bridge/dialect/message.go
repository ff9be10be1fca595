package dialect

import "duplex/bridge/transcript"

// Message is a message that a dialect sends.
type Message struct {
	Opcode transcript.Opcode
	Mark   bool // it asks for the answer
}

// Build returns the message for the values of s.
func (m *Message) Build(s *Scope) (Text, error) { return Text{}, nil }

// String returns the source of the template; of a binary message its parts, joined by ", ".
func (m *Message) String() string { return "" }

// Holes are the values that a sent message has where its template has values.
type Holes struct {
	Text  string // of "text"; JSON escapes and filters are undone
	Chunk []byte // of "chunk": audio in the service's encoding
	Audio bool   // the template has a "chunk"
	Other map[string]string
}

// Fits reports whether a sent message could have been built from m, and returns its values.
// JSON messages are compared by structure: the constants of the template must be there,
// further keys may be.
func (m *Message) Fits(opcode transcript.Opcode, payload []byte) (Holes, bool) {
	return Holes{}, false
}
