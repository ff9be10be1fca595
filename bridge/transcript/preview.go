package transcript

import (
	"bytes"
	"unicode/utf8"
)

// PreviewOf returns the first bytes of a payload, at most PreviewBytes. Text, and
// the JSON of an event, is never cut inside a character, so a list shows no broken
// one; binary is cut at the limit. A payload that fits is returned itself, a longer
// one is copied: a row must not keep a large payload in memory.
func PreviewOf(opcode Opcode, payload []byte) []byte {
	if len(payload) <= PreviewBytes {
		return payload
	}
	end := PreviewBytes
	if opcode != Binary {
		end = characterEnd(payload, end)
	}
	return bytes.Clone(payload[:end])
}

// characterEnd moves end back to the start of the character it would cut. Bytes
// that are not UTF-8 have no characters to cut and are left where they are.
func characterEnd(text []byte, end int) int {
	for start := end; start > end-utf8.UTFMax; start-- {
		if !utf8.RuneStart(text[start]) {
			continue
		}
		if _, size := utf8.DecodeRune(text[start:]); start+size > end {
			return start
		}
		return end
	}
	return end
}

// InvalidUTF8 reports whether m is a text message whose bytes are not UTF-8, which
// RFC 6455 section 8.1 forbids and some targets send all the same.
func (m *Message) InvalidUTF8() bool { return m.Opcode == Text && !utf8.Valid(m.Payload) }

// Row returns what a list shows of m.
func (m *Message) Row() Row {
	return Row{
		Seq:         m.Seq,
		At:          m.At,
		Direction:   m.Direction,
		Opcode:      m.Opcode,
		Size:        int64(len(m.Payload)),
		Preview:     PreviewOf(m.Opcode, m.Payload),
		InvalidUTF8: m.InvalidUTF8(),
		Event:       m.Event,
		Sender:      m.Sender,
		ClientID:    m.ClientID,
	}
}
