package main

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

const boundCanary = "canary-Kj3n9QwZ7pXs"

// peer is a WebSocket service that notes every request as it came.
type peer struct {
	*httptest.Server

	mu  sync.Mutex // guards got
	got []string
}

func startPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// ServeHTTP implements http.Handler.
func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := httputil.DumpRequest(r, true)
	p.mu.Lock()
	p.got = append(p.got, string(raw))
	p.mu.Unlock()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	_, _, _ = conn.Read(r.Context())
	_ = conn.CloseNow()
}

// requests returns the requests since the last call.
func (p *peer) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

func (p *peer) address() string { return "ws" + strings.TrimPrefix(p.URL, "http") }
func (p *peer) host() string    { return strings.TrimPrefix(p.URL, "http://") }

// boundService saves a service at a peer with the canary in it.
func (p *program) boundService(t *testing.T, at *peer, credential object) string {
	t.Helper()
	var saved savedService
	p.call("POST", "/api/services", object{"name": "bound " + fmt.Sprint(credential["kind"]), "address": at.address() + "/v1", "credential": credential}, http.StatusCreated, &saved)
	return saved.ID
}

func boundKinds(at *peer) []object {
	return []object{
		{"kind": "bearer", "token": boundCanary},
		{"kind": "header", "name": "X-Plain", "value": boundCanary},
		{"kind": "query", "name": "plain", "value": boundCanary},
		{"kind": "basic", "username": "u", "password": boundCanary},
		{"kind": "aksk", "access_key": "AK", "secret_key": boundCanary},
		{"kind": "sigv4", "access_key": "AK", "secret_key": boundCanary, "region": "r", "service": "s", "placement": "query"},
		{"kind": "iam_password", "iam_endpoint": at.URL, "domain": "d", "user": "u", "project": "p", "password": boundCanary},
	}
}

// boundStory is a service with a secret, and another target that must not get it.
type boundStory struct {
	*program

	good, evil *peer
	credential object
	kind, id   string
}

// Nobody gets a secret to another target by any way that the API has.
func TestBoundSecretReachesNoOtherTarget(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	good, evil := startPeer(t), startPeer(t)
	for _, credential := range boundKinds(good) {
		kind := fmt.Sprint(credential["kind"])
		s := &boundStory{p, good, evil, credential, kind, p.boundService(t, good, credential)}
		s.overrides(t)
		s.addressTricks(t)
		s.relayTricks(t)
		s.edits(t)
	}
}

// refusedTo opens a session that must be refused before anything is sent.
func (s *boundStory) refusedTo(t *testing.T, name string, body object) {
	t.Helper()
	body["service"] = s.id
	for _, path := range []string{"/api/sessions", "/api/test"} {
		e := s.refused("POST", path, body, http.StatusForbidden)
		if e.Code != "secret_not_for_target" || !strings.HasPrefix(e.Field, "credential.") || !strings.Contains(e.Message, s.good.host()) {
			t.Errorf("%s: %s: %s: %+v", path, s.kind, name, e)
		}
	}
}

// plain is the credential without its secret.
func (s *boundStory) plain() object {
	plain := object{}
	for name, value := range s.credential {
		if value != boundCanary {
			plain[name] = value
		}
	}
	return plain
}

func (s *boundStory) overrides(t *testing.T) {
	t.Helper()
	evil := s.evil.address()
	for name, body := range map[string]object{
		"address": {"address": evil}, "address in http": {"address": s.evil.URL}, "query": {"address": evil + "/?plain=1"},
		"name of its address": {"address": strings.Replace(evil, "127.0.0.1", "localhost", 1)},
		"name of the same":    {"address": strings.Replace(s.good.address(), "127.0.0.1", "localhost", 1)},
		"TLS port":            {"address": "wss://127.0.0.1/v1"},
		"parameters, headers": {"address": evil, "params": []object{{"name": "a", "value": "b"}}, "headers": []object{{"name": "X-Echo", "value": "1"}}},
		"renewed":             {"address": evil, "renew_token": true},
		"plain fields":        {"address": evil, "credential": s.plain()},
	} {
		s.refusedTo(t, name, body)
	}
	if s.kind == "iam_password" {
		elsewhere := s.plain()
		elsewhere["iam_endpoint"] = s.evil.URL
		s.refusedTo(t, "endpoint", object{"credential": elsewhere})
	}
	s.quiet(t)
}

// quiet says that the other target got nothing.
func (s *boundStory) quiet(t *testing.T) {
	t.Helper()
	for _, request := range s.evil.requests() {
		t.Errorf("%s: the other target got %s", s.kind, request)
	}
}

func (s *boundStory) addressTricks(t *testing.T) {
	t.Helper()
	for _, address := range []string{
		"ws://" + s.good.host() + "@" + s.evil.host() + "/", s.evil.address() + "#" + s.good.host(), "ws://" + s.good.host() + `\@` + s.evil.host(),
	} {
		if e := s.refused("POST", "/api/sessions", object{"service": s.id, "address": address}, http.StatusBadRequest); e.Code != "address_refused" {
			t.Errorf("%s: %s: %+v", s.kind, address, e)
		}
	}
	s.quiet(t)
}

// A path of the relay stays a path, whatever it looks like.
func (s *boundStory) relayTricks(t *testing.T) {
	t.Helper()
	host := s.evil.host()
	for _, path := range []string{"//" + host, "/%2f" + host, "/@" + host + "/", "/../" + host, "/http:" + host, "/?a=" + url.QueryEscape(s.evil.URL), "/;@" + host, "/:80@" + host} {
		if conn, _, err := s.relay("/relay/" + s.id + path); err == nil {
			_ = conn.CloseNow()
		}
	}
	s.quiet(t)
}

// edits saves another address: the secret is kept, goes nowhere, and serves again when
// the address is back.
func (s *boundStory) edits(t *testing.T) {
	t.Helper()
	edit := object{"name": "edited " + s.kind, "address": s.evil.address() + "/v1"}
	var saved savedService
	s.call("PUT", "/api/services/"+s.id, edit, http.StatusOK, &saved)
	infos, _ := saved.Credential["secrets"].(object)
	for name, info := range infos {
		if at(info, "usable") != false || at(info, "set") != true {
			t.Errorf("%s: %s is said to be %+v", s.kind, name, info)
		}
	}
	s.refusedTo(t, "edited", object{})
	if _, res, err := s.relay("/relay/" + s.id + "/"); err == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("%s: relayed to another target", s.kind)
	}
	s.quiet(t)
	edit["address"] = s.good.address() + "/v1"
	s.call("PUT", "/api/services/"+s.id, edit, http.StatusOK, nil)
	s.good.requests()
	_, raw := s.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+s.id+`"}`))
	if len(infos) != 1 || len(s.good.requests()) == 0 {
		t.Errorf("%s: back at its address nothing is sent: %s", s.kind, raw)
	}
}

func TestBoundSecretStaysBehindTLS(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	evil := startPeer(t)
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": "tls", "address": strings.Replace(evil.address(), "ws:", "wss:", 1), "credential": object{"kind": "bearer", "token": boundCanary},
	}, http.StatusCreated, &saved)
	e := p.refused("POST", "/api/sessions", object{"service": saved.ID, "address": evil.address()}, http.StatusForbidden)
	if e.Code != "secret_not_for_target" || !strings.Contains(e.Message, "wss://"+evil.host()) {
		t.Errorf("downgraded: %+v", e)
	}
	if got := evil.requests(); len(got) > 0 {
		t.Errorf("sent in plain: %s", got)
	}
}

// A certificate that another person trusts proves nothing to the owner of a secret:
// anybody between Duplex and the target could have made it.
func TestBoundSecretTrustsNoCertificateOfOthers(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	impostor := &peer{}
	impostor.Server = httptest.NewTLSServer(impostor)
	t.Cleanup(impostor.Close)
	id := ada.saves("behind TLS", "wss://"+impostor.Listener.Addr().String(), true)
	trusted, _ := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: impostor.Certificate().Raw})))
	with := fmt.Sprintf(`{"service":%q,"tls":{"ca_pem":%s}}`, id, trusted)
	if came, raw := ben.tries(call{"POST", ""}, "/api/sessions", with); came != "secret_needs_saved_ca" || len(impostor.requests()) > 0 {
		t.Errorf("with a certificate of another: %s %s", came, raw)
	}
	own := strings.Replace(with, `"tls"`, `"credential":{"kind":"bearer","token":"of-ben-himself"},"tls"`, 1)
	if came, raw := ben.tries(call{"POST", ""}, "/api/sessions", own); came != "201" {
		t.Errorf("with a secret of one's own: %s %s", came, raw)
	}
	if came, raw := ada.tries(call{"POST", ""}, "/api/sessions", with); came != "201" { // who could save it as well
		t.Errorf("with a certificate of the owner: %s %s", came, raw)
	}
	ada.gets("PUT", "/api/services/"+id, fmt.Sprintf(`{"name":"behind TLS","address":"wss://%s","tls":{"ca_pem":%s}}`, impostor.Listener.Addr(), trusted), &object{})
	if came, raw := ben.tries(call{"POST", ""}, "/api/sessions", with); came != "201" {
		t.Errorf("with the one that is saved: %s %s", came, raw)
	}
}

// A secret that is typed for a session goes where that session goes.
func TestTypedSecretGoesWhereItIsTypedFor(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	good, other := startPeer(t), startPeer(t)
	id := p.boundService(t, good, object{"kind": "bearer", "token": boundCanary})
	p.open(object{"service": id, "address": other.address(), "credential": object{"kind": "bearer", "token": "typed-for-this"}})
	if got := other.requests(); len(got) != 1 || !strings.Contains(got[0], "Bearer typed-for-this") || strings.Contains(got[0], boundCanary) {
		t.Errorf("sent %s", got)
	}
	// Entered again it is bound anew.
	p.call("PUT", "/api/services/"+id, object{"name": "moved", "address": other.address(), "credential": object{"kind": "bearer", "token": "entered-again"}}, http.StatusOK, nil)
	p.open(object{"service": id})
	if e := p.refused("POST", "/api/sessions", object{"service": id, "address": good.address()}, http.StatusForbidden); e.Code != "secret_not_for_target" {
		t.Errorf("%+v", e)
	}
}

func TestOwnerSaysWhereASecretMayGo(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	good, other := startPeer(t), startPeer(t)
	id := p.boundService(t, good, object{"kind": "bearer", "token": boundCanary})
	path := "/api/services/" + id + "/secrets/token"
	var saved object
	p.call("PUT", path, object{"targets": []string{good.host(), " LOCALHOST" + other.host()[strings.Index(other.host(), ":"):]}}, http.StatusOK, &saved)
	info := at(saved, "credential", "secrets", "token")
	if at(info, "owner") != "local" || at(info, "usable") != true || at(info, "tls") != false || !strings.Contains(fmt.Sprint(at(info, "targets")), good.host()+" localhost:") {
		t.Errorf("shown as %+v", info)
	}
	p.open(object{"service": id, "address": strings.Replace(other.address(), "127.0.0.1", "localhost", 1)})
	p.open(object{"service": id})
	p.call("PUT", path, object{"tls": true}, http.StatusOK, nil)
	p.refused("POST", "/api/sessions", object{"service": id}, http.StatusForbidden)
	for body, field := range map[string]string{
		`{"targets":[]}`: "targets", `{"targets":["ok.example","*"]}`: "targets[1]", `{"targets":["*.com"]}`: "targets[0]", `{"targets":["a.example/x"]}`: "targets[0]",
	} {
		res, raw := p.do("PUT", path, "application/json", strings.NewReader(body))
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(string(raw), `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", body, res.StatusCode, raw)
		}
	}
	if e := p.refused("PUT", "/api/services/"+id+"/secrets/password", object{"tls": true}, http.StatusNotFound); e.Code != "secret_not_found" {
		t.Errorf("%+v", e)
	}
}
