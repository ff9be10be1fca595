package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/handlers"
)

const largest = 64 << 20 // of a message, in bytes

// connected is a connection to the console without an HTTP client in between.
type connected struct {
	net.Conn

	t *testing.T
	r *bufio.Reader
}

func (c *console) connect() *connected {
	c.t.Helper()
	conn, err := new(net.Dialer).DialContext(c.t.Context(), "tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.Close() })
	return &connected{conn, c.t, bufio.NewReader(conn)}
}

// ask sends the head of a request and the first part of its body.
func (c *connected) ask(method, path, length, body string) {
	c.t.Helper()
	_, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%s\r\n\r\n%s", method, path, c.RemoteAddr(), length, body)
	if err != nil {
		c.t.Error(err)
	}
}

// answer reads the next answer with its body.
func (c *connected) answer() (status int, body string, err error) {
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}

// quick shortens the times that bodies and answers may take.
func quick(o *handlers.Options) {
	o.BodyTime, o.AnswerTime = 300*time.Millisecond, 500*time.Millisecond
}

// A body that does not come is cut on every route, also on those that read no body.
func TestBodyThatDoesNotComeIsCut(t *testing.T) {
	c := start(t, quick)
	c.memoryStore.service.MaxMessageBytes = largest
	const saved = "/api/services/one/messages?name=a&type=file"
	tests := []struct {
		name, method, path, length, body string
		status                           int
		code                             string
	}{
		{"message, nothing of it", "POST", saved, "Content-Length: 67108864", "", 408, "upload_too_slow"},
		{"message, one byte", "POST", saved, "Content-Length: 67108864", "x", 408, "upload_too_slow"},
		{"message, all but the end", "POST", saved, "Content-Length: 4", "abc", 408, "upload_too_slow"},
		{"message of any length", "POST", saved, "Transfer-Encoding: chunked", "3\r\nabc\r\n", 408, "upload_too_slow"},
		{"JSON", "POST", "/api/services", "Content-Length: 1000", `{"name":`, 408, "upload_too_slow"},
		{"JSON that is whole, and goes on", "POST", "/api/sessions", "Content-Length: 1000", `{"address":"ws://127.0.0.1:1"}`, 408, "upload_too_slow"},
		{"form", "POST", "/language", "Content-Length: 40", "language=", 400, ""},
		{"call without a body", "DELETE", "/api/services/one", "Content-Length: 100000", "x", 204, ""},
		{"reading", "GET", "/api/services", "Content-Length: 100000", "", 200, ""},
		{"nothing there", "POST", "/api/nothing", "Content-Length: 100000", "", 404, "not_found"},
		{"health", "GET", "/healthz", "Content-Length: 100000", "", 200, ""},
	}
	var all sync.WaitGroup
	for _, tt := range tests {
		all.Go(func() {
			conn := c.connect()
			conn.ask(tt.method, tt.path, tt.length, tt.body)
			status, body, err := conn.answer()
			if err != nil || status != tt.status {
				t.Errorf("%s: %d %s, %v", tt.name, status, body, err)
			}
			if tt.code != "" {
				if code, _ := fault(t, body); code != tt.code {
					t.Errorf("%s: %s", tt.name, body)
				}
			}
			if _, err := conn.r.ReadByte(); err == nil {
				t.Errorf("%s: the connection is kept", tt.name)
			}
		})
	}
	all.Wait()
	if n := c.memoryStore.saved.Load(); n != 0 {
		t.Errorf("%d were saved", n)
	}
}

// Bytes that trickle hold a connection no longer than no bytes at all.
func TestBodyThatTricklesIsCut(t *testing.T) {
	c := start(t, quick)
	c.memoryStore.service.MaxMessageBytes = largest
	conn := c.connect()
	conn.ask("POST", "/api/services/one/messages?name=a&type=file", "Content-Length: 67108864", "x")
	cut := make(chan struct{})
	var trickle sync.WaitGroup
	trickle.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-cut:
				return
			case <-tick.C:
				_, _ = conn.Write([]byte("x"))
			}
		}
	})
	status, body, err := conn.answer()
	close(cut)
	trickle.Wait()
	if code, _ := fault(t, body); err != nil || status != http.StatusRequestTimeout || code != "upload_too_slow" {
		t.Errorf("%d %s, %v", status, body, err)
	}
}

// A slow upload that keeps coming is not cut, however long it takes as a whole.
func TestBodyThatGetsOnIsTaken(t *testing.T) {
	c := start(t, quick)
	c.memoryStore.service.MaxMessageBytes = largest
	conn := c.connect()
	const parts, part = 12, 20 << 10
	conn.ask("POST", "/api/services/one/messages?name=a&type=file", fmt.Sprint("Content-Length: ", parts*part), "")
	for range parts { // 1.2 s, four times as long as nothing may come
		<-time.After(100 * time.Millisecond)
		if _, err := conn.Write(make([]byte, part)); err != nil {
			t.Fatal(err)
		}
	}
	if status, body, err := conn.answer(); err != nil || status != http.StatusCreated {
		t.Errorf("%d %s, %v", status, body, err)
	}
	<-time.After(600 * time.Millisecond) // longer than any deadline of the request before
	conn.ask("GET", "/api/services", "", "")
	if status, body, err := conn.answer(); err != nil || status != http.StatusOK {
		t.Errorf("the next on the same connection: %d %s, %v", status, body, err)
	}
}

// The memory of a body follows the bytes that came and not its Content-Length.
func TestUploadsThatClaimMuchTakeNoMemory(t *testing.T) {
	uploads := 60
	c := start(t, func(o *handlers.Options) {
		if o.BodyTime = 2 * time.Second; testkit.Full() {
			o.BodyTime = 0
		}
	})
	if testkit.Full() {
		uploads = 200
	}
	c.memoryStore.service.MaxMessageBytes = largest
	before, began := resident(t), time.Now()
	var all sync.WaitGroup
	var cut atomic.Int64
	for range uploads {
		conn := c.connect()
		conn.ask("POST", "/api/services/one/messages?name=a&type=file", "Content-Length: 67108864", "x")
		all.Go(func() {
			if status, body, err := conn.answer(); err == nil && status == http.StatusRequestTimeout && strings.Contains(body, "upload_too_slow") {
				cut.Add(1)
			}
		})
	}
	most := resident(t)
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		select {
		case <-tick.C:
			most = max(most, resident(t))
			continue
		case <-done:
		}
		tick.Stop()
		break
	}
	t.Logf("%d uploads were cut after %v; resident memory grew by %d KiB", cut.Load(), time.Since(began).Round(time.Millisecond), (most-before)>>10)
	if most-before >= largest || cut.Load() != int64(uploads) {
		t.Errorf("memory grew by %d bytes, %d of %d were cut", most-before, cut.Load(), uploads)
	}
}

// resident is the resident memory of this process, in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("resident memory is read from /proc")
	}
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(raw), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// An answer that the client does not read is cut, and frees its memory.
func TestAnswerThatNobodyTakesIsCut(t *testing.T) {
	ended := make(chan struct{})
	c := start(t, quick, func(o *handlers.Options) { o.Log = endOf(ended, "/api/services") })
	c.memoryStore.service.Name = strings.Repeat("n", 32<<20) // more than the buffers between hold
	conn := c.connect()
	conn.ask("GET", "/api/services", "", "")
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it is not cut")
	}
	if _, body, err := conn.answer(); err == nil {
		t.Errorf("%d bytes came, and nothing says that they are not all", len(body))
	}
}
