//nolint:thelper // the functions with a *testing.B are the benchmarks
package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// engines runs a benchmark on both.
func engines(b *testing.B, run func(b *testing.B, s *store.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, open(b, store.Options{DataDir: b.TempDir()})) })
	b.Run("postgres", func(b *testing.B) { run(b, open(b, startPostgres(b).options(b))) })
}

// BenchmarkAppend reports messages of 128 bytes per second from one session.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			engines(b, func(b *testing.B, s *store.Store) {
				begin(b, s, "one")
				payloads := numbered(size)
				seq := int64(1)
				for b.Loop() {
					add(b, s, "one", texts(seq, payloads...)...)
					seq += int64(size)
				}
				b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "rows/s")
			})
		})
	}
}

// BenchmarkAppendSessions has 100 sessions write one message at a time, which
// share commits.
func BenchmarkAppendSessions(b *testing.B) {
	const sessions = 100
	engines(b, func(b *testing.B, s *store.Store) {
		for i := range sessions {
			begin(b, s, fmt.Sprint(i))
		}
		b.ResetTimer()
		var all sync.WaitGroup
		for i := range sessions {
			all.Go(func() {
				for n := range b.N {
					if err := s.Append(b.Context(), fmt.Sprint(i), texts(int64(n+1), "message"), 0); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		b.ReportMetric(float64(b.N*sessions)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkSearch searches 300,000 messages without a match.
func BenchmarkSearch(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store) {
		begin(b, s, "one")
		payloads := numbered(1000)
		for i := range int64(300) {
			add(b, s, "one", texts(1+i*1000, payloads...)...)
		}
		queries := map[string]transcript.Query{
			"text":  {Text: "needle"},
			"fold":  {Text: "needle", FoldCase: true},
			"regex": {Text: `needle\d`, Regex: true},
		}
		for name, q := range queries {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if got := rows(b, s, "one", q); len(got) > 0 {
						b.Fatal("found", got)
					}
				}
			})
		}
	})
}

// BenchmarkSearchOfAKind compares a search among messages of one kind with the search
// among all 100,000: each message holds the text, few are of the kind. The metric is
// the time of the first in the time of the second.
func BenchmarkSearchOfAKind(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store) {
		begin(b, s, "one")
		for i := range int64(100) {
			batch := texts(1+i*1000, numbered(1000)...)
			batch[500].Opcode = transcript.Binary
			batch[700].Direction, batch[700].Opcode, batch[700].Event = transcript.Event, "", "noted"
			add(b, s, "one", batch...)
		}
		timed := func(q transcript.Query) time.Duration {
			q.Limit = 1000
			began := time.Now()
			for q.After < 100_000 {
				found := rows(b, s, "one", q)
				if len(found) < q.Limit {
					break
				}
				q.After = found[len(found)-1].Seq
			}
			return time.Since(began)
		}
		all := transcript.Query{Text: `"n":99`} // in about a hundredth, and at the end
		for name, q := range map[string]transcript.Query{
			"binary": {Text: `"n"`, Opcode: transcript.Binary}, "event": {Text: `"n"`, Event: "noted"},
			"sent": {Text: `"n"`, Direction: transcript.Sent}, "text": {Text: `"n":99`, Opcode: transcript.Text},
		} {
			b.Run(name, func(b *testing.B) {
				var filtered, unfiltered time.Duration
				for b.Loop() {
					unfiltered += timed(all)
					filtered += timed(q)
				}
				b.ReportMetric(float64(filtered)/float64(unfiltered), "of-unfiltered")
			})
		}
	})
}
