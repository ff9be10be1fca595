//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// bidi is a connection to a browser over WebDriver BiDi (w3.org/TR/webdriver-bidi): as
// much of it as a walk through the page in Firefox needs.
type bidi struct {
	conn *websocket.Conn

	mu      sync.Mutex // guards the fields below
	sent    int64
	waiting map[int64]chan bidiMessage
	errors  []string // errors that pages wrote to the console
}

// bidiMessage is an answer to a command, or an event.
type bidiMessage struct {
	Type    string // success, error or event
	ID      int64
	Result  json.RawMessage
	Error   string
	Message string
	Method  string
	Params  json.RawMessage
}

// startFirefox starts a headless Firefox with a fresh profile and opens a BiDi session.
func startFirefox(tb testing.TB, profile string) *bidi {
	tb.Helper()
	program, err := exec.LookPath("firefox-esr")
	if err != nil {
		missing(tb, "Firefox", "apt-get install firefox-esr")
	}
	cmd := exec.Command(program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile)
	cmd.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var address string
	lines := bufio.NewScanner(out)
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "WebDriver BiDi listening on ")
	}
	go func() {
		for lines.Scan() { // or Firefox would block on a full pipe
		}
	}()
	conn, _, err := websocket.Dial(tb.Context(), address+"/session", nil)
	if err != nil {
		tb.Fatalf("Firefox at %q: %v", address, err)
	}
	conn.SetReadLimit(16 << 20)
	b := &bidi{conn: conn, waiting: map[int64]chan bidiMessage{}}
	go b.receive()
	tb.Cleanup(func() {
		_ = b.call(context.Background(), "browser.close", object{}, nil)
		_ = conn.CloseNow()
	})
	ctx := tb.Context()
	err = errors.Join(
		b.call(ctx, "session.new", object{"capabilities": object{}}, nil),
		b.call(ctx, "session.subscribe", object{"events": []string{"log.entryAdded"}}, nil),
	)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// receive hands answers to their callers and keeps the errors of the console until the
// connection ends.
func (b *bidi) receive() {
	for {
		_, raw, err := b.conn.Read(context.Background())
		var m bidiMessage
		if err != nil || json.Unmarshal(raw, &m) != nil {
			break
		}
		b.mu.Lock()
		if m.Type != "event" {
			if answer, known := b.waiting[m.ID]; known {
				answer <- m
				delete(b.waiting, m.ID)
			}
		} else if entry := (struct{ Level, Text string }{}); json.Unmarshal(m.Params, &entry) == nil && entry.Level == "error" {
			b.errors = append(b.errors, entry.Text)
		}
		b.mu.Unlock()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, answer := range b.waiting {
		answer <- bidiMessage{Type: "error", Error: "the connection has ended"}
		delete(b.waiting, id)
	}
}

// call sends a command and decodes its result into result, unless that is nil. It waits
// for a minute at most.
func (b *bidi) call(ctx context.Context, method string, params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	answer := make(chan bidiMessage, 1) // receive must not wait for a caller that gave up
	b.mu.Lock()
	b.sent++
	id := b.sent
	b.waiting[id] = answer
	b.mu.Unlock()
	raw, err := json.Marshal(object{"id": id, "method": method, "params": params})
	if err == nil {
		err = b.conn.Write(ctx, websocket.MessageText, raw)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	case m := <-answer:
		if m.Type != "success" {
			return fmt.Errorf("%s: %s %s", method, m.Error, m.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	}
}

// consoleErrors returns the errors that pages have written to the console so far.
func (b *bidi) consoleErrors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.errors...)
}
