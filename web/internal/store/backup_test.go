package store_test

import (
	"bytes"
	"database/sql"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duplex/web/internal/store"
)

// A backup of every earlier version can be restored and opened.
func TestBackupsOfEarlierSchemasAreRestored(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/[bs]*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) })
	for n := range files {
		t.Run(path.Base(files[n]), func(t *testing.T) {
			t.Parallel()
			old := store.Options{DataDir: t.TempDir(), Keyring: keyring(t)}
			makeEarlier(t, old, files[:n+1])
			var backup bytes.Buffer
			before, err := store.Backup(t.Context(), old, &backup)
			if err != nil || before.Rows == 0 {
				t.Fatalf("%+v %v", before, err)
			}
			fresh := store.Options{DataDir: t.TempDir(), Keyring: old.Keyring}
			after, err := store.Restore(t.Context(), fresh, &backup)
			if err != nil || after.Sum != before.Sum {
				t.Fatalf("backed up %+v, restored %+v: %v", before, after, err)
			}
			s, err := store.Open(t.Context(), fresh)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if value, err := s.Setting(t.Context(), "kept"); err != nil || value != "ünïcode <&>" {
				t.Errorf("%q %v", value, err)
			}
		})
	}
}

// makeEarlier makes a database as an earlier version left it.
func makeEarlier(t *testing.T, o store.Options, files []string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.DataDir, "duplex.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	run := func(statement string, values ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, values...); err != nil {
			t.Fatal(err)
		}
	}
	run("create table migrations (name text not null primary key, applied_at bigint not null)")
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		run(string(script))
		run("insert into migrations values ($1, 1)", path.Base(file))
	}
	run("insert into settings (key, value, updated_at) values ('kept', 'ünïcode <&>', 1)")
}
