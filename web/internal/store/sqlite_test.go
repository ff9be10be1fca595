package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"duplex/bridge"
)

// SQLite ignores an unknown pragma, so the test reads the settings back.
func TestSQLiteRunsAsItWasAsked(t *testing.T) {
	s, err := Open(t.Context(), Options{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, db := range []*sql.DB{s.write, s.read} {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "busy_timeout": "500",
		} {
			var got string
			if err := db.QueryRowContext(t.Context(), "pragma "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q (error %v), want %q", pragma, got, err, want)
			}
		}
	}
	if _, err := s.read.ExecContext(t.Context(), "delete from settings"); err == nil {
		t.Error("a reading connection wrote")
	}
}

// To read takes no lock of writing, not even for a new connection: people read while
// another process holds that lock.
func TestSQLiteIsReadWhileItIsLocked(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	lockSQLite(t, dir)
	for i := range sqliteReaders {
		conn, err := s.read.Conn(t.Context()) // each is a new one
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		t.Cleanup(func() { _ = conn.Close() }) // held meanwhile, so that the next is another
		if err := conn.QueryRowContext(t.Context(), "select count(*) from sessions").Scan(new(int)); err != nil {
			t.Errorf("connection %d: %v", i, err)
		}
	}
}

// A database that is locked by another process is not called here because a request
// just waits for the lock.
func TestLockedSQLiteStaysAwayWhileOthersTryToWrite(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	lock := lockSQLite(t, dir)
	if err := s.Ping(t.Context()); !errors.Is(err, bridge.ErrStoreAway) {
		t.Errorf("locked: %v", err)
	}
	tried := make(chan error, 1)
	go func() { tried <- s.SetSetting(t.Context(), "k", "v") }()
	for s.write.Stats().InUse == 0 && len(tried) == 0 {
		runtime.Gosched()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.Ping(ctx); !errors.Is(err, bridge.ErrStoreAway) {
		t.Errorf("while another tries to write: %v", err)
	}
	if err := <-tried; !Away(err) {
		t.Errorf("a write of another: %v", err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("free again: %v", err)
	}
}

// lockSQLite takes the lock of writing as another process would, until the returned
// transaction or the test ends.
func lockSQLite(t *testing.T, dir string) *sql.Tx {
	t.Helper()
	other, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqliteFile)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	lock, err := other.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Rollback() })
	return lock
}
