package store

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"time"
)

// backupFormat is the version of the format. A backup is a gzip file of JSON lines: a
// backupHead; for each table a backupTable, its rows as arrays in the order of the columns,
// with bytes in base64, and a Tally; and a Contents. It is the same for both engines.
const backupFormat = 1

// backupHead is the first line of a backup.
type backupHead struct {
	Format     int       `json:"duplex_backup"`
	MadeAt     time.Time `json:"made_at"`
	Migrations []string  `json:"migrations"` // of the schema, in their order
	KeyCheck   string    `json:"key_check"`  // as the setting has it; "" when no key was in use
}

// backupTable precedes the rows of a table.
type backupTable struct {
	Table   string   `json:"table"`
	Columns []column `json:"columns"`
}

// Tally counts the rows of a table. Sum is the sum of their SHA-256 hashes, which does not
// depend on their order.
type Tally struct {
	Table string `json:"tallied"`
	Rows  int64  `json:"rows"`
	Sum   string `json:"sum"`
}

// Contents describes the rows of a backup. Two databases with the same rows have the same
// Sum.
type Contents struct {
	Tables int    `json:"tables"`
	Rows   int64  `json:"rows"`
	Sum    string `json:"contents"` // SHA-256 of the tallies

	MadeAt time.Time `json:"-"` // of the snapshot
	Key    string    `json:"-"` // id of the key that signs and seals; "" for none
}

// Backup writes all rows of the database to w, as they were at one moment, also while a
// server works with it. The error of a missing database is ErrNotFound.
func Backup(ctx context.Context, o Options, w io.Writer) (Contents, error) {
	db, engine, closeDB, err := openSnapshot(ctx, o)
	if err != nil {
		return Contents{}, err
	}
	defer func() { _ = closeDB() }()
	isolation := sql.LevelDefault // of SQLite, where a transaction reads one state in any case
	if engine == enginePostgres {
		isolation = sql.LevelRepeatableRead
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: isolation, ReadOnly: engine == enginePostgres})
	if err != nil {
		return Contents{}, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is good
	b := backupWriter{tx: tx, engine: engine, out: json.NewEncoder(packed)}
	b.out.SetEscapeHTML(false)
	contents, err := b.write(ctx)
	return contents, errors.Join(err, packed.Close())
}

// The names of the engines, as the migrations have them.
const (
	engineSQLite   = "sqlite"
	enginePostgres = "postgres"
)

// openSnapshot opens the database for reading; it changes no schema. The error wraps
// ErrNotFound where there is no database of Duplex.
func openSnapshot(ctx context.Context, o Options) (db *sql.DB, engine string, closeDB func() error, err error) {
	if o.DatabaseURL != "" {
		pool, probe, err := openPostgres(o.DatabaseURL, nil)
		if err != nil {
			return nil, "", nil, errors.New("the database URL cannot be read") // the cause may quote a password
		}
		db, engine, closeDB = pool, enginePostgres, func() error { return errors.Join(pool.Close(), probe.Close()) }
	} else {
		file, err := filepath.Abs(filepath.Join(o.DataDir, sqliteFile))
		if err != nil {
			return nil, "", nil, err
		}
		if !Exists(o.DataDir) {
			return nil, "", nil, fmt.Errorf("%w: there is no file %s", ErrNotFound, file)
		}
		if err := examine(ctx, file, false); err != nil {
			return nil, "", nil, err
		}
		write, read, err := openSQLite(file, func() bool { return false })
		if err != nil {
			return nil, "", nil, err
		}
		db, engine, closeDB = read, engineSQLite, func() error { return errors.Join(read.Close(), write.Close()) }
	}
	var exists bool
	err = db.QueryRowContext(ctx, findMigrations[engine]).Scan(&exists)
	if err == nil && !exists {
		err = fmt.Errorf("%w: the database has no tables of Duplex", ErrNotFound)
	}
	if err != nil {
		return nil, "", nil, errors.Join(err, closeDB())
	}
	return db, engine, closeDB, nil
}

// CheckBackupKeys checks, beside a server too, that the keyring is that of the database: a
// backup is of no use without it. The errors are those of Restore.
func CheckBackupKeys(ctx context.Context, o Options) error {
	db, _, closeDB, err := openSnapshot(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = closeDB() }()
	var value string
	if err := db.QueryRowContext(ctx, selectSetting, keyCheckSetting).Scan(&value); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read key check: %w", err)
	}
	return parseKeyCheck(value).check(o.Keyring)
}

type backupWriter struct {
	tx     *sql.Tx
	engine string
	out    *json.Encoder
}

func (b *backupWriter) write(ctx context.Context) (Contents, error) {
	head := backupHead{Format: backupFormat, MadeAt: time.Now().UTC()}
	var err error
	if head.Migrations, err = queryNames(ctx, b.tx, listMigrations); err != nil {
		return Contents{}, fmt.Errorf("list migrations: %w", err)
	}
	files, err := filesOf(b.engine, head.Migrations)
	if err != nil {
		return Contents{}, err
	}
	if err := b.tx.QueryRowContext(ctx, selectSetting, keyCheckSetting).Scan(&head.KeyCheck); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Contents{}, fmt.Errorf("read key check: %w", err)
	}
	if err := b.out.Encode(head); err != nil {
		return Contents{}, err
	}
	tables, err := tablesOf(files)
	if err != nil {
		return Contents{}, err
	}
	var tallies []Tally
	for _, table := range tables {
		tally, err := b.writeTable(ctx, table)
		if err != nil {
			return Contents{}, fmt.Errorf("table %s: %w", table, err)
		}
		tallies = append(tallies, tally)
	}
	contents := contentsOf(tallies)
	contents.MadeAt, contents.Key = head.MadeAt, parseKeyCheck(head.KeyCheck).key
	return contents, b.out.Encode(contents)
}

func (b *backupWriter) writeTable(ctx context.Context, table string) (Tally, error) {
	columns, err := columnsOf(ctx, b.tx, b.engine, table)
	if err != nil {
		return Tally{}, err
	}
	if err := b.out.Encode(backupTable{table, columns}); err != nil {
		return Tally{}, err
	}
	tally, err := tallyRows(ctx, b.tx, table, columns, func(row []any) error { return b.out.Encode(row) })
	if err != nil {
		return Tally{}, err
	}
	return tally, b.out.Encode(tally)
}

// filesOf returns the migrations with these names. It refuses a name that this program does
// not know.
func filesOf(engine string, names []string) ([]string, error) {
	known := map[string]string{}
	for _, file := range migrationFiles(engine) {
		known[path.Base(file)] = file
	}
	files := make([]string, len(names))
	for i, name := range names {
		if files[i] = known[name]; files[i] == "" {
			return nil, fmt.Errorf("there is a migration %s, which this version does not know; use the newer version", name)
		}
	}
	return files, nil
}
