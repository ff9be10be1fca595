//go:build e2e

package e2e

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An intruder has the database and not the key file.
func TestAuditVerifyFindsWhatWasDoneToACopy(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	useAudited(t, s)
	s.signal(syscall.SIGTERM)
	for name, c := range map[string]struct {
		do, says string
		code     int
	}{
		"as it was": {"select 1", "audit log intact: entries 1 to ", 0},
		"edited":    {"update audit set person_name = 'somebody' where seq = 3", "entry 3 was edited", 1},
		"removed":   {"delete from audit where seq = 3", "entry 3 was removed", 1},
		"swapped":   {"update audit set seq = 99 where seq = 3; update audit set seq = 3 where seq = 5; update audit set seq = 5 where seq = 99", "entry 3 was reordered", 1},
		"cut short": {"delete from audit where seq > 6", "ends before entry 7", 1},
		"emptied":   {"delete from audit; update audit_head set seq = 0, hash = '', mac = ''", "the log is empty", 1},
	} {
		copied := copyOf(t, s.Data)
		db, err := sql.Open("sqlite", filepath.Join(copied, "duplex.db"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(c.do); err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
		out, code := command(t, "audit", "verify", "--data", copied)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
}

func copyOf(t *testing.T, data string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(copied, "keys"), 0o600); err != nil { // CopyFS leaves it as the umask has it
		t.Fatal(err)
	}
	return copied
}
