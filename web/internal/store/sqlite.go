package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

const (
	sqliteFile    = "duplex.db"
	sqliteReaders = 8
)

// sqliteInserts lists the rows per insert, which share the cost of a statement.
var sqliteInserts = [...]int{64, 8, 1}

// autoVacuum lets a new file shrink after deletions. It has to precede WAL, which
// creates the file. It takes the write lock each time.
const autoVacuum = "auto_vacuum(incremental)"

// The pragmas of every connection. FULL syncs the WAL at each commit; with NORMAL a power
// failure could lose the last commits.
var sqlitePragmas = [...]string{
	"busy_timeout(500)", // a writer that waits, and a probe after it, learn within 2 s that another process holds the lock
	"journal_mode(WAL)",
	"synchronous(FULL)",
	"foreign_keys(on)",
	"secure_delete(on)",            // replaced data is overwritten, not only unlinked
	"journal_size_limit(67108864)", // the WAL does not stay as large as the largest burst
}

// Exists reports whether there is a database file in dir.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, sqliteFile))
	return err == nil
}

// openSQLite opens the file at path, readable by its owner only, with one connection that
// writes and a pool that reads. SQLite has one writer at a time in any case; with one
// connection writers wait in Go, in order, and prepared statements stay prepared.
//
// Every transaction calls mayCommit before it commits.
func openSQLite(path string, mayCommit func() bool) (write, read *sql.DB, err error) {
	if err := createOwnFile(path); err != nil {
		return nil, nil, err
	}
	connector, err := sqlite.NewConnector(sqliteName(path, "_txlock", "immediate", autoVacuum))
	if err != nil {
		return nil, nil, err
	}
	write = sql.OpenDB(guarded{connector, mayCommit})
	write.SetMaxOpenConns(1)
	read, err = sql.Open("sqlite", sqliteName(path, "_query_only", "on"))
	if err != nil {
		return write, nil, err
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return write, read, nil
}

// guarded is a connector of connections that call mayCommit before each commit.
type guarded struct {
	driver.Connector

	mayCommit func() bool
}

// Connect implements driver.Connector.
func (g guarded) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := g.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	hooks, ok := conn.(sqlite.HookRegisterer)
	if !ok {
		return nil, errors.Join(errors.New("the driver of SQLite has no commit hook"), conn.Close())
	}
	hooks.RegisterCommitHook(func() int32 {
		if g.mayCommit() {
			return 0
		}
		return 1 // SQLite rolls back
	})
	return conn, nil
}

// createOwnFile makes the file before SQLite does, to set its mode; the WAL gets the same
// mode.
func createOwnFile(path string) error {
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

// sqliteName returns the data source name of the file with an option, and with pragmas
// before those of every connection.
func sqliteName(path, option, value string, first ...string) string {
	q := url.Values{option: {value}, "_pragma": append(first, sqlitePragmas[:]...)}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}
