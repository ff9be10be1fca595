package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// until asks again until done says so, for half a minute.
func until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	late, again := time.After(30*time.Second), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-late:
			tb.Fatalf("not within 30 s: %s", what)
		}
	}
}

// ready is the code of /readyz, "" when it is ready.
func (p *program) ready() string {
	p.t.Helper()
	res, raw := p.do("GET", "/readyz", "", nil)
	if res.StatusCode == http.StatusOK {
		return ""
	}
	for _, code := range []string{"storage_full", "store_lost", "store_damaged", "store_unavailable", "draining"} {
		if bytes.Contains(raw, []byte(`"`+code+`"`)) {
			return code
		}
	}
	return string(raw)
}

// A disk fills up under a recording, is said to everybody, and is made free again by
// deleting: all without a restart.
func TestFullDiskUnderTheProgram(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("SKIPPED: no tmpfs can be mounted (needs root): %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) })
	p := startChild(t, data)
	old := p.echo().ID
	for i := range 3 {
		p.send(old, "binary", fmt.Sprintf("c%d", i), strings.Repeat("x", 4<<20))
	}
	v := p.attach(old, 0)
	v.awaitRows(7)
	p.call("POST", "/api/sessions/"+old+"/close", object{}, http.StatusOK, nil)
	running := p.echo().ID
	viewer := p.attach(running, 0)
	viewer.awaitRows(1)

	filler := filepath.Join(data, "filler")
	fill(t, filler)
	until(t, "/readyz says that the disk is full", func() bool { return p.ready() == "storage_full" })
	viewer.awaitState(func(s *wire.State) bool { return s.Store == "full" })
	if _, html := p.do("GET", "/", "", nil); !bytes.Contains(html, []byte("The disk of the database is full")) {
		t.Error("the page does not say so")
	}
	e := p.refused("POST", "/api/sessions", object{"service": p.demo("echo", "none").ID}, http.StatusInsufficientStorage)
	if e.Code != "storage_full" || !strings.Contains(e.Message, "MiB") {
		t.Errorf("a session: %+v", e)
	}
	e = p.refused("POST", "/api/sessions/"+running+"/messages?opcode=text", object{}, http.StatusInsufficientStorage)
	if e.Code != "storage_full" {
		t.Errorf("a message: %+v", e)
	}
	viewer.say(wire.ViewerEvent{Type: "send", ClientID: "refused-1", Opcode: "text", Text: "x"})
	viewer.await(func(e wire.ServerEvent) bool { return e.Type == "refused" && e.Error.Code == "storage_full" })
	if page := p.rows(old, ""); len(page.Messages) < 7 {
		t.Errorf("%d rows can be read", len(page.Messages))
	}

	p.call("DELETE", "/api/sessions/"+old, nil, http.StatusNoContent, nil)
	until(t, "the deletion makes room", func() bool { return p.ready() == "" })
	viewer.awaitState(func(s *wire.State) bool { return s.Store == "" })
	p.send(running, "text", "", "goes on")
	p.echo()
	var log struct{ Entries []auditLine }
	p.call("GET", "/api/audit?action=session.delete", nil, http.StatusOK, &log)
	if len(log.Entries) != 1 || log.Entries[0].Outcome != "ok" {
		t.Errorf("audit: %+v", log.Entries)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if code := p.signal(syscall.SIGTERM, drainBound); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// The recording that fills the disk waits, and keeps every message that was shown. It can
// be closed and deleted before anything else.
func TestFullDiskUnderTheRecordingThatFillsIt(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("SKIPPED: no tmpfs can be mounted (needs root): %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) })
	flood := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		ctx := conn.CloseRead(r.Context())
		message := bytes.Repeat([]byte("x"), 50<<10)
		for conn.Write(ctx, websocket.MessageBinary, message) == nil {
			continue
		}
	}))
	t.Cleanup(flood.Close)
	p := startChild(t, data)
	session := p.open(object{"address": "ws" + strings.TrimPrefix(flood.URL, "http")}).ID
	v := p.attach(session, 0)
	until(t, "the disk is full", func() bool { return p.ready() == "storage_full" })
	last := int64(-1)
	until(t, "the recording waits", func() bool {
		var state wire.State
		p.call("GET", "/api/sessions/"+session, nil, http.StatusOK, &state)
		before := last
		last = state.LastSeq
		return before == last
	})
	v.awaitRows(last)
	if n := len(p.rows(session, fmt.Sprintf("after=%d&limit=10", last-10)).Messages); n != 10 {
		t.Errorf("%d of the last 10 rows that were shown are kept", n)
	}
	p.call("POST", "/api/sessions/"+session+"/close", object{}, http.StatusOK, nil)
	until(t, "its end is stored", func() bool {
		res, _ := p.do("DELETE", "/api/sessions/"+session, "", nil)
		return res.StatusCode == http.StatusNoContent
	})
	until(t, "the deletion makes room", func() bool { return p.ready() == "" })
	p.send(p.echo().ID, "text", "", "goes on")
}

// fill uses up the free space of a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	_, _ = io.Copy(file, zeros{}) // until there is no more
}

// Nothing pretends to be stored once nobody can open the file any more.
func TestLostDataDirectoryIsSaid(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := startChild(t, data)
	session := p.echo().ID
	v := p.attach(session, 0)
	v.awaitRows(1)
	if err := os.Rename(data, data+".moved"); err != nil {
		t.Fatal(err)
	}
	if code := p.ready(); code != "store_lost" {
		t.Errorf("readyz: %q", code)
	}
	v.awaitState(func(s *wire.State) bool { return s.Store == "lost" })
	if e := p.refused("POST", "/api/sessions/"+session+"/messages?opcode=text", object{}, http.StatusServiceUnavailable); e.Code != "store_lost" {
		t.Errorf("%+v", e)
	}
	until(t, "the log names the file", func() bool { return strings.Contains(p.logs.String(), "a file of the database is gone") })
	if err := os.Rename(data+".moved", data); err != nil {
		t.Fatal(err)
	}
	until(t, "it is ready again", func() bool { return p.ready() == "" })
	p.send(session, "text", "", "goes on")
	p.echo()
}

// A page of the messages is damaged under a running server: calls that need it fail with
// a code, the others succeed.
func TestDamagedPageIsSaidAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startChild(t, data)
	damaged, whole := p.echo().ID, p.echo().ID
	for i := range 40 {
		p.send(damaged, "text", "", fmt.Sprintf("damage-me-%d-%s", i, strings.Repeat("x", 3000)))
	}
	p.send(whole, "text", "", "apple")
	path := filepath.Join(data, "duplex.db")
	tamper(t, data, "pragma wal_checkpoint(passive)")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Index(raw, []byte("damage-me-20-")) / 4096 * 4096
	if _, err := file.WriteAt(make([]byte, 4096), int64(page)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "the damage is named", func() bool {
		res, raw := p.do("GET", "/api/sessions/"+damaged+"/messages?limit=1000", "", nil)
		return res.StatusCode == http.StatusServiceUnavailable && bytes.Contains(raw, []byte(`"store_damaged"`))
	})
	if code := p.ready(); code != "store_damaged" {
		t.Errorf("readyz: %q", code)
	}
	if log := p.logs.String(); !strings.Contains(log, "the database is damaged") || !strings.Contains(log, ".recover") || !strings.Contains(log, path) {
		t.Errorf("no hint in the log")
	}
	p.send(whole, "text", "", "goes on")
	if page := p.rows(whole, ""); len(page.Messages) < 4 {
		t.Errorf("%d rows of the other session", len(page.Messages))
	}
}
