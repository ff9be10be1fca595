//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// equal compares addresses, which cmp cannot compare.
var equal = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

// report has every field set.
func report() dial.Report {
	return dial.Report{
		URL: "wss://host.example/path?token=%E2%80%A2", Host: "host.example:443", Phase: dial.PhaseOpen,
		Phases:    dial.Phases{DNS: 1, TCP: 2, TLS: 3, Upgrade: 4, Total: 10},
		Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, RemoteAddr: "192.0.2.1:443",
		TLS: &dial.TLSInfo{
			Version: "TLS 1.3", ServerName: "host.example", Subject: "CN=host.example", Issuer: "CN=ca",
			DNSNames: []string{"host.example"}, NotBefore: start, NotAfter: start.Add(time.Hour),
		},
		CredentialKind: sign.KindToken, RequestHeader: []dial.Pair{{Name: "X-Auth-Token", Value: "••••"}},
		Offered: []string{"a", "b"}, Subprotocol: "a", Status: 101,
		ResponseHeader: []dial.Pair{{Name: "Upgrade", Value: "websocket"}},
		Body:           []byte("\xff\x00 body"), BodyTruncated: true, SentAt: start, AnsweredAt: start.Add(time.Second),
	}
}

// TestReportsOnFileAreRead guards the names under which reports lie in databases:
// to rename a field takes a migration.
func TestReportsOnFileAreRead(t *testing.T) {
	raw, err := os.ReadFile("testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	var got dial.Report
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report(), got, equal); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func sessionsComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	want := bridge.Record{
		ID: "one", Kind: "session", ServiceID: "svc", ServiceName: "Service", Address: "wss://host.example",
		OpenedBy: "Zoë", OpenedAt: start, Report: report(),
		Access:  bridge.Access{Owner: "sso|zoe", OwnerName: "Zoë", Rights: bridge.Watch},
		Dialect: "vosk", Vars: map[string]string{"model": "small"}, Environment: "test",
	}
	if err := s.StartSession(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	sent := texts(1, "abc")
	sent[0].Direction = transcript.Sent
	add(t, s, "one", append(sent, texts(2, "defg", "h")...)...)
	want.LastSeq = 3
	want.Counts = bridge.Counts{Sent: 1, Received: 2, BytesSent: 3, BytesReceived: 5}
	check := func() {
		t.Helper()
		got, err := s.Session(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, equal); diff != "" {
			t.Errorf("session (-want +got):\n%s", diff)
		}
	}
	check()
	want.Ending = &bridge.Ending{
		At: start.Add(time.Minute), Code: 4001, Reason: "odd \x00\xff", Clean: true,
		Finding: &diagnose.Finding{Rule: "rule", Values: map[string]string{"a": "b"}, Facts: []diagnose.Fact{{Key: "k"}}},
	}
	if err := s.EndSession(t.Context(), "one", *want.Ending, want.Counts); err != nil {
		t.Fatal(err)
	}
	check()
	want.Access = bridge.Access{Owner: "sso|max", OwnerName: "Max", Shared: true, Rights: bridge.Join}
	if err := s.SetAccess(t.Context(), "one", want.Access); err != nil {
		t.Fatal(err)
	}
	check()
	want.Dialect = "funasr"
	if err := s.SetDialect(t.Context(), "one", want.Dialect); err != nil {
		t.Fatal(err)
	}
	check()
	wantErr(t, s.SetDialect(t.Context(), "unknown", ""), store.ErrNotFound)
	wantErr(t, s.SetAccess(t.Context(), "unknown", want.Access), store.ErrNotFound)
	_, err := s.Session(t.Context(), "unknown")
	wantErr(t, err, store.ErrNotFound)
	wantErr(t, s.EndSession(t.Context(), "unknown", bridge.Ending{}, bridge.Counts{}), store.ErrNotFound)
}

// A session is listed for its owner and for everybody who sees its service; sharing it
// by link lists it nowhere.
func sessionsAreSeenByWhomTheyMay(t *testing.T, o store.Options) {
	s := open(t, o)
	private, team := bridge.Service{Name: "private", Owner: "ann"}, bridge.Service{Name: "team", Owner: "ann", Shared: true}
	save(t, s, &private, nil)
	save(t, s, &team, nil)
	for i, r := range []bridge.Record{
		{ID: "bens", Access: bridge.Access{Owner: "ben"}},
		{ID: "open", Access: bridge.Access{Owner: "ben", Shared: true}},
		{ID: "by private", ServiceID: private.ID, Access: bridge.Access{Owner: "ben"}},
		{ID: "by team", ServiceID: team.ID, Access: bridge.Access{Owner: "ben"}},
		{ID: "by one that is gone", ServiceID: "gone", Access: bridge.Access{Owner: "ben"}},
	} {
		r.Kind, r.OpenedAt = "session", start.Add(time.Duration(i)*time.Second)
		if err := s.StartSession(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		person, before string
		want           []string
	}{
		{"", "", []string{"by one that is gone", "by team", "by private", "open", "bens"}},
		{"ben", "", []string{"by one that is gone", "by team", "by private", "open", "bens"}},
		{"ann", "", []string{"by team", "by private"}},
		{"eve", "", []string{"by team"}},
		{"eve", "by team", nil},
		{"eve", "open", nil}, // no list goes on from it either
	} {
		list, err := s.Sessions(t.Context(), bridge.SessionFilter{VisibleTo: c.person, Before: c.before})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range list {
			got = append(got, r.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q before %q (-want +got):\n%s", c.person, c.before, diff)
		}
		n, _, err := s.CountSessions(t.Context(), bridge.SessionFilter{VisibleTo: c.person})
		if err != nil || c.before == "" && n != int64(len(c.want)) {
			t.Errorf("%q counts %d, %v", c.person, n, err)
		}
	}
}

func sessionsNewestFirst(t *testing.T, o store.Options) {
	s := open(t, o)
	for i := range 5 {
		r := bridge.Record{ID: fmt.Sprint(i), Kind: "session", OpenedAt: start.Add(time.Duration(i/2) * time.Second)}
		if err := s.StartSession(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for want, f := range map[string]bridge.SessionFilter{
		"[4 3 2 1 0]": {},
		"[4 3]":       {Limit: 2},
		"[2 1]":       {Limit: 2, Before: "3"},
		"[]":          {Before: "0"},
		"[4]":         {After: "3"},
		"[1 0]":       {Before: "2", BeforeTime: start.Add(time.Second)},
		"[3 2]":       {After: "1", Limit: 2},
	} {
		list, err := s.Sessions(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, r := range list {
			got = append(got, r.ID)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%+v gives %v, want %s", f, got, want)
		}
	}
}

func deadSessionsAreEnded(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "empty")
	begin(t, s, "dead")
	begin(t, s, "ended")
	dead := texts(1, "a", "b", "c", "d", "e")
	for _, i := range []int{1, 2, 4} {
		dead[i].Direction = transcript.Sent
	}
	if err := s.Append(t.Context(), "dead", dead, 2); err != nil { // #3 and #5 were not seen to go out
		t.Fatal(err)
	}
	if err := s.EndSession(t.Context(), "ended", bridge.Ending{At: start, Code: 1000}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} { // the second time there is nothing to do
		if n, err := s.RecoverSessions(t.Context()); err != nil || n != want {
			t.Errorf("%d sessions recovered (error %v), want %d", n, err, want)
		}
	}
	got, err := s.Session(t.Context(), "dead")
	if err != nil {
		t.Fatal(err)
	}
	want := bridge.Record{
		ID: "dead", Kind: "session", OpenedAt: start, LastSeq: 6,
		Counts: bridge.Counts{Sent: 3, Received: 2, Events: 1, BytesSent: 3, BytesReceived: 2},
		Ending: &bridge.Ending{At: dead[4].At, Code: 1006},
	}
	finding := got.Ending.Finding
	got.Ending.Finding = nil
	if finding == nil || finding.Rule != "interrupted_unsure" || finding.Values["from"] != "3" || finding.Values["to"] != "5" || finding.Values["kept"] != "5" {
		t.Errorf("finding = %+v", finding)
	}
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	last := rows(t, s, "dead", transcript.Query{Latest: true, Limit: 1})
	if len(last) != 1 || last[0].Event != string(bridge.EventInterrupted) || last[0].Direction != transcript.Event || !last[0].At.Equal(dead[4].At) {
		t.Errorf("last row = %+v", last)
	}
	var marks []string
	for _, row := range rows(t, s, "dead", transcript.Query{}) {
		marks = append(marks, row.Event)
	}
	if got := fmt.Sprintf("%q", marks); got != `["" "" "unsure" "" "unsure" "interrupted"]` {
		t.Errorf("marks = %s", got)
	}
	if r, err := s.Session(t.Context(), "empty"); err != nil || !r.Ending.At.Equal(start) || r.Ending.Finding == nil {
		t.Errorf("a session without messages: %+v, %v", r, err)
	}
	if r, err := s.Session(t.Context(), "ended"); err != nil || r.Ending.Code != 1000 || r.LastSeq != 0 {
		t.Errorf("an ended session was touched: %+v, %v", r, err)
	}
}

// sessionsThatHadEndedKeepTheirEnd: the process died between the last event and the ending.
func sessionsThatHadEndedKeepTheirEnd(t *testing.T, o store.Options) {
	s := open(t, o)
	event := func(seq int64, kind bridge.EventKind, payload string) transcript.Message {
		return transcript.Message{Seq: seq, At: start.Add(time.Duration(seq) * time.Minute), Direction: transcript.Event, Event: string(kind), Payload: []byte(payload)}
	}
	failed := texts(1, "not gone")
	failed[0].Direction = transcript.Sent
	for id, log := range map[string][]transcript.Message{
		"said": {event(1, bridge.EventConnected, `{}`), event(2, bridge.EventClosed, `{"code":4007,"reason":"enough","clean":true,"by":"target"}`)},
		"odd": {
			event(1, bridge.EventInvalidUTF8, `{"close_reason_hex":"6f6b00ff"}`),
			event(2, bridge.EventClosed, `{"code":1000,"reason":"ok\u0000\ufffd","clean":true,"by":"person"}`),
		},
		"failed": append(failed, event(2, bridge.EventClosed, `{"code":1006,"reason":"","clean":false,"by":"target"}`)),
		"torn":   {event(1, bridge.EventClosed, `{`)},
	} {
		begin(t, s, id)
		add(t, s, id, log...)
	}
	if n, err := s.RecoverSessions(t.Context()); err != nil || n != 4 {
		t.Fatalf("%d recovered (error %v)", n, err)
	}
	for id, want := range map[string]bridge.Ending{
		"said":   {At: start.Add(2 * time.Minute), Code: 4007, Reason: "enough", Clean: true},
		"odd":    {At: start.Add(2 * time.Minute), Code: 1000, Reason: "ok\x00\xff", Clean: true},
		"failed": {At: start.Add(2 * time.Minute), Code: 1006},
	} {
		r, err := s.Session(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if r.Ending.Finding != nil && (r.Ending.Finding.Rule == "interrupted" || r.Ending.Finding.Rule == "interrupted_unsure") {
			t.Errorf("%s is called %s", id, r.Ending.Finding.Rule)
		}
		r.Ending.Finding = nil
		if *r.Ending != want || r.LastSeq != 2 {
			t.Errorf("%s ended %+v with #%d, want %+v", id, *r.Ending, r.LastSeq, want)
		}
		for _, row := range rows(t, s, id, transcript.Query{}) {
			if row.Event == string(bridge.MarkUnsure) {
				t.Errorf("%s #%d is unsure", id, row.Seq)
			}
		}
	}
	if r, err := s.Session(t.Context(), "torn"); err != nil || r.Ending.Code != 1006 || r.LastSeq != 2 {
		t.Errorf("an event that cannot be read: %+v, %v", r, err)
	}
}
