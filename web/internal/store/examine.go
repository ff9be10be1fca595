package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// checkedBytes is the size up to which a file is checked as a whole at each start. A
// damaged page of a larger file is noticed when it is read.
const checkedBytes = 64 << 20

const (
	sqliteMagic  = "SQLite format 3\x00" // https://sqlite.org/fileformat.html, 1.3
	countTables  = `select count(*) from sqlite_master where type = 'table'`
	quickCheck   = `pragma quick_check(1)`
	soundVerdict = "ok"
)

// examine refuses a damaged file and one that is not a database of Duplex, without
// changing it. An empty or missing file is a new database.
func examine(ctx context.Context, path string, whole bool) (err error) {
	size, err := checkMagic(path)
	if err != nil || size == 0 {
		return err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "_pragma=busy_timeout(10000)"}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var ours bool
	var tables int
	if err := db.QueryRowContext(ctx, findMigrations["sqlite"]).Scan(&ours); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, countTables).Scan(&tables); err != nil {
		return err
	}
	if !ours && tables > 0 {
		return fmt.Errorf("%s is a database, but not of Duplex; name another directory with --data", path)
	}
	if !whole || size > checkedBytes {
		return nil
	}
	var verdict string
	if err := db.QueryRowContext(ctx, quickCheck).Scan(&verdict); err != nil {
		return err
	}
	if verdict != soundVerdict {
		return damageError(path, errors.New(verdict))
	}
	return nil
}

// checkMagic returns the size of the file; 0 when there is none.
func checkMagic(path string) (int64, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return 0, err
	}
	start := make([]byte, len(sqliteMagic))
	if _, err := io.ReadFull(file, start); err != nil || !bytes.Equal(start, []byte(sqliteMagic)) {
		return 0, fmt.Errorf("%s is not of Duplex: it is no SQLite database; name another directory with --data, or restore the file from its copy", path)
	}
	return info.Size(), nil
}
