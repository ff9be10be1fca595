package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
	"duplex/bridge/testkit"
)

func newClock() *testkit.Clock {
	return testkit.NewClock(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
}

// rig is a Demo behind a real listener.
type rig struct {
	*demo.Demo

	clock  *testkit.Clock
	server *httptest.Server
}

func newRig(tb testing.TB) *rig {
	tb.Helper()
	r := &rig{clock: newClock()}
	r.Demo = demo.New(demo.Options{Now: r.clock.Now})
	r.server = httptest.NewServer(r.Handler())
	tb.Cleanup(func() {
		r.Close()
		r.server.Close()
	})
	return r
}

// host is host:port.
func (r *rig) host() string { return strings.TrimPrefix(r.server.URL, "http://") }

// open connects to an endpoint of the service that needs no credential.
func (r *rig) open(t *testing.T, endpoint string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws://"+r.host()+demo.Path(sign.KindNone, endpoint), nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// answer is the answer to a handshake.
type answer struct {
	Status  int
	Code    string
	Message string
	Header  http.Header
}

// try sends a handshake to a path and query, without any WebSocket library.
func (r *rig) try(t *testing.T, target string, header http.Header) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = handshakeHeader()
	for name, values := range header {
		if name == "Host" {
			request.Host = values[0]
			continue
		}
		request.Header[name] = values
	}
	return r.do(t, request)
}

func (r *rig) do(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := r.server.Client().Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	out := answer{Status: response.StatusCode, Header: response.Header}
	if out.Status == http.StatusSwitchingProtocols {
		return out
	}
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Message string `json:"error_msg"`
		Code    string `json:"error_code"`
		ID      string `json:"request_id"`
	}
	if err := json.Unmarshal(raw, &body); err == nil {
		out.Message, out.Code = body.Message, body.Code
		if body.ID != out.Header.Get("X-Request-Id") {
			t.Errorf("request_id %q is not X-Request-Id %q", body.ID, out.Header.Get("X-Request-Id"))
		}
		if !strings.HasPrefix(string(raw), `{"error_msg":`) {
			t.Errorf("error_msg does not come first in %s", raw)
		}
	} else {
		out.Message = string(raw)
	}
	return out
}

func handshakeHeader() http.Header {
	return http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
}

func TestCloseEndsEveryConnectionAndLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	d := demo.New(demo.Options{})
	server := httptest.NewServer(d.Handler())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var conns []*websocket.Conn
	for _, endpoint := range []string{"echo", "stream?interval_ms=60000", "ticker?rate=0", "ticker?rate=1", "big", "slow?delay_ms=60000", "close?after=1", "headers"} {
		conn, _, err := websocket.Dial(ctx, server.URL+demo.Path(sign.KindNone, endpoint), nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(endpoint, "stream") || strings.HasPrefix(endpoint, "slow") {
			if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		conns = append(conns, conn)
	}
	d.Close()
	for _, conn := range conns {
		_ = conn.CloseNow()
	}
	response, err := server.Client().Get(server.URL + demo.Path(sign.KindNone, "html"))
	if err != nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after Close: %v, %v", response, err)
	}
	_ = response.Body.Close()
	server.Close()
	waitForGoroutines(t, before)
}

// waitForGoroutines waits until at most want goroutines run.
func waitForGoroutines(t *testing.T, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for runtime.NumGoroutine() > want {
		if ctx.Err() != nil {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), want, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

func TestAPeerThatLeavesEndsAStreamAtOnce(t *testing.T) {
	r := newRig(t)
	for _, endpoint := range []string{"stream?interval_ms=60000", "ticker?rate=1", "slow?delay_ms=60000"} {
		conn := r.open(t, endpoint)
		if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// closing reads until the connection ends.
func closing(t *testing.T, conn *websocket.Conn) (websocket.CloseError, error) {
	t.Helper()
	for {
		_, _, err := conn.Read(t.Context())
		var closed websocket.CloseError
		if errors.As(err, &closed) {
			return closed, nil
		}
		if err != nil {
			return closed, err
		}
	}
}
