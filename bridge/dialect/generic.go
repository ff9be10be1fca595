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
	traced     bool // candidates note which message brought which part
}

type candidate struct {
	count   int
	firstUS int64
	text    strings.Builder
	origins []origin
}

// best returns the candidate to offer; nil for none.
func (g *guess) best() *candidate {
	for i := range g.candidates {
		if c := &g.candidates[i]; c.count >= minGuess {
			return c
		}
	}
	return nil
}

// add takes the strings of a message; all candidates together have at most maxTurnText.
func (g *guess) add(texts []string, seq, atUS int64) {
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
		if g.traced {
			c.origins = append(c.origins, origin{c.text.Len(), seq})
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
	r.changed(t)
	if isSent {
		t.countSent(m.Seq, len(payload))
		t.setMark(markedByMessage, m.Seq, atUS)
		return
	}
	t.count(m.Seq, len(payload))
	t.noteReceived(m.Seq, atUS)
	if m.Opcode == transcript.Text && len(payload) > 0 && payload[0] == '{' {
		if v, err := decodeJSON(payload); err == nil {
			t.guess.add(guessTexts(v), m.Seq, atUS)
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
