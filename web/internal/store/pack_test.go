//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// mixedLog returns messages that share rows between messages that do not.
func mixedLog(total int) []transcript.Message {
	log := texts(1, numbered(total)...)
	for i := range log {
		m := &log[i]
		switch {
		case i%700 == 3:
			m.Direction, m.Sender, m.ClientID = transcript.Sent, "ada", fmt.Sprint("c", i)
		case i%700 == 4:
			m.Direction, m.Opcode, m.Event, m.Payload = transcript.Event, "", "noted", []byte(`{"a":1}`)
		case i%700 == 9, i%700 == 500:
			m.Payload = bytes.Repeat(m.Payload, 3+i%700/10)
		case i%700 == 300:
			m.Payload = []byte("not \xff UTF-8")
		case i%700 > 600:
			m.Opcode, m.Payload = transcript.Binary, m.Payload[:i%3*60]
		}
		if i%40 > 0 && i%700 > 0 && i%700 < 250 {
			m.At = log[i-1].At // as messages that a relay has read together
		}
	}
	return log
}

// joined returns a log as a relay gives it to a Recorder: small messages that came together are
// one entry.
func joined(log []transcript.Message) (entries []transcript.Message) {
	for _, m := range log {
		if m.Direction != transcript.Received || len(m.Payload) > transcript.PreviewBytes || m.InvalidUTF8() {
			entries = append(entries, m)
			continue
		}
		last := len(entries) - 1
		if last < 0 || entries[last].Joined == nil || entries[last].Opcode != m.Opcode || !entries[last].At.Equal(m.At) {
			m.Payload, m.Joined = nil, []uint16{}
			entries, last = append(entries, m), last+1
		}
		payload := log[m.Seq-log[0].Seq].Payload
		e := &entries[last]
		e.Payload, e.Joined = append(e.Payload, payload...), append(e.Joined, uint16(len(payload)))
	}
	return entries
}

// packedMessagesComeBack compares what is read with what was stored, from and to many places.
func packedMessagesComeBack(t *testing.T, o store.Options) {
	packedMessagesComeBackGiven(t, o, slices.Clone[[]transcript.Message])
}

func joinedMessagesComeBack(t *testing.T, o store.Options) {
	packedMessagesComeBackGiven(t, o, joined)
}

func packedMessagesComeBackGiven(t *testing.T, o store.Options, give func([]transcript.Message) []transcript.Message) {
	s := open(t, o)
	begin(t, s, "one")
	log := mixedLog(2000)
	want := make([]transcript.Row, len(log))
	for i := range log {
		want[i] = log[i].Row()
	}
	for batch := range slices.Chunk(log, 900) {
		add(t, s, "one", give(batch)...)
	}
	equal := cmp.Options{cmp.Comparer(time.Time.Equal), cmp.Comparer(bytes.Equal)}
	check := func(q transcript.Query, takes func(*transcript.Row) bool) {
		t.Helper()
		var some []transcript.Row
		for i := range want {
			if r := &want[i]; r.Seq > q.After && (q.Before == 0 || r.Seq < q.Before) && takes(r) {
				some = append(some, *r)
			}
		}
		if q.Latest {
			some = some[max(0, len(some)-q.Limit):]
		} else {
			some = some[:min(len(some), q.Limit)]
		}
		got := rows(t, s, "one", q)
		for i := range got {
			if q.Heads && !bytes.HasPrefix(got[i].Head, got[i].Preview) {
				t.Errorf("%+v: message %d has another head", q, got[i].Seq)
			}
			got[i].Head = nil
		}
		if diff := cmp.Diff(some, got, equal); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", q, diff)
		}
	}
	all := func(*transcript.Row) bool { return true }
	for after := int64(0); after < 2001; after += 211 {
		for _, q := range []transcript.Query{
			{After: after, Limit: 300}, {After: after, Limit: 300, Latest: true}, {After: after, Before: after + 2, Limit: 9}, {After: after, Before: after + 400, Limit: 100, Latest: true, Heads: true},
		} {
			check(q, all)
		}
	}
	for _, latest := range []bool{false, true} {
		check(transcript.Query{After: 50, Limit: 700, Opcode: transcript.Binary, Latest: latest}, func(r *transcript.Row) bool { return r.Opcode == transcript.Binary })
		check(transcript.Query{After: 50, Limit: 700, Event: "noted", Latest: latest}, func(r *transcript.Row) bool { return r.Event == "noted" })
		check(transcript.Query{After: 70, Before: 1900, Limit: 130, Text: `"N":000`, FoldCase: true, Heads: true, Latest: latest}, func(r *transcript.Row) bool {
			return bytes.Contains(r.Preview, []byte(`"n":000`))
		})
	}
	for m, err := range s.MessagesAfter(t.Context(), "one", 150) {
		if err != nil {
			t.Fatal(err)
		}
		if w := log[m.Seq-1]; !bytes.Equal(wholePayload(t, &m), w.Payload) || !m.At.Equal(w.At) || m.Sender != w.Sender {
			t.Errorf("message %d is %+v, want %+v", m.Seq, m, w)
		}
	}
	for seq := int64(1); seq <= 2000; seq += 53 {
		body, row, err := s.Body(t.Context(), "one", seq)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(body); err != nil || !bytes.Equal(raw, log[seq-1].Payload) || !cmp.Equal(row, want[seq-1], equal) {
			t.Errorf("body %d: %v", seq, err)
		}
		first := int64(slices.IndexFunc(log, func(m transcript.Message) bool { return m.At.Equal(log[seq-1].At) })) + 1
		if at, err := s.SeqAt(t.Context(), "one", log[seq-1].At); err != nil || at != first {
			t.Errorf("at the time of %d is %d %v, want %d", seq, at, err, first)
		}
	}
	if err := s.EndSession(t.Context(), "one", bridge.Ending{At: start}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteSession(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"messages", "bodies"} {
		if n := scalar(t, o, "select count(*) from "+table); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
}

// TestPackedMessagesTakeFewRows also keeps the format: what it wrote is read for ever.
func TestPackedMessagesTakeFewRows(t *testing.T) {
	o := store.Options{DataDir: t.TempDir()}
	s := open(t, o)
	begin(t, s, "one")
	add(t, s, "one", texts(1, strings.Fields("a bb ccc dddd e f g h i")...)...)
	if n := scalar(t, o, "select count(*) from messages"); n != 1 {
		t.Errorf("9 messages are in %d rows", n)
	}
	const body = "01 09 D0D890D58ABCB006 01 D00F 02 D00F 03 D00F 04 D00F 01 D00F 01 D00F 01 D00F 01 D00F 01 61 6262 636363 64646464 65 66 67 68 69"
	if n := scalar(t, o, "select count(*) from bodies where hex(data) = '"+strings.ReplaceAll(body, " ", "")+"'"); n != 1 {
		t.Error("the format has changed")
	}
}

func TestPackedMessagesAreCompressedWhereThatGains(t *testing.T) {
	for name, tt := range map[string]struct {
		payload []byte
		fits    bool
	}{
		"repeats": {bytes.Repeat([]byte("0123456789abcdef"), 800), true},
		"noise":   {noise(12_800), false},
	} {
		o := store.Options{DataDir: t.TempDir()}
		s := open(t, o)
		begin(t, s, "one")
		batch := texts(1, make([]string, 100)...)
		for i := range batch {
			batch[i].Opcode, batch[i].Payload = transcript.Binary, tt.payload[i*128:(i+1)*128]
		}
		add(t, s, "one", batch...)
		if size := scalar(t, o, "select sum(length(data)) from bodies"); size < 6_000 != tt.fits {
			t.Errorf("%s: %d bytes are stored of %d", name, size, len(tt.payload))
		}
		for m, err := range s.Messages(t.Context(), "one") {
			if err != nil || !bytes.Equal(m.Payload, batch[m.Seq-1].Payload) {
				t.Errorf("%s: message %d is %q, %v", name, m.Seq, m.Payload, err)
			}
		}
	}
}

// TestCompressedBodiesAreReadForEver reads one that an earlier version may have written.
func TestCompressedBodiesAreReadForEver(t *testing.T) {
	o := store.Options{DataDir: t.TempDir()}
	s := open(t, o)
	begin(t, s, "one")
	add(t, s, "one", texts(1, strings.Fields("a b c d e f g h")...)...)
	const body = "02592C01088088D08998BCB00608003202001C7468652073616D65DE0800"
	execute(t, "sqlite", "file:"+o.DataDir+"/duplex.db", "update bodies set data = x'"+body+"'")
	for _, row := range rows(t, s, "one", transcript.Query{}) {
		if string(row.Preview) != "the same" {
			t.Errorf("message %d is %q", row.Seq, row.Preview)
		}
	}
}
