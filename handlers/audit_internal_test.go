package handlers

import (
	"strconv"
	"testing"
	"time"

	"duplex/handlers/reply"
)

func TestTheSameIsNewsOnceAnHour(t *testing.T) {
	l, now := newLately(), time.Unix(0, 0)
	if !l.first("a", now) || l.first("a", now.Add(59*time.Minute)) || !l.first("b", now) || !l.first("a", now.Add(time.Hour)) {
		t.Error("news at the wrong times")
	}
	l.forget("b")
	if !l.first("b", now) {
		t.Error("what was not written is no news")
	}
	for i := range 3 * latelySize {
		l.first(strconv.Itoa(i), now)
	}
	if len(l.at) > latelySize {
		t.Errorf("%d keys are held", len(l.at))
	}
}

func TestTimesAreReadAsFormsAndProgramsSendThem(t *testing.T) {
	want := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	for text, at := range map[string]time.Time{
		"":                          {},
		"2026-11-23T12:30":          want,
		"2026-11-23T12:30:00":       want,
		"2026-11-23T12:30:00Z":      want,
		"2026-11-23T13:30:00+01:00": want,
		"2026-11-23":                want.Truncate(24 * time.Hour),
		"1795437000000000":          want,
	} {
		q := &reply.Query{Values: map[string][]string{"from": {text}}}
		if got := q.Time("from"); !got.Equal(at) || q.Err != nil {
			t.Errorf("%q: %v, %v", text, got, q.Err)
		}
	}
}
