package dialect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"duplex/bridge/transcript"
)

// Holes are the values that a sent message has where its template has values.
type Holes struct {
	Text  string // of "text"; JSON escapes and filters are undone
	Chunk []byte // of "chunk": audio in the service's encoding
	Audio bool   // the template has a "chunk"
	Other map[string]string
}

// set stores the value of a hole; false when its filters cannot have given out.
func (h *Holes) set(e *expression, out []byte) bool {
	for _, call := range slices.Backward(e.filters) {
		undo := call.filter.undo
		if undo == nil {
			return true // the value is lost
		}
		in, ok := undo(out)
		if !ok {
			return false
		}
		out = in
	}
	switch e.kind {
	case valueText:
		h.Text = strings.ToValidUTF8(string(out), "\uFFFD")
	case valueChunk:
		h.Chunk, h.Audio = out, true
	case valueName:
		if h.Other == nil {
			h.Other = map[string]string{}
		}
		h.Other[e.name] = strings.ToValidUTF8(string(out), "\uFFFD")
	default:
	}
	return true
}

// Fits reports whether a sent message could have been built from m, and returns its values.
// JSON messages are compared by structure: the constants of the template must be there,
// further keys may be. Other texts are compared piece by piece, binary messages by their parts.
func (m *Message) Fits(opcode transcript.Opcode, payload []byte) (Holes, bool) {
	return m.fits(opcode, &sentText{payload: payload})
}

func (m *Message) fits(opcode transcript.Opcode, sent *sentText) (Holes, bool) {
	var holes Holes
	switch {
	case opcode != m.Opcode,
		opcode == transcript.Text && !m.text.fitsText(sent, &holes),
		opcode == transcript.Binary && !m.fitsBinary(sent.payload, &holes):
		return Holes{}, false
	}
	return holes, true
}

// A hole in the shape of a JSON template is its index between two noncharacters of Unicode,
// which no template has. A hole outside of a string gets the quotes of one.
const (
	holeStart = "\uFDD0"
	holeEnd   = "\uFDD1"
)

// findShape sets shape and inString when t is a JSON object or array with its values filled in.
func (t *Template) findShape() {
	if strings.ContainsAny(t.source, holeStart+holeEnd) {
		return
	}
	var b strings.Builder
	quoted := false
	inString := make([]bool, len(t.parts))
	for i, part := range t.parts {
		if part.value != nil {
			hole := holeStart + strconv.Itoa(i) + holeEnd
			if inString[i] = quoted; !quoted {
				hole = `"` + hole + `"`
			}
			b.WriteString(hole)
			continue
		}
		b.WriteString(part.literal)
		for j := 0; j < len(part.literal); j++ {
			switch c := part.literal[j]; {
			case quoted && c == '\\':
				j++
			case c == '"':
				quoted = !quoted
			default:
			}
		}
	}
	shape, err := decodeJSON([]byte(b.String()))
	if _, isText := shape.(string); err != nil || isText { // a text that is "{{text}}" and nothing else
		return
	}
	switch shape.(type) {
	case map[string]any, []any:
		t.shape, t.isJSON = shape, true
	default:
		return
	}
	for i, inside := range inString {
		t.parts[i].inString = inside
		if e := t.parts[i].value; inside && len(e.filters) > 0 && e.filters[len(e.filters)-1].name == "json" {
			e.filters = e.filters[:len(e.filters)-1] // the value is escaped anyway
		}
	}
}

func (t *Template) fits(payload []byte, holes *Holes) bool {
	return t.fitsText(&sentText{payload: payload}, holes)
}

func (t *Template) fitsText(text *sentText, holes *Holes) bool {
	if !t.isJSON {
		return t.fitsPieces(text.payload, holes)
	}
	got, is := text.decoded()
	return is && t.fitsShape(t.shape, got, holes)
}

// sentText is a text that is compared with templates. Its JSON is decoded once.
type sentText struct {
	payload []byte
	json    any
	isJSON  bool
	isTried bool
}

func (s *sentText) decoded() (v any, isJSON bool) {
	if !s.isTried {
		var err error
		s.json, err = decodeJSON(s.payload)
		s.isJSON, s.isTried = err == nil, true
	}
	return s.json, s.isJSON
}

func (t *Template) fitsShape(want, got any, holes *Holes) bool {
	switch want := want.(type) {
	case map[string]any:
		object, is := got.(map[string]any)
		if !is {
			return false
		}
		for name, inner := range want {
			v, has := object[name]
			if !has || !t.fitsShape(inner, v, holes) {
				return false
			}
		}
		return true
	case []any:
		list, is := got.([]any)
		if !is || len(list) != len(want) {
			return false
		}
		for i, inner := range want {
			if !t.fitsShape(inner, list[i], holes) {
				return false
			}
		}
		return true
	case string:
		return t.fitsString(want, got, holes)
	case json.Number:
		n, is := got.(json.Number)
		return is && (n == want || equalNumbers(n.String(), want.String()))
	default:
		return want == got
	}
}

// fitsString compares a string of the shape, which may have holes.
func (t *Template) fitsString(want string, got any, holes *Holes) bool {
	if !strings.Contains(want, holeStart) {
		text, is := got.(string)
		return is && text == want
	}
	if i, whole := wholeHole(want); whole && i < len(t.parts) && !t.parts[i].inString {
		e := t.parts[i].value
		if text, is := got.(string); is && (len(e.filters) == 0 || e.filters[len(e.filters)-1].name != "json") {
			return holes.set(e, []byte(text))
		}
		return holes.set(e, encodeJSON(got))
	}
	text, is := got.(string)
	if !is {
		return false
	}
	var parts []templatePart
	for rest := want; rest != ""; {
		literal, after, found := strings.Cut(rest, holeStart)
		if literal != "" {
			parts = append(parts, templatePart{literal: literal})
		}
		if !found {
			break
		}
		number, next, _ := strings.Cut(after, holeEnd)
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(t.parts) {
			parts = append(parts, templatePart{value: t.parts[i].value})
		}
		rest = next
	}
	return fitsParts(parts, []byte(text), holes)
}

// wholeHole returns the index of the hole that is all of a string.
func wholeHole(text string) (int, bool) {
	inside, starts := strings.CutPrefix(text, holeStart)
	number, ends := strings.CutSuffix(inside, holeEnd)
	i, err := strconv.Atoi(number)
	return i, starts && ends && err == nil && i >= 0
}

func (t *Template) fitsPieces(payload []byte, holes *Holes) bool {
	return fitsParts(t.parts, payload, holes)
}

// fitsParts compares literals and holes from left to right. A hole ends where the next literal
// begins; the last one takes the rest.
func fitsParts(parts []templatePart, text []byte, holes *Holes) bool {
	for i := range parts {
		part := &parts[i]
		if part.value == nil {
			if !bytes.HasPrefix(text, []byte(part.literal)) {
				return false
			}
			text = text[len(part.literal):]
			continue
		}
		end := len(text)
		switch {
		case i+1 == len(parts):
		case parts[i+1].value != nil:
			end = 0 // two holes side by side: all goes to the second
		case i+2 == len(parts):
			if end = len(text) - len(parts[i+1].literal); end < 0 {
				return false
			}
		default:
			if end = bytes.Index(text, []byte(parts[i+1].literal)); end < 0 {
				return false
			}
		}
		if parts[i].value.kind != valueName || end > 0 || i+1 == len(parts) || parts[i+1].value == nil {
			if !holes.set(part.value, text[:end]) {
				return false
			}
		}
		text = text[end:]
	}
	return len(text) == 0
}

// fitsBinary walks the parts. A part of unknown length takes all but the parts after it.
func (m *Message) fitsBinary(payload []byte, holes *Holes) bool {
	rest, body, hasBody := payload, []byte(nil), false
	bodyLength, nextLength := -1, -1
	for i := range m.parts {
		p := &m.parts[i]
		if p.integer != nil {
			if len(rest) < p.integer.size {
				return false
			}
			n := p.integer.read(rest)
			rest = rest[p.integer.size:]
			switch {
			case !p.isLength:
				if !fitsNumber(p.value, n, holes) {
					return false
				}
			case n < 0 || n > int64(len(rest)):
				return false
			case p.ofNext:
				nextLength = int(n)
			case p.value.kind == valueBody && len(p.value.filters) == 0:
				bodyLength = int(n)
			}
			continue
		}
		if p.silent {
			continue
		}
		length := nextLength
		nextLength = -1
		isBody := p.value != nil && p.value.kind == valueBody && len(p.value.filters) == 0
		if isBody && bodyLength >= 0 {
			length = bodyLength
		}
		switch {
		case p.literal != nil:
			length = len(p.literal)
		case length < 0 && p.value != nil && p.value.kind == valueHead && len(p.value.filters) == 0:
			length = wavHeader(rest)
		}
		if length < 0 {
			length = len(rest) - m.fixedAfter(i)
		}
		if length < 0 || length > len(rest) {
			return false
		}
		piece := rest[:length]
		rest = rest[length:]
		switch {
		case p.literal != nil:
			if !bytes.Equal(piece, p.literal) {
				return false
			}
		case p.template != nil:
			if !p.template.fits(piece, holes) {
				return false
			}
		case isBody:
			body, hasBody = piece, true
		default:
			if !holes.set(p.value, piece) {
				return false
			}
		}
	}
	if len(rest) > 0 {
		return false
	}
	return !hasBody || m.fitsBody(body, holes)
}

// wavHeader returns the length of the header of a WAV file at the beginning of b, up to the
// samples; 0 when there is none.
func wavHeader(b []byte) int {
	if !bytes.HasPrefix(b, []byte("RIFF")) {
		return 0
	}
	const sizes = 4 // bytes of the size after "data"
	data := bytes.Index(b, []byte("data"))
	if data < 0 || data+4+sizes > len(b) {
		return 0
	}
	return data + 4 + sizes
}

// fixedAfter returns the bytes of the parts after i that have a fixed length.
func (m *Message) fixedAfter(i int) int {
	fixed := 0
	for _, p := range m.parts[i+1:] {
		fixed += len(p.literal)
		if p.integer != nil {
			fixed += p.integer.size
		}
	}
	return fixed
}

func fitsNumber(e *expression, n int64, holes *Holes) bool {
	if e.kind == valueLiteral {
		return strconv.FormatInt(n, 10) == e.name
	}
	if e.negative {
		n = -n
	}
	return len(e.filters) > 0 || holes.set(e, strconv.AppendInt(nil, n, 10))
}

// fitsBody undoes the filters of a body and compares the rest with its template.
func (m *Message) fitsBody(body []byte, holes *Holes) bool {
	for _, name := range slices.Backward(m.filters) {
		undo := filters[name].undo
		if undo == nil {
			return true
		}
		in, ok := undo(body)
		if !ok {
			return false
		}
		body = in
	}
	return m.body.fits(body, holes)
}
