package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// migrations holds the files for each engine, and those for both. They run in the order
// of their names, once; a file that was released is never changed.
//
//go:embed migrations/*/*.sql
var migrations embed.FS

const (
	createMigrations = `create table if not exists migrations (name text not null primary key, applied_at bigint not null)`
	claimMigration   = `insert into migrations (name, applied_at) values ($1, $2) on conflict (name) do nothing`
	listMigrations   = `select name from migrations order by name`
)

// findMigrations looks for our schema in the database, by engine.
var findMigrations = map[string]string{
	"sqlite":   `select exists (select 1 from sqlite_master where type = 'table' and name = 'migrations')`,
	"postgres": `select to_regclass('migrations') is not null`,
}

// isCurrent reports whether the schema is that of this program. It changes nothing.
func isCurrent(ctx context.Context, db *sql.DB, engine string) (bool, error) {
	exists, missing, err := missingMigrations(ctx, db, engine)
	return exists && missing == 0, err
}

// missingMigrations counts the migrations that a database lacks. It exists when it has any.
func missingMigrations(ctx context.Context, db *sql.DB, engine string) (exists bool, missing int, err error) {
	if err := db.QueryRowContext(ctx, findMigrations[engine]).Scan(&exists); err != nil || !exists {
		return false, 0, err
	}
	known := map[string]bool{}
	for _, file := range migrationFiles(engine) {
		known[path.Base(file)] = true
	}
	applied, err := appliedMigrations(ctx, db, known)
	return true, len(known) - applied, err
}

// migrationFiles returns the migrations of an engine in their order.
func migrationFiles(engine string) []string {
	var files []string
	for _, folder := range []string{"both", engine} {
		found, _ := fs.Glob(migrations, path.Join("migrations", folder, "*.sql")) // the pattern is good
		files = append(files, found...)
	}
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
	return files
}

func migrate(ctx context.Context, db *sql.DB, engine string, now func() time.Time) error {
	if _, err := db.ExecContext(ctx, createMigrations); err != nil {
		return fmt.Errorf("make migrations table: %w", err)
	}
	known := map[string]bool{}
	for _, file := range migrationFiles(engine) {
		known[path.Base(file)] = true
		if err := applyMigration(ctx, db, file, now); err != nil {
			return fmt.Errorf("migration %s: %w", file, err)
		}
	}
	_, err := appliedMigrations(ctx, db, known)
	return err
}

// applyMigration runs a migration in a transaction. It records the migration first, so
// that one that was applied before is skipped.
func applyMigration(ctx context.Context, db *sql.DB, file string, now func() time.Time) error {
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	return inTx(ctx, db, func(tx *sql.Tx) error {
		claimed, err := rowsAffected(tx.ExecContext(ctx, claimMigration, path.Base(file), now().UnixMicro()))
		if err != nil || claimed == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, string(script))
		return err
	})
}

// appliedMigrations counts the known migrations that the database has. It refuses a
// database with an unknown one: this program would write rows that the newer program does
// not expect.
func appliedMigrations(ctx context.Context, db *sql.DB, known map[string]bool) (int, error) {
	names, err := collectRows(ctx, db, scanID, listMigrations)
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	for _, name := range names {
		if !known[name] {
			return 0, fmt.Errorf("the database has migration %s, which this version does not know; start the newer version", name)
		}
	}
	return len(names), nil
}

// rowsAffected returns the number of rows that a statement changed.
func rowsAffected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
