//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

func coursesAreRead(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	begin(t, s, "other")
	add(t, s, "other", texts(1, numbered(10)...)...)
	const total = 40_000
	want := make([]transcript.Row, 0, total)
	for seq := int64(1); seq <= total; seq += 1000 {
		batch := texts(seq, numbered(1000)...)
		for i := range batch {
			m := &batch[i]
			switch m.Seq % 100 {
			case 1:
				m.Direction = transcript.Sent
			case 2:
				m.Direction, m.Opcode, m.Event = transcript.Event, "", "noted"
			case 3:
				m.Opcode, m.Payload = transcript.Binary, make([]byte, 100_000*(m.Seq%2000/1000))
			}
			want = append(want, transcript.Row{At: m.At, Direction: m.Direction, Opcode: m.Opcode, Size: int64(len(m.Payload))})
		}
		add(t, s, "one", batch...)
	}
	read := func(session string, from time.Time, most int) (got []transcript.Row) {
		t.Helper()
		err := s.Course(t.Context(), session, from, func(r *transcript.Row) bool {
			got = append(got, *r)
			return len(got) < most
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	same := cmp.Comparer(time.Time.Equal)
	if diff := cmp.Diff(want, read("one", start, total+1), same); diff != "" {
		t.Errorf("all rows (-want +got):\n%s", diff)
	}
	if got := read("one", start, 7); !cmp.Equal(want[:7], got, same) {
		t.Errorf("%d rows, want 7", len(got))
	}
	from := 35_000
	got := read("one", want[from].At, total)
	lead := len(got) - (total - from)
	if lead <= 0 || lead > 1000 || !cmp.Equal(want[from-lead:], got, same) {
		t.Errorf("%d rows, %d before the time", len(got), lead)
	}
	if got := read("unknown", start, total); got != nil {
		t.Errorf("unknown session: %v", got)
	}
}

// BenchmarkSeries computes the series of 300,000 messages.
func BenchmarkSeries(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store) {
		begin(b, s, "one")
		const total = 300_000
		payloads := numbered(1000)
		for i := range int64(total / 1000) {
			add(b, s, "one", texts(1+i*1000, payloads...)...)
		}
		q := dialect.SeriesQuery{FromUS: start.UnixMicro(), ToUS: start.Add((total + 1) * time.Millisecond).UnixMicro(), Points: 1000}
		for b.Loop() {
			m := dialect.NewSeriesMeter(q)
			if err := s.Course(b.Context(), "one", start, m.Add); err != nil {
				b.Fatal(err)
			}
			if got := m.Series(nil); got.Received[500] < 100 {
				b.Fatal(got.Received[500])
			}
		}
	})
}
