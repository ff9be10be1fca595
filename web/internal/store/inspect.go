package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	describeServer = `select current_setting('server_version'), current_database(), pg_database_size(current_database()),
		current_setting('transaction_read_only') = 'on', coalesce(has_schema_privilege(current_schema(), 'create'), false)`
	readClock = `select clock_timestamp()`
)

// Inspection describes a database.
type Inspection struct {
	Place   string        // the file, or the name of the database at its server
	Exists  bool          // it is a database of Duplex; else a start makes one
	Missing int           // migrations that a start would apply
	Size    int64         // bytes
	Free    int64         // bytes of the file system, of SQLite
	Floor   int64         // bytes that have to stay free, of SQLite
	Ahead   time.Duration // the clock of a PostgreSQL server before ours
}

// Errors of Inspect.
var (
	ErrReadOnly = errReadOnly
	ErrNoSchema = errors.New("the database user may not make tables")
)

// Inspect looks at a database, also beside the server that holds it: whether it can be
// reached, has a known schema and can be written. It stores nothing.
func Inspect(ctx context.Context, o Options) (Inspection, error) {
	if o.DatabaseURL != "" {
		return inspectPostgres(ctx, o.DatabaseURL)
	}
	return inspectSQLite(ctx, o)
}

func inspectSQLite(ctx context.Context, o Options) (i Inspection, err error) {
	i.Place = filepath.Join(o.DataDir, sqliteFile)
	folder, err := tryFolder(o.DataDir)
	if err != nil {
		return i, err
	}
	disk, err := newSpace(folder, o.MinFree)
	if err != nil {
		return i, err
	}
	i.Free, i.Floor = disk.free(), disk.floor
	info, err := os.Stat(i.Place)
	if errors.Is(err, fs.ErrNotExist) {
		return i, nil
	}
	if err != nil {
		return i, err
	}
	i.Size = info.Size()
	if err := examine(ctx, i.Place, true); err != nil {
		return i, err
	}
	write, read, err := openSQLite(i.Place, func() bool { return true })
	if write != nil {
		defer func() { err = errors.Join(err, write.Close()) }()
	}
	if err != nil {
		return i, err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	if i.Exists, i.Missing, err = missingMigrations(ctx, read, "sqlite"); err != nil {
		return i, err
	}
	return i, inTx(ctx, write, func(*sql.Tx) error { return nil })
}

// tryFolder writes into the data directory, or into the nearest one above that exists, and
// returns the one it wrote into.
func tryFolder(dir string) (string, error) {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	file, err := os.CreateTemp(dir, ".duplex-*")
	if err != nil {
		return "", err
	}
	return dir, errors.Join(file.Close(), os.Remove(file.Name()))
}

func inspectPostgres(ctx context.Context, url string) (i Inspection, err error) {
	pool, probe, err := openPostgres(url, nil)
	if err != nil {
		return i, errors.New("the database URL cannot be read") // the cause may quote a password
	}
	defer func() { err = errors.Join(err, pool.Close(), probe.Close()) }()
	var version, name string
	var readOnly, mayCreate bool
	if err := probe.QueryRowContext(ctx, describeServer).Scan(&version, &name, &i.Size, &readOnly, &mayCreate); err != nil {
		return i, err
	}
	i.Place = "PostgreSQL " + version + ", " + name
	var theirs time.Time
	before := time.Now()
	if err := probe.QueryRowContext(ctx, readClock).Scan(&theirs); err != nil {
		return i, err
	}
	i.Ahead = theirs.Sub(before.Add(time.Since(before) / 2))
	if i.Exists, i.Missing, err = missingMigrations(ctx, probe, "postgres"); err != nil {
		return i, err
	}
	switch {
	case readOnly:
		return i, ErrReadOnly
	case !mayCreate:
		return i, ErrNoSchema
	}
	return i, nil
}
