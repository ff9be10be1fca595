package main

import (
	"bufio"
	"crypto/sha256"
	"database/sql"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
	"duplex/web/internal/pgtest"
)

var childServes = flag.Bool("child-serves", false, "TestChildServes is the program, on the arguments behind --")

// TestChildServes is no test but the program, for tests that signal it or kill it.
func TestChildServes(t *testing.T) {
	if !*childServes {
		t.Skip("runs as a child only")
	}
	os.Args = append([]string{"duplex"}, flag.Args()...) //nolint:forbidigo // this process is the program
	main()
}

// child is the program in a process of its own.
type child struct {
	*program

	cmd  *exec.Cmd
	done chan struct{}
}

func startChild(t *testing.T, data string, args ...string) *child {
	t.Helper()
	return startChildIn(t, nil, data, args...)
}

// startChildIn starts the program with more in its environment.
func startChildIn(t *testing.T, environment []string, data string, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"-test.run=^TestChildServes$", "-child-serves", "--", "--listen", "127.0.0.1:0", "--data", data}, args...)
	c := &child{program: &program{t: t, data: data, logs: &logs{}}, cmd: exec.Command(self, args...), done: make(chan struct{})}
	c.cmd.Stderr = c.logs
	c.cmd.Env = append(c.cmd.Environ(), environment...)
	said, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(said).ReadString('\n')
	go func() {
		_ = c.cmd.Wait()
		close(c.done)
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.done
		if t.Failed() {
			t.Logf("log:\n%s", c.logs)
		}
	})
	url, found := strings.CutPrefix(line, "Duplex is at ")
	if !found {
		<-c.done
		t.Fatalf("it does not start: %q\n%s", line, c.logs)
	}
	c.url = strings.TrimSpace(url)
	return c
}

// signal sends sig and waits for the end, for as long as within. It returns the exit
// code, -1 for a process that a signal has ended.
func (c *child) signal(sig os.Signal, within time.Duration) int {
	c.t.Helper()
	_ = c.cmd.Process.Signal(sig)
	return c.exit(within)
}

func (c *child) exit(within time.Duration) int {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(within):
		c.t.Errorf("still there after %v", within)
		_ = c.cmd.Process.Kill()
		<-c.done
	}
	return c.cmd.ProcessState.ExitCode()
}

func TestSecondProcessIsRefusedAndHarmsNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := startChild(t, data)
	echo := first.echo()
	first.send(echo.ID, "text", "", "before")
	files := contents(t, data)
	began := time.Now()
	code, out := command(t, "--listen", "127.0.0.1:0", "--data", data)
	testkit.AtMost(t, "second process", "refused after", time.Since(began).Seconds(), 2, "s")
	if code != 1 {
		t.Errorf("ended with %d", code)
	}
	host, _ := os.Hostname()
	address := strings.TrimPrefix(first.url, "http://")
	for _, word := range []string{data, "process " + strconv.Itoa(first.cmd.Process.Pid), host, address, "since " + time.Now().UTC().Format("2006-")} {
		if !strings.Contains(out, word) {
			t.Errorf("%q is not said in %q", word, out)
		}
	}
	if strings.Contains(out, "Duplex is at") {
		t.Error("it served")
	}
	if after := contents(t, data); after != files {
		t.Errorf("it changed what was there:\n%s\nbefore:\n%s", after, files)
	}
	first.send(echo.ID, "text", "", "after")
	var state wire.State
	first.call("GET", "/api/sessions/"+echo.ID, nil, http.StatusOK, &state)
	if state.State != "open" {
		t.Errorf("the session is %s", state.State)
	}
	for _, args := range [][]string{{"audit", "verify"}, {"secrets", "check"}, {"secrets", "rewrap"}} {
		wantCommand(t, 0, nil, append(args, "--data", data)...)
	}
	if code := first.signal(syscall.SIGKILL, time.Minute); code != -1 {
		t.Errorf("killed, and ended with %d", code)
	}
	again := startChild(t, data)
	again.call("GET", "/api/sessions/"+echo.ID, nil, http.StatusOK, &state)
	if state.State != "closed" {
		t.Errorf("after the kill the session is %s", state.State)
	}
	again.echo()
}

// contents returns the files that a process writes at its start: keys, the holder's name,
// and the audit log. The first process changes the database too.
func contents(t *testing.T, data string) string {
	t.Helper()
	_, all := command(t, "audit", "export", "--data", data)
	for _, name := range []string{"keys", "duplex.lock"} {
		raw, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		all += fmt.Sprintf("%s %x\n", name, sha256.Sum256(raw)) // no key in a log
	}
	return all
}

func TestSecondProcessOnPostgreSQLIsRefused(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.URLAt(t, server.Address())
	first := startChild(t, t.TempDir(), "--database-url", url)
	echo := first.echo()
	began, theirs := time.Now(), t.TempDir()
	code, out := command(t, "--listen", "127.0.0.1:0", "--data", theirs, "--database-url", url)
	testkit.AtMost(t, "second process", "refused after", time.Since(began).Seconds(), 2, "s")
	if code != 1 {
		t.Errorf("ended with %d", code)
	}
	for _, word := range []string{"PostgreSQL", "process " + strconv.Itoa(first.cmd.Process.Pid), strings.TrimPrefix(first.url, "http://")} {
		if !strings.Contains(out, word) {
			t.Errorf("%q is not said in %q", word, out)
		}
	}
	if names, _ := filepath.Glob(theirs + "/*"); len(names) != 0 {
		t.Errorf("it made %q", names)
	}
	first.send(echo.ID, "text", "", "after")
	first.signal(syscall.SIGKILL, time.Minute)
	again := startChild(t, first.data, "--database-url", url)
	var state wire.State
	if again.call("GET", "/api/sessions/"+echo.ID, nil, http.StatusOK, &state); state.State != "closed" {
		t.Errorf("after the kill the session is %s", state.State)
	}
}

// Another process has held the store while the connection was broken, and has ended our
// sessions. Going on would write into closed sessions.
func TestServerEndsWhenAnotherHasTakenItsStore(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.URLAt(t, server.Address())
	p := startChild(t, t.TempDir(), "--database-url", url)
	p.echo()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{
		"update holder set token = 'another', host = 'elsewhere', pid = 4711",
		"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'duplex holds the store'",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if code := p.exit(time.Minute); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if log := p.logs.String(); !strings.Contains(log, "another process has taken the store") || !strings.Contains(log, "process 4711 on host elsewhere") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}

// A process that is refused makes no key for a store that is not its own.
func TestTwoAtOnceOnAnEmptyDirectory(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new")
	type ending struct {
		code int
		out  string
	}
	const rivals = 3
	refused := make(chan ending, rivals)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var rivalsLeft []*exec.Cmd
	for range rivals {
		cmd := exec.Command(self, "-test.run=^TestChildServes$", "-child-serves", "--", "--listen", "127.0.0.1:0", "--data", data)
		out := &logs{}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		rivalsLeft = append(rivalsLeft, cmd)
		go func() {
			_ = cmd.Wait()
			refused <- ending{cmd.ProcessState.ExitCode(), out.String()}
		}()
	}
	for range rivals - 1 {
		e := <-refused
		if e.code != 1 || !strings.Contains(e.out, "is in use by process") {
			t.Errorf("%d %s", e.code, e.out)
		}
	}
	for _, cmd := range rivalsLeft {
		_ = cmd.Process.Signal(syscall.SIGTERM) // ended ones ignore it
	}
	if e := <-refused; e.code != 0 || !strings.Contains(e.out, "Duplex is at") {
		t.Errorf("the one that started: %d %s", e.code, e.out)
	}
}
