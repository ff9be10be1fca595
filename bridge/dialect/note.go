package dialect

import (
	"strings"
	"unicode"

	"duplex/bridge/transcript"
)

// Limits of a note, in runes.
const (
	maxLabel = 80
	maxGist  = 200
)

// NoteOf returns the note of one message without regard to others. The payload may be the
// beginning of a longer one. Without a gist of the dialect, a received message has its text or
// error, and a sent one the text that it asks with.
func (d *Dialect) NoteOf(m *transcript.Message) Note {
	if d == nil || m.Direction == transcript.Event {
		return Note{}
	}
	e := d.unpackHead(m)
	label, _ := d.Receive.Label.Text(e)
	gist, found := d.Receive.Gist.Text(e)
	if !found {
		gist = d.textIn(m, e)
	}
	return Note{Label: oneLine(label, maxLabel), Gist: oneLine(gist, maxGist)}
}

// unpackHead takes a message apart that may be cut.
func (d *Dialect) unpackHead(m *transcript.Message) *Envelope {
	payload := payloadOf(m)
	e, err := d.Unpack(m.Opcode, payload)
	if e == nil {
		e = &Envelope{Opcode: m.Opcode, Payload: payload, Body: payload}
	}
	if err != nil && !e.HasJSON {
		if v, err := decodeJSON(completeJSON(e.Body)); err == nil {
			e.JSON, e.HasJSON = v, true
		}
	}
	return e
}

// textIn returns the text of a message: of a sent one, what it asks.
func (d *Dialect) textIn(m *transcript.Message, e *Envelope) string {
	if m.Direction == transcript.Sent {
		for _, rule := range d.textRules() {
			if holes, fits := rule.message.Fits(m.Opcode, e.Payload); fits && holes.Text != "" {
				return holes.Text
			}
		}
		return ""
	}
	for i := range d.Receive.Text {
		if rule := &d.Receive.Text[i]; rule.When.Holds(e) {
			if text, _ := rule.Path.Text(e); text != "" {
				return text
			}
		}
	}
	for i := range d.Receive.Errors {
		if rule := &d.Receive.Errors[i]; rule.When.Holds(e) {
			text, _ := rule.Message.Text(e)
			return text
		}
	}
	return ""
}

// oneLine returns the first runes of text with single spaces in place of line breaks, other
// controls and repeated spaces.
func oneLine(text string, runes int) string {
	var line strings.Builder
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = line.Len() > 0
			continue
		}
		if space {
			if runes--; runes <= 0 {
				break
			}
			line.WriteByte(' ')
			space = false
		}
		if runes--; runes < 0 {
			break
		}
		line.WriteRune(r)
	}
	return line.String()
}
