//go:build e2e

package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// lockStore takes the lock of a server's database, as another process does. The function that it
// returns gives the lock back.
func (s *server) lockStore(tb testing.TB) (unlock func()) {
	tb.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Data, "duplex.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		tb.Fatal(err)
	}
	lock, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return func() {
		if err := lock.Rollback(); err != nil {
			tb.Error(err)
		}
		_ = db.Close()
	}
}
