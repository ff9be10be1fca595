//go:build e2e

package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// While another process locks the database, the page says so and keeps the draft; it goes
// on when the lock is gone.
func TestPageSaysThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	data, peer := t.TempDir(), newEchoPeer(t)
	s := start(t, data)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + s.open(object{"address": peer.URL}))
	p.untilOpen()
	p.compose("text", "not now")

	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "duplex.db")+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	locked := time.Now()
	lock, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.untilText("banner", "database is not available")
	if took := time.Since(locked); took > soon {
		t.Errorf("the page said so after %s", took)
	}
	p.focusEditor()
	p.ctrlEnter()
	p.untilText("composer-problem", "database is not available")
	if text := p.editorText(); text != "not now" {
		t.Errorf("the message is now %q", text)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	p.until(`document.querySelector("[data-testid=banner]").textContent === ""`)
	if n := peer.times("not now"); n != 0 {
		t.Errorf("the service heard the message %d times", n)
	}
	p.sent(3)
	if n := peer.times("not now"); n != 1 {
		t.Errorf("the service heard the message %d times", n)
	}
}
