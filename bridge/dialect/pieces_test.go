package dialect

import (
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/transcript"
)

// after yields the messages of the log after a seq.
func (b *book) after(seq int64) iter.Seq2[transcript.Message, error] {
	return func(yield func(transcript.Message, error) bool) {
		for _, m := range b.messages {
			if m.Seq > seq && !yield(m, nil) {
				return
			}
		}
	}
}

func (b *book) pieces(t *testing.T, d *Dialect, n int) []Piece {
	t.Helper()
	turns := b.turns(d)
	var before *Turn
	if n > 1 {
		before = &turns[n-2]
	}
	turn := &turns[n-1]
	pieces, err := TracePieces(b.after(TraceAfter(turn, before)), d, nil, turn, StreamAnswer)
	if err != nil {
		t.Fatal(err)
	}
	return pieces
}

func TestPiecesNameTheMessageOfEachWord(t *testing.T) {
	for _, c := range []struct {
		name, dialect string
		log           func(b *book)
		turn          int
		want          []Piece
	}{
		{"appended", chatDialect, func(b *book) {
			b.sends(0, `{"prompt":"a"}`).gets(10, `{"delta":"x"}`).gets(20, `{"type":"end"}`)
			b.sends(30, `{"prompt":"b"}`).gets(40, `{"delta":"𝔸é"}`).gets(50, `{"type":"note"}`).gets(60, `{"delta":" bc"}`).gets(70, `{"type":"end"}`)
		}, 2, []Piece{{0, 5}, {3, 7}}},
		{"of a request sent before the end of the turn before", chatDialect, func(b *book) {
			b.sends(0, `{"prompt":"a"}`).gets(10, `{"delta":"x"}`).sends(20, `{"prompt":"b"}`).gets(30, `{"delta":"y"}`).gets(40, `{"type":"end"}`)
		}, 2, []Piece{{0, 4}}},
		{"of a recogniser that sends the text so far", heardDialect, func(b *book) {
			b.speaks(100, strings.Repeat("\x01\x02", 800)).gets(250, `{"text":"he"}`).gets(300, `{"text":"hello"}`).gets(340, `{"text":"hello","final":true}`)
			b.sends(401, `{"eof" : 1}`).gets(450, `{"text":"wor"}`).gets(480, `{"text":"world"}`)
		}, 1, []Piece{{0, 4}, {6, 6}, {9, 7}}},
	} {
		var b book
		c.log(&b)
		if diff := cmp.Diff(c.want, b.pieces(t, parse(t, c.dialect), c.turn)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestPiecesOfAGuessedText(t *testing.T) {
	var b book
	b.sends(0, "go").gets(10, `{"token":"a"}`).gets(20, `{"token":"b"}`).gets(30, `{"token":"c"}`)
	if diff := cmp.Diff([]Piece{{0, 2}, {1, 3}, {2, 4}}, b.pieces(t, nil, 1)); diff != "" {
		t.Error(diff)
	}
}
