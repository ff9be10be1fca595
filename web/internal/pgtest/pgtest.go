// Package pgtest runs a real PostgreSQL for tests, which can restart it, kill it or cut
// its link. It is for tests only and knows nothing of the tables in it.
package pgtest

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net"
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
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"duplex/bridge/testkit"
)

// startTime bounds how long a server may take to be ready.
const startTime = 30 * time.Second

// Server is a private PostgreSQL in a temporary directory, on a Unix socket and a port
// of the loopback interface.
type Server struct {
	tb      testing.TB
	dir     string
	bin     string
	port    string
	run     *syscall.SysProcAttr
	schemas atomic.Int64
	options []string // of the server's command line

	postgres *exec.Cmd // nil while it is stopped
	drained  chan struct{}
}

// Start runs Debian's PostgreSQL until the test ends, or skips the test where there is
// none, which CI does not accept.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s := create(tb, tb.TempDir())
	tb.Cleanup(func() { s.Stop(syscall.SIGINT) })
	s.Start()
	return s
}

// create makes the files of a server in dir.
func create(tb testing.TB, dir string) *Server {
	tb.Helper()
	binaries, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(binaries) == 0 {
		testkit.Missing(tb, "PostgreSQL", "apt-get install postgresql-15")
	}
	_, port, _ := net.SplitHostPort(testkit.FreeAddr(tb))
	s := &Server{tb: tb, dir: dir, bin: binaries[len(binaries)-1], port: port}
	s.run = runAs(tb, s.dir)
	//nolint:gosec // a program of Debian's
	initdb := exec.CommandContext(tb.Context(), filepath.Join(s.bin, "initdb"), "-D", s.Data(), "-U", "duplex", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = s.run, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	return s
}

// Data is the directory of its files.
func (s *Server) Data() string { return filepath.Join(s.dir, "data") }

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
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil { //nolint:gosec // the way there
		tb.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} //nolint:gosec // of the system's own list
}

// Start starts the server and returns when it is ready. After a kill the processes it
// left behind may hold its memory for a moment, so it is tried again.
func (s *Server) Start() {
	s.tb.Helper()
	for end := time.Now().Add(startTime); !s.serve(); {
		if time.Now().After(end) {
			s.tb.Fatal("postgres does not start")
		}
		<-time.After(100 * time.Millisecond)
	}
}

// serve reports whether the server says that it is ready.
func (s *Server) serve() bool {
	s.tb.Helper()
	options := append([]string{"-D", s.Data(), "-k", s.dir, "-p", s.port, "-c", "listen_addresses=127.0.0.1"}, s.options...)
	postgres := exec.Command(filepath.Join(s.bin, "postgres"), options...) //nolint:gosec,noctx // Debian's program; Stop ends it
	postgres.SysProcAttr, postgres.Dir = s.run, s.dir
	said, err := postgres.StderrPipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	if err := postgres.Start(); err != nil {
		s.tb.Fatal(err)
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
	if !ready {
		<-drained
		_ = postgres.Wait()
		return false
	}
	s.postgres, s.drained = postgres, drained
	return true
}

// Stop ends the server and waits: SIGINT is a fast shutdown, SIGQUIT an immediate one,
// SIGKILL a crash. It does nothing when the server is stopped.
func (s *Server) Stop(how syscall.Signal) {
	if s.postgres == nil {
		return
	}
	_ = s.postgres.Process.Signal(how)
	if how != syscall.SIGKILL { // the children of one that is killed keep its log open for a while
		<-s.drained
	}
	_, _ = s.postgres.Process.Wait()
	s.postgres = nil
}

// URL names a schema of its own, on the server's Unix socket.
func (s *Server) URL(tb testing.TB) string {
	tb.Helper()
	return s.schema(tb, url.Values{"host": {s.dir}, "port": {s.port}})
}

// URLAt is URL by way of an address, such as a Link's.
func (s *Server) URLAt(tb testing.TB, address string) string {
	tb.Helper()
	host, port, _ := net.SplitHostPort(address)
	return s.schema(tb, url.Values{"host": {host}, "port": {port}, "sslmode": {"disable"}})
}

// Again is a URL of this server by way of its Unix socket.
func (s *Server) Again(tb testing.TB, of string) string {
	tb.Helper()
	u, err := url.Parse(of)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	q.Set("host", s.dir)
	q.Set("port", s.port)
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *Server) schema(tb testing.TB, where url.Values) string {
	tb.Helper()
	schema := fmt.Sprintf("t%d", s.schemas.Add(1))
	s.Execute(tb, "create schema "+schema)
	where.Set("user", "duplex")
	where.Set("dbname", "postgres")
	where.Set("search_path", schema)
	return "postgres:///?" + where.Encode()
}

// Address returns the host and port of the server.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", s.port) }

// Execute runs a statement on the Unix socket.
func (s *Server) Execute(tb testing.TB, statement string) {
	tb.Helper()
	q := url.Values{"host": {s.dir}, "port": {s.port}, "user": {"duplex"}, "dbname": {"postgres"}}
	db, err := sql.Open("pgx", "postgres:///?"+q.Encode())
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}
