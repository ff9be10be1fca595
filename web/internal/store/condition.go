package store

import (
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Trouble names a problem of the store that limits its work.
type Trouble string

// The troubles, the worst first.
const (
	Lost    Trouble = "lost"    // the database file is gone, or another is in its place: nothing is written
	Damaged Trouble = "damaged" // a part of the file cannot be read: the rest is used
	Full    Trouble = "full"    // less space is free than has to stay free: no new work begins
)

// Troubles lists the troubles.
func Troubles() []Trouble { return []Trouble{Lost, Damaged, Full} }

// Condition is the health of the store. The zero Condition is healthy.
type Condition struct {
	Trouble Trouble // "" for none
	Path    string  // of the affected file or directory
	Free    int64   // bytes that can still be written, of Full
	Floor   int64   // bytes that are to stay free, of Full
}

// ErrLost is the error of writing while the database file is not at the path where it
// was opened. Nothing was stored.
var ErrLost = errors.New("store: the database file is gone, or another is in its place")

// Condition checks the files and the free space.
func (s *Store) Condition() Condition {
	if path := s.files.missing(); path != "" {
		return Condition{Trouble: Lost, Path: path}
	}
	if s.damaged.Load() {
		return Condition{Trouble: Damaged, Path: s.path}
	}
	if s.space != nil {
		if free, floor := s.space.free(), max(s.space.floor, s.space.leastFree("")); free < floor {
			if free += s.reusable(); free < floor {
				return Condition{Trouble: Full, Path: s.space.dir, Free: free, Floor: floor}
			}
		}
	}
	return Condition{}
}

func (s *Store) isLost() bool { return s.files.missing() != "" }

// files remembers which files a database is in.
type files struct {
	seen map[string]os.FileInfo
}

// watchFiles remembers the files that are at these paths now.
func watchFiles(paths ...string) (*files, error) {
	f := &files{seen: map[string]os.FileInfo{}}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		f.seen[path] = info
	}
	return f, nil
}

// missing returns the path of a file that is no longer there, or that another has taken
// the place of; "" when all are there.
func (f *files) missing() string {
	if f == nil {
		return ""
	}
	for path, before := range f.seen {
		now, err := os.Stat(path)
		if err != nil || !os.SameFile(before, now) {
			return path
		}
	}
	return ""
}

// NoteDamage reports whether err means that the database is damaged, and remembers it.
func (s *Store) NoteDamage(err error) bool {
	if !isDamage(err) {
		return false
	}
	if !s.damaged.Swap(true) {
		s.log.Error("the database is damaged", "path", s.path, "hint", repairHint(s.path), "error", err)
	}
	return true
}

// isDamage reports whether err has a result code for damage:
// https://sqlite.org/rescode.html, and class XX of appendix A of PostgreSQL's manual.
func isDamage(err error) bool {
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqlite3.SQLITE_CORRUPT || lite.Code()&0xff == sqlite3.SQLITE_NOTADB
	}
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "XX001" || pg.Code == "XX002")
}

// repairHint returns instructions for a damaged database.
func repairHint(path string) string {
	if path == "" {
		return "restore the PostgreSQL database from its copy"
	}
	return fmt.Sprintf("stop the server and restore %s from its copy, together with the key file; without a copy, save what can be read: "+
		"sqlite3 %s .recover | sqlite3 recovered.db, and put recovered.db in its place", path, path)
}

// damageError is an error of opening a database that is damaged.
func damageError(path string, err error) error {
	return fmt.Errorf("the database %s is damaged; %s: %w", path, repairHint(path), err)
}
