package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"duplex/bridge/vault"
)

// ErrNotEmpty is the error of restoring into a database that is in use.
var ErrNotEmpty = errors.New("store: the database is not empty")

// Bounds of one insert of Restore.
const (
	restoreRows  = 64 // of PostgreSQL; SQLite takes single rows as fast
	restoreBytes = 4 << 20
)

// longestLine bounds a line of a backup, which is held in memory: a row with the largest
// message has 86 MiB, and a small file can unpack to any size.
const longestLine = 1 << 30

// Restore reads a backup into an empty database, in one transaction, and compares what the
// database then has with the tallies of the backup. Keyring has to be the one of the backup:
// without it the error is a *vault.KeyMissingError, or wraps ErrWrongKey. The schema is
// that of the backup; Open brings it up to date.
func Restore(ctx context.Context, o Options, r io.Reader) (contents Contents, err error) {
	packed, err := gzip.NewReader(r)
	if err != nil {
		return contents, fmt.Errorf("not a backup of Duplex: %w", err)
	}
	b := backupReader{lines: bufio.NewReaderSize(packed, 1<<20), longest: longestLine}
	if err := b.readHead(o.Keyring); err != nil {
		return contents, err
	}
	hold, err := Take(ctx, o, Holder{Since: time.Now(), Listen: "nothing"})
	if err != nil {
		return contents, err
	}
	defer func() { err = errors.Join(err, hold.Close()) }()
	db, closeDB, err := b.open(ctx, o, hold)
	if err != nil {
		return contents, err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	err = inTx(ctx, db, func(tx *sql.Tx) error {
		b.tx = tx
		return b.restore(ctx)
	})
	return b.contents, err
}

type backupReader struct {
	lines    *bufio.Reader
	longest  int // bytes of a line
	head     backupHead
	engine   string
	files    []string // migrations of the backup
	tx       *sql.Tx
	contents Contents
}

// readHead reads the first line and checks that the keys are those of the backup.
func (b *backupReader) readHead(keys *vault.Keyring) error {
	line, err := b.line()
	if err == nil {
		err = json.Unmarshal(line, &b.head)
	}
	if err != nil || b.head.Format == 0 {
		return errors.Join(errors.New("not a backup of Duplex"), err)
	}
	if b.head.Format != backupFormat {
		return fmt.Errorf("the backup has the format %d; this version reads %d", b.head.Format, backupFormat)
	}
	check := parseKeyCheck(b.head.KeyCheck)
	b.contents.MadeAt, b.contents.Key = b.head.MadeAt, check.key
	return check.check(keys)
}

func (b *backupReader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := b.lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > b.longest:
			return nil, errors.New("the backup is damaged: a line is longer than any row")
		case err == nil:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("the backup is cut off")
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("the backup is damaged: %w", err)
		}
	}
}

// open opens the empty database.
func (b *backupReader) open(ctx context.Context, o Options, hold *Hold) (db *sql.DB, closeDB func() error, err error) {
	var place string
	if o.DatabaseURL != "" {
		pool, probe, err := openPostgres(o.DatabaseURL, hold)
		if err != nil {
			return nil, nil, err
		}
		b.engine, place, db, closeDB = enginePostgres, "the PostgreSQL database", pool, func() error { return errors.Join(pool.Close(), probe.Close()) }
	} else {
		file, err := filepath.Abs(filepath.Join(o.DataDir, sqliteFile))
		if err != nil {
			return nil, nil, err
		}
		if err := examine(ctx, file, true); err != nil {
			return nil, nil, err
		}
		write, read, err := openSQLite(file, func() bool { return true })
		if err != nil {
			return nil, nil, err
		}
		b.engine, place, db, closeDB = engineSQLite, file, write, func() error { return errors.Join(read.Close(), write.Close()) }
	}
	var exists bool
	err = db.QueryRowContext(ctx, findMigrations[b.engine]).Scan(&exists)
	if err == nil && exists {
		err = fmt.Errorf("%w: %s has tables of Duplex already; name another with --data or --database-url", ErrNotEmpty, place)
	}
	if err == nil {
		b.files, err = filesOf(b.engine, b.head.Migrations)
	}
	if err != nil {
		return nil, nil, errors.Join(err, closeDB())
	}
	return db, closeDB, nil
}

func (b *backupReader) restore(ctx context.Context) error {
	if err := b.makeTables(ctx); err != nil {
		return err
	}
	tables, err := tablesOf(b.files)
	if err != nil {
		return err
	}
	var tallies []Tally
	for _, table := range tables {
		tally, err := b.readTable(ctx, table)
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		tallies = append(tallies, tally)
	}
	line, err := b.line()
	if err != nil {
		return err
	}
	var told Contents
	if err := json.Unmarshal(line, &told); err != nil {
		return fmt.Errorf("the backup is damaged: %w", err)
	}
	restored := contentsOf(tallies)
	if restored != told {
		return fmt.Errorf("the backup is damaged: its contents are %+v, and it tells of %+v", restored, told)
	}
	b.contents.Tables, b.contents.Rows, b.contents.Sum = told.Tables, told.Rows, told.Sum
	return nil
}

// makeTables makes the tables as they were, without rows.
func (b *backupReader) makeTables(ctx context.Context) error {
	if _, err := b.tx.ExecContext(ctx, createMigrations); err != nil {
		return fmt.Errorf("make migrations table: %w", err)
	}
	for i, file := range b.files {
		script, err := migrations.ReadFile(file)
		if err == nil {
			_, err = b.tx.ExecContext(ctx, string(script))
		}
		if err == nil {
			_, err = b.tx.ExecContext(ctx, claimMigration, b.head.Migrations[i], b.head.MadeAt.UnixMicro())
		}
		if err != nil {
			return fmt.Errorf("migration %s: %w", file, err)
		}
	}
	return nil
}

// readTable fills a table and returns the tally of what it then has.
func (b *backupReader) readTable(ctx context.Context, table string) (Tally, error) {
	line, err := b.line()
	if err != nil {
		return Tally{}, err
	}
	var head backupTable
	if err := json.Unmarshal(line, &head); err != nil || head.Table != table {
		return Tally{}, errors.Join(fmt.Errorf("the backup is damaged: it has %q here", head.Table), err)
	}
	columns, err := columnsOf(ctx, b.tx, b.engine, table)
	if err != nil {
		return Tally{}, err
	}
	if !slices.Equal(columns, head.Columns) {
		return Tally{}, errors.New("the backup has other columns than its migrations make")
	}
	if _, err := b.tx.ExecContext(ctx, fmt.Sprintf(`delete from "%s"`, table)); err != nil { // a migration may have added rows
		return Tally{}, err
	}
	told, err := b.insertRows(ctx, table, columns)
	if err != nil {
		return Tally{}, err
	}
	tally, err := tallyRows(ctx, b.tx, table, columns, func([]any) error { return nil })
	if err == nil && tally != told {
		err = fmt.Errorf("the backup is damaged: its rows are %d with the sum %s, and it tells of %d with %s", tally.Rows, tally.Sum, told.Rows, told.Sum)
	}
	return tally, err
}

// insertRows inserts the rows of a table and returns the tally behind them.
func (b *backupReader) insertRows(ctx context.Context, table string, columns []column) (told Tally, err error) {
	in := inserter{tx: b.tx, table: table, columns: columns, most: 1, prepared: map[int]*sql.Stmt{}}
	if b.engine == enginePostgres {
		in.most = restoreRows
	}
	for {
		line, err := b.line()
		if err != nil {
			return told, err
		}
		if !bytes.HasPrefix(line, []byte("[")) {
			if err := json.Unmarshal(line, &told); err != nil || told.Table != table {
				return told, errors.Join(errors.New("the backup is damaged: a table has no tally"), err)
			}
			return told, in.flush(ctx)
		}
		row, err := parseRow(line, columns)
		if err != nil {
			return told, fmt.Errorf("the backup is damaged: %w", err)
		}
		if err := in.add(ctx, row, len(line)); err != nil {
			return told, err
		}
	}
}

// inserter gathers rows of one table.
type inserter struct {
	tx       *sql.Tx
	table    string
	columns  []column
	most     int // rows of a statement
	prepared map[int]*sql.Stmt

	values []any
	rows   int
	size   int
}

func (in *inserter) add(ctx context.Context, row []any, size int) error {
	in.values, in.rows, in.size = append(in.values, row...), in.rows+1, in.size+size
	if in.rows < in.most && in.size < restoreBytes {
		return nil
	}
	return in.flush(ctx)
}

// flush inserts the gathered rows: all at once when they fill a statement, else one by one.
func (in *inserter) flush(ctx context.Context) error {
	each := 1
	if in.rows == in.most {
		each = in.most
	}
	width := each * len(in.columns)
	for part := range slices.Chunk(in.values, width) {
		statement, err := in.statement(ctx, each) //nolint:sqlclosecheck // it ends with the transaction
		if err != nil {
			return err
		}
		if _, err := statement.ExecContext(ctx, part...); err != nil {
			return err
		}
	}
	in.values, in.rows, in.size = in.values[:0], 0, 0
	return nil
}

func (in *inserter) statement(ctx context.Context, rows int) (*sql.Stmt, error) {
	if known := in.prepared[rows]; known != nil {
		return known, nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, `insert into "%s" (%s) values `, in.table, quoted(in.columns))
	for n := range rows * len(in.columns) {
		switch {
		case n == 0:
			b.WriteString("(")
		case n%len(in.columns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", n+1)
	}
	statement, err := in.tx.PrepareContext(ctx, b.String()+")")
	if err == nil {
		in.prepared[rows] = statement
	}
	return statement, err
}
