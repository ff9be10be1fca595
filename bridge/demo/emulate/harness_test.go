package emulate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/demo/emulate"
)

// caller is a raw client of an emulated service.
type caller struct {
	t    *testing.T
	conn *websocket.Conn
}

// serve starts an emulated service and returns its address.
func serve(t *testing.T, name string, o emulate.Options) (emulate.Emulator, string) {
	t.Helper()
	e, found := emulate.Find(name)
	if !found {
		t.Fatal("no emulated service", name)
	}
	server := httptest.NewServer(e.New(o))
	t.Cleanup(server.Close)
	return e, server.URL + e.Path
}

// call connects, or returns the refusal: its status and body.
func call(t *testing.T, address string, header http.Header) (*caller, string) {
	t.Helper()
	conn, res, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		if res == nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		return nil, fmt.Sprintf("%d %s", res.StatusCode, body)
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &caller{t, conn}, ""
}

func (c *caller) text(format string, args ...any) {
	c.write(websocket.MessageText, fmt.Appendf(nil, format, args...))
}

func (c *caller) binary(payload []byte) { c.write(websocket.MessageBinary, payload) }

// write sends a message; the service may have closed already.
func (c *caller) write(kind websocket.MessageType, payload []byte) {
	_ = c.conn.Write(c.t.Context(), kind, payload)
}

// until reads until a message or the close frame holds a text, and returns it.
func (c *caller) until(want string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Second)
	defer cancel()
	var all []string
	for {
		_, payload, err := c.conn.Read(ctx)
		end := new(websocket.CloseError)
		switch {
		case errors.As(err, end):
			payload = fmt.Appendf(nil, "close %d %s", end.Code, end.Reason)
		case err != nil:
			c.t.Fatalf("no message has %q: %v; came %q", want, err, all)
		}
		if strings.Contains(string(payload), want) {
			return
		}
		if all = append(all, string(payload)); err != nil {
			c.t.Fatalf("no message has %q; came %q", want, all)
		}
	}
}

// with returns a JSON object with some values changed; nil removes a key. Keys are dotted paths.
func with(t *testing.T, source string, changes map[string]any) string {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(source), &root); err != nil {
		t.Fatal(err)
	}
	for path, value := range changes {
		at, keys := root, strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			at, _ = at[key].(map[string]any)
		}
		if key := keys[len(keys)-1]; value == nil {
			delete(at, key)
		} else {
			at[key] = value
		}
	}
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// silence returns samples of 16 bits at 16 kHz.
func silence(ms int) []byte { return make([]byte, 32*ms) }
