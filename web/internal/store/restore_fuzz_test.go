package store_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duplex/web/internal/store"
)

// FuzzRestore reads altered backups. A backup is restored as it says, or not at all: then the
// database has no table.
func FuzzRestore(f *testing.F) {
	dir := f.TempDir()
	s := open(f, store.Options{DataDir: filepath.Join(dir, "first")})
	if err := s.SetSetting(f.Context(), "kept", "ünïcode <&>"); err != nil {
		f.Fatal(err)
	}
	var packed bytes.Buffer
	if _, err := store.Backup(f.Context(), store.Options{DataDir: filepath.Join(dir, "first")}, &packed); err != nil {
		f.Fatal(err)
	}
	unpacked, err := gzip.NewReader(&packed)
	if err != nil {
		f.Fatal(err)
	}
	lines, err := io.ReadAll(unpacked)
	if err != nil {
		f.Fatal(err)
	}
	// The key check would need the key of the day that a found input was made.
	lines = []byte(strings.Replace(string(lines), `"key_check":"`, `"was":"`, 1))
	f.Add(lines)
	for _, edit := range [][2]string{
		{"ünïcode", "unicode"},
		{`"kept"`, `null`},
		{`"kept"`, `1`},
		{"ünïcode", "\xff"},
		{`"tallied":"settings"`, `"tallied":"services"`},
		{`"duplex_backup":1`, `"duplex_backup":2`},
		{`0001_start.sql`, `../0001_start.sql`},
		{`"type":"text"`, `"type":"int"`},
		{`"name":"key"`, `"name":"key\" --"`},
		{"\n[", "\n[\n["},
		{`{"table":"services"`, `{"table":"sessions"`},
	} {
		f.Add(bytes.Replace(lines, []byte(edit[0]), []byte(edit[1]), 1))
	}
	f.Add(lines[:len(lines)-2])
	f.Add(append(bytes.Clone(lines), lines...))
	f.Fuzz(func(t *testing.T, lines []byte) {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(lines)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		o := store.Options{DataDir: dir}
		told, err := store.Restore(t.Context(), o, &packed)
		if err != nil {
			requireNoTable(t, dir)
			return
		}
		again, err := store.Backup(t.Context(), o, io.Discard)
		if err != nil || again.Sum != told.Sum || again.Rows != told.Rows || again.Tables != told.Tables {
			t.Errorf("restored %+v, and it has %+v: %v", told, again, err)
		}
	})
}

// requireNoTable fails when a refused restore left a table.
func requireNoTable(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "duplex.db")
	if _, err := os.Stat(file); err != nil {
		return
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var tables int
	if err := db.QueryRowContext(t.Context(), "select count(*) from sqlite_master").Scan(&tables); err != nil || tables > 0 {
		t.Errorf("a refused backup left %d tables: %v", tables, err)
	}
}
