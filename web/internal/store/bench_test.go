//nolint:thelper // the functions with a *testing.B are the benchmarks
package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// engines runs a benchmark on both.
func engines(b *testing.B, run func(b *testing.B, s *store.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, open(b, store.Options{DataDir: b.TempDir()})) })
	b.Run("postgres", func(b *testing.B) { run(b, open(b, startPostgres(b).options(b))) })
}

// BenchmarkAppend compares messages of 128 bytes from one session with the same rows written
// by the bare driver: into SQLite by a prepared insert, into PostgreSQL by COPY. The two take
// turns in one run; the ratio is the rate of Append in that of the driver.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 1000, 4000} {
		b.Run(fmt.Sprintf("batch=%d/sqlite", size), func(b *testing.B) {
			benchAppend(b, store.Options{DataDir: b.TempDir()}, bareSQLite(b), size)
		})
		b.Run(fmt.Sprintf("batch=%d/postgres", size), func(b *testing.B) {
			o := startPostgres(b).options(b)
			benchAppend(b, o, barePostgres(b, o.DatabaseURL), size)
		})
	}
}

func benchAppend(b *testing.B, o store.Options, bare func([]transcript.Message), size int) {
	b.Helper()
	s := open(b, o)
	begin(b, s, "one")
	payloads := numbered(size)
	seq := int64(1)
	var ours, theirs time.Duration
	empty, err := s.Size(b.Context())
	must(b, err)
	for b.Loop() {
		batch := texts(seq, payloads...)
		began := time.Now()
		add(b, s, "one", batch...)
		between := time.Now()
		bare(batch)
		ours, theirs = ours+between.Sub(began), theirs+time.Since(between)
		seq += int64(size)
	}
	b.ReportMetric(float64(seq)/ours.Seconds(), "rows/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "of-bare")
	full, err := s.Size(b.Context())
	must(b, err)
	if o.DatabaseURL == "" { // the size of a PostgreSQL database has the bare table too
		b.ReportMetric(float64(full.Used-empty.Used)/float64(seq), "disk-B/message")
	}
}

const bareTable = "create table bare (session text, seq bigint, at_us bigint, direction text, opcode text, size bigint, payload %s, primary key (session, seq))"

func bareRow(m *transcript.Message) []any {
	return []any{"one", m.Seq, m.At.UnixMicro(), string(m.Direction), string(m.Opcode), len(m.Payload), m.Payload}
}

// bareSQLite returns a function that writes rows by the driver alone.
func bareSQLite(b *testing.B) func([]transcript.Message) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+b.TempDir()+"/bare.db?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(b.Context(), fmt.Sprintf(bareTable, "blob")+" without rowid")
	must(b, err)
	insert, err := db.PrepareContext(b.Context(), "insert into bare values (?, ?, ?, ?, ?, ?, ?)")
	must(b, err)
	return func(batch []transcript.Message) {
		tx, err := db.BeginTx(b.Context(), nil)
		must(b, err)
		stmt := tx.StmtContext(b.Context(), insert) //nolint:sqlclosecheck // the end of tx does
		for i := range batch {
			_, err := stmt.ExecContext(b.Context(), bareRow(&batch[i])...)
			must(b, err)
		}
		must(b, tx.Commit())
	}
}

// barePostgres returns a function that writes rows by COPY.
func barePostgres(b *testing.B, url string) func([]transcript.Message) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	must(b, err)
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	_, err = conn.Exec(b.Context(), fmt.Sprintf(bareTable, "bytea"))
	must(b, err)
	columns := []string{"session", "seq", "at_us", "direction", "opcode", "size", "payload"}
	return func(batch []transcript.Message) {
		rows := pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) { return bareRow(&batch[i]), nil })
		_, err := conn.CopyFrom(b.Context(), pgx.Identifier{"bare"}, columns, rows)
		must(b, err)
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
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
			"signs": {Text: `needle":12345,`, FoldCase: true},
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
