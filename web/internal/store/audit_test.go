//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/audit"
	"duplex/web/internal/store"
)

// act is an entry with every field set.
func act(n int) audit.Entry {
	return audit.Entry{
		Person: audit.Person{ID: fmt.Sprint("person ", n), Name: "李伟"}, Peer: "192.0.2.1:5000", Action: audit.SessionOpen,
		Object:  audit.Object{Session: fmt.Sprint("session ", n), Service: "v", ServiceName: "ASR prod", Target: "host.example:443"},
		Outcome: audit.OK, Detail: "a detail", Request: fmt.Sprint("request ", n),
	}
}

func record(tb testing.TB, s *store.Store, n int) {
	tb.Helper()
	for i := range n {
		if err := s.Record(tb.Context(), act(i+1)); err != nil {
			tb.Fatal(err)
		}
	}
}

func entries(tb testing.TB, s *store.Store, f audit.Filter) []audit.Entry {
	tb.Helper()
	var out []audit.Entry
	for e, err := range s.AuditEntries(tb.Context(), f) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// verdict returns the seq and the kind of the chain's break; 0 and "" for a whole
// chain.
func verdict(tb testing.TB, s *store.Store) (int64, audit.Kind) {
	tb.Helper()
	err := s.AuditChecker().Verify(tb.Context())
	if broken, ok := errors.AsType[*audit.BreakError](err); ok {
		return broken.Seq, broken.Kind
	}
	if err != nil {
		tb.Fatal(err)
	}
	return 0, ""
}

func auditComesBack(t *testing.T, o store.Options) {
	s := open(t, o)
	if seq, kind := verdict(t, s); kind != audit.Empty {
		t.Errorf("nothing written: %d %s", seq, kind)
	}
	given := []audit.Entry{act(1), act(2)}
	if err := s.Record(t.Context(), given...); err != nil {
		t.Fatal(err)
	}
	record(t, s, 1)
	if given[0].Seq != 0 {
		t.Error("the caller's entries were changed")
	}
	got := entries(t, s, audit.Filter{})
	for i, want := range []audit.Entry{act(1), act(2), act(1)} {
		want.Seq, want.At, want.Seal = int64(i+1), start, got[i].Seal
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Errorf("entry %d (-want +got):\n%s", i+1, diff)
		}
	}
	if seq, kind := verdict(t, s); seq != 0 {
		t.Errorf("as written: %d %s", seq, kind)
	}
}

func auditIsFiltered(t *testing.T, o store.Options) {
	now := start
	o.Now = func() time.Time { return now }
	s := open(t, o)
	for batch := range 230 { // more than two pages in all
		var list []audit.Entry
		for i := range 10 {
			list = append(list, act(10*batch+i+1))
		}
		if batch%10 == 0 {
			list[0].Action, list[0].Outcome, list[0].Person.Name = audit.PolicyDenied, audit.Refused, "Ärger"
		}
		if err := s.Record(t.Context(), list...); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	for name, c := range map[string]struct {
		filter      audit.Filter
		n           int
		first, last int64
	}{
		"all":        {audit.Filter{}, 2300, 1, 2300},
		"newest":     {audit.Filter{Newest: true}, 2300, 2300, 1},
		"limit":      {audit.Filter{Newest: true, Limit: 50}, 50, 2300, 2251},
		"long limit": {audit.Filter{Limit: 1500}, 1500, 1, 1500},
		"range":      {audit.Filter{After: 10, Before: 20}, 9, 11, 19},
		"before":     {audit.Filter{Before: 20, Newest: true, Limit: 3}, 3, 19, 17},
		"action":     {audit.Filter{Action: audit.PolicyDenied}, 23, 1, 2201},
		"outcome":    {audit.Filter{Outcome: audit.Refused, Newest: true, Limit: 2}, 2, 2201, 2101},
		"who":        {audit.Filter{Who: "äRG"}, 23, 1, 2201},
		"text":       {audit.Filter{Text: "Session 2299"}, 1, 2299, 2299},
		"text limit": {audit.Filter{Text: "SESSION 22", Newest: true, Limit: 100}, 100, 2299, 2200},
		"time":       {audit.Filter{From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}, 600, 601, 1200},
		"nothing":    {audit.Filter{Text: "nothing"}, 0, 0, 0},
	} {
		got := entries(t, s, c.filter)
		if len(got) != c.n || c.n > 0 && (got[0].Seq != c.first || got[c.n-1].Seq != c.last) {
			t.Errorf("%s: %d entries, want %d from %d to %d", name, len(got), c.n, c.first, c.last)
		}
	}
}

// auditTampering does everything to the table that its columns allow, once each, on
// a log that is put right in between.
func auditTampering(t *testing.T, o store.Options) {
	s := open(t, o)
	record(t, s, 10)
	for _, table := range []string{"audit", "audit_head"} {
		beside(t, o, fmt.Sprintf("create table %s_copy as select * from %[1]s", table))
	}
	type attack struct {
		do   string
		seq  int64
		kind audit.Kind
	}
	attacks := map[string]attack{
		"nothing":          {"select 1", 0, ""},
		"first row gone":   {"delete from audit where seq = 1", 1, audit.Removed},
		"row gone":         {"delete from audit where seq = 4", 4, audit.Removed},
		"gone, renumbered": {"delete from audit where seq = 4; update audit set seq = seq + 1000 where seq > 4; update audit set seq = seq - 1001 where seq > 1000", 4, audit.Removed},
		"last row gone":    {"delete from audit where seq = 10", 10, audit.Truncated},
		"all rows gone":    {"delete from audit", 1, audit.Truncated},
		"row added":        {"insert into audit select 11, " + columnsBut(t, o, "seq") + " from audit where seq = 10", 11, audit.Inserted},
		"row put in": {"update audit set seq = seq + 1000 where seq > 4; update audit set seq = seq - 999 where seq > 1000; " +
			"insert into audit select 5, " + columnsBut(t, o, "seq") + " from audit where seq = 2", 5, audit.Inserted},
		"rows swapped": {"update audit set seq = 1000 where seq = 3; update audit set seq = 3 where seq = 7; update audit set seq = 7 where seq = 1000", 3, audit.Reordered},
		"head rolled back": {"update audit_head set seq = 9, hash = (select hash from audit where seq = 9), mac = (select mac from audit where seq = 9); " +
			"delete from audit where seq = 10", 9, audit.HeadAltered},
		"seq set": {"update audit set seq = 999 where seq = 3", 3, audit.Removed},
	}
	for _, column := range columns(t, o, "audit") {
		switch column {
		case "seq":
		case "at_us":
			attacks[column] = attack{"update audit set at_us = at_us - 1 where seq = 3", 3, audit.Edited}
		case "prev", "hash", "mac":
			attacks[column] = attack{"update audit set " + column + " = (select hash from audit where seq = 5) where seq = 3", 3, audit.Edited}
		default:
			attacks[column] = attack{"update audit set " + column + " = " + column + " || 'x' where seq = 3", 3, audit.Edited}
		}
	}
	if len(attacks) < 25 {
		t.Errorf("only %d attacks: columns are missing", len(attacks))
	}
	for name, a := range attacks {
		beside(t, o, a.do)
		if seq, kind := verdict(t, s); seq != a.seq || kind != a.kind {
			t.Errorf("%s: %d %s, want %d %s", name, seq, kind, a.seq, a.kind)
		}
		beside(t, o, "delete from audit; insert into audit select * from audit_copy; delete from audit_head; insert into audit_head select * from audit_head_copy")
	}
	beside(t, o, "delete from audit_head")
	if err := s.Record(t.Context(), act(1)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("without a head it went on: %v", err)
	}
}

// database opens the store's database past the store.
func database(tb testing.TB, o store.Options) *sql.DB {
	tb.Helper()
	driver, name := "sqlite", "file:"+o.DataDir+"/duplex.db"
	if o.DatabaseURL != "" {
		driver, name = "pgx", o.DatabaseURL
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func columns(tb testing.TB, o store.Options, table string) []string {
	tb.Helper()
	rows, err := database(tb, o).QueryContext(tb.Context(), "select * from "+table)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err := errors.Join(err, rows.Err()); err != nil {
		tb.Fatal(err)
	}
	return names
}

func columnsBut(tb testing.TB, o store.Options, but string) string {
	tb.Helper()
	var names []string
	for _, name := range columns(tb, o, "audit") {
		if name != but {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// recordPatiently is record beside another process. SQLite waits half a second for its lock, and
// whoever waits may be passed by again and again.
func recordPatiently(tb testing.TB, s *store.Store, n int) {
	tb.Helper()
	for done, refused := 0, 0; done < n; {
		err := s.Record(tb.Context(), act(done+1))
		switch {
		case err == nil:
			done, refused = done+1, 0
		case refused == 20 || !strings.Contains(err.Error(), "SQLITE_BUSY"):
			tb.Error(err)
			return
		default:
			refused++
		}
	}
}

// auditOfTwoProcesses has two stores add to one chain while a third is checking it.
func auditOfTwoProcesses(t *testing.T, o store.Options) {
	const writers, each = 4, 25
	first, second, third := open(t, o), open(t, o), open(t, o)
	ctx, stop := context.WithCancel(t.Context())
	var writing, checking sync.WaitGroup
	checking.Go(func() {
		for ctx.Err() == nil {
			if seq, kind := verdict(t, third); kind != "" && kind != audit.Empty {
				t.Errorf("while it grows: %d %s", seq, kind)
				return
			}
		}
	})
	for i := range writers {
		writing.Go(func() { recordPatiently(t, []*store.Store{first, second}[i%2], each) })
	}
	writing.Wait()
	stop()
	checking.Wait()
	if seq, kind := verdict(t, third); seq != 0 {
		t.Errorf("in the end: %d %s", seq, kind)
	}
	if got := entries(t, first, audit.Filter{Newest: true, Limit: 1}); got[0].Seq != writers*each {
		t.Errorf("%d entries", got[0].Seq)
	}
}

// auditGathersCalls has many calls wait behind one: they wait for the disk together.
func auditGathersCalls(t *testing.T, o store.Options) {
	const calls = 200
	var isOpen atomic.Bool
	var transactions atomic.Int64
	writing := make(chan struct{})
	var started, all sync.WaitGroup
	started.Add(calls)
	o.Now = func() time.Time { // called once by a transaction
		if isOpen.Load() && transactions.Add(1) == 1 {
			close(writing)
			started.Wait()
		}
		return start
	}
	s := open(t, o)
	isOpen.Store(true)
	all.Go(func() { record(t, s, 1) })
	<-writing
	for range calls {
		all.Go(func() {
			started.Done()
			record(t, s, 1)
		})
	}
	all.Wait()
	if n := transactions.Load(); n > calls/2 {
		t.Errorf("%d transactions for %d calls", n, calls)
	}
	if seq, kind := verdict(t, s); seq != 0 {
		t.Errorf("in the end: %d %s", seq, kind)
	}
	if n := len(entries(t, s, audit.Filter{})); n != calls+1 {
		t.Errorf("%d entries", n)
	}
}

func auditIsAllOrNothing(t *testing.T, o store.Options) {
	s := open(t, o)
	record(t, s, 2)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Record(ended, act(3), act(4)); err == nil {
		t.Error("an ended context recorded")
	}
	beside(t, o, "insert into audit select 4, "+columnsBut(t, o, "seq")+" from audit where seq = 2")
	if err := s.Record(t.Context(), act(3), act(4)); err == nil {
		t.Error("a taken seq was written over")
	}
	beside(t, o, "delete from audit where seq = 4")
	if seq, kind := verdict(t, s); seq != 0 {
		t.Errorf("after what failed: %d %s", seq, kind)
	}
	if n := len(entries(t, s, audit.Filter{})); n != 2 {
		t.Errorf("%d entries", n)
	}
}

// BenchmarkRecord measures the entry that each action waits for.
func BenchmarkRecord(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store) {
		for b.Loop() {
			if err := s.Record(b.Context(), act(1), act(2)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
