package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// migrations holds a folder for each engine, with the same file names in each.
// They run in the order of their names, once; a file that was released is never
// changed.
//
//go:embed migrations/*/*.sql
var migrations embed.FS

const (
	createMigrations = `create table if not exists migrations (name text not null primary key, applied_at bigint not null)`
	claimMigration   = `insert into migrations (name, applied_at) values ($1, $2) on conflict (name) do nothing`
	listMigrations   = `select name from migrations order by name`
)

func migrate(ctx context.Context, db *sql.DB, engine string, now func() time.Time) error {
	dir := path.Join("migrations", engine)
	files, err := fs.ReadDir(migrations, dir)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := db.ExecContext(ctx, createMigrations); err != nil {
		return fmt.Errorf("make migrations table: %w", err)
	}
	known := map[string]bool{}
	for _, file := range files {
		known[file.Name()] = true
		if err := apply(ctx, db, dir, file.Name(), now); err != nil {
			return fmt.Errorf("migration %s: %w", file.Name(), err)
		}
	}
	return refuseNewer(ctx, db, known)
}

// apply claims the migration first: of two processes that start at once, the
// second waits for the first to commit and then finds nothing to do.
func apply(ctx context.Context, db *sql.DB, dir, name string, now func() time.Time) error {
	script, err := migrations.ReadFile(path.Join(dir, name))
	if err != nil {
		return err
	}
	return inTx(ctx, db, func(tx *sql.Tx) error {
		claimed, err := affected(tx.ExecContext(ctx, claimMigration, name, now().UnixMicro()))
		if err != nil || claimed == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, string(script))
		return err
	})
}

// refuseNewer refuses a database with migrations that this program does not have:
// it would write rows that the newer one does not expect.
func refuseNewer(ctx context.Context, db *sql.DB, known map[string]bool) error {
	rows, err := db.QueryContext(ctx, listMigrations)
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("list migrations: %w", err)
		}
		if !known[name] {
			return fmt.Errorf("the database has migration %s, which this version does not know; start the newer version", name)
		}
	}
	return rows.Err()
}

// affected returns how many rows a statement changed.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
