//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/web/internal/canary"
)

// stage is a service that demands the secrets of a dialect and of an environment, in every
// part of a handshake where they may be.
type stage struct {
	URL  string // ws://...
	gate gate
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = strings.Replace(server.URL, "http", "ws", 1)
	return s
}

// stageDialect is the dialect of the stage: its secret is in a header, a parameter, a subprotocol,
// a signature and a message, and is exchanged for a token.
const stageDialect = `{"dialect":1,"name":"stage","title":{"en":"Stage","zh":"舞台"},"secrets":["api_key"],
	"mint":{"method":"POST","url":"/mint","headers":[["X-Key","{{secret.api_key}}"]],"body":"{}","take":{"token":"$.token"}},
	"sign":{"let":[["sum","{{path|hmac_sha256:secret.api_key|hex}}"]],"query":[["sum","{{sum}}"]]},
	"handshake":{"headers":[["X-Dialect","Key {{secret.api_key}}"],["X-Token","{{token}}"]],"query":[["key","{{secret.api_key}}"]],"subprotocols":["key.{{secret.api_key|hex}}"]},
	"open":[{"send":{"text":"{\"auth\":\"{{secret.api_key}}\",\"token\":\"{{token}}\"}"}}],"receive":{"envelope":"text"}}`

// ServeHTTP implements http.Handler.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/mint" {
		if r.Header.Get("X-Key") != secrets[dialectSecret] {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, r.Header.Get("X-Key"))
			return
		}
		token := "minted/" + rand.Text()
		canaries.Add(canary.Secret{Name: mintedToken, Value: token})
		_ = json.NewEncoder(w).Encode(map[string]string{"token": token})
		return
	}
	s.use(r)
	switch r.URL.Path {
	case "/parrot-body":
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, strings.Join(received(r), "\n"))
	case "/parrot-header":
		repeat(w.Header(), r)
		w.WriteHeader(http.StatusForbidden)
	case "/parrot-close":
		s.gate.closeWith(w, r, received(r))
	default: // no echo: it would put secrets of messages into messages
		s.hear(w, r)
	}
}

// hear accepts the connection and reads.
func (s *stage) hear(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	for {
		if _, _, err := conn.Read(r.Context()); err != nil {
			return
		}
	}
}

// use counts the secrets that a handshake has.
func (s *stage) use(r *http.Request) {
	dialect, environment := secrets[dialectSecret], secrets[environmentSecret]
	offered := r.Header.Get("Sec-WebSocket-Protocol")
	if r.Header.Get("X-Dialect") == "Key "+dialect && r.URL.Query().Get("key") == dialect && strings.Contains(offered, hex.EncodeToString([]byte(dialect))) {
		canaries.Use(dialectSecret)
	}
	if r.Header.Get("X-Environment") == "Key "+environment && r.URL.Query().Get("pin") == environment {
		canaries.Use(environmentSecret)
	}
	if strings.HasPrefix(r.Header.Get("X-Token"), "minted/") {
		canaries.Use(mintedToken)
	}
}

func TestSecretsOfDialectsAndEnvironmentsAreFoundNowhere(t *testing.T) {
	t.Parallel()
	s, g := start(t, t.TempDir(), "--log-level=debug"), newStage(t)
	host := strings.TrimPrefix(g.URL, "ws://")
	environment := object{"name": "stage", "values": object{"host": host}, "secrets": object{"pin": object{"value": secrets[environmentSecret], "targets": []string{host}}}}
	if status, raw := s.call(http.MethodPost, "/api/environments", environment, nil); status != http.StatusCreated {
		t.Fatalf("environment: %d %s", status, raw)
	}
	if status, raw := s.call(http.MethodPut, "/api/environments/stage", environment, nil); status != http.StatusOK {
		t.Fatalf("environment: %d %s", status, raw)
	}
	var saved service
	body := object{
		"name": "canary dialect", "address": "ws://{{host}}/echo", "environment": "stage", "dialect": json.RawMessage(stageDialect),
		"headers": []object{{"name": "X-Environment", "value": "Key {{secret.pin}}"}}, "params": []object{{"name": "pin", "value": "{{secret.pin}}"}},
		"subprotocols": []string{"pin.{{secret.pin|hex}}"}, "credential": object{"kind": "dialect", "secrets": object{"api_key": secrets[dialectSecret]}},
	}
	if status, raw := s.call(http.MethodPost, "/api/services", body, &saved); status != http.StatusCreated {
		t.Fatalf("save: %d %s", status, raw)
	}
	session := s.open(object{"service": saved.ID})
	path := fmt.Sprintf("/api/sessions/%s/messages?opcode=text&resolve=1", session)
	if status, raw := s.do(http.MethodPost, path, "application/octet-stream", strings.NewReader(`{"pin":"{{secret.pin}}","b":"{{secret.pin|base64}}"}`), nil); status != http.StatusCreated {
		t.Errorf("send: %d %s", status, raw)
	}
	s.readEverywhere(saved.ID, session)
	for range 8 {
		echoed := s.open(object{"service": saved.ID, "address": g.URL + "/parrot-close"})
		s.awaitClosed(echoed)
		s.readEverywhere(saved.ID, echoed)
	}
	for _, endpoint := range []string{"/parrot-body", "/parrot-header"} {
		if status, raw := s.call(http.MethodPost, "/api/sessions", object{"service": saved.ID, "address": g.URL + endpoint}, nil); status != http.StatusBadGateway {
			t.Errorf("%s: %d %.200s", endpoint, status, raw)
		}
	}
	for _, path := range []string{"/api/environments", "/api/environments/stage", "/api/dialects"} {
		if status, raw := s.do(http.MethodGet, path, "", nil, nil); status != http.StatusOK {
			t.Errorf("%s: %d %.200s", path, status, raw)
		}
	}
	if status, raw := s.call(http.MethodPost, "/api/resolve", object{"service": saved.ID}, nil); status != http.StatusOK {
		t.Errorf("preview: %d %s", status, raw)
	}
	s.refusedElsewhere(t, saved.ID)
	s.keepsSecretsUnderANewKey(t)
}

// refusedElsewhere opens a session whose secrets may not go to its target.
func (s *server) refusedElsewhere(t *testing.T, service string) {
	t.Helper()
	for _, address := range []string{"ws://127.0.0.1:9/x", "ws://169.254.169.254/"} {
		if status, raw := s.call(http.MethodPost, "/api/sessions", object{"service": service, "address": address}, nil); status != http.StatusForbidden {
			t.Errorf("%s: %d %.200s", address, status, raw)
		}
	}
}
