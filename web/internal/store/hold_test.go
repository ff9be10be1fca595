package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duplex/web/internal/store"
)

// holder returns the identity of a process in these tests.
func holder(listen string) store.Holder {
	return store.Holder{Host: "db1", Since: start, Listen: listen}
}

func take(t *testing.T, o store.Options, listen string) *store.Hold {
	t.Helper()
	hold, err := store.Take(t.Context(), o, holder(listen))
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

func give(t *testing.T, hold *store.Hold) {
	t.Helper()
	if err := hold.Close(); err != nil {
		t.Error(err)
	}
}

// storeHasOneHolder: the second is told who the first is, within the 2 s that people
// are promised.
func storeHasOneHolder(t *testing.T, o store.Options) {
	t.Helper()
	first := take(t, o, "127.0.0.1:0")
	if err := first.Announce(t.Context(), "127.0.0.1:8080"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err := store.Take(t.Context(), o, holder("127.0.0.1:9090"))
	held, ok := errors.AsType[*store.HeldError](err)
	if !ok {
		t.Fatalf("second: %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("refused after %v", took)
	}
	want := store.Holder{Host: "db1", PID: os.Getpid(), Since: held.Holder.Since, Listen: "127.0.0.1:8080"}
	if held.Holder != want || !held.Holder.Since.Equal(start) {
		t.Errorf("holder %+v", held.Holder)
	}
	for _, word := range []string{fmt.Sprintf("process %d", os.Getpid()), "host db1", "127.0.0.1:8080", "since 2026-11-23T12:00:00Z"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %q", word, err)
		}
	}
	give(t, first)
	give(t, take(t, o, "127.0.0.1:9090"))
}

// emptyStoreGoesToOne: the schema is made by the one that holds the store.
func emptyStoreGoesToOne(t *testing.T, o store.Options) {
	t.Helper()
	const rivals = 4
	var started, refused atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range rivals {
		all.Go(func() {
			<-begin
			hold, err := store.Take(t.Context(), o, holder("127.0.0.1:0"))
			if _, held := errors.AsType[*store.HeldError](err); held {
				refused.Add(1)
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = hold.Close() })
			mine := o
			mine.Hold = hold
			open(t, mine)
			started.Add(1)
		})
	}
	close(begin)
	all.Wait()
	if started.Load() != 1 || refused.Load() != rivals-1 {
		t.Errorf("%d started, %d refused", started.Load(), refused.Load())
	}
}

// schemaIsLeftToTheHolder: a command of a newer version does not change the schema under
// a server that runs.
func schemaIsLeftToTheHolder(t *testing.T, o store.Options) {
	t.Helper()
	hold := take(t, o, "127.0.0.1:8080")
	s, err := store.Open(t.Context(), o)
	if _, held := errors.AsType[*store.HeldError](err); !held {
		t.Errorf("opened %v, %v", s, err)
	}
	mine := o
	mine.Hold = hold
	open(t, mine)
	t.Cleanup(func() { _ = hold.Close() })
	open(t, o) // beside it, once the schema is there
}

func TestFailedTakeMakesNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hold := take(t, store.Options{DataDir: dir}, "127.0.0.1:8080")
	defer give(t, hold)
	if _, err := store.Take(t.Context(), store.Options{DataDir: dir}, holder("127.0.0.1:9090")); err == nil {
		t.Fatal("taken twice")
	}
	if names, _ := filepath.Glob(dir + "/*"); len(names) != 1 {
		t.Errorf("files: %q", names)
	}
}

// A lock file that says nothing, or nonsense, still locks.
func TestHolderThatCannotBeReadIsRefusedAllTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hold := take(t, store.Options{DataDir: dir}, "127.0.0.1:8080")
	defer give(t, hold)
	if err := os.WriteFile(filepath.Join(dir, "duplex.lock"), []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Take(t.Context(), store.Options{DataDir: dir}, holder("127.0.0.1:9090"))
	if err == nil || !strings.Contains(err.Error(), "has not said its name") {
		t.Error(err)
	}
}

// ended ends the server's side of the connection that holds the store.
func ended(t *testing.T, o store.Options) {
	t.Helper()
	execute(t, "pgx", o.DatabaseURL, `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'duplex holds the store'`)
}

// lockingBackend is the process of the server that has the lock; 0 for none.
func lockingBackend(t *testing.T, o store.Options) int64 {
	t.Helper()
	return scalar(t, o, `select coalesce(max(pid), 0) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`)
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	late, again := time.After(20*time.Second), time.NewTicker(10*time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

func TestHoldOnPostgreSQLIsTakenAgain(t *testing.T) {
	t.Parallel()
	o := sharedPostgres(t).database(t)
	hold := take(t, o, "127.0.0.1:8080")
	defer give(t, hold)
	o.Hold = hold
	s := open(t, o)
	for range 3 {
		before := lockingBackend(t, o)
		ended(t, o)
		await(t, "another connection has the lock", func() bool { return lockingBackend(t, o) > 0 && lockingBackend(t, o) != before })
		await(t, "it is written again", func() bool { return s.SetSetting(t.Context(), "k", "v") == nil })
	}
	select {
	case <-hold.Lost():
		t.Error("lost")
	default:
	}
	if _, err := store.Take(t.Context(), store.Options{DatabaseURL: o.DatabaseURL}, holder("127.0.0.1:9090")); err == nil {
		t.Error("another could take it")
	}
}

// The first must not write again, even when the second is gone already: the second has
// ended the first one's sessions.
func TestHoldOnPostgreSQLThatAnotherHadIsLost(t *testing.T) {
	t.Parallel()
	o := sharedPostgres(t).database(t)
	hold := take(t, o, "127.0.0.1:8080")
	defer give(t, hold)
	mine := o
	mine.Hold = hold
	s := open(t, mine)
	execute(t, "pgx", o.DatabaseURL, `update holder set token = 'another', listen = '127.0.0.1:9090'`) // as another process does
	ended(t, o)
	select {
	case <-hold.Lost():
	case <-time.After(20 * time.Second):
		t.Fatal("not noticed")
	}
	wantErr(t, s.SetSetting(t.Context(), "k", "v"), store.ErrNotHeld)
	if err := hold.Err(); err == nil || !strings.Contains(err.Error(), "127.0.0.1:9090") {
		t.Errorf("error %v", err)
	}
}

// While it is not known that we hold the store nothing reaches the database.
func TestNothingIsWrittenWithoutTheHold(t *testing.T) {
	t.Parallel()
	o := sharedPostgres(t).database(t)
	hold := take(t, o, "127.0.0.1:8080")
	defer give(t, hold)
	mine := o
	mine.Hold = hold
	s := open(t, mine)
	db, err := sql.Open("pgx", o.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	other, err := db.Conn(t.Context()) // it has the lock for a while, and says no name
	if err != nil {
		t.Fatal(err)
	}
	var key, id int64
	err = other.QueryRowContext(t.Context(), `select classid, objid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`).Scan(&key, &id)
	if err != nil {
		t.Fatal(err)
	}
	ended(t, o)
	if _, err := other.ExecContext(t.Context(), `select pg_advisory_lock(`+fmt.Sprint(int32(key))+`, `+fmt.Sprint(int32(id))+`)`); err != nil {
		t.Fatal(err)
	}
	await(t, "the loss is noticed", func() bool { return errors.Is(hold.Err(), store.ErrNotHeld) })
	wantErr(t, s.SetSetting(t.Context(), "k", "v"), store.ErrNotHeld)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "it is held again", func() bool { return s.SetSetting(t.Context(), "k", "v") == nil })
}

// The directory is the same by whatever path it is named, and the file that is locked may
// hold the number of a process that is not there: only the lock counts.
func TestDirectoryIsHeldByWhateverPath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hold := take(t, store.Options{DataDir: dir}, "127.0.0.1:8080")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	refused := func(path string) {
		t.Helper()
		_, err := store.Take(t.Context(), store.Options{DataDir: path}, holder("127.0.0.1:9090"))
		if _, held := errors.AsType[*store.HeldError](err); !held {
			t.Errorf("%s: %v", path, err)
		}
	}
	refused(link)
	refused(filepath.Join(dir, "..", filepath.Base(dir)))
	give(t, hold)
	stale := fmt.Sprintf(`{"host":"db1","pid":%d,"since":"2026-11-23T12:00:00Z","listen":"127.0.0.1:1"}`, os.Getpid())
	if err := os.WriteFile(filepath.Join(dir, "duplex.lock"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	give(t, take(t, store.Options{DataDir: link}, "127.0.0.1:9090"))
}

// A second process can lock a directory after its lock file was deleted. The first one
// writes nothing from then on.
func TestNothingIsWrittenOnceTheLockFileIsDeleted(t *testing.T) {
	t.Parallel()
	o := store.Options{DataDir: t.TempDir()}
	first := take(t, o, "127.0.0.1:8080")
	defer give(t, first)
	mine := o
	mine.Hold = first
	s := open(t, mine)
	begin(t, s, "one")
	if err := os.Remove(filepath.Join(o.DataDir, "duplex.lock")); err != nil {
		t.Fatal(err)
	}
	second := take(t, o, "127.0.0.1:9090")
	defer give(t, second)
	wantErr(t, s.Append(t.Context(), "one", texts(1, "x"), 0), store.ErrLost)
	if n := scalar(t, o, "select count(*) from messages"); n != 0 {
		t.Errorf("%d messages were written", n)
	}
}

// Two teams may share a database: each schema has a holder of its own.
func TestSchemasOfOneDatabaseAreHeldApart(t *testing.T) {
	t.Parallel()
	server := sharedPostgres(t)
	first, second := server.options(t), server.options(t)
	a, b := take(t, first, "127.0.0.1:8080"), take(t, second, "127.0.0.1:9090")
	_, err := store.Take(t.Context(), second, holder("127.0.0.1:7070"))
	held, ok := errors.AsType[*store.HeldError](err)
	if !ok || held.Holder.Listen != "127.0.0.1:9090" {
		t.Errorf("%v", err)
	}
	give(t, a)
	give(t, take(t, first, "127.0.0.1:7070"))
	give(t, b)
}
