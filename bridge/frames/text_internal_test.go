package frames

import (
	"testing"
	"unicode/utf8"
)

// A text is valid in parts if and only if the whole is.
func FuzzTextCheck(f *testing.F) {
	f.Add([]byte("a\xe2\x82\xac\xf0\x9f\x98\x80z"), byte(1))
	f.Add([]byte("\xf0\x9f\x98"), byte(2))
	f.Add([]byte("\xed\xa0\x80"), byte(1))
	f.Add([]byte("\xe2\x82"), byte(0))
	f.Add([]byte("\xf4\x90\x80\x80"), byte(3))
	f.Fuzz(func(t *testing.T, text []byte, step byte) {
		check, valid := textCheck{on: true}, true
		for rest := text; valid; {
			part := rest[:min(len(rest), int(step))]
			rest = rest[len(part):]
			if step == 0 {
				part, rest = rest, nil
			}
			valid = check.takes(part, len(rest) == 0)
			if len(rest) == 0 {
				break
			}
		}
		if valid != utf8.Valid(text) {
			t.Errorf("%q in parts of %d: %v", text, step, valid)
		}
		binary := textCheck{}
		if !binary.takes(text, true) {
			t.Error("a binary message is checked")
		}
	})
}
