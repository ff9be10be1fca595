package dialect

import (
	"iter"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

// Piece tells which message brought a part of a text: from a place, in UTF-16 code units, to
// the place of the next piece.
type Piece struct {
	From int   `json:"from"`
	Seq  int64 `json:"seq"`
}

// TracePieces returns the pieces of a turn's text, from the messages of its log after the seq
// that TraceAfter names. They are missing when the messages alone do not give the same text.
func TracePieces(messages iter.Seq2[transcript.Message, error], d *Dialect, vars map[string]string, t *Turn, stream Stream) ([]Piece, error) {
	r := NewReader(d, vars)
	r.traced = true
	for m, err := range messages {
		if err != nil {
			return nil, err
		}
		r.Read(&m)
		if m.Seq >= t.LastSeq {
			break
		}
	}
	for _, read := range r.turns {
		if read.FirstSeq != t.FirstSeq {
			continue
		}
		text, origins := read.origins(stream)
		if want := [2]string{t.Text.Answer, t.Text.User}[side(stream)]; text == want {
			return piecesOf(text, origins), nil
		}
	}
	return nil, nil
}

// TraceAfter returns the seq after which TracePieces reads. Where the request was sent while
// the turn before was open, that one is read too.
func TraceAfter(t, before *Turn) int64 {
	if before != nil && before.LastSeq > t.FirstSeq {
		return before.FirstSeq - 1
	}
	return t.FirstSeq - 1
}

// origins returns a text and where the parts of it begin.
func (t *turn) origins(stream Stream) (string, []origin) {
	if t.guess == nil {
		return t.text[side(stream)].origins()
	}
	if c := t.guess.best(); c != nil && stream != StreamUser {
		return c.text.String(), c.origins
	}
	return "", nil
}

// origins returns the joined text and where the parts of it begin.
func (j *joiner) origins() (text string, all []origin) {
	if j.trace == nil {
		return "", nil
	}
	add := func(part string, origins []origin) {
		text += between(text, part, j.join)
		for _, o := range origins {
			all = append(all, origin{len(text) + o.at, o.seq})
		}
		text += part
	}
	add(j.final.String(), j.trace.final)
	for _, p := range j.pieces {
		if p.text != "" {
			add(p.text, []origin{{0, p.segment.Seq}})
		}
	}
	add(j.tail.String(), j.trace.tail)
	return text, all
}

// piecesOf converts places in bytes; parts of one message in a row become one.
func piecesOf(text string, origins []origin) []Piece {
	out := make([]Piece, 0, len(origins))
	units, at := 0, 0
	for _, o := range origins {
		for at < o.at {
			r, size := utf8.DecodeRuneInString(text[at:])
			if at += size; r >= 0x10000 {
				units++
			}
			units++
		}
		switch last := len(out) - 1; {
		case last >= 0 && out[last].Seq == o.seq:
		case last >= 0 && out[last].From == units:
			out[last].Seq = o.seq // the one before is empty
		default:
			out = append(out, Piece{From: units, Seq: o.seq})
		}
	}
	return out
}

// origin is a place in a text, in bytes, from which a message brought it.
type origin struct {
	at  int
	seq int64
}

// trace notes the origins of a joiner's text. A nil trace notes nothing.
type trace struct{ final, tail []origin }

func (t *trace) growTail(at int, seq int64) {
	if t != nil {
		t.tail = append(t.tail, origin{at, seq})
	}
}

// growFinal takes a final segment in place of the tail.
func (t *trace) growFinal(at int, seq int64) {
	if t != nil {
		t.final, t.tail = append(t.final, origin{at, seq}), nil
	}
}

// replaceTail keeps the origins of the beginning that did not change.
func (t *trace) replaceTail(before, now string, seq int64) {
	if t == nil {
		return
	}
	same := 0
	for same < min(len(before), len(now)) && before[same] == now[same] {
		same++
	}
	kept := t.tail[:0]
	for _, o := range t.tail {
		if o.at < same {
			kept = append(kept, o)
		}
	}
	t.tail = append(kept, origin{same, seq})
}
