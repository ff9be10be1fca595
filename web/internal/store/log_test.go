//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// noise is n bytes that are the same in every run.
func noise(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(out)
	return out
}

func payloadsComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	payloads := [][]byte{
		{},
		{0},
		[]byte("text"), []byte("\x00\xff\xfe"), []byte(strings.Repeat("é", 128)), []byte(strings.Repeat("é", 129)),
		noise(300), noise(4096), noise(4097), noise(1 << 20), noise(1<<20 + 1), noise(3<<20 + 5), noise(64 << 20),
	}
	for i, p := range payloads {
		add(t, s, "one", transcript.Message{
			Seq: int64(i + 1), At: start, Direction: transcript.Received, Opcode: transcript.Binary, Payload: p,
		})
	}
	n := 0
	for m, err := range s.Messages(t.Context(), "one") {
		if err != nil {
			t.Fatal(err)
		}
		got := m.Payload
		if m.Large != nil {
			if got, err = io.ReadAll(m.Large); err != nil || m.Large.Size() != int64(len(got)) {
				t.Errorf("large payload of %d bytes: %v", m.Large.Size(), err)
			}
		}
		if !bytes.Equal(got, payloads[n]) {
			t.Errorf("exported payload of %d bytes is altered", len(payloads[n]))
		}
		n++
	}
	if n != len(payloads) {
		t.Fatalf("%d messages came back, want %d", n, len(payloads))
	}
	for i, p := range payloads {
		body, row, err := s.Body(t.Context(), "one", int64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(got, p) {
			t.Errorf("body of %d bytes is altered (error %v)", len(p), err)
		}
		if row.Size != int64(len(p)) || !bytes.HasPrefix(p, row.Preview) || len(row.Preview) != min(len(p), transcript.PreviewBytes) {
			t.Errorf("row of %d bytes has size %d and a preview of %d", len(p), row.Size, len(row.Preview))
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
}

func messageFieldsComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	want := []transcript.Message{
		{Seq: 1, At: start, Direction: transcript.Event, Event: "connected", Payload: []byte(`{"status":101}`)},
		{
			Seq: 2, At: start.Add(time.Microsecond), Direction: transcript.Sent, Opcode: transcript.Text,
			Payload: []byte("grüezi 你好"), Sender: "Zoë", ClientID: "c-1",
		},
		{Seq: 3, At: start, Direction: transcript.Received, Opcode: transcript.Text, Payload: []byte("\xff\xfe")},
		{Seq: 4, At: start, Direction: transcript.Received, Opcode: transcript.Binary, Payload: []byte("\xff\xfe")},
	}
	add(t, s, "one", want...)
	var got []transcript.Message
	for m, err := range s.Messages(t.Context(), "one") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	var wantRows []transcript.Row
	for _, m := range want {
		wantRows = append(wantRows, m.Row())
	}
	if diff := cmp.Diff(wantRows, rows(t, s, "one", transcript.Query{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func rowsAreSelected(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	batch := texts(1, numbered(1000)...)
	for i := range batch {
		if i%100 == 0 {
			batch[i].Direction = transcript.Sent
		}
	}
	add(t, s, "one", batch...)
	for name, c := range map[string]struct {
		q    transcript.Query
		want []int64
	}{
		"after":              {transcript.Query{After: 997}, []int64{998, 999, 1000}},
		"before":             {transcript.Query{Before: 3}, []int64{1, 2}},
		"limit":              {transcript.Query{After: 10, Limit: 2}, []int64{11, 12}},
		"latest":             {transcript.Query{Latest: true, Limit: 3}, []int64{998, 999, 1000}},
		"latest before":      {transcript.Query{Latest: true, Limit: 2, Before: 500}, []int64{498, 499}},
		"latest after":       {transcript.Query{Latest: true, Limit: 9, After: 998}, []int64{999, 1000}},
		"direction":          {transcript.Query{Direction: transcript.Sent, Limit: 3}, []int64{1, 101, 201}},
		"latest direction":   {transcript.Query{Direction: transcript.Sent, Limit: 2, Latest: true}, []int64{801, 901}},
		"after the end":      {transcript.Query{After: 1000}, []int64{}},
		"after beyond":       {transcript.Query{After: 1 << 62}, []int64{}},
		"empty range":        {transcript.Query{After: 5, Before: 6}, []int64{}},
		"no such direction":  {transcript.Query{Direction: transcript.Event}, []int64{}},
		"before is the only": {transcript.Query{Before: 2, Latest: true}, []int64{1}},
	} {
		if diff := cmp.Diff(c.want, seqs(rows(t, s, "one", c.q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if n := len(rows(t, s, "one", transcript.Query{})); n != transcript.DefaultLimit {
		t.Errorf("without a limit there are %d rows", n)
	}
	if n := len(rows(t, s, "another", transcript.Query{})); n != 0 {
		t.Errorf("an unknown session has %d rows", n)
	}
}

func bodiesAreReadInRanges(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	payload := noise(3<<20 + 17)
	add(t, s, "one", transcript.Message{Seq: 1, At: start, Direction: transcript.Received, Opcode: transcript.Binary, Payload: payload})
	body, _, err := s.Body(t.Context(), "one", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, offset := range []int{0, 1<<20 - 1, 1 << 20, 2<<20 + 5, len(payload) - 10} {
		if _, err := body.Seek(int64(offset-len(payload)), io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 10)
		if _, err := io.ReadFull(body, got); err != nil || !bytes.Equal(got, payload[offset:offset+10]) {
			t.Errorf("range at %d is altered (error %v)", offset, err)
		}
	}
	if _, err := body.Seek(-1, io.SeekStart); err == nil {
		t.Error("seeking before the start is not an error")
	}
	_, _, err = s.Body(t.Context(), "one", 2)
	wantErr(t, err, store.ErrNotFound)
}

func gapsAreRefused(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	add(t, s, "one", texts(1, "a", "b")...)
	for name, batch := range map[string][]transcript.Message{
		"gap":              texts(4, "d"),
		"again":            texts(2, "b"),
		"from the start":   texts(1, "a"),
		"gap in the batch": append(texts(3, "c"), texts(5, "e")...),
		"same in batch":    append(texts(3, "c"), texts(3, "c")...),
	} {
		if err := s.Append(t.Context(), "one", batch, 0); !errors.Is(err, store.ErrNotNext) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	wantErr(t, s.Append(t.Context(), "unknown", texts(1, "a"), 0), store.ErrNotNext)
	add(t, s, "one", texts(3, "c")...)
	if diff := cmp.Diff([]int64{1, 2, 3}, seqs(rows(t, s, "one", transcript.Query{}))); diff != "" {
		t.Error(diff)
	}
}

func clientIDIsUsedOnce(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	begin(t, s, "two")
	sent := func(seq int64) transcript.Message {
		return transcript.Message{Seq: seq, At: start, Direction: transcript.Sent, Opcode: transcript.Text, ClientID: "c"}
	}
	add(t, s, "one", sent(1))
	add(t, s, "two", sent(1))
	if err := s.Append(t.Context(), "one", []transcript.Message{sent(2)}, 0); err == nil {
		t.Error("the same client id was stored twice")
	}
	seq, found, err := s.SeqOfClientID(t.Context(), "one", "c")
	if err != nil || !found || seq != 1 {
		t.Errorf("seq of client id = %d, %t, %v", seq, found, err)
	}
	for _, id := range []string{"other", ""} {
		if _, found, err = s.SeqOfClientID(t.Context(), "one", id); found || err != nil {
			t.Errorf("client id %q: %t, %v", id, found, err)
		}
	}
}

func badTextIsRefused(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	for _, bad := range []string{"a\x00b", "\xff"} {
		m := texts(1, "a")
		m[0].Sender = bad
		wantErr(t, s.Append(t.Context(), "one", m, 0), store.ErrBadText)
		wantErr(t, s.SetSetting(t.Context(), "key", bad), store.ErrBadText)
	}
	add(t, s, "one", texts(1, "a\x00b", "\xff")...) // payloads are bytes
}

func endedContextLosesNothing(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	seq := int64(1)
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if err := s.Append(ctx, "one", texts(seq, "x"), 0); err == nil {
			seq++ // otherwise the next one takes the same seq, which must be free
		} else if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if n := int64(len(rows(t, s, "one", transcript.Query{}))); n != seq-1 {
		t.Errorf("%d rows, %d acknowledged", n, seq-1)
	}
}

func failingBatchIsAlone(t *testing.T, o store.Options) {
	const sessions, rounds = 8, 30
	s := open(t, o)
	for i := range sessions {
		begin(t, s, fmt.Sprint(i))
	}
	begin(t, s, "bad")
	m := texts(1, "x")
	m[0].ClientID = "taken"
	add(t, s, "bad", m...)
	var all sync.WaitGroup
	for i := range sessions {
		all.Go(func() {
			for n := range int64(rounds) {
				if err := s.Append(t.Context(), fmt.Sprint(i), texts(n+1, "good"), 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range rounds {
			m := texts(2, "x")
			m[0].ClientID = "taken"
			if err := s.Append(t.Context(), "bad", m, 0); err == nil {
				t.Error("a bad batch was stored")
			}
		}
	})
	all.Wait()
	for i := range sessions {
		if n := len(rows(t, s, fmt.Sprint(i), transcript.Query{})); n != rounds {
			t.Errorf("session %d has %d rows, want %d", i, n, rounds)
		}
	}
}

func readersFollowWriters(t *testing.T, o store.Options) {
	const sessions, total = 4, 500
	s := open(t, o)
	var all sync.WaitGroup
	for i := range sessions {
		id := fmt.Sprint(i)
		begin(t, s, id)
		var acknowledged atomic.Int64
		all.Go(func() {
			for seq := int64(1); seq <= total; {
				n := min(1+seq%97, total-seq+1)
				if err := s.Append(t.Context(), id, texts(seq, numbered(int(n))...), 0); err != nil {
					t.Error(err)
					return
				}
				seq += n
				acknowledged.Store(seq - 1)
			}
		})
		all.Go(func() { follow(t, s, id, total, &acknowledged) })
	}
	all.Wait()
}

// follow reads new rows until it has seen total. Rows acknowledged before a read have
// to be in it.
func follow(t *testing.T, s *store.Store, id string, total int64, acknowledged *atomic.Int64) {
	t.Helper()
	for seen := int64(0); seen < total; {
		least := acknowledged.Load()
		got, err := s.Rows(t.Context(), id, transcript.Query{After: seen, Limit: 5000})
		if err != nil {
			t.Error(err)
			return
		}
		for _, r := range got {
			if seen++; r.Seq != seen {
				t.Errorf("session %s: seq %d follows %d", id, r.Seq, seen-1)
				return
			}
		}
		if seen < least {
			t.Errorf("session %s: %d rows seen, %d were acknowledged", id, seen, least)
			return
		}
	}
}

func closingStoresWhatWasTaken(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	var acknowledged int64
	first, done := make(chan struct{}), make(chan error)
	go func() {
		for seq := int64(1); ; seq++ {
			if err := s.Append(context.Background(), "one", texts(seq, "x"), 0); err != nil {
				done <- err
				return
			}
			if acknowledged = seq; seq == 10 {
				close(first)
			}
		}
	}()
	<-first
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantErr(t, <-done, store.ErrClosed)
	again := open(t, o)
	r, err := again.Session(t.Context(), "one")
	if err != nil || r.LastSeq != acknowledged || r.Counts.Received != acknowledged {
		t.Errorf("last seq %d, received %d, acknowledged %d (error %v)", r.LastSeq, r.Counts.Received, acknowledged, err)
	}
}

func rowsHaveHeads(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	sizes := []int{0, 10, transcript.PreviewBytes, 4096, 4097, transcript.HeadBytes, transcript.HeadBytes + 1, 1<<20 + 1}
	for i, size := range sizes {
		add(t, s, "one", transcript.Message{Seq: int64(i + 1), At: start, Direction: transcript.Received, Opcode: transcript.Binary, Payload: noise(size)})
	}
	for name, q := range map[string]transcript.Query{
		"first": {Heads: true}, "last": {Heads: true, Latest: true}, "found": {Heads: true, Text: "(?s)", Regex: true},
	} {
		got := rows(t, s, "one", q)
		if len(got) != len(sizes) {
			t.Errorf("%s: %d rows", name, len(got))
			continue
		}
		for i, row := range got {
			if want := noise(sizes[i]); !bytes.Equal(row.Head, want[:min(len(want), transcript.HeadBytes)]) {
				t.Errorf("%s: the head of %d bytes has %d bytes", name, sizes[i], len(row.Head))
			}
		}
	}
	if row := rows(t, s, "one", transcript.Query{})[1]; row.Head != nil {
		t.Error("a head was read and not asked for")
	}
}
