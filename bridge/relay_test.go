package bridge_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/frames"
)

// relayed connects a browser through a relay. The channel has the result of Run.
func relayed(tb testing.TB, h *bridge.Hub, r bridge.RelayRequest) (*websocket.Conn, <-chan error) {
	tb.Helper()
	address, ran := relayServer(tb, h, r)
	browser, _, err := websocket.Dial(tb.Context(), address, &websocket.DialOptions{Subprotocols: r.Target.Subprotocols})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = browser.CloseNow() })
	browser.SetReadLimit(bridge.MaxMessageBytes)
	return browser, ran
}

// relayServer relays each handshake it gets; the channel has how the first one ended.
func relayServer(tb testing.TB, h *bridge.Hub, r bridge.RelayRequest) (string, <-chan error) {
	tb.Helper()
	ran := make(chan error, 1)
	return serveRelays(tb, h, r, func(err error) { ran <- err }), ran
}

// serveRelays relays each handshake it gets, and calls ended with how it ended.
func serveRelays(tb testing.TB, h *bridge.Hub, r bridge.RelayRequest, ended func(error)) string {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		relay, err := h.Relay(req.Context(), r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			ended(err)
			return
		}
		browser, err := acceptRelayed(w, req, relay)
		if err != nil {
			relay.Abandon()
			ended(err)
			return
		}
		relay.Run(req.Context(), browser, spawn, ended)
	}))
	tb.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

func spawn(do func()) { go do() }

func acceptRelayed(w http.ResponseWriter, req *http.Request, relay *bridge.Relay) (*frames.Link, error) {
	o := websocket.AcceptOptions{Subprotocols: []string{relay.Subprotocol()}, CompressionMode: websocket.CompressionNoContextTakeover}
	return frames.Accept(w, req, o, relay.Limit())
}

func TestRelayCarriesOneToOne(t *testing.T) {
	for _, recorded := range []bool{false, true} {
		m := newMemory()
		h := newHub(t, m, 0)
		r := bridge.RelayRequest{OpenRequest: request(t, peerWith(t,
			&websocket.AcceptOptions{Subprotocols: []string{"two"}}, echo)), Record: recorded}
		r.Target.Subprotocols = []string{"one", "two"}
		browser, ran := relayed(t, h, r)
		if got := browser.Subprotocol(); got != "two" {
			t.Errorf("subprotocol %q", got)
		}
		large := strings.Repeat("0123456789abcdef", 1<<18)
		for kind, payload := range map[websocket.MessageType]string{websocket.MessageText: large, websocket.MessageBinary: "\x00\xff"} {
			if err := browser.Write(t.Context(), kind, []byte(payload)); err != nil {
				t.Fatal(err)
			}
			gotKind, got, err := browser.Read(t.Context())
			if err != nil || gotKind != kind || string(got) != payload {
				t.Errorf("%v of %d bytes came back as %v of %d: %v", kind, len(payload), gotKind, len(got), err)
			}
		}
		live := h.Sessions()
		if len(live) != 1 || live[0].Counts.Sent != 2 || live[0].Kind != "relay" {
			t.Errorf("live %+v", live)
		}
		_ = browser.Close(4001, "done")
		if err := <-ran; err != nil {
			t.Error(err)
		}
		want := 0
		if recorded {
			want = 6 // connected, two each way, closed
		}
		if got := len(m.log(live[0].ID)); got != want {
			t.Errorf("recorded=%v: %d entries", recorded, got)
		}
	}
}

func TestRelayPassesCloseCodesBothWays(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	target := make(chan error, 1)
	up := peer(t, func(ctx context.Context, c *websocket.Conn) {
		_, _, err := c.Read(ctx)
		target <- err
	})
	browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, up)})
	if err := browser.Close(4007, "from the browser"); err != nil {
		t.Error(err)
	}
	var frame websocket.CloseError
	if err := <-target; !errors.As(err, &frame) || frame.Code != 4007 || frame.Reason != "from the browser" {
		t.Errorf("the target saw %v", err)
	}
	if err := <-ran; err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		name  string
		serve func(context.Context, *websocket.Conn)
		want  websocket.StatusCode
	}{
		{"reason", closeWith(4008, "from the target"), 4008},
		{"no status", closeWith(websocket.StatusNoStatusRcvd, ""), websocket.StatusNoStatusRcvd},
		{"cut", func(_ context.Context, c *websocket.Conn) { _ = c.CloseNow() }, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, peer(t, tt.serve))})
			_, _, err := browser.Read(t.Context())
			if got := websocket.CloseStatus(err); got != tt.want {
				t.Errorf("the browser saw %v", err)
			}
			if err := <-ran; err != nil && tt.want != -1 {
				t.Error(err)
			}
		})
	}
	if left := h.Sessions(); len(left) != 0 {
		t.Errorf("%d relays are left", len(left))
	}
}

func TestRelayIsClosedByAPerson(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, peer(t, quiet))})
	read := make(chan error, 1)
	go func() {
		_, _, err := browser.Read(t.Context())
		read <- err
	}()
	if err := h.Close(t.Context(), h.Sessions()[0].ID, 4002, "stop"); err != nil {
		t.Fatal(err)
	}
	if err := <-read; websocket.CloseStatus(err) != 4002 {
		t.Errorf("the browser saw %v", err)
	}
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

func TestRecordedRelaySaysWhoClosed(t *testing.T) {
	for _, tt := range []struct {
		want  string
		serve func(context.Context, *websocket.Conn)
		end   func(*bridge.Hub, *websocket.Conn) error
	}{
		{"person", quiet, func(_ *bridge.Hub, browser *websocket.Conn) error { return browser.Close(4001, "done") }},
		{"person", quiet, func(h *bridge.Hub, _ *websocket.Conn) error {
			return h.Close(context.Background(), h.Sessions()[0].ID, 4002, "stop")
		}},
		{"duplex", quiet, func(h *bridge.Hub, _ *websocket.Conn) error { return h.Drain(context.Background()) }},
		{"target", closeWith(4003, "from the target"), func(*bridge.Hub, *websocket.Conn) error { return nil }},
	} {
		t.Run(tt.want, func(t *testing.T) {
			m := newMemory()
			h := newHub(t, m, 0)
			browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, peer(t, tt.serve)), Record: true})
			browser.CloseRead(t.Context())
			if err := tt.end(h, browser); err != nil {
				t.Error(err)
			}
			if err := <-ran; err != nil {
				t.Error(err)
			}
			all := m.log("s1")
			if last := all[len(all)-1]; !strings.Contains(string(last.Payload), `"by":"`+tt.want+`"`) {
				t.Errorf("the log ends with %s", last.Payload)
			}
		})
	}
}

// The target is not told that a sign-in has ended.
func TestExpiredRelayTellsTheBrowserAlone(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	closed := make(chan error, 1)
	up := peer(t, func(ctx context.Context, c *websocket.Conn) {
		_, _, err := c.Read(ctx)
		closed <- err
	})
	relays := make(chan *bridge.Relay, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		relay, err := h.Relay(req.Context(), bridge.RelayRequest{OpenRequest: request(t, up)})
		if err != nil {
			t.Error(err)
			return
		}
		browser, err := acceptRelayed(w, req, relay)
		if err != nil {
			t.Error(err)
			return
		}
		relays <- relay
		relay.Run(req.Context(), browser, spawn, func(error) {})
	}))
	defer server.Close()
	browser, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	go (<-relays).Expire(4401, "lease_ended")
	_, _, err = browser.Read(t.Context())
	if websocket.CloseStatus(err) != 4401 {
		t.Errorf("the browser sees %v", err)
	}
	if err := <-closed; websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the target sees %v", err)
	}
}
