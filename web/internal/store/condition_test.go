package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/web/internal/store"
)

// serving opens a store as the one that holds it.
func serving(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	o.Hold = take(t, o, "127.0.0.1:8080")
	t.Cleanup(func() { give(t, o.Hold) })
	return open(t, o)
}

// disk is a file system of so many bytes.
func disk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("SKIPPED: no tmpfs can be mounted (needs root): %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func wantTrouble(t *testing.T, s *store.Store, want store.Trouble) {
	t.Helper()
	if c := s.Condition(); c.Trouble != want {
		t.Errorf("condition %+v, want %q", c, want)
	}
}

// fillUp records until the store takes no more, and returns how many messages it took.
func fillUp(t *testing.T, s *store.Store, session string, from int64) (last int64) {
	t.Helper()
	payload := strings.Repeat("x", 100<<10)
	for last = from; ; last++ {
		if err := s.Append(t.Context(), session, texts(last+1, payload), 0); err != nil {
			return last
		}
		if last > 10_000 {
			t.Fatal("the disk is never full")
		}
	}
}

// On a full disk acknowledged messages stay, deletion works, space is given back, and
// recording continues.
func TestFullDiskLosesNothingAndIsGivenBack(t *testing.T) {
	t.Parallel()
	const size = 64 << 20
	dir := disk(t, size)
	s := serving(t, store.Options{DataDir: dir, MinFree: -1})
	begin(t, s, "old")
	last := fillUp(t, s, "old", 0)
	wantTrouble(t, s, store.Full)
	if taken := last * 100 << 10; taken < size/2 {
		t.Errorf("only %d bytes were recorded", taken)
	}
	if n := len(rows(t, s, "old", transcript.Query{Limit: 5000})); int64(n) != last {
		t.Errorf("%d rows of %d", n, last)
	}
	s.Finishing("old")
	add(t, s, "old", texts(last+1, "the last words")...)
	if err := s.EndSession(t.Context(), "old", bridge.Ending{At: start, Code: 1000}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	rest, err := os.Create(filepath.Join(dir, "filler")) // somebody else takes the rest
	if err != nil {
		t.Fatal(err)
	}
	_, err = rest.ReadFrom(zeros{})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := s.Record(t.Context(), audit.Entry{Action: audit.SessionDelete}); err != nil {
		t.Fatalf("audit on a full disk: %v", err)
	}
	if err := s.DeleteSession(t.Context(), "old"); err != nil {
		t.Fatalf("delete on a full disk: %v", err)
	}
	for range 50 {
		if err := s.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantTrouble(t, s, "")
	info, err := os.Stat(filepath.Join(dir, "duplex.db"))
	if err != nil || info.Size() > 8<<20 {
		t.Errorf("the file has still %d bytes, %v", info.Size(), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "reserve")); err != nil || info.Size() == 0 {
		t.Errorf("there is no reserve again: %v", err)
	}
	begin(t, s, "new")
	if last := fillUp(t, s, "new", 0); last*100<<10 < size/8 {
		t.Errorf("only %d messages could be recorded then", last)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Pages that were freed in a file that cannot shrink are free for new rows.
func TestFreedPagesOfAnOldFileCountAsFree(t *testing.T) {
	t.Parallel()
	dir := disk(t, 64<<20)
	execute(t, "sqlite", "file:"+dir+"/duplex.db", "pragma auto_vacuum = none; create table made_before (id); drop table made_before; vacuum")
	s := serving(t, store.Options{DataDir: dir, MinFree: -1})
	if n := scalar(t, store.Options{DataDir: dir}, "pragma auto_vacuum"); n != 0 {
		t.Fatalf("auto_vacuum is %d", n)
	}
	begin(t, s, "old")
	last := fillUp(t, s, "old", 0)
	wantTrouble(t, s, store.Full)
	s.Finishing("old")
	if err := s.EndSession(t.Context(), "old", bridge.Ending{At: start}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteSession(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	if err := s.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTrouble(t, s, "")
	begin(t, s, "new")
	if again := fillUp(t, s, "new", 0); again < last/2 {
		t.Errorf("%d messages, %d at first", again, last)
	}
}

func TestNewFileCanShrink(t *testing.T) {
	dir := t.TempDir()
	serving(t, store.Options{DataDir: dir})
	if n := scalar(t, store.Options{DataDir: dir}, "pragma auto_vacuum"); n != 2 {
		t.Errorf("auto_vacuum is %d", n)
	}
}

// Nothing pretends to be stored in a file that nobody can open any more.
func TestLostFilesAreNoticed(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(dir string) error{
		"directory deleted": os.RemoveAll,
		"directory moved":   func(dir string) error { return os.Rename(dir, dir+".moved") },
		"file deleted":      func(dir string) error { return os.Remove(filepath.Join(dir, "duplex.db")) },
		"log deleted":       func(dir string) error { return os.Remove(filepath.Join(dir, "duplex.db-wal")) },
		"file replaced": func(dir string) error {
			raw, err := os.ReadFile(filepath.Join(dir, "duplex.db"))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, "copy"), raw, 0o600); err != nil {
				return err
			}
			return os.Rename(filepath.Join(dir, "copy"), filepath.Join(dir, "duplex.db"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			s := serving(t, store.Options{DataDir: dir})
			begin(t, s, "one")
			wantTrouble(t, s, "")
			if err := lose(dir); err != nil {
				t.Fatal(err)
			}
			wantTrouble(t, s, store.Lost)
			wantErr(t, s.Append(t.Context(), "one", texts(1, "lost"), 0), bridge.ErrStoreAway)
			wantErr(t, s.Ping(t.Context()), bridge.ErrStoreAway)
			if err := s.Record(t.Context(), audit.Entry{Action: audit.SessionOpen}); err == nil {
				t.Error("an audit entry was acknowledged")
			}
			if err := s.SetSetting(t.Context(), "k", "v"); err == nil {
				t.Error("a setting was acknowledged")
			}
		})
	}
}

// A directory that comes back is the same again.
func TestDirectoryThatComesBackIsUsedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := serving(t, store.Options{DataDir: dir})
	begin(t, s, "one")
	if err := os.Rename(dir, dir+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), "one", texts(1, "waits"), 0); err == nil {
		t.Error("a message was acknowledged")
	}
	if err := os.Rename(dir+".moved", dir); err != nil {
		t.Fatal(err)
	}
	wantTrouble(t, s, "")
	add(t, s, "one", texts(1, "stored")...)
}

// damaged is a database with some sessions, of which a page of the messages is damaged.
func damaged(t *testing.T, break_ func(raw []byte)) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, store.Options{DataDir: dir})
	for i := range 5 {
		id := fmt.Sprintf("s%d", i)
		begin(t, s, id)
		add(t, s, id, texts(1, numbered(2000)...)...)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "duplex.db")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	break_(raw)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDamagedFileIsToldWithWhatToDo(t *testing.T) {
	t.Parallel()
	leaf := func(raw []byte) { // of messages, behind the schema
		at := bytes.LastIndex(raw, []byte(`{"n":`))
		if at < 4096 {
			t.Fatal("no message is found in the file")
		}
		clear(raw[at/4096*4096:][:4096])
	}
	for name, damage := range map[string]func([]byte){
		"schema": func(raw []byte) { clear(raw[100:2000]) },
		"page":   leaf,
	} {
		dir := damaged(t, damage)
		hold := take(t, store.Options{DataDir: dir}, "127.0.0.1:8080")
		s, err := store.Open(t.Context(), store.Options{DataDir: dir, Keyring: keyring(t), Hold: hold})
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: opened", name)
		}
		give(t, hold)
		for _, word := range []string{filepath.Join(dir, "duplex.db"), "damaged", ".recover", "from its copy"} {
			if !strings.Contains(fmt.Sprint(err), word) {
				t.Errorf("%s: %q is not in %v", name, word, err)
			}
		}
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"no database": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("holiday photos ", 1000)), 0o644)
		},
		"another database": func(path string) error { return nil },
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "duplex.db")
		if err := put(path); err != nil {
			t.Fatal(err)
		}
		if name == "another database" {
			execute(t, "sqlite", "file:"+path, "create table invoices (id integer)")
		}
		before, _ := os.ReadFile(path)
		s, err := store.Open(t.Context(), store.Options{DataDir: dir, Keyring: keyring(t)})
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: opened", name)
		}
		if !strings.Contains(fmt.Sprint(err), "not of Duplex") || !strings.Contains(fmt.Sprint(err), path) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}
