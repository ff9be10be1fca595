package dialect

import "duplex/bridge/transcript"

// Envelope is a received message, taken apart by the dialect's envelope.
type Envelope struct {
	Opcode  transcript.Opcode
	Payload []byte
	Fields  map[string]any // "@name" in paths
	JSON    any            // of encoding/json with json.Number; nil when there is none
	HasJSON bool
	Body    []byte // what follows the fields; the payload where there are none
}

// Unpack takes a message apart. The error says what could not be read; the envelope then has
// the fields that were read before.
func (d *Dialect) Unpack(opcode transcript.Opcode, payload []byte) (*Envelope, error) {
	return nil, nil
}

// LayoutField is one field of a binary message.
type LayoutField struct{ Name string }

// Path selects values of a message: RFC 9535 JSONPath, or "@field" of the envelope. The zero
// Path selects nothing.
type Path struct{}

// All returns the selected values.
func (p Path) All(e *Envelope) []any { return nil }

// Texts returns the selected values as texts: strings as they are, numbers with their digits.
func (p Path) Texts(e *Envelope) []string { return nil }

// Text returns the selected texts, joined; found is false when nothing is selected.
func (p Path) Text(e *Envelope) (text string, found bool) { return "", false }

// IsZero reports whether p selects nothing.
func (p Path) IsZero() bool { return true }

// String returns the source.
func (p Path) String() string { return "" }

// Match is a condition on a message: all paths must have their value. A nil Match holds for
// every message.
type Match []Condition

// Condition compares the values of a path: a literal, "*" (present) or "/regexp/".
type Condition struct {
	Path Path
}

// Holds reports whether the condition holds.
func (m Match) Holds(e *Envelope) bool { return false }
