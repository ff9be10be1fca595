package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
	"duplex/web/internal/canary"
)

// echoingTarget accepts and hands each connection with its request to serve.
func echoingTarget(t *testing.T, serve func(context.Context, *websocket.Conn, *http.Request), subprotocols ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, Subprotocols: subprotocols})
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		serve(r.Context(), conn, r)
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// searched is everything that the program says and keeps of a session.
func (p *program) searched(w *canary.Watch, session string) {
	p.t.Helper()
	for _, path := range []string{"", "/messages", "/export?format=jsonl", "/export?format=har", "/export?format=txt"} {
		_, raw := p.do("GET", "/api/sessions/"+session+path, "", nil)
		w.Search(path, raw)
	}
	for _, path := range []string{"/api/services", "/api/sessions", "/api/audit", "/sessions/" + session, "/metrics"} {
		_, raw := p.do("GET", path, "", nil, func(r *http.Request) { r.Header.Set("Accept", "text/html,application/json") })
		w.Search(path, raw)
	}
	w.Search("log", []byte(p.logs.String()))
	if err := w.Files(p.data); err != nil {
		p.t.Error(err)
	}
}

// awaitEnd waits until a session is closed, and returns it.
func (p *program) awaitEnd(session string) wire.State {
	p.t.Helper()
	v := p.attach(session, 0)
	v.awaitState(func(s *wire.State) bool { return s.State == "closed" })
	return *v.state
}

// awaitRelay waits until the recorded relay to a service is closed, and returns it.
func (p *program) awaitRelay(service string) wire.State {
	p.t.Helper()
	for range 2000 {
		var list struct{ Sessions []wire.State }
		p.call("GET", "/api/sessions", nil, http.StatusOK, &list)
		for _, s := range list.Sessions {
			if s.Service == service && s.Kind == "relay" && s.State == "closed" {
				return s
			}
		}
	}
	p.t.Fatal("the relay does not end")
	return wire.State{}
}

func TestSecretInACloseReasonIsFoundNowhere(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	key := `sk-7/+"Zq8Xw2kR5tY1uN4v`
	w := canary.New(canary.Secret{Name: "key", Value: key}).Watch()
	for _, encoding := range canary.Encodings() {
		for _, spelled := range canary.Spellings(encoding, key) {
			address := echoingTarget(t, func(_ context.Context, conn *websocket.Conn, _ *http.Request) {
				_ = conn.Close(4001, "bad key: "+spelled+".")
			})
			body := object{"name": encoding + spelled[:3] + address, "address": address, "record_relay": true, "credential": object{"kind": "header", "name": "X-Key", "value": key}}
			var saved savedService
			p.call("POST", "/api/services", body, http.StatusCreated, &saved)
			ended := p.awaitEnd(p.open(object{"service": saved.ID}).ID)
			if ended.CloseCode != 4001 || !strings.HasPrefix(ended.CloseReason, "bad key: ") || !strings.Contains(ended.CloseReason, "••••") {
				t.Errorf("%s: ended as %+v", encoding, ended)
			}
			p.searched(w, ended.ID)
			conn, _, err := p.relay("/relay/" + saved.ID + "/")
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = conn.Read(t.Context())
			if websocket.CloseStatus(err) != 4001 {
				t.Errorf("%s: the browser saw %v", encoding, err)
			}
			w.Search("relay", []byte(err.Error()))
			p.searched(w, p.awaitRelay(saved.ID).ID)
		}
	}
	for _, hit := range w.Hits() {
		t.Error(hit)
	}
}

// Services answer a key in a subprotocol in three ways: they choose another one,
// none, or the key itself.
func TestSecretInASubprotocolReachesTheTargetAlone(t *testing.T) {
	p := startProgram(t)
	const key = "sk-Zq8Xw2kR5tY1uN4vB7hG"
	const prefix = "openai-insecure-api-key."
	w := canary.New(canary.Secret{Name: "key", Value: key}).Watch()
	for name, tt := range map[string]struct {
		chosen      string // by the target
		shown       string // as the subprotocol of the session
		credential  object
		subprotocol []string
	}{
		"realtime": {"realtime", "realtime", object{"kind": "subprotocol", "name": prefix, "value": key}, []string{"realtime", "openai-beta.realtime-v1"}},
		"none":     {"", "", object{"kind": "subprotocol", "name": prefix, "value": key}, []string{"realtime"}},
		"the key":  {prefix + key, prefix + "••••", object{"kind": "subprotocol", "name": prefix, "value": key}, nil},
		"a word":   {"token", "token", object{"kind": "subprotocol", "value": key}, []string{"token"}},
		"plain":    {"realtime", "realtime", nil, []string{"realtime", prefix + key, "openai-beta.realtime-v1"}}, // typed among the others
		"deepgram": {"token", "token", nil, []string{"token", key}},
	} {
		t.Run(name, func(t *testing.T) {
			offered := make(chan string, 2)
			address := echoingTarget(t, func(ctx context.Context, conn *websocket.Conn, r *http.Request) {
				offered <- r.Header.Get("Sec-WebSocket-Protocol")
				_, _, _ = conn.Read(ctx)
			}, tt.chosen)
			body := object{"address": address, "subprotocols": tt.subprotocol}
			if tt.credential != nil {
				body["credential"] = tt.credential
			}
			state := p.open(body)
			if got := <-offered; !strings.Contains(got, key) {
				t.Errorf("the target was offered %q", got)
			}
			if state.Subprotocol != tt.shown {
				t.Errorf("the session shows %q", state.Subprotocol)
			}
			if tt.credential == nil { // a service would keep it in plain, as it was typed
				p.searched(w, state.ID)
				return
			}
			var saved savedService
			body["name"], body["record_relay"] = "with a key "+name, true
			p.call("POST", "/api/services", body, http.StatusCreated, &saved)
			conn, res, err := p.relay("/relay/"+saved.ID+"/", "realtime", "token")
			if err != nil {
				t.Fatal(err)
			}
			name, _ := tt.credential["name"].(string)
			if got := <-offered; got != "realtime,token,"+name+key {
				t.Errorf("through the relay the target was offered %q", got)
			}
			w.Search("the relay's answer", []byte(res.Header.Get("Sec-WebSocket-Protocol")))
			_ = conn.Close(websocket.StatusNormalClosure, "")
			p.searched(w, p.awaitRelay(saved.ID).ID)
			p.searched(w, state.ID)
		})
	}
	for _, hit := range w.Hits() {
		t.Error(hit)
	}
}
