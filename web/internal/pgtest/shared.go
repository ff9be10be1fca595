package pgtest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// shared is the server that the tests of a process share; nil before its first use.
var shared struct {
	mu     sync.Mutex // guards server
	server *Server
}

// Shared returns a server for all tests of the process that do not stop it, change its
// settings or read its files: starting one costs more CPU than most tests. It does not
// wait for the disk, so it must not be killed. TestMain ends it with StopShared.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server != nil {
		return shared.server
	}
	dir, err := os.MkdirTemp("", "pgtest") //nolint:usetesting // it outlives the test
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server's user reads below it
		tb.Fatal(err)
	}
	dir = filepath.Join(dir, "server")
	if err := os.Mkdir(dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	s := create(tb, dir)
	s.options = []string{"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"}
	s.Start()
	shared.server = s
	return s
}

// StopShared ends the server of Shared, if there is one, and deletes its files.
func StopShared() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server != nil {
		shared.server.Stop(syscall.SIGINT)
		_ = os.RemoveAll(filepath.Dir(shared.server.dir))
		shared.server = nil
	}
}

// DatabaseURL names a database of its own, for a test that looks at the locks or the
// connections of its database.
func (s *Server) DatabaseURL(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("d%d", s.schemas.Add(1))
	s.Execute(tb, "create database "+name)
	return "postgres:///?" + url.Values{"host": {s.dir}, "port": {s.port}, "user": {"duplex"}, "dbname": {name}}.Encode()
}
