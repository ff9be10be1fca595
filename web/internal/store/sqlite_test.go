package store

import (
	"database/sql"
	"testing"
)

// A pragma that SQLite does not understand is no error, so what was asked for is
// looked at.
func TestSQLiteRunsAsItWasAsked(t *testing.T) {
	s, err := Open(t.Context(), Options{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, db := range []*sql.DB{s.write, s.read} {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "busy_timeout": "1000",
		} {
			var got string
			if err := db.QueryRowContext(t.Context(), "pragma "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q (error %v), want %q", pragma, got, err, want)
			}
		}
	}
	if _, err := s.read.ExecContext(t.Context(), "delete from settings"); err == nil {
		t.Error("a reading connection wrote")
	}
}
