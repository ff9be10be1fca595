package dialect

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duplex/bridge/transcript"
)

// Message is a message that a dialect sends.
type Message struct {
	Opcode transcript.Opcode
	Mark   bool // it asks for the answer

	text    *Template // of a text message
	parts   []binaryPart
	body    *Template // of a binary message; nil for none
	filters []string  // of body
}

// binaryPart is a piece of a binary message: one of its kinds is set.
type binaryPart struct {
	source   string
	literal  []byte       // "hex:"
	template *Template    // "text:"
	integer  *integerType // of a number, or of a length
	value    *expression  // of a number, of a length, or the bytes themselves
	isLength bool
	ofNext   bool // the length of the next part
	silent   bool // "count:": the value is taken, and nothing is written
}

// parseBinaryPart reads "hex:11210100", "text:TEMPLATE", "i32be:seq++", "u32be-len:body",
// "u16be-len:next", "count:seq++" or a
// value. The error is a *TemplateError.
func parseBinaryPart(source string, names func(string) bool) (binaryPart, *TemplateError) {
	word, rest, hasColon := strings.Cut(source, ":")
	offset := len(word) + 1
	if hasColon && word == "hex" {
		raw, err := hex.DecodeString(strings.Join(strings.Fields(rest), ""))
		if err != nil {
			return binaryPart{}, &TemplateError{Offset: offset, Detail: "hex: needs pairs of the digits 0-9 and a-f"}
		}
		return binaryPart{literal: raw}, nil
	}
	if hasColon && word == "text" {
		t, wrong := parseTemplate(rest, names)
		if len(wrong) > 0 {
			wrong[0].Offset += offset
			return binaryPart{}, wrong[0]
		}
		return binaryPart{template: t}, nil
	}
	if hasColon && word == "count" {
		e, err := parseExpression(rest, offset, names)
		return binaryPart{value: e, silent: true}, err
	}
	kind, isLength := strings.CutSuffix(word, "-len")
	integer, isInteger := parseInteger(kind)
	if !hasColon || !isInteger {
		if hasColon && secretOrFilter(source) {
			word = ""
		}
		if hasColon && word != "" && !strings.ContainsAny(word, "|$@ ") {
			near := Nearest(word, binaryWords())
			return binaryPart{}, &TemplateError{Detail: fmt.Sprintf("%q begins no part; did you mean %q?", word+":", near+":")}
		}
		e, err := parseExpression(source, 0, names)
		return binaryPart{value: e}, err
	}
	part := binaryPart{integer: integer, isLength: isLength}
	if isLength && strings.TrimSpace(rest) == "next" {
		part.ofNext = true
		return part, nil
	}
	if number := strings.TrimSpace(rest); !isLength {
		if n, err := strconv.ParseInt(number, 0, 64); err == nil {
			if _, err := integer.write(nil, n); err != nil {
				return binaryPart{}, &TemplateError{Offset: offset, Detail: err.Error()}
			}
			part.value = &expression{kind: valueLiteral, name: strconv.FormatInt(n, 10)}
			return part, nil
		}
	}
	e, err := parseExpression(rest, offset, names)
	part.value = e
	return part, err
}

// secretOrFilter reports whether a colon of a part belongs to a value: "chunk|hmac_sha256:key".
func secretOrFilter(source string) bool {
	bar, colon := strings.Index(source, "|"), strings.Index(source, ":")
	return bar >= 0 && bar < colon || strings.HasPrefix(source, "$random:")
}

func binaryWords() []string {
	words := []string{"hex", "text", "count"}
	for _, kind := range integerNames() {
		words = append(words, kind, kind+"-len")
	}
	return words
}

func integerNames() []string {
	return []string{"i8", "u8", "i16be", "i16le", "u16be", "u16le", "i32be", "i32le", "u32be", "u32le", "i64be", "i64le", "u64be", "u64le"}
}

// Build returns the message for the values of s, at most 64 MiB. The error is a *TemplateError.
func (m *Message) Build(s *Scope) (Text, error) {
	if m.Opcode == transcript.Text {
		return m.text.Build(s)
	}
	scope := *s
	if m.body != nil {
		body, err := m.buildBody(&scope)
		if err != nil {
			return Text{}, err
		}
		scope.body = &body
	}
	built := make([]value, len(m.parts))
	for i := range m.parts {
		v, err := m.parts[i].build(&scope)
		if err != nil {
			return Text{}, err
		}
		built[i] = v
	}
	return joinParts(m.parts, built)
}

func (m *Message) buildBody(s *Scope) (Text, error) {
	built, err := m.body.Build(s)
	if err != nil {
		return Text{}, err
	}
	v := value{wire: built.Wire, shown: built.Shown, hidden: built.HasSecret()}
	for _, name := range m.filters {
		if v, err = filters[name].run(v, value{}); err != nil {
			return Text{}, &TemplateError{Detail: fmt.Sprintf("the filter %s failed: %v", name, err)}
		}
	}
	return Text{Wire: v.wire, Shown: v.shown}, nil
}

// String returns the source of the template; of a binary message its parts, joined by ", ".
func (m *Message) String() string {
	if m.Opcode == transcript.Text {
		return m.text.String()
	}
	sources := make([]string, 0, len(m.parts)+1)
	for _, p := range m.parts {
		sources = append(sources, p.source)
	}
	if m.body != nil {
		sources = append(sources, "body: "+strings.Join(append([]string{m.body.String()}, m.filters...), "|"))
	}
	return strings.Join(sources, ", ")
}

// HasChunk reports whether a value of the message is the audio.
func (m *Message) HasChunk() bool {
	if m.text.hasChunk() || m.body.hasChunk() {
		return true
	}
	return slices.ContainsFunc(m.parts, func(p binaryPart) bool {
		return p.template.hasChunk() || p.value != nil && p.value.kind == valueChunk
	})
}

// build returns the bytes of a part; of a length, the bytes that are counted.
func (p *binaryPart) build(s *Scope) (value, error) {
	switch {
	case p.literal != nil:
		return plainValue(p.literal), nil
	case p.template != nil:
		built, err := p.template.Build(s)
		return value{wire: built.Wire, shown: built.Shown}, err
	case p.value == nil:
		return value{}, nil
	}
	v, err := p.value.evaluate(s)
	if p.silent {
		return value{}, err
	}
	if err != nil || p.integer == nil || p.isLength {
		return v, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(v.wire)), 10, 64)
	if err == nil {
		var wire []byte
		if wire, err = p.integer.write(nil, n); err == nil {
			return plainValue(wire), nil
		}
	}
	return value{}, &TemplateError{Offset: p.value.offset, Detail: fmt.Sprintf("the value is no number that fits: %v", err)}
}

// joinParts writes the parts one after the other, with the lengths.
func joinParts(parts []binaryPart, built []value) (Text, error) {
	var out Text
	for i := range parts {
		p, v := &parts[i], built[i]
		if p.isLength {
			counted := v
			if p.ofNext {
				counted = built[i+1]
			}
			wire, err := p.integer.write(nil, int64(len(counted.wire)))
			if err != nil {
				return Text{}, &TemplateError{Detail: "the length does not fit: " + err.Error()}
			}
			shown, err := p.integer.write(nil, int64(len(counted.shown)))
			if err != nil {
				shown = wire
			}
			v = value{wire: wire, shown: shown}
		}
		if len(out.Wire)+len(v.wire) > maxBuilt {
			return Text{}, &TemplateError{Detail: fmt.Sprintf("the message has more than %d bytes", maxBuilt)}
		}
		out.Wire, out.Shown = append(out.Wire, v.wire...), append(out.Shown, v.shown...)
	}
	return out, nil
}
