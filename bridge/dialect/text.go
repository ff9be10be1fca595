package dialect

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of the text of one stream in one turn.
const (
	maxTurnText = 4 << 20 // bytes; what comes after them is left out, and the turn says so
	maxPieces   = 10_000  // segments, and keys of keyed texts
)

// JoinAuto is the joiner for texts of any language: a space between trimmed pieces, and none
// beside white space or a character of Chinese or Japanese.
const JoinAuto = "auto"

// joiner joins the texts of one stream in one turn. Its text is: the final segments, the
// keyed pieces, and the tail that may still change. The rules of a stream share them, so that
// a final segment replaces what an append rule has brought since the last one.
type joiner struct {
	stream    Stream
	segmented bool // segments are kept

	join     string // of the last rule
	final    strings.Builder
	pieces   []keyedPiece // in the order of their first coming; a removed one is empty
	places   map[string]int
	tail     strings.Builder
	segments []Segment // the last one may be an interim one
	size     int       // bytes of all
	cut      bool      // maxTurnText or maxPieces was reached
	joined   string    // the text; "" when it must be joined again
	trace    *trace    // notes which message brought which part; nil for none
}

// keyedPiece is a text with its key; number is the key where it is one, else -1.
type keyedPiece struct {
	key     string
	number  int64
	text    string
	segment Segment // of its times
}

// piece is a text taken from one message.
type piece struct {
	text  string
	key   string // of TextKeyed; "" for a piece that nothing replaces
	from  string // the first and the last key that it replaces; "" for none
	to    string
	final bool
	seq   int64
	atUS  int64
	sent  int64 // ms of audio that had been sent
}

// segment returns the segment that a piece makes of a text. earlier is the one that it
// replaces.
func (p *piece) segment(stream Stream, text string, final bool, earlier *Segment) Segment {
	s := Segment{Stream: stream, Text: text, Final: final, Seq: p.seq, AtUS: p.atUS, FirstSeq: p.seq, FirstUS: p.atUS, Texts: 1, FirstSentMS: p.sent, SentMS: p.sent}
	if earlier != nil {
		s.FirstSeq, s.FirstUS, s.FirstSentMS, s.Texts = earlier.FirstSeq, earlier.FirstUS, earlier.FirstSentMS, earlier.Texts+1
	}
	return s
}

// add takes a piece by the mode of its rule.
func (j *joiner) add(rule *TextRule, p piece) {
	j.joined, j.join = "", rule.Join
	if rule.Join == JoinAuto {
		p.text = strings.TrimSpace(p.text)
	}
	switch rule.Mode {
	case TextWhole:
		before := j.tail.String()
		j.reset()
		j.setTail(p)
		j.trace.replaceTail(before, j.tail.String(), p.seq)
	case TextSegment:
		if p.final {
			j.addFinal(p)
			break
		}
		before := j.tail.String()
		j.setTail(p)
		j.trace.replaceTail(before, j.tail.String(), p.seq)
	case TextKeyed:
		j.addKeyed(p)
	default:
		j.appendTail(p)
	}
}

// fit returns the part of text for which there is room, and takes the room.
func (j *joiner) fit(text string) string {
	if room := maxTurnText - j.size; len(text) > room {
		j.cut = true
		text = wholeRunes(text[:max(0, room)])
	}
	j.size += len(text)
	return text
}

// wholeRunes returns text without a last rune that is cut.
func wholeRunes(text string) string {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRuneInString(text[i:]) {
				return text[:i]
			}
			break
		}
	}
	return text
}

func (j *joiner) reset() {
	j.final.Reset()
	j.tail.Reset()
	j.pieces, j.places, j.segments, j.size = nil, nil, nil, 0
}

func (j *joiner) clearTail() {
	j.size -= j.tail.Len()
	j.tail.Reset()
}

func (j *joiner) setTail(p piece) {
	j.clearTail()
	j.tail.WriteString(j.fit(p.text))
	j.noteSegment(p, j.tail.String())
}

func (j *joiner) appendTail(p piece) {
	j.trace.growTail(j.tail.Len(), p.seq)
	j.tail.WriteString(j.fit(between(j.tail.String(), p.text, j.join)))
	j.tail.WriteString(j.fit(p.text))
	j.noteSegment(p, j.tail.String())
}

// addFinal takes a final segment in place of the tail.
func (j *joiner) addFinal(p piece) {
	j.clearTail()
	j.trace.growFinal(j.final.Len(), p.seq)
	j.final.WriteString(j.fit(between(j.final.String(), p.text, j.join)))
	text := j.fit(p.text)
	j.final.WriteString(text)
	j.noteSegment(p, text)
}

// noteSegment keeps a segment in place of the interim one before it. Empty ones are left out.
func (j *joiner) noteSegment(p piece, text string) {
	if !j.segmented {
		return
	}
	var earlier *Segment
	if last := len(j.segments) - 1; last >= 0 && !j.segments[last].Final {
		replaced := j.segments[last]
		earlier, j.segments = &replaced, j.segments[:last]
	}
	if text != "" && len(j.segments) < maxPieces {
		j.segments = append(j.segments, p.segment(j.stream, text, p.final, earlier))
	}
}

// parts returns copies of the segments, and of keyed pieces as final ones.
func (j *joiner) parts() []Segment {
	if !j.segmented {
		return nil
	}
	out := slices.Clone(j.segments)
	for _, p := range j.pieces {
		if p.text != "" {
			segment := p.segment
			segment.Text = p.text
			out = append(out, segment)
		}
	}
	return out
}

// addKeyed puts a piece in the place of the one with its key, or of those in its range.
func (j *joiner) addKeyed(p piece) {
	place := j.removeRange(p.from, p.to)
	if at, known := j.places[p.key]; known && p.key != "" {
		place = at
	}
	if place < 0 && len(j.pieces) >= maxPieces {
		j.cut = true
		return
	}
	if place < 0 {
		place = len(j.pieces)
		j.pieces = append(j.pieces, keyedPiece{})
	}
	old := &j.pieces[place]
	j.size -= len(old.text)
	number, err := strconv.ParseInt(p.key, 10, 64)
	if err != nil {
		number = -1
	}
	var earlier *Segment
	if old.text != "" {
		earlier = &old.segment
	}
	*old = keyedPiece{p.key, number, j.fit(p.text), p.segment(j.stream, "", true, earlier)}
	if p.key != "" {
		if j.places == nil {
			j.places = map[string]int{}
		}
		j.places[p.key] = place
	}
}

// removeRange empties the pieces with keys from a number to another, and returns the place of
// the first of them; -1 when there is none.
func (j *joiner) removeRange(from, to string) int {
	first := -1
	low, err1 := strconv.ParseInt(from, 10, 64)
	high, err2 := strconv.ParseInt(to, 10, 64)
	if err1 != nil || err2 != nil {
		return first
	}
	for i := range j.pieces {
		old := &j.pieces[i]
		if old.number < max(0, low) || old.number > high {
			continue
		}
		if first < 0 {
			first = i
		}
		j.size -= len(old.text)
		delete(j.places, old.key)
		*old = keyedPiece{number: -1}
	}
	return first
}

// text returns the joined text.
func (j *joiner) text() string {
	if j.joined != "" || j.size == 0 {
		return j.joined
	}
	if j.size == j.tail.Len() {
		return j.tail.String() // as it is in most dialects
	}
	var all strings.Builder
	add := func(text string) {
		all.WriteString(between(all.String(), text, j.join))
		all.WriteString(text)
	}
	add(j.final.String())
	for _, p := range j.pieces {
		add(p.text)
	}
	add(j.tail.String())
	j.joined = all.String()
	return j.joined
}

// between returns what separates two texts: nothing beside an empty one.
func between(before, after, join string) string {
	switch {
	case before == "" || after == "":
		return ""
	case join != JoinAuto:
		return join
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	if isUnspaced(last) || isUnspaced(first) {
		return ""
	}
	return " "
}

// isUnspaced reports whether no space is written beside a character: it is white space, or
// belongs to Chinese or Japanese, with the punctuation and full forms of both.
func isUnspaced(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF ||
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
