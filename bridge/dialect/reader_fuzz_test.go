package dialect

import (
	"bytes"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// fuzzLog makes a log of bytes: each line is a message, whose first byte tells its kind and
// the time since the message before.
func fuzzLog(data []byte) *book {
	b := new(book)
	ms := int64(0)
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		kind, payload := line[0], string(line[1:])
		ms += int64(kind>>4) * 300
		switch kind & 7 {
		case 0, 1:
			b.gets(ms, payload)
		case 2:
			b.hears(ms, payload)
		case 3, 4:
			b.sends(ms, payload)
		case 5:
			b.speaks(ms, payload)
		case 6:
			b.event(ms, "closed", payload)
		case 7:
			b.event(ms, []string{"interrupted", "sent_late", "step_failed", "ping_lost"}[len(payload)%4], payload)
		}
	}
	return b
}

// FuzzReader reads hostile logs by every built-in dialect and by none: nothing panics, live
// and recorded turns are the same, and turns contradict neither themselves nor each other.
func FuzzReader(f *testing.F) {
	f.Add(uint8(0), []byte("3{\"prompt\":\"x\"}\n\x10{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n6{\"code\":1011,\"by\":\"target\"}"))
	f.Add(uint8(1), []byte("5\x00\x01\n0{\"type\":\"response.done\"}\n\xf0{\"a\":\n\x82\xff\xfe\n7\n3{\"type\":\"response.create\"}"))
	dialects := append([]*Dialect{nil}, Builtins()...)
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		d := dialects[int(which)%len(dialects)]
		b := fuzzLog(data)
		turns := b.turns(d)
		for i, turn := range turns {
			if turn.N != i+1 || turn.FirstSeq > turn.LastSeq || turn.Messages < 1 && d != nil {
				t.Errorf("turn %d contradicts itself: %s", i+1, asJSON(turn))
			}
			if turn.State == TurnOpen && i < len(turns)-1 {
				t.Errorf("turn %d is open before another: %s", i+1, asJSON(turns))
			}
			if (turn.State == TurnFailed) != (turn.State == TurnFailed && turn.Error != nil) {
				t.Errorf("turn %d failed without an error", i+1)
			}
			if !utf8.ValidString(turn.Text.Answer) || !utf8.ValidString(turn.Request) {
				t.Errorf("turn %d has text that is not UTF-8", i+1)
			}
			if turn.FirstMessageUS != 0 && turn.FirstMessageUS < turn.MarkUS {
				t.Errorf("turn %d has its first message before the mark: %s", i+1, asJSON(turn))
			}
			if d != nil {
				_, _ = SoundOf(d, nil, turn, StreamAnswer, Part{}, b.log())
			}
		}
		if diff := cmp.Diff(turns, b.live(d)); diff != "" {
			t.Errorf("live turns differ (-recorded +live):\n%s", diff)
		}
		noter := NewNoter(d, nil)
		for i := range b.messages {
			if note := noter.Note(&b.messages[i], int64(len(b.messages[i].Payload))); !utf8.ValidString(note.Gist) || utf8.RuneCountInString(note.Gist) > maxGist {
				t.Errorf("gist %q", note.Gist)
			}
		}
	})
}

// live reads the log with a Tick before each message, and its turns after each.
func (b *book) live(d *Dialect) []Turn {
	r := NewReader(d, nil)
	var revision int64
	byNumber := map[int]Turn{}
	take := func() {
		var changed []Turn
		changed, revision = r.Turns(revision)
		for _, t := range changed {
			byNumber[t.N] = t
		}
	}
	for i := range b.messages {
		if due := r.Next(); !due.IsZero() && !b.messages[i].At.Add(time.Second).Before(due) {
			r.Tick(due)
		}
		r.Read(&b.messages[i])
		take()
	}
	var turns []Turn
	for n := 1; n <= len(byNumber); n++ {
		turns = append(turns, byNumber[n])
	}
	return turns
}
