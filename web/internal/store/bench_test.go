//nolint:thelper // the functions with a *testing.B are the benchmarks
package store_test

import (
	"fmt"
	"sync"
	"testing"

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
					if err := s.Append(b.Context(), fmt.Sprint(i), texts(int64(n+1), "message")); err != nil {
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

// BenchmarkSearch looks for what is in none of 300,000 messages.
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
