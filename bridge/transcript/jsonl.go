package transcript

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
)

// TypeJSONL is the media type of JSON Lines, of other logs too.
const TypeJSONL = "application/x-ndjson"

var _ = register(Format{Name: DefaultFormat, ContentType: TypeJSONL, Write: WriteJSONL})

// line is one message in JSONL. Exactly one of Text and Base64 is set. Fields that Row
// has too are repeated for their place in the line.
type line struct {
	Seq  int64  `json:"seq"`
	AtUS int64  `json:"at_us"` // microseconds since 1970
	Time string `json:"at"`    // the same as RFC 3339, UTC

	Row

	Text        *string `json:"text,omitempty"`
	Base64      *[]byte `json:"base64,omitempty"`
	InvalidUTF8 bool    `json:"invalid_utf8,omitempty"`
}

// WriteJSONL writes one JSON object for each message, a line each. Bytes that a
// JSON string cannot hold are in base64, so every payload can be had back exactly.
// The head is left out. The turns of the head follow, each as {"turn": {...}}.
func WriteJSONL(w io.Writer, head Head, messages iter.Seq2[Message, error]) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for m, err := range messages {
		if err != nil {
			return fmt.Errorf("export jsonl: %w", err)
		}
		if err := writeLine(out, enc, &m); err != nil {
			return fmt.Errorf("export jsonl: %w", err)
		}
	}
	for i := range head.Turns {
		if err := enc.Encode(map[string]json.RawMessage{"turn": head.Turns[i].JSON}); err != nil {
			return fmt.Errorf("export jsonl: %w", err)
		}
	}
	return out.Flush()
}

func writeLine(out *bufio.Writer, enc *json.Encoder, m *Message) error {
	l, err := lineOf(m)
	switch {
	case err != nil:
		return err
	case m.Large == nil:
		return enc.Encode(l)
	case l.Text != nil:
		return encodeLarge(out, l, "text", m, true)
	}
	return encodeLarge(out, l, "base64", m, false)
}

// lineOf returns the line of a message; a large payload is left out.
func lineOf(m *Message) (line, error) {
	l := line{Seq: m.Seq, AtUS: m.At.UnixMicro(), Time: m.At.UTC().Format(time.RFC3339Nano), Row: m.Row()}
	if m.Opcode == Text {
		valid, err := m.isUTF8()
		if err != nil {
			return l, err
		}
		l.InvalidUTF8 = !valid
	}
	if m.Opcode == Binary || l.InvalidUTF8 {
		payload := m.Payload
		if payload == nil {
			payload = []byte{} // null would read as "no payload known"
		}
		l.Base64 = &payload
	} else {
		text := string(m.Payload)
		l.Text = &text
	}
	return l, nil
}
