//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

func searchFinds(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	add(t, s, "one", texts(1,
		`{"Name":"Straße"}`, "plain needle", "NEEDLE", strings.Repeat("x", 1000)+"needle", "", "a.b", "axb", "STRASSE ÉCOLE",
		"bytes \xff\xfe needle\x00", "école", "\x00\xc3Needle \x00")...)
	for name, c := range map[string]struct {
		q    transcript.Query
		want []int64
	}{
		"text":              {transcript.Query{Text: "needle"}, []int64{2, 4, 9}},
		"folded":            {transcript.Query{Text: "Needle", FoldCase: true}, []int64{2, 3, 4, 9, 11}},
		"folded with signs": {transcript.Query{Text: `{"NAME":"s`, FoldCase: true}, []int64{1}},
		"folded beyond":     {transcript.Query{Text: "École", FoldCase: true}, []int64{8, 10}},
		"text is literal":   {transcript.Query{Text: "a.b"}, []int64{6}},
		"expression":        {transcript.Query{Text: "a.b", Regex: true}, []int64{6, 7}},
		"folded expression": {transcript.Query{Text: `^N\w+E$`, Regex: true, FoldCase: true}, []int64{3}},
		"nowhere":           {transcript.Query{Text: "nowhere"}, []int64{}},
		"longer than all":   {transcript.Query{Text: strings.Repeat("x", 5000)}, []int64{}},
		"behind a zero":     {transcript.Query{Text: "Needle "}, []int64{11}},
		"a zero":            {transcript.Query{Text: "\x00\xc3N"}, []int64{11}},
		"bytes":             {transcript.Query{Text: "\xff\xfe"}, []int64{9}},
	} {
		if diff := cmp.Diff(c.want, seqs(rows(t, s, "one", c.q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func searchCrossesParts(t *testing.T, o store.Options) {
	const part = 1 << 20
	s := open(t, o)
	begin(t, s, "one")
	large := bytes.Repeat([]byte("."), 2*part+5000)
	copy(large[part-3:], "Needle")                       // across a border
	copy(large[2*part-5000:], strings.Repeat("z", 9000)) // across the next
	large[len(large)-1] = '!'
	add(t, s, "one", texts(1, "small", string(large), "needle too", string(large))...)
	for name, c := range map[string]struct {
		q    transcript.Query
		want []int64
	}{
		"text":       {transcript.Query{Text: "Needle"}, []int64{2, 4}},
		"folded":     {transcript.Query{Text: "nEEdle", FoldCase: true}, []int64{2, 3, 4}},
		"long":       {transcript.Query{Text: strings.Repeat("z", 9000)}, []int64{2, 4}},
		"too long":   {transcript.Query{Text: strings.Repeat("z", 9001)}, []int64{}},
		"expression": {transcript.Query{Text: `Ne{2}dle\.`, Regex: true}, []int64{2, 4}},
		"end":        {transcript.Query{Text: `\.!$`, Regex: true}, []int64{2, 4}},
		"limit":      {transcript.Query{Text: "needle", FoldCase: true, Limit: 1}, []int64{2}},
		"latest":     {transcript.Query{Text: "needle", FoldCase: true, Limit: 2, Latest: true}, []int64{3, 4}},
	} {
		if diff := cmp.Diff(c.want, seqs(rows(t, s, "one", c.q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func searchKeepsToRange(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	const total = 20_000 // more than two windows
	for seq := int64(1); seq <= total; seq += 1000 {
		batch := texts(seq, numbered(1000)...)
		for i := range batch {
			if batch[i].Seq%5000 == 0 {
				batch[i].Payload = fmt.Appendf(nil, "needle %d", batch[i].Seq)
				batch[i].Direction = transcript.Sent
			}
		}
		add(t, s, "one", batch...)
	}
	for name, c := range map[string]struct {
		q    transcript.Query
		want []int64
	}{
		"all":       {transcript.Query{}, []int64{5000, 10000, 15000, 20000}},
		"after":     {transcript.Query{After: 10000}, []int64{15000, 20000}},
		"before":    {transcript.Query{Before: 15000}, []int64{5000, 10000}},
		"limit":     {transcript.Query{Limit: 3}, []int64{5000, 10000, 15000}},
		"latest":    {transcript.Query{Limit: 2, Latest: true}, []int64{15000, 20000}},
		"sent":      {transcript.Query{Direction: transcript.Sent}, []int64{5000, 10000, 15000, 20000}},
		"received":  {transcript.Query{Direction: transcript.Received}, []int64{}},
		"two bound": {transcript.Query{After: 5000, Before: 10001, Latest: true}, []int64{10000}},
	} {
		c.q.Text = "needle"
		if diff := cmp.Diff(c.want, seqs(rows(t, s, "one", c.q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Rows(ctx, "one", transcript.Query{Text: "needle"})
	wantErr(t, err, context.Canceled)
}

// kindsAreSelected has many rows of one kind and few of another, so that excluded rows
// fill limits and windows.
func kindsAreSelected(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	const total = 10_000 // more than a window
	for seq := int64(1); seq <= total; seq += 1000 {
		batch := texts(seq, numbered(1000)...)
		for i := range batch {
			switch m := &batch[i]; {
			case m.Seq%4000 == 0:
				m.Opcode = transcript.Binary
			case m.Seq == 1 || m.Seq == total-1:
				m.Direction, m.Opcode, m.Event = transcript.Event, "", "noted"
			case m.Seq == 2:
				m.Direction, m.Opcode, m.Event = transcript.Event, "", "other"
			}
		}
		add(t, s, "one", batch...)
	}
	for name, c := range map[string]struct {
		q    transcript.Query
		want []int64
	}{
		"binary":          {transcript.Query{Opcode: transcript.Binary}, []int64{4000, 8000}},
		"latest binary":   {transcript.Query{Opcode: transcript.Binary, Latest: true, Limit: 1}, []int64{8000}},
		"text":            {transcript.Query{Opcode: transcript.Text, Before: 5}, []int64{3, 4}},
		"event":           {transcript.Query{Event: "noted"}, []int64{1, total - 1}},
		"another event":   {transcript.Query{Event: "other", Direction: transcript.Event}, []int64{2}},
		"event sent":      {transcript.Query{Event: "other", Direction: transcript.Sent}, []int64{}},
		"no such event":   {transcript.Query{Event: "closed"}, []int64{}},
		"event is binary": {transcript.Query{Event: "noted", Opcode: transcript.Binary}, []int64{}},
	} {
		for _, text := range []string{"", `"n"`} {
			c.q.Text = text
			if diff := cmp.Diff(c.want, seqs(rows(t, s, "one", c.q))); diff != "" {
				t.Errorf("%s, text %q (-want +got):\n%s", name, text, diff)
			}
		}
	}
}

// searchStopsInTime has a clock that goes on by a second with each look at it.
func searchStopsInTime(t *testing.T, o store.Options) {
	var clock atomic.Int64
	o.Now = func() time.Time { return time.Unix(1_800_000_000+clock.Add(1), 0) }
	s := open(t, o)
	begin(t, s, "one")
	large := strings.Repeat("-", 8<<20)
	hay := strings.Repeat("hay", 100) // SQLite itself searches what is shorter, without a look at the clock
	add(t, s, "one", texts(1, "needle", hay, large, "needle", large+"needle", "needle")...)
	for name, c := range map[string]struct {
		looks int64 // at the clock, until the time is over
		q     transcript.Query
		want  []int64
		at    int64
	}{
		"over at once":        {0, transcript.Query{}, []int64{}, 1},
		"over at the second":  {1, transcript.Query{}, []int64{1}, 2},
		"over in a large one": {10, transcript.Query{}, []int64{1}, 3},
		"of an expression":    {10, transcript.Query{Regex: true}, []int64{1}, 3},
		"from the end":        {10, transcript.Query{Latest: true}, []int64{6}, 5},
		"of a kind":           {0, transcript.Query{Direction: transcript.Sent}, []int64{}, 0},
		"enough before":       {2, transcript.Query{Limit: 1}, []int64{1}, 0},
		"not over":            {100_000, transcript.Query{}, []int64{1, 4, 5, 6}, 0},
	} {
		c.q.Text, c.q.Until = "needle", time.Unix(1_800_000_000+clock.Load()+c.looks, 0)
		got, err := s.Rows(t.Context(), "one", c.q)
		var unfinished *transcript.UnfinishedError
		if errors.As(err, &unfinished) != (c.at > 0) || c.at > 0 && unfinished.Seq != c.at {
			t.Errorf("%s: error %v, want to be stopped at %d", name, err, c.at)
		}
		if diff := cmp.Diff(c.want, seqs(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func badExpression(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	_, err := s.Rows(t.Context(), "one", transcript.Query{Text: "(", Regex: true})
	var bad *transcript.QueryError
	if !errors.As(err, &bad) || bad.Pattern != "(" {
		t.Errorf("error = %v, want a query error", err)
	}
}
