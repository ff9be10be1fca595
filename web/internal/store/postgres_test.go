package store_test

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"duplex/web/internal/store"
)

// server is a private PostgreSQL in a temporary directory, on a Unix socket.
type server struct {
	dir     string
	schemas atomic.Int64
}

// startPostgres runs Debian's PostgreSQL until the test ends, or skips the test
// where there is none, which CI does not accept.
func startPostgres(tb testing.TB) *server {
	tb.Helper()
	binaries, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(binaries) == 0 {
		if os.Getenv("CI") == "true" { //nolint:forbidigo // a test process has no other settings
			tb.Fatal("PostgreSQL is missing: apt-get install postgresql-15")
		}
		tb.Skip("SKIPPED: PostgreSQL (apt-get install postgresql-15)")
	}
	dir, bin := tb.TempDir(), binaries[len(binaries)-1]
	run := runAs(tb, dir)
	initdb := exec.CommandContext(tb.Context(), filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "duplex", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = run, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	postgres := exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses=")
	postgres.SysProcAttr, postgres.Dir = run, dir
	serve(tb, postgres)
	return &server{dir: dir}
}

// runAs gives dir to the user postgres when the test runs as root, which the server
// refuses to do.
func runAs(tb testing.TB, dir string) *syscall.SysProcAttr {
	tb.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		tb.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil { // the way there
		tb.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// serve starts the server, waits until it says that it is ready, and stops it at
// the end of the test.
func serve(tb testing.TB, postgres *exec.Cmd) {
	tb.Helper()
	said, err := postgres.StderrPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := postgres.Start(); err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	var ready bool
	for !ready && lines.Scan() {
		ready = strings.Contains(lines.Text(), "ready to accept connections")
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() { // or the server would block on its log
			continue
		}
	}()
	tb.Cleanup(func() {
		_ = postgres.Process.Signal(syscall.SIGINT) // "fast" shutdown
		<-drained
		_ = postgres.Wait()
	})
	if !ready {
		tb.Fatal("postgres did not start")
	}
}

// options gives every test a schema of its own.
func (s *server) options(tb testing.TB) store.Options {
	tb.Helper()
	schema := fmt.Sprintf("t%d", s.schemas.Add(1))
	q := url.Values{"host": {s.dir}, "user": {"duplex"}, "dbname": {"postgres"}}
	execute(tb, "pgx", "postgres:///?"+q.Encode(), "create schema "+schema)
	q.Set("search_path", schema)
	return store.Options{DatabaseURL: "postgres:///?" + q.Encode()}
}
