package dialect

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"duplex/bridge/vault"
)

// Bounds of templates and of what they build.
const (
	maxTemplate       = 32 << 10 // bytes of the source
	maxTemplateValues = 256
	maxFilters        = 16
	maxBuilt          = 64 << 20 // bytes, the largest message
)

// Template is a text with values in double braces: {{value|filter:argument|...}}. A backslash
// before the braces makes them literal. In a template that is JSON once its values are filled
// in, a value inside a JSON string is escaped.
type Template struct {
	source string
	parts  []templatePart
	shape  any  // of a JSON template: its value, with holes in strings
	isJSON bool // shape is set
}

// templatePart is a literal, or a value when value is set.
type templatePart struct {
	literal  string
	value    *expression
	inString bool // the value is inside a JSON string
}

// Scope has the values that templates use. Maps are only read, apart from Counters. A name is
// looked up in Local, Captured, Session, Vars and Counters, in this order.
type Scope struct {
	Vars     map[string]string
	Secrets  map[string]vault.Secret
	Session  map[string]string
	Captured map[string]string
	Local    map[string]string // of "let" and "then"
	Counters map[string]int64
	Hidden   map[string]bool // names of Session, Captured and Local values that must not be shown

	Host, Path, Query string // of the address of the handshake
	Text              string // what is asked
	Chunk             []byte // of audio, in the service's encoding
	Head              []byte // the header of a WAV file for the audio
	Message           *Envelope
	Now               time.Time
	Random            func([]byte) // crypto/rand.Read when nil

	body *Text // of a binary message that is built
}

// Text is a built text. Shown is Wire with markers in place of secrets: {{secret.api_key}},
// {{token}} for a hidden value, and {{secret}} for all that was computed from them.
type Text struct {
	Wire, Shown []byte
}

// HasSecret reports whether Shown differs from Wire.
func (t Text) HasSecret() bool { return !bytes.Equal(t.Wire, t.Shown) }

// ParseTemplate reads a template; the names must be among names ("voice", "secret.key",
// "text", "seq++" for a counter that is raised, "$query_sorted", "$message" for a path),
// unless names is nil. The error is a *TemplateError.
func ParseTemplate(source string, names func(string) bool) (*Template, error) {
	t, wrong := parseTemplate(source, names)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return t, nil
}

// parseTemplate reads a template, and returns all mistakes.
func parseTemplate(source string, names func(string) bool) (*Template, []*TemplateError) {
	if len(source) > maxTemplate {
		return nil, []*TemplateError{{Offset: maxTemplate, Detail: fmt.Sprintf("the template has more than %d bytes", maxTemplate)}}
	}
	t := &Template{source: source}
	var wrong []*TemplateError
	values := 0
	for _, piece := range scanTemplate(source) {
		if !piece.isValue {
			t.parts = append(t.parts, templatePart{literal: piece.text})
			continue
		}
		if !piece.closed {
			return nil, append(wrong, &TemplateError{Offset: piece.offset - 2, Detail: "the braces {{ are not closed; \\{{ is a literal {{"})
		}
		if values++; values > maxTemplateValues {
			return nil, append(wrong, &TemplateError{Offset: piece.offset, Detail: fmt.Sprintf("the template has more than %d values", maxTemplateValues)})
		}
		value, failed := parseExpression(piece.text, piece.offset, names)
		if failed != nil {
			wrong = append(wrong, failed)
			continue
		}
		t.parts = append(t.parts, templatePart{value: value})
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	t.findShape()
	return t, nil
}

// TemplateError says what is wrong in a template.
type TemplateError struct {
	Offset int    // in bytes
	Name   string // that is undefined; "" for another mistake
	Detail string
}

// Error implements error.
func (e *TemplateError) Error() string { return e.Detail }

// Build returns the text of the template, at most 64 MiB. The error is a *TemplateError.
func (t *Template) Build(s *Scope) (Text, error) {
	var wire, shown []byte
	for i := range t.parts {
		part := &t.parts[i]
		if part.value == nil {
			wire, shown = append(wire, part.literal...), append(shown, part.literal...)
			continue
		}
		v, err := part.value.evaluate(s)
		if err != nil {
			return Text{}, err
		}
		if part.inString {
			v = value{wire: escapeJSON(v.wire), shown: escapeJSON(v.shown)}
		}
		if len(wire)+len(v.wire) > maxBuilt {
			return Text{}, &TemplateError{Offset: part.value.offset, Detail: fmt.Sprintf("the text has more than %d bytes", maxBuilt)}
		}
		wire, shown = append(wire, v.wire...), append(shown, v.shown...)
	}
	return Text{Wire: wire, Shown: shown}, nil
}

// String returns the source.
func (t *Template) String() string { return t.source }

func (t *Template) hasChunk() bool {
	return t != nil && slices.ContainsFunc(t.parts, func(p templatePart) bool { return p.value != nil && p.value.kind == valueChunk })
}

// scannedPiece is a literal or the inside of a pair of braces.
type scannedPiece struct {
	text    string
	offset  int // of text, in bytes
	isValue bool
	closed  bool
}

func scanTemplate(source string) []scannedPiece {
	var pieces []scannedPiece
	literal, start := []byte(nil), 0
	flush := func() {
		if len(literal) > 0 {
			pieces = append(pieces, scannedPiece{text: string(literal), offset: start})
		}
		literal = nil
	}
	for i := 0; i < len(source); {
		switch {
		case hasAt(source, i, `\{{`):
			literal = append(literal, "{{"...)
			i += 3
		case hasAt(source, i, "{{"):
			flush()
			length, closed := expressionLength(source[i+2:])
			pieces = append(pieces, scannedPiece{text: source[i+2 : i+2+length], offset: i + 2, isValue: true, closed: closed})
			i += 2 + length + 2
			start = i
			if !closed {
				return pieces
			}
		default:
			literal = append(literal, source[i])
			i++
		}
	}
	flush()
	return pieces
}

func hasAt(text string, i int, word string) bool {
	return len(text)-i >= len(word) && text[i:i+len(word)] == word
}

// expressionLength returns the length up to the closing braces. Quoted braces do not close.
func expressionLength(text string) (length int, closed bool) {
	for i := range unquoted(text) {
		if hasAt(text, i, "}}") {
			return i, true
		}
	}
	return len(text), false
}
