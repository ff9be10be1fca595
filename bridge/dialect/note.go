package dialect

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

// Limits of a note, in runes.
const (
	maxLabel = 80
	maxGist  = 200
)

// Noter makes the notes of the messages of one session. It may be used by several goroutines.
type Noter struct {
	d       *Dialect
	sent    sentRules
	texts   sentRules
	formats formats
}

// NewNoter returns a Noter; nil for a nil dialect. vars are as for NewReader.
func NewNoter(d *Dialect, vars map[string]string) *Noter {
	if d == nil {
		return nil
	}
	return &Noter{d: d, sent: d.sentRules(), texts: d.textRules(), formats: newFormats(d, vars)}
}

// Note returns the note of one message without regard to others. The payload may be the
// beginning of a longer one of size bytes. Text that a turn joins is the gist, with its spaces;
// audio is measured and has no gist. Otherwise the gist is that of the dialect, else the error
// of a received message, or the text that a sent one asks with.
func (n *Noter) Note(m *transcript.Message, size int64) Note {
	if n == nil || m.Direction == transcript.Event {
		return Note{}
	}
	e := n.d.unpackHead(m)
	note := Note{Label: n.labelOf(e)}
	note.Sound = n.soundIn(m, e, size)
	if m.Direction == transcript.Received {
		note.Gist, note.Joins, note.Path = n.joinedText(e)
	}
	if note.Joins != "" || note.Sound != nil {
		return note
	}
	var said string
	said, note.Error = n.errorIn(m, e)
	gist, found := n.d.Receive.Gist.Text(e)
	switch {
	case found:
	case m.Direction == transcript.Sent:
		gist = n.askedText(m, e)
	default:
		gist = said
	}
	note.Gist = oneLine(gist, maxGist)
	return note
}

// Label returns the label of a message alone.
func (n *Noter) Label(m *transcript.Message) string {
	if n == nil || m.Direction == transcript.Event {
		return ""
	}
	return n.labelOf(n.d.unpackHead(m))
}

func (n *Noter) labelOf(e *Envelope) string {
	label, _ := n.d.Receive.Label.Text(e)
	return oneLine(label, maxLabel)
}

// joinedText returns the text of a received message that its turn joins, the mode, and the path
// that selects it.
func (n *Noter) joinedText(e *Envelope) (text string, mode TextMode, path string) {
	for i := range n.d.Receive.Text {
		rule := &n.d.Receive.Text[i]
		if !rule.When.Holds(e) {
			continue
		}
		if text, _ := rule.textIn(e); text != "" {
			return firstRunes(text, maxGist), rule.Mode, rule.Path.String()
		}
	}
	return "", "", ""
}

// firstRunes returns the first runes of a text.
func firstRunes(text string, runes int) string {
	if len(text) <= runes {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	at := 0
	for ; runes > 0 && at < len(text); runes-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return strings.ToValidUTF8(text[:at], "\uFFFD")
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

// askedText returns the text that a sent message asks with.
func (n *Noter) askedText(m *transcript.Message, e *Envelope) string {
	for _, rule := range n.texts {
		if holes, fits := rule.message.Fits(m.Opcode, e.Payload); fits && holes.Text != "" {
			return holes.Text
		}
	}
	return ""
}

// errorIn returns the error that a received message tells.
func (n *Noter) errorIn(m *transcript.Message, e *Envelope) (text string, found bool) {
	if m.Direction != transcript.Received {
		return "", false
	}
	for i := range n.d.Receive.Errors {
		if rule := &n.d.Receive.Errors[i]; rule.When.Holds(e) {
			return rule.words(e), true
		}
	}
	return "", false
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
