package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// relay connects as a browser's own WebSocket does.
func (p *program) relay(path string, subprotocols ...string) (*websocket.Conn, *http.Response, error) {
	p.t.Helper()
	conn, res, err := websocket.Dial(p.t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+path, &websocket.DialOptions{
		Subprotocols: subprotocols, HTTPHeader: http.Header{"Origin": {p.url}},
	})
	if err == nil {
		p.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, res, err
}

func TestRelayIsTheServiceItself(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	service := p.demo("echo", "bearer")
	for _, name := range []string{service.ID, url.PathEscape(service.Name)} {
		conn, _, err := p.relay("/relay/" + name + "/")
		if err != nil {
			t.Fatal(err)
		}
		for kind, payload := range map[websocket.MessageType]string{websocket.MessageText: "hello", websocket.MessageBinary: "\x00\xff"} {
			if err := conn.Write(t.Context(), kind, []byte(payload)); err != nil {
				t.Fatal(err)
			}
			gotKind, got, err := conn.Read(t.Context())
			if err != nil || gotKind != kind || string(got) != payload {
				t.Errorf("%v %q came back as %v %q: %v", kind, payload, gotKind, got, err)
			}
		}
		var list struct{ Sessions []wire.State }
		p.call("GET", "/api/sessions", nil, http.StatusOK, &list)
		if len(list.Sessions) != 1 || list.Sessions[0].Kind != "relay" || list.Sessions[0].State != "open" {
			t.Errorf("listed as %+v", list.Sessions)
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
		p.awaitNoSessions()
	}
}

// awaitNoSessions asks until nothing is live: a relay ends a moment after its
// browser has.
func (p *program) awaitNoSessions() {
	p.t.Helper()
	for {
		var list struct{ Sessions []wire.State }
		p.call("GET", "/api/sessions", nil, http.StatusOK, &list)
		if len(list.Sessions) == 0 {
			return
		}
	}
}

func TestRelayPassesQueryAndSubprotocol(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	stream := p.demo("stream", "none")
	conn, _, err := p.relay("/relay/"+stream.ID+"/?seed=1", "other", "duplex.demo")
	if err != nil {
		t.Fatal(err)
	}
	if conn.Subprotocol() != "duplex.demo" {
		t.Errorf("subprotocol %q", conn.Subprotocol())
	}
	closing := p.demo("close", "none")
	conn, _, err = p.relay("/relay/" + closing.ID + "/")
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("x")); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err = conn.Read(t.Context()); err != nil {
			break
		}
	}
	if websocket.CloseStatus(err) != 1011 || !strings.Contains(err.Error(), "the model crashed") {
		t.Errorf("the browser saw %v", err)
	}
}

func TestRelayRefusalIsAnHTTPAnswer(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": "wrong", "address": p.demo("echo", "bearer").Address, "credential": object{"kind": "bearer", "token": "wrong-token"},
	}, http.StatusCreated, &saved)
	_, res, err := p.relay("/relay/" + saved.ID + "/")
	if err == nil || res == nil || res.StatusCode != http.StatusBadGateway {
		t.Fatalf("%v, %v", res, err)
	}
	raw, _ := io.ReadAll(res.Body) // the first 1,024 bytes: the library keeps no more
	if !strings.Contains(string(raw), `{"error":{"code":"handshake_refused"`) {
		t.Errorf("answered %s", raw)
	}
	if _, res, err := p.relay("/relay/none/"); err == nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("no such service: %v, %v", res, err)
	}
}

func TestMetricsCountAndNameNobody(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	p.send(s.ID, "text", "", "12345")
	v := p.attach(s.ID, 0)
	v.awaitRows(3)
	_, raw := p.do("GET", "/metrics", "", nil)
	metrics := string(raw)
	for _, line := range []string{
		`duplex_sessions_open{kind="session"} 1`, `duplex_sessions_open{kind="relay"} 0`, "duplex_sessions_opened_total 1",
		`duplex_messages_total{direction="sent"} 1`, `duplex_message_bytes_total{direction="received"} 5`, "duplex_viewers 1",
		`duplex_handshakes_total{outcome="opened"} 1`, `duplex_handshakes_total{outcome="refused"} 0`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("%s is not in\n%s", line, metrics)
		}
	}
	for _, name := range []string{"echo", "local", s.ID, "127.0.0.1"} {
		if strings.Contains(metrics, name) {
			t.Errorf("%s is in the metrics", name)
		}
	}
}

// The target is offered compression when its service asks for it, and when the browser
// itself would offer it.
func TestRelayOffersCompressionWhereItCanBeUsed(t *testing.T) {
	t.Parallel()
	offers := make(chan string, 1)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offers <- r.Header.Get("Sec-WebSocket-Extensions")
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover})
		if err == nil {
			_ = conn.Close(websocket.StatusNormalClosure, "")
		}
	}))
	t.Cleanup(target.Close)
	p := startProgram(t)
	for i, tt := range []struct{ service, browser, offered bool }{{false, false, false}, {true, false, true}, {false, true, true}, {true, true, true}} {
		var saved object
		p.call("POST", "/api/services", object{
			"name": fmt.Sprint("one ", i), "address": target.URL, "compression": tt.service,
		}, http.StatusCreated, &saved)
		o := &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {p.url}}}
		if tt.browser {
			o.CompressionMode = websocket.CompressionContextTakeover
		}
		conn, answer, err := websocket.Dial(t.Context(), fmt.Sprint("ws", strings.TrimPrefix(p.url, "http"), "/relay/", saved["id"], "/"), o)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _ = conn.Read(t.Context())
		_ = conn.CloseNow()
		if offer := <-offers; strings.HasPrefix(offer, "permessage-deflate") != tt.offered {
			t.Errorf("%+v: the target was offered %q", tt, offer)
		}
		if agreed := answer.Header.Get("Sec-WebSocket-Extensions"); (agreed != "") != tt.browser {
			t.Errorf("%+v: the browser was answered %q", tt, agreed)
		}
	}
}
