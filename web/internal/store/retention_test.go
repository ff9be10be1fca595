package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// ended keeps a session that ended at a time, with so many bytes in its log.
func endedAt(t *testing.T, s *store.Store, id string, at time.Time, size int) {
	t.Helper()
	begin(t, s, id)
	counts := bridge.Counts{}
	if size > 0 {
		add(t, s, id, texts(1, string(make([]byte, size)))...)
		counts = bridge.Counts{Received: 1, BytesReceived: int64(size)}
	}
	if err := s.EndSession(t.Context(), id, bridge.Ending{At: at, Code: 1000, Clean: true}, counts); err != nil {
		t.Fatal(err)
	}
}

func remaining(t *testing.T, s *store.Store) (ids []string) {
	t.Helper()
	list, err := s.Sessions(t.Context(), bridge.SessionFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	slices.Sort(ids)
	return ids
}

func sweep(t *testing.T, s *store.Store, r store.Retention) (deleted int, more bool) {
	t.Helper()
	deleted, more, err := s.Sweep(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return deleted, more
}

func retentionByAge(t *testing.T, o store.Options) {
	t.Helper()
	now := start
	o.Now = func() time.Time { return now }
	s := open(t, o)
	day := 24 * time.Hour
	endedAt(t, s, "a-old", start.Add(-8*day), 10)
	endedAt(t, s, "b-old-pinned", start.Add(-9*day), 10)
	endedAt(t, s, "c-young", start.Add(-6*day), 10)
	begin(t, s, "d-runs")
	if err := s.SetPinned(t.Context(), "b-old-pinned", true); err != nil {
		t.Fatal(err)
	}
	if n, _ := sweep(t, s, store.Retention{}); n != 0 {
		t.Errorf("kept for ever, and %d were deleted", n)
	}
	if n, more := sweep(t, s, store.Retention{Age: 7 * day}); n != 1 || more {
		t.Errorf("%d deleted, more %v", n, more)
	}
	if got := remaining(t, s); !slices.Equal(got, []string{"b-old-pinned", "c-young", "d-runs"}) {
		t.Errorf("left: %q", got)
	}
	now = now.Add(2 * day)
	if err := s.SetPinned(t.Context(), "b-old-pinned", false); err != nil {
		t.Fatal(err)
	}
	if n, _ := sweep(t, s, store.Retention{Age: 7 * day}); n != 2 {
		t.Errorf("%d deleted", n)
	}
	if got := remaining(t, s); !slices.Equal(got, []string{"d-runs"}) {
		t.Errorf("left: %q", got)
	}
	var told []string
	for _, e := range entries(t, s, audit.Filter{Action: audit.SessionDelete}) {
		told = append(told, e.Object.Session+" "+e.Detail+" "+string(e.Outcome))
	}
	if !slices.Equal(told, []string{"a-old retention ok", "b-old-pinned retention ok", "c-young retention ok"}) {
		t.Errorf("audit: %q", told)
	}
}

func retentionByBytes(t *testing.T, o store.Options) {
	t.Helper()
	s := open(t, o)
	for i, name := range []string{"a", "b", "c", "d"} {
		endedAt(t, s, name, start.Add(time.Duration(i)*time.Minute), 1000)
	}
	begin(t, s, "e-runs")
	add(t, s, "e-runs", texts(1, string(make([]byte, 1000)))...)
	if err := s.SetPinned(t.Context(), "a", true); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		bytes int64
		left  []string
	}{
		{5000, []string{"a", "b", "c", "d", "e-runs"}},
		{4999, []string{"a", "c", "d", "e-runs"}},
		{3500, []string{"a", "d", "e-runs"}},
		{1, []string{"a", "e-runs"}}, // there is no more that it may delete
	} {
		sweep(t, s, store.Retention{Bytes: step.bytes})
		if got := remaining(t, s); !slices.Equal(got, step.left) {
			t.Errorf("%d bytes: %q", step.bytes, got)
		}
	}
}

// sweepIsBounded: live sessions wait for the one that writes.
func sweepIsBounded(t *testing.T, o store.Options) {
	t.Helper()
	s := open(t, o)
	for i := range 103 {
		endedAt(t, s, fmt.Sprintf("s%03d", i), start.Add(time.Duration(i-2000)*time.Hour), 0)
	}
	r := store.Retention{Age: time.Hour}
	if n, more := sweep(t, s, r); n != 100 || !more {
		t.Errorf("%d deleted, more %v", n, more)
	}
	if got := remaining(t, s); !slices.Equal(got, []string{"s100", "s101", "s102"}) {
		t.Errorf("left: %q", got)
	}
	if n, more := sweep(t, s, r); n != 3 || more {
		t.Errorf("then %d deleted, more %v", n, more)
	}
}

// brokenOffDeletionGoesOn: the process died in the middle of it.
func brokenOffDeletionGoesOn(t *testing.T, o store.Options) {
	t.Helper()
	s := open(t, o)
	endedAt(t, s, "half", start, 10)
	endedAt(t, s, "whole", start, 10)
	beside(t, o, "update sessions set deleting = true where id = 'half'")
	wantErr(t, s.SetPinned(t.Context(), "half", true), store.ErrNotFound)
	wantErr(t, s.SetPinned(t.Context(), "absent", true), store.ErrNotFound)
	sweep(t, s, store.Retention{})
	if got := remaining(t, s); !slices.Equal(got, []string{"whole"}) {
		t.Errorf("left: %q", got)
	}
}

// largeLogsAreDeleted: rows, bodies in rows and bodies in parts go in many steps.
func largeLogsAreDeleted(t *testing.T, o store.Options) {
	t.Helper()
	s := open(t, o)
	begin(t, s, "large")
	begin(t, s, "other")
	payloads := numbered(2500)
	for i := range payloads {
		switch i % 3 {
		case 0:
			payloads[i] = string(make([]byte, 4000)) // in the row
		case 1:
			payloads[i] = string(make([]byte, 10_000)) // in a part
		}
	}
	payloads[7] = string(make([]byte, 5<<20)) // in many
	add(t, s, "large", texts(1, payloads...)...)
	add(t, s, "other", texts(1, string(make([]byte, 3<<20)))...)
	if err := s.EndSession(t.Context(), "large", bridge.Ending{At: start}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteSession(t.Context(), "large"); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"messages", "bodies", "counts"} {
		if n := scalar(t, o, "select count(*) from "+table+" where session = 'large'"); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	if got := remaining(t, s); !slices.Equal(got, []string{"other"}) {
		t.Errorf("left: %q", got)
	}
	if n := len(rows(t, s, "other", transcript.Query{})); n != 1 {
		t.Errorf("%d rows of another session", n)
	}
}
