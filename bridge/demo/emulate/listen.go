package emulate

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// utterance is the speech of one turn, as an emulated recogniser hears it.
type utterance struct {
	*hearing

	pace pace
	rate int // of the audio in Hz
	size int // bytes of a sample
	text string
}

// listen begins an utterance of samples of that size.
func (c *call) listen(rate, size int) *utterance {
	return &utterance{hearing: newHearing(c.Options, c.Answer), rate: rate, size: size}
}

// hear takes a frame of audio. Ahead is how far the audio is ahead of real time before it.
func (c *call) hear(u *utterance, at time.Time, audio []byte) (results []heard, ahead time.Duration) {
	c.Record.frame(at, audio)
	length := u.lengthOf(len(audio))
	ahead = u.pace.add(at, length)
	return u.add(length), ahead
}

// lengthOf returns how long so many bytes of audio last.
func (u *utterance) lengthOf(bytes int) time.Duration {
	return time.Duration(bytes/u.size) * time.Second / time.Duration(u.rate)
}

// finish ends the utterance: its last frame is the mark of the turn. A caller without audio
// gets no results.
func (c *call) finishHearing(u *utterance) []heard {
	if u.pace.start.IsZero() {
		return nil
	}
	c.Record.mark(u.pace.last)
	return u.end()
}

// tell notes that a result goes out.
func (c *call) tell(u *utterance, r heard) {
	piece := ""
	if r.final {
		piece = glue(u.text, r.text)
		u.text += piece
	}
	c.wrote(piece)
}

// silence returns how long the caller may wait with the next frame, so that the limit counts
// audio alone.
func (u *utterance) silence(limit time.Duration, began, now time.Time) time.Duration {
	last := u.pace.last
	if last.IsZero() {
		last = began
	}
	return max(limit-now.Sub(last), time.Millisecond)
}

// glue returns a sentence with the space that parts it from the text before: none beside
// scripts that have no spaces.
func glue(before, sentence string) string {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(sentence)
	if before == "" || sentence == "" || wide(last) || wide(first) {
		return sentence
	}
	return " " + sentence
}

// wide reports whether a letter or mark belongs to a script without spaces.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || strings.ContainsRune("。，、？！：；", r)
}

// refuseCall sends the service's error and closes the connection.
func (c *call) refuseCall(fault any, code websocket.StatusCode, reason string) error {
	if err := c.sendJSON(fault); err != nil {
		return err
	}
	return &hangUp{code, reason}
}

// isUUID reports whether a text is a UUID, RFC 9562 section 4, with its dashes or without.
func isUUID(text string, dashes bool) bool {
	if dashes {
		if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
			return false
		}
		text = strings.ReplaceAll(text, "-", "")
	}
	return len(text) == 32 && strings.Trim(text, "0123456789abcdefABCDEF") == ""
}
