package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

const (
	sqliteFile    = "duplex.db"
	sqliteReaders = 8
)

// sqliteInserts is how many rows an insert takes. The price of a statement is
// shared by its rows, but SQLite looks up the name of each $n in a list it walks:
// with 64 rows that takes longer than all the rest.
var sqliteInserts = [...]int{8, 1}

// Of every connection. FULL syncs the WAL at each commit: with NORMAL the last
// commits could be lost with the machine's power.
var sqlitePragmas = [...]string{
	"busy_timeout(1000)", // whoever writes is told in time that another process holds the lock
	"journal_mode(WAL)",
	"synchronous(FULL)",
	"foreign_keys(on)",
	"secure_delete(on)",            // what was replaced is overwritten, not only unlinked
	"journal_size_limit(67108864)", // the WAL does not stay as large as the largest burst
}

// Exists reports whether there is a database file in dir.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, sqliteFile))
	return err == nil
}

// openSQLite opens the file in dir, readable by its owner only, with one
// connection that writes and a pool of those that read. SQLite has one writer at a
// time in any case; with one connection it waits in Go, first come first served,
// and its prepared statements stay prepared.
func openSQLite(dir string) (write, read *sql.DB, err error) {
	path, err := filepath.Abs(filepath.Join(dir, sqliteFile))
	if err != nil {
		return nil, nil, err
	}
	if err := ownFile(path); err != nil {
		return nil, nil, err
	}
	write, err = sql.Open("sqlite", sqliteName(path, "_txlock", "immediate"))
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	read, err = sql.Open("sqlite", sqliteName(path, "_query_only", "on"))
	if err != nil {
		return write, nil, err
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return write, read, nil
}

// ownFile makes the file before SQLite does, for its mode; the WAL beside it takes
// the same.
func ownFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := file.Chmod(0o600); err != nil {
		return fmt.Errorf("close to others: %w", err)
	}
	return file.Close()
}

func sqliteName(path, option, value string) string {
	q := url.Values{option: {value}, "_pragma": sqlitePragmas[:]}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}
