package main

import (
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
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	}))
	t.Cleanup(p.Close)
	return p
}

// requests is what came since the last time.
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
	p.call("POST", "/api/services", object{"name": "bound " + credential["kind"].(string), "address": at.address() + "/v1", "credential": credential}, http.StatusCreated, &saved)
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

// Nobody gets a secret to another target by any way that the API has.
func TestBoundSecretReachesNoOtherTarget(t *testing.T) {
	p := startProgram(t)
	good, evil := startPeer(t), startPeer(t)
	alias := strings.Replace(evil.address(), "127.0.0.1", "localhost", 1)
	sameHost := strings.Replace(good.address(), "127.0.0.1", "localhost", 1)
	for _, credential := range boundKinds(good) {
		kind := credential["kind"].(string)
		id := p.boundService(t, good, credential)
		opens := func(name string, body object) {
			t.Helper()
			body["service"] = id
			e := p.refused("POST", "/api/sessions", body, http.StatusForbidden)
			if e.Code != "secret_not_for_target" || !strings.HasPrefix(e.Field, "credential.") || !strings.Contains(e.Message, good.host()) {
				t.Errorf("%s: %s: %+v", kind, name, e)
			}
		}
		opens("other address", object{"address": evil.address()})
		opens("other address in http", object{"address": evil.URL})
		opens("name of the other", object{"address": alias})
		opens("other name of the same", object{"address": sameHost})
		opens("TLS port of the same", object{"address": "wss://127.0.0.1/v1"})
		opens("query on the other", object{"address": evil.address() + "/?plain=1"})
		opens("parameters and headers too", object{
			"address": evil.address(), "params": []object{{"name": "a", "value": "b"}}, "headers": []object{{"name": "X-Echo", "value": "1"}},
		})
		opens("renewed", object{"address": evil.address(), "renew_token": true})
		plain := object{}
		for name, value := range credential {
			if value != boundCanary {
				plain[name] = value
			}
		}
		opens("other address with the plain fields", object{"address": evil.address(), "credential": plain})
		if kind == "iam_password" {
			plain["iam_endpoint"] = evil.URL
			opens("other endpoint", object{"credential": plain})
		}
		for _, address := range []string{"ws://" + good.host() + "@" + evil.host() + "/", evil.address() + "#" + good.host(), "ws://" + good.host() + "\\@" + evil.host()} {
			if e := p.refused("POST", "/api/sessions", object{"service": id, "address": address}, http.StatusBadRequest); e.Code != "address_refused" {
				t.Errorf("%s: %s: %+v", kind, address, e)
			}
		}
		// A path of the relay stays a path, whatever it looks like.
		for _, path := range []string{"//" + evil.host(), "/%2f" + evil.host(), "/@" + evil.host() + "/", "/.." + "/" + evil.host(), "/http:" + evil.host(), "/?a=" + url.QueryEscape(evil.URL), "/;@" + evil.host()} {
			if conn, _, err := p.relay("/relay/" + id + path); err == nil {
				_ = conn.CloseNow()
			}
		}
		// Editing the service, and what is beside its address.
		edit := object{"name": "edited " + kind, "address": evil.address() + "/v1"}
		var saved object
		p.call("PUT", "/api/services/"+id, edit, http.StatusOK, &saved)
		for name, info := range at(saved, "credential", "secrets").(object) {
			if at(info, "usable") != false || at(info, "set") != true {
				t.Errorf("%s: %s is said to be %+v", kind, name, info)
			}
		}
		opens("edited", object{})
		if conn, res, err := p.relay("/relay/" + id + "/"); err == nil || res.StatusCode != http.StatusForbidden {
			_ = conn.CloseNow()
			t.Errorf("%s: relayed to another target", kind)
		}
		for _, request := range evil.requests() {
			t.Errorf("%s: the other target got %s", kind, request)
		}
		// Nothing was lost: back at its address the secret serves again.
		edit["address"] = good.address() + "/v1"
		p.call("PUT", "/api/services/"+id, edit, http.StatusOK, nil)
		good.requests()
		_, raw := p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+id+`"}`))
		if len(good.requests()) == 0 {
			t.Errorf("%s: back at its address nothing is sent: %s", kind, raw)
		}
	}
}

func TestBoundSecretStaysBehindTLS(t *testing.T) {
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

// A secret that is typed for a session goes where that session goes.
func TestTypedSecretGoesWhereItIsTypedFor(t *testing.T) {
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
	p := startProgram(t)
	good, other := startPeer(t), startPeer(t)
	id := p.boundService(t, good, object{"kind": "bearer", "token": boundCanary})
	path := "/api/services/" + id + "/secrets/token"
	var saved object
	p.call("PUT", path, object{"targets": []string{good.host(), " LOCALHOST" + other.host()[strings.Index(other.host(), ":"):]}}, http.StatusOK, &saved)
	info := at(saved, "credential", "secrets", "token")
	if at(info, "owner") != "local" || at(info, "usable") != true || at(info, "tls") != false || len(at(info, "targets").([]any)) != 2 {
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
