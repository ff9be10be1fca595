package shape

import (
	"testing"
	"unicode/utf16"

	"duplex/bridge/dialect"
)

// A viewer keeps the first UTF-16 code units and adds the rest; characters stay whole.
func TestTextChangesRebuildTheText(t *testing.T) {
	texts := []string{"", "a", "ab", "good 😀", "good 😁 day", "good", "流式", "流 式", "", "é", "è"}
	var shown []uint16
	before := ""
	for _, now := range texts {
		for _, change := range AppendTextChange(nil, dialect.StreamAnswer, before, now) {
			shown = append(shown[:change.Keep:change.Keep], utf16.Encode([]rune(change.Text))...)
		}
		if got := string(utf16.Decode(shown)); got != now {
			t.Errorf("after %q the viewer shows %q, want %q", before, got, now)
		}
		before = now
	}
	if changes := AppendTextChange(nil, dialect.StreamUser, "same", "same"); len(changes) > 0 {
		t.Errorf("no change is sent as %v", changes)
	}
	if change := AppendTextChange(nil, dialect.StreamAnswer, "good 😀", "good 😀!")[0]; change.Keep != 7 || change.Text != "!" {
		t.Errorf("%+v", change)
	}
}
