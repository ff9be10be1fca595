package dialect

import (
	"strings"

	"duplex/bridge/transcript"
)

// guessedPaths returns the names under which services without a dialect send their text, the
// most telling first.
func guessedPaths() []string {
	return []string{"$.choices[*].delta.content", "$.delta", "$.text", "$.token", "$.content", "$.answer"}
}

// minGuess is the number of messages of a turn that must have a text for it to be offered.
const minGuess = 3

// guess collects the strings that may be the text of an answer.
type guess struct {
	candidates [6]candidate
	size       int
	cut        bool
}

type candidate struct {
	count   int
	firstUS int64
	text    strings.Builder
}

// best returns the text to offer; "" for none.
func (g *guess) best() (text string, firstUS int64, cut bool) {
	for i := range g.candidates {
		if c := &g.candidates[i]; c.count >= minGuess {
			return c.text.String(), c.firstUS, g.cut
		}
	}
	return "", 0, false
}

// add takes the strings of a message; all candidates together have at most maxTurnText.
func (g *guess) add(texts []string, atUS int64) {
	for i, text := range texts {
		if text == "" {
			continue
		}
		c := &g.candidates[i]
		if c.count++; c.firstUS == 0 {
			c.firstUS = atUS
		}
		if room := maxTurnText - g.size; len(text) > room {
			text, g.cut = wholeRunes(text[:room]), true
		}
		c.text.WriteString(text)
		g.size += len(text)
	}
}

// readGeneric reads a message without a dialect: a turn begins with a message sent after one
// was received, and its mark is the last one sent before the answer.
func (r *Reader) readGeneric(m *transcript.Message, payload []byte, atUS int64) {
	isSent := m.Direction == transcript.Sent
	if isSent && r.open != nil && r.open.received > 0 {
		r.supersede()
	}
	t := r.open
	if t == nil && isSent {
		t = r.begin(m.Seq)
	}
	if t == nil {
		return
	}
	t.count(m.Seq, len(payload))
	r.changed(t)
	if isSent {
		t.setMark(markedByMessage, m.Seq, atUS)
		return
	}
	t.noteReceived(atUS)
	if m.Opcode == transcript.Text && len(payload) > 0 && payload[0] == '{' {
		if v, err := decodeJSON(payload); err == nil {
			t.guess.add(guessTexts(v), atUS)
		}
	}
}

// guessTexts returns the strings at guessedPaths in a message.
func guessTexts(v any) []string {
	object, _ := v.(map[string]any)
	texts := make([]string, 0, len(guessedPaths()))
	var chosen strings.Builder
	choices, _ := object["choices"].([]any)
	for _, choice := range choices {
		fields, _ := choice.(map[string]any)
		delta, _ := fields["delta"].(map[string]any)
		content, _ := delta["content"].(string)
		chosen.WriteString(content)
	}
	texts = append(texts, chosen.String())
	for _, path := range guessedPaths()[1:] {
		text, _ := object[strings.TrimPrefix(path, "$.")].(string)
		texts = append(texts, text)
	}
	return texts
}
