package transcript

import (
	"bytes"
	"unicode"
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

// WholeCharacters returns text without a character that is cut off at its end.
func WholeCharacters(text []byte) []byte {
	for start := len(text) - 1; start >= 0 && start > len(text)-utf8.UTFMax; start-- {
		if utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				return text[:start]
			}
			return text
		}
	}
	return text
}

// AsText reports whether r is a binary message that reads as text: JSON in binary, as
// several speech and model services send it. The preview decides, since rows are listed
// without their bodies: it has to be UTF-8 without control characters, tabs and line
// breaks apart. A character that the end of the preview cuts does not count against it.
func (r *Row) AsText() bool {
	if r.Opcode != Binary || len(r.Preview) == 0 {
		return false
	}
	text := r.Preview
	if int64(len(text)) < r.Size {
		text = WholeCharacters(text)
	}
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		if c == utf8.RuneError && size == 1 || unicode.IsControl(c) && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		text = text[size:]
	}
	return true
}

// ShownAs returns the opcode that decides how parts of r's payload are shown: Text for
// a binary message that reads as text.
func (r *Row) ShownAs() Opcode {
	if r.AsText() {
		return Text
	}
	return r.Opcode
}
