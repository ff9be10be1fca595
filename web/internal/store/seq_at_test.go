//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"testing"
	"time"

	"duplex/web/internal/store"
)

func timesAreFound(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	begin(t, s, "empty")
	const total = 3000
	for seq := int64(1); seq <= total; seq += 1000 {
		batch := texts(seq, numbered(1000)...)
		for i := range batch { // ten at a time share a moment
			batch[i].At = start.Add(time.Duration((batch[i].Seq-1)/10) * time.Millisecond)
		}
		add(t, s, "one", batch...)
	}
	for _, c := range []struct {
		after time.Duration
		want  int64
	}{
		{-time.Hour, 1},
		{0, 1},
		{time.Microsecond, 11},
		{time.Millisecond, 11},
		{150 * time.Millisecond, 1501},
		{299 * time.Millisecond, 2991},
		{300 * time.Millisecond, total},
		{time.Hour, total},
	} {
		got, err := s.SeqAt(t.Context(), "one", start.Add(c.after))
		if err != nil || got != c.want {
			t.Errorf("%v after the start: seq %d, %v; want %d", c.after, got, err, c.want)
		}
	}
	for _, id := range []string{"empty", "unknown"} {
		if got, err := s.SeqAt(t.Context(), id, start); err != nil || got != 0 {
			t.Errorf("%s: seq %d, %v", id, got, err)
		}
	}
}
