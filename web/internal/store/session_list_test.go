//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"fmt"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

func sessionsAreFiltered(t *testing.T, o store.Options) {
	s := open(t, o)
	for i, r := range []bridge.Record{
		{ID: "a", ServiceID: "svc-1", ServiceName: "ASR prod", Address: "wss://asr.example/v1", OpenedBy: "Zoë"},
		{ID: "b", ServiceID: "svc-2", ServiceName: "Chat 100%", Address: "wss://chat.example/v1", OpenedBy: "li.wei"},
		{ID: "c", Address: "ws://127.0.0.1:9/asr_x", OpenedBy: "li.wei"},
		{ID: "d", ServiceID: "svc-1", ServiceName: "ASR prod", Address: "wss://asr.example/v1", OpenedBy: "li.wei"},
	} {
		r.Kind, r.OpenedAt = "session", start.Add(time.Duration(i)*time.Hour)
		if err := s.StartSession(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	add(t, s, "a", texts(1, "1", "2")...)
	for id, clean := range map[string]bool{"a": true, "b": false} {
		if err := s.EndSession(t.Context(), id, bridge.Ending{At: start, Code: 1000, Clean: clean}, bridge.Counts{}); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		f    bridge.SessionFilter
		want string
	}{
		"service":          {bridge.SessionFilter{Service: "svc-1"}, "[d a]"},
		"part of a name":   {bridge.SessionFilter{Service: "asr"}, "[d c a]"},
		"no wildcard":      {bridge.SessionFilter{Service: "0%"}, "[b]"},
		"no other one":     {bridge.SessionFilter{Service: "asr_"}, "[c]"},
		"a backslash":      {bridge.SessionFilter{Service: `\`}, "[]"},
		"person":           {bridge.SessionFilter{OpenedBy: "LI."}, "[d c b]"},
		"person in full":   {bridge.SessionFilter{OpenedBy: "Zoë"}, "[a]"},
		"from":             {bridge.SessionFilter{From: start.Add(2 * time.Hour)}, "[d c]"},
		"to":               {bridge.SessionFilter{To: start.Add(2 * time.Hour)}, "[b a]"},
		"running":          {bridge.SessionFilter{State: bridge.Open}, "[d c]"},
		"ended":            {bridge.SessionFilter{State: bridge.Closed}, "[b a]"},
		"broken":           {bridge.SessionFilter{Broken: true}, "[b]"},
		"all at once":      {bridge.SessionFilter{Service: "asr", OpenedBy: "wei", State: bridge.Open, Before: "d"}, "[c]"},
		"after, filtered":  {bridge.SessionFilter{Service: "asr", After: "a", Limit: 1}, "[c]"},
		"before a deleted": {bridge.SessionFilter{Before: "bb", BeforeTime: start.Add(90 * time.Minute)}, "[b a]"},
	} {
		list, err := s.Sessions(t.Context(), c.f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := []string{}
		for _, r := range list {
			got = append(got, r.ID)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s gives %v, want %s", name, got, c.want)
		}
	}
	for want, f := range map[[2]int64]bridge.SessionFilter{
		{4, 2}: {Limit: 1, Before: "a"},
		{2, 2}: {State: bridge.Closed},
		{0, 0}: {Service: "nobody's"},
	} {
		n, messages, err := s.CountSessions(t.Context(), f)
		if err != nil || n != want[0] || messages != want[1] {
			t.Errorf("%+v counts %d and %d (error %v), want %v", f, n, messages, err, want)
		}
	}
}

func sessionsAreDeleted(t *testing.T, o store.Options) {
	s := open(t, o)
	for _, id := range []string{"gone", "stays"} {
		begin(t, s, id)
		for seq := int64(1); seq <= 5000; seq += 1000 {
			add(t, s, id, texts(seq, numbered(1000)...)...)
		}
		add(t, s, id, texts(5001, string(noise(3<<20)))...)
	}
	wantErr(t, s.DeleteSession(t.Context(), "gone"), store.ErrRunning)
	if n := len(rows(t, s, "gone", transcript.Query{Limit: 6000})); n != 5001 {
		t.Errorf("a session that runs has %d rows left", n)
	}
	if err := s.EndSession(t.Context(), "gone", bridge.Ending{At: start, Code: 1000}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteSession(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Session(t.Context(), "gone")
	wantErr(t, err, store.ErrNotFound)
	wantErr(t, s.DeleteSession(t.Context(), "gone"), store.ErrNotFound)
	if n := len(rows(t, s, "stays", transcript.Query{Limit: 6000})); n != 5001 {
		t.Errorf("another session has %d rows left", n)
	}
	begin(t, s, "gone") // no rest of the old session prevents a new one with the same id, or shows in it
	add(t, s, "gone", texts(1, "new")...)
	if n := len(rows(t, s, "gone", transcript.Query{})); n != 1 {
		t.Errorf("%d rows came back", n)
	}
	_, _, err = s.Body(t.Context(), "gone", 5001)
	wantErr(t, err, store.ErrNotFound)
}
