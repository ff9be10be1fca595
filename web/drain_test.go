package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

// drainBound is the longest time between the signal and the end, without --drain-delay.
const drainBound = 10 * time.Second

// raw sends a request as it is, and reads nothing of the answer unless the test does.
func raw(t *testing.T, url, request string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestSIGTERMIsNotHeldUp(t *testing.T) {
	t.Parallel()
	p := startChild(t, t.TempDir())
	session, host := p.echo().ID, strings.TrimPrefix(p.url, "http://")
	large := strings.Repeat("x", 8<<20)
	for i := range 4 {
		p.send(session, "binary", fmt.Sprintf("c%d", i), large)
	}
	upload := raw(t, p.url, "POST /api/sessions/"+session+"/messages?opcode=binary HTTP/1.1\r\nHost: "+host+"\r\nContent-Length: 67108864\r\n\r\nx")
	download := raw(t, p.url, "GET /api/sessions/"+session+"/export?format=jsonl HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	viewer := raw(t, p.url, "GET /api/sessions/"+session+"/attach?after=0 HTTP/1.1\r\nHost: "+host+"\r\nOrigin: "+p.url+
		"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "+wire.Subprotocol+
		"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	for _, conn := range []net.Conn{download, viewer} { // until they are served: then they read no more
		if _, err := io.ReadFull(conn, make([]byte, 64)); err != nil {
			t.Fatal(err)
		}
	}
	if code := p.signal(syscall.SIGTERM, drainBound); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := io.Copy(io.Discard, upload); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the upload sees %v", err)
	}
}

func TestReadinessFailsBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	p := startChild(t, t.TempDir(), "--drain-delay", "3s")
	session := p.echo()
	v := p.attach(session.ID, 0)
	v.awaitRows(1)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	for { // the signal takes its time
		res, raw := p.do("GET", "/readyz", "", nil)
		if res.StatusCode == http.StatusOK {
			continue
		}
		if res.StatusCode != http.StatusServiceUnavailable || !bytes.Contains(raw, []byte(`"draining"`)) {
			t.Errorf("readyz: %d %s", res.StatusCode, raw)
		}
		break
	}
	if res, _ := p.do("GET", "/healthz", "", nil); res.StatusCode != http.StatusOK {
		t.Errorf("healthz: %d", res.StatusCode)
	}
	p.send(session.ID, "text", "", "still working")
	p.echo()
	var err error
	for err == nil {
		_, err = v.next()
	}
	if websocket.CloseStatus(err) != websocket.StatusServiceRestart {
		t.Errorf("the viewer saw %v", err)
	}
	if last := v.rows[len(v.rows)-1]; last.Event != "closed" {
		t.Errorf("the viewer was shown %s last", last.Event)
	}
	if code := p.exit(drainBound); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSecondSIGTERMEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := startChild(t, t.TempDir(), "--drain-delay", "30m")
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	for {
		if res, _ := p.do("GET", "/readyz", "", nil); res.StatusCode != http.StatusOK {
			break
		}
	}
	if code := p.signal(syscall.SIGTERM, drainBound); code != -1 {
		t.Errorf("exit code %d", code)
	}
}

// Every ending is stored before the process ends: the next one recovers nothing.
func TestDrainStoresEveryEnding(t *testing.T) {
	t.Parallel()
	sessions := 12
	if testkit.Full() {
		sessions = 50
	}
	data := t.TempDir()
	p := startChild(t, data)
	var ids []string
	for range sessions {
		s := p.open(object{"service": p.demo("stream", "none").ID})
		p.attach(s.ID, 0).awaitRows(1)
		ids = append(ids, s.ID)
	}
	began := time.Now()
	if code := p.signal(syscall.SIGTERM, drainBound); code != 0 {
		t.Errorf("exit code %d", code)
	}
	t.Logf("%d sessions: %v", sessions, time.Since(began))
	again := startChild(t, data)
	for _, id := range ids {
		var state wire.State
		again.call("GET", "/api/sessions/"+id, nil, http.StatusOK, &state)
		page := again.rows(id, fmt.Sprintf("after=%d", state.LastSeq-2))
		var events []string
		for _, row := range page.Messages {
			events = append(events, row.Event)
		}
		if state.State != "closed" || state.CloseCode != 1001 || !strings.HasSuffix(strings.Join(events, " "), "closed") {
			t.Errorf("%s: %s %d, events %q", id, state.State, state.CloseCode, events)
		}
	}
	if strings.Contains(again.logs.String(), "ended without warning") {
		t.Error("sessions were recovered")
	}
}
