//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
	"duplex/web/internal/canary"
)

// program is the built binary.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "duplex-e2e-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "duplex")
	build := exec.Command("go", "build", "-o", program, "duplex/web")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	if inMemory := "/dev/shm"; hasRoom(inMemory) {
		if err := os.Setenv("TMPDIR", inMemory); err != nil {
			panic(err)
		}
	}
	code := summary(m.Run())
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// picturesFolder is the system's folder for temporary files, also when those of tests are
// in memory.
var picturesFolder = os.TempDir()

// hasRoom reports whether a folder has 4 GB free, enough for the databases and profiles of
// the tests. In memory they need no wait for a disk; no test cuts the power.
func hasRoom(folder string) bool {
	var stat syscall.Statfs_t
	return syscall.Statfs(folder, &stat) == nil && stat.Bavail*uint64(stat.Bsize) >= 4<<30
}

// server is a running program.
type server struct {
	t     testing.TB
	URL   string
	Data  string
	cmd   *exec.Cmd
	done  chan struct{}
	watch *canary.Watch
	tap   *canary.Tap // nil where nothing is watched
	mu    sync.Mutex  // guards logs
	logs  bytes.Buffer
}

// start runs the program on a data directory and a free port.
func start(tb testing.TB, data string, args ...string) *server {
	tb.Helper()
	watch := canaries.Watch()
	tb.Cleanup(func() { report(tb, watch) })
	return startUnder(tb, watch, data, args...)
}

func startUnder(tb testing.TB, watch *canary.Watch, data string, args ...string) *server {
	tb.Helper()
	s := &server{t: tb, Data: data, done: make(chan struct{}), watch: watch}
	if isWatched(tb) {
		s.searchFiles() // which the last one left
		args = s.tapped(args)
	}
	s.cmd = exec.Command(program, append([]string{"--listen", "127.0.0.1:0", "--data", data}, args...)...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	s.cmd.Stderr = s
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, found := strings.Cut(lines.Text(), "Duplex is at "); found {
			s.URL = strings.TrimSpace(url)
			break
		}
	}
	go func() {
		_, _ = io.Copy(s, out)
		_ = s.cmd.Wait()
		if s.tap != nil {
			s.tap.Refuse()
		}
		close(s.done)
	}()
	if s.URL == "" {
		<-s.done
		tb.Fatalf("the program did not start:\n%s", s.log())
	}
	if s.tap != nil {
		s.tap.To(netip.MustParseAddrPort(strings.TrimPrefix(s.URL, "http://")))
		s.URL = "http://" + s.tap.Addr()
	}
	tb.Cleanup(func() {
		s.signal(syscall.SIGKILL)
		s.search()
		if tb.Failed() {
			tb.Logf("program:\n%s", s.log())
		}
	})
	return s
}

// Write keeps the output of the program.
func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logs.Write(p)
}

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logs.String()
}

// signal sends sig and waits for the end.
func (s *server) signal(sig syscall.Signal) {
	_ = s.cmd.Process.Signal(sig)
	<-s.done
}

// call makes an API request and decodes the answer into out, unless out is nil. It
// returns the status and the body.
func (s *server) call(method, path string, body, out any) (int, []byte) {
	s.t.Helper()
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	return s.do(method, path, "application/json", payload, out)
}

func (s *server) do(method, path, kind string, body io.Reader, out any) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			s.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
		}
	}
	return res.StatusCode, raw
}

type object = map[string]any

// service holds the fields of a saved service that these tests read.
type service struct {
	ID, Name, Address, Demo string
	Credential              struct{ Kind string }
}

func (s *server) services() []service {
	s.t.Helper()
	var list struct{ Services []service }
	s.call(http.MethodGet, "/api/services", nil, &list)
	return list.Services
}

// demo finds the demo service of an endpoint and a kind of credential.
func (s *server) demo(endpoint, kind string) service {
	s.t.Helper()
	for _, v := range s.services() {
		if v.Demo == endpoint && v.Credential.Kind == kind {
			return v
		}
	}
	s.t.Fatalf("no demo service %s with %s", endpoint, kind)
	return service{}
}

// open opens a session and returns its id.
func (s *server) open(body object) string {
	s.t.Helper()
	var opened struct{ ID string }
	if status, raw := s.call(http.MethodPost, "/api/sessions", body, &opened); status != http.StatusCreated {
		s.t.Fatalf("open: %d %s", status, raw)
	}
	return opened.ID
}

// send sends a message and returns its seq.
func (s *server) send(session, opcode string, payload []byte) int64 {
	s.t.Helper()
	var sent struct{ Seq int64 }
	path := fmt.Sprintf("/api/sessions/%s/messages?opcode=%s", session, opcode)
	if status, raw := s.do(http.MethodPost, path, "application/octet-stream", bytes.NewReader(payload), &sent); status != http.StatusCreated {
		s.t.Fatalf("send: %d %s", status, raw)
	}
	return sent.Seq
}

func (s *server) body(session string, seq int64) []byte {
	s.t.Helper()
	status, raw := s.do(http.MethodGet, fmt.Sprintf("/api/sessions/%s/messages/%d", session, seq), "", nil, nil)
	if status != http.StatusOK {
		s.t.Fatalf("body %d: %d %s", seq, status, raw)
	}
	return raw
}

// rows returns the session's rows behind after.
func (s *server) rows(session string, after int64) []wire.Row {
	s.t.Helper()
	var page struct {
		Messages  []wire.Row
		NextAfter int64 `json:"next_after"`
	}
	s.call(http.MethodGet, fmt.Sprintf("/api/sessions/%s/messages?after=%d&limit=1000", session, after), nil, &page)
	return page.Messages
}

// viewer attaches to a session.
func (s *server) viewer(session string, after int64) *websocket.Conn {
	s.t.Helper()
	u := fmt.Sprintf("ws%s/api/sessions/%s/attach?after=%d", strings.TrimPrefix(s.URL, "http"), session, after)
	conn, _, err := websocket.Dial(s.t.Context(), u, &websocket.DialOptions{
		Subprotocols: []string{wire.Subprotocol}, HTTPHeader: http.Header{"Origin": {s.URL}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

func readEvent(ctx context.Context, conn *websocket.Conn) (wire.ServerEvent, error) {
	var e wire.ServerEvent
	_, raw, err := conn.Read(ctx)
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal(raw, &e)
}

// awaitReceived waits until a session has n received messages and returns them.
func (s *server) awaitReceived(session string, n int) []wire.Row {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	conn := s.viewer(session, 0)
	defer func() { _ = conn.CloseNow() }()
	var rows []wire.Row
	for len(rows) < n {
		e, err := readEvent(ctx, conn)
		if err != nil {
			s.t.Fatalf("after %d of %d messages: %v", len(rows), n, err)
		}
		for _, row := range e.Rows {
			if row.Direction == "received" {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// awaitClosed waits until a session has ended.
func (s *server) awaitClosed(session string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	conn := s.viewer(session, math.MaxInt32) // no rows
	defer func() { _ = conn.CloseNow() }()
	for {
		e, err := readEvent(ctx, conn)
		if err != nil {
			s.t.Fatalf("session %s does not end: %v", session, err)
		}
		if e.State != nil && e.State.State == "closed" {
			return
		}
	}
}
