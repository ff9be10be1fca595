package reply

import (
	"testing"
	"time"
)

func TestTimesAreReadAsFormsAndProgramsSendThem(t *testing.T) {
	want := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	for text, at := range map[string]time.Time{
		"":                          {},
		"2026-11-23T12:30":          want,
		"2026-11-23T12:30:00":       want,
		"2026-11-23T12:30:00Z":      want,
		"2026-11-23T13:30:00+01:00": want,
		"2026-11-23T13:30+01:00":    want,
		"2026-11-23T12:30Z":         want,
		"2026-11-23":                want.Truncate(24 * time.Hour),
		"1795437000000000":          want,
	} {
		q := &Query{Values: map[string][]string{"from": {text}}}
		if got := q.Time("from"); !got.Equal(at) || q.Err != nil {
			t.Errorf("%q: %v, %v", text, got, q.Err)
		}
	}
}
