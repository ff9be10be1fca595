package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// hearing is a service that keeps the handshakes and messages that come, and echoes messages.
type hearing struct {
	*httptest.Server

	mu    sync.Mutex // guards heard
	heard []string   // "GET /path?query", then headers as "name: value"; messages as they are

	mint http.HandlerFunc // of "/mint"; nil is none
}

func startHearing(t *testing.T) *hearing {
	t.Helper()
	h := &hearing{}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

// ServeHTTP implements http.Handler.
func (h *hearing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var lines []string
	for name, values := range r.Header {
		for _, value := range values {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	h.hear(r.Method + " " + r.RequestURI + "\n" + strings.Join(lines, "\n"))
	if r.URL.Path == "/mint" && h.mint != nil {
		h.mint(w, r)
		return
	}
	offered := strings.FieldsFunc(r.Header.Get("Sec-WebSocket-Protocol"), func(c rune) bool { return c == ',' || c == ' ' })
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, Subprotocols: offered})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	for {
		opcode, payload, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		h.hear(string(payload))
		if conn.Write(r.Context(), opcode, []byte("heard")) != nil {
			return
		}
	}
}

func (h *hearing) hear(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, text)
}

// all returns everything that came since the last call.
func (h *hearing) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	heard := strings.Join(h.heard, "\n\n")
	h.heard = nil
	return heard
}

func (h *hearing) host() string { return strings.TrimPrefix(h.URL, "http://") }

// saveEnvironment creates an environment.
func (p *program) saveEnvironment(body object) {
	p.t.Helper()
	p.call("POST", "/api/environments", body, http.StatusCreated, nil)
}

// shows reads all that the program says about a session and about itself.
func (p *program) shows(session string) string {
	p.t.Helper()
	var all strings.Builder
	for _, path := range []string{
		"/api/sessions", "/api/sessions/" + session, "/api/sessions/" + session + "/messages", "/api/services", "/api/environments", "/api/audit",
		"/api/sessions/" + session + "/export?format=jsonl", "/api/sessions/" + session + "/export?format=har", "/api/sessions/" + session + "/export?format=txt",
		"/", "/sessions/" + session, "/metrics", "/audit",
	} {
		res, raw := p.do("GET", path, "", nil)
		if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusServiceUnavailable { // a page without assets
			p.t.Errorf("%s: %d", path, res.StatusCode)
		}
		all.Write(raw)
	}
	return all.String() + p.logs.String()
}

// awaitHeard waits until the service has heard a text.
func awaitHeard(t *testing.T, h *hearing, text string) string {
	t.Helper()
	var all string
	until(t, "the service hears "+text, func() bool {
		all += h.all() + "\n"
		return strings.Contains(all, text)
	})
	return all
}

func TestTemplatesAreFilledInWhereASessionIsOpened(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	const secret = "env-canary-Kj3n9Qw"
	p.saveEnvironment(object{
		"name": "staging", "values": object{"base": "ws://" + service.host(), "project": "p-1", "lang": "zh CN", "tone": "calm", "path": "v1"},
		"secrets": object{"api_key": object{"value": secret, "targets": []string{service.host()}}},
	})
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": "templated", "address": "{{base}}/{{path}}/{{project}}?lang={{lang}}&b=%7B%7Bc%7D%7D", "environment": "staging",
		"params":       []object{{"name": "tone", "value": "{{tone}}"}, {"name": "key", "value": "{{secret.api_key}}"}},
		"headers":      []object{{"name": "X-Plain", "value": `\{{tone}} {{tone}}`}, {"name": "x-API-Key", "value": "Key {{secret.api_key}}"}, {"name": "X-Off", "value": "{{nothing}}", "enabled": false}},
		"subprotocols": []string{"chat.{{tone}}", "key.{{secret.api_key|hex}}"},
	}, http.StatusCreated, &saved)
	session := p.open(object{"service": saved.ID})
	got := service.all()
	for _, want := range []string{
		"GET /v1/p-1?lang=zh%20CN&b=%7B%7Bc%7D%7D&tone=calm&key=" + secret + "\n", "X-Plain: {{tone}} calm\n", "X-Api-Key: Key " + secret + "\n",
		"Sec-Websocket-Protocol: chat.calm,key." + fmt.Sprintf("%x", secret),
	} {
		if !strings.Contains(got+"\n", want) {
			t.Errorf("the service did not get %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "X-Off") {
		t.Errorf("a disabled header was sent: %s", got)
	}
	p.send(session.ID, "text", "m1", "Jinja {{ messages }} stays")
	awaitHeard(t, service, "Jinja {{ messages }} stays")
	res, raw := p.do("POST", "/api/sessions/"+session.ID+"/messages?opcode=text&resolve=1", "text/plain", strings.NewReader(`{"auth":"{{secret.api_key}}","lang":"{{lang}}"}`))
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", res.StatusCode, raw)
	}
	awaitHeard(t, service, `{"auth":"`+secret+`","lang":"zh CN"}`)
	viewer := p.attach(session.ID, 0)
	viewer.say(wire.ViewerEvent{Type: wire.TypeSend, ClientID: "v1", Opcode: "text", Text: "tell {{secret.api_key}}", Resolve: true})
	awaitHeard(t, service, "tell "+secret)
	shown := p.shows(session.ID)
	if !strings.Contains(shown, `{{secret.api_key}}`) {
		t.Error("the log does not name the secret of a message")
	}
	for _, hidden := range []string{secret, fmt.Sprintf("%x", secret)} {
		if strings.Contains(shown, hidden) {
			t.Errorf("%q is shown", hidden)
		}
	}
	if !strings.Contains(shown, "environment.secrets.api_key") {
		t.Error("the use of the secret is not in the audit log")
	}
	var state wire.State
	p.call("GET", "/api/sessions/"+session.ID, nil, http.StatusOK, &state)
	if state.Environment != "staging" {
		t.Errorf("environment %q", state.Environment)
	}
	p.relays(t, saved.ID)
	if got := service.all(); !strings.Contains(got, "X-Api-Key: Key "+secret) || !strings.Contains(got, "GET /v1/p-1?") {
		t.Errorf("a relay sends %s", got)
	}
}

// relays opens a relay and closes it.
func (p *program) relays(t *testing.T, service string) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/relay/"+service, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.CloseNow()
}

func TestNameWithoutAValueIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	p.saveEnvironment(object{"name": "e", "values": object{"a": "b", "host": service.host()}})
	base := "ws://" + service.host()
	for _, c := range []struct {
		body          object
		code, field   string
		rule, message string
		column        int
	}{
		{object{"address": base + "/{{a}}/{{region}}"}, "undefined_variable", "address", "", "{{region}}", len(base) + 10},
		{object{"address": base, "headers": []object{{"name": "A", "value": "1"}, {"name": "B", "value": "x{{a}}"}, {"name": "C", "value": "é{{ b }}"}}}, "undefined_variable", "headers[2].value", "", "{{b}}", 5},
		{object{"address": base + "?q={{x}}"}, "undefined_variable", "address", "", "{{x}}", 3},
		{object{"address": base + "?q=1", "params": []object{{"name": "n", "value": "{{x}}"}}}, "undefined_variable", "params[0].value", "", "{{x}}", 3},
		{object{"address": base, "subprotocols": []string{"a", "b.{{x}}"}}, "undefined_variable", "subprotocols[1]", "", "{{x}}", 5},
		{object{"address": base, "headers": []object{{"name": "A", "value": "{{secret.pin}}"}}}, "undefined_variable", "headers[0].value", "", "{{secret.pin}}", 3},
		{object{"address": base, "headers": []object{{"name": "A", "value": "{{a|shout}}"}}}, "bad_value", "headers[0].value", "template", "shout", 5},
		{object{"address": base, "headers": []object{{"name": "A", "value": "a{{"}}}, "bad_value", "headers[0].value", "template", "", 2},
		{object{"address": base, "subprotocols": []string{"{{a}}", "b"}}, "bad_value", "subprotocols[1]", "unique", "", 0},
		{object{"address": base, "environment": "gone"}, "environment_not_found", "environment", "", "", 0},
		{object{"address": "{{host}}.{{a}}:x/"}, "address_refused", "address", "", "", 0},
	} {
		if _, given := c.body["environment"]; !given {
			c.body["environment"] = "e"
		}
		status := http.StatusBadRequest
		if c.code == "environment_not_found" {
			status = http.StatusNotFound
		}
		for _, path := range []string{"/api/sessions", "/api/resolve"} {
			e := p.refused("POST", path, c.body, status)
			if e.Code != c.code || e.Field != c.field || e.Rule != c.rule || e.Column != c.column || !strings.Contains(e.Message, c.message) {
				t.Errorf("%s %v: %+v", path, c.body, e)
			}
		}
	}
	if got := service.all(); got != "" {
		t.Errorf("the service got %s", got)
	}
	session := p.open(object{"address": base, "environment": "e"})
	res, raw := p.do("POST", "/api/sessions/"+session.ID+"/messages?opcode=text&resolve=1", "text/plain", strings.NewReader("one\n{{nothing}}"))
	var answer struct{ Error wire.Error }
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode != http.StatusBadRequest || answer.Error.Field != "body" || answer.Error.Column != 7 {
		t.Errorf("%d %s", res.StatusCode, raw)
	}
	if rows := p.rows(session.ID, "direction=sent").Messages; len(rows) != 0 {
		t.Errorf("the message was sent: %+v", rows)
	}
}

// A colleague's secret reaches no target but its own, whatever a member writes.
func TestSecretOfAnEnvironmentReachesItsTargetsOnly(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	good, evil := startHearing(t), startHearing(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	const secret = "env-canary-ofAda-9Qw"
	var made struct{ Secrets map[string]object }
	ada.gets("POST", "/api/environments", fmt.Sprintf(`{"name":"prod","values":{"host":%q},"secrets":{"api_key":{"value":%q,"targets":[%q]}}}`, good.host(), secret, good.host()), &made)
	if made.Secrets["api_key"]["tls"] != false || made.Secrets["api_key"]["owner_name"] != "ada" {
		t.Errorf("%v", made.Secrets)
	}
	refused := func(what, path, method, body, code string) {
		t.Helper()
		if status, raw := ben.ask(method, path, body); codeOf(raw) != code || strings.Contains(raw, secret) {
			t.Errorf("%s: %d %s", what, status, raw)
		}
	}
	opens := func(host, more string) string {
		return fmt.Sprintf(`{"address":"ws://%s","environment":"prod",%s}`, host, more)
	}
	for name, more := range map[string]string{
		"header": `"headers":[{"name":"A","value":"{{secret.api_key}}"}]`, "computed": `"headers":[{"name":"A","value":"{{secret.api_key|base64}}"}]`,
		"parameter": `"params":[{"name":"a","value":"{{secret.api_key}}"}]`, "subprotocol": `"subprotocols":["{{secret.api_key}}"]`,
		"dialect": `"dialect":` + dialectJSON(`"secrets":["api_key"],"handshake":{"headers":[["A","{{secret.api_key}}"]]}`) + `,"credential":{"kind":"dialect"}`,
	} {
		refused(name, "/api/sessions", "POST", opens(evil.host(), more), "secret_not_for_target")
		refused(name+" of the same host by name", "/api/sessions", "POST", opens(strings.Replace(good.host(), "127.0.0.1", "localhost", 1), more), "secret_not_for_target")
		if status, raw := ben.ask("POST", "/api/sessions", opens("{{host}}", more)); status != http.StatusCreated {
			t.Errorf("%s to its target: %d %s", name, status, raw)
		}
	}
	// Another value of the environment leads nowhere else.
	if status, raw := ben.ask("PUT", "/api/environments/prod", fmt.Sprintf(`{"values":{"host":%q}}`, evil.host())); status != http.StatusOK {
		t.Fatalf("%d %s", status, raw)
	}
	refused("changed value", "/api/sessions", "POST", opens("{{host}}", `"headers":[{"name":"A","value":"{{secret.api_key}}"}]`), "secret_not_for_target")
	refused("mint", "/api/sessions", "POST", opens(good.host(), `"dialect":`+dialectJSON(`"secrets":["api_key"],"mint":{"method":"POST","url":"`+evil.URL+`/mint","headers":[["A","{{secret.api_key}}"]],"take":{"t":"$.t"}}`)+
		`,"credential":{"kind":"dialect"}`), "secret_not_for_target")
	refused("rebound", "/api/environments/prod", "PUT", fmt.Sprintf(`{"secrets":{"api_key":{"targets":[%q]}}}`, evil.host()), "not_secret_owner")
	var opened wire.State
	ben.gets("POST", "/api/sessions", opens(evil.host(), `"headers":[]`), &opened)
	status, raw := ben.ask("POST", "/api/sessions/"+opened.ID+"/messages?opcode=text&resolve=1", "{{secret.api_key}}")
	if codeOf(raw) != "secret_not_for_target" {
		t.Errorf("message: %d %s", status, raw)
	}
	if got := evil.all(); strings.Contains(got, secret) || strings.Contains(got, "A: ") {
		t.Errorf("the other target got %s", got)
	}
	// A new value is of the person who entered it.
	ben.gets("PUT", "/api/environments/prod", fmt.Sprintf(`{"secrets":{"api_key":{"value":"of-ben-himself","targets":[%q]}}}`, evil.host()), &made)
	if made.Secrets["api_key"]["owner_name"] != "ben" {
		t.Errorf("%v", made.Secrets)
	}
	if status, raw := p.teammate("vera", "staff").ask("PUT", "/api/environments/prod", `{}`); codeOf(raw) != "role_required" {
		t.Errorf("viewer: %d %s", status, raw)
	}
}

func TestEnvironmentIsKeptReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.saveEnvironment(object{"name": "Staging", "values": object{"a": "1"}, "secrets": object{
		"one": object{"value": "first-secret", "targets": []string{"a.example"}}, "two": object{"value": "second-secret", "targets": []string{"a.example"}, "tls": false},
	}})
	var read struct {
		Name    string
		Values  map[string]string
		Secrets map[string]object
	}
	raw := p.call("GET", "/api/environments/staging", nil, http.StatusOK, &read)
	if read.Secrets["one"]["tls"] != true || read.Secrets["two"]["tls"] != false || strings.Contains(string(raw), "first-secret") {
		t.Errorf("%s", raw)
	}
	again := p.call("PUT", "/api/environments/staging", json.RawMessage(raw), http.StatusOK, nil)
	var before, after map[string]any
	_, _ = json.Unmarshal(raw, &before), json.Unmarshal(again, &after)
	if fmt.Sprint(before["secrets"]) != fmt.Sprint(after["secrets"]) || fmt.Sprint(before["values"]) != fmt.Sprint(after["values"]) {
		t.Errorf("an answer sent back changes:\n%s\n%s", raw, again)
	}
	read.Values, read.Secrets = nil, nil
	p.call("PUT", "/api/environments/staging", object{"name": "Prod", "values": object{"b": "2"}, "secrets": object{"one": nil, "two": object{"targets": []string{"*.b.example"}, "tls": true}}}, http.StatusOK, &read)
	if read.Name != "Prod" || len(read.Secrets) != 1 || fmt.Sprint(read.Secrets["two"]["targets"]) != "[*.b.example]" || read.Secrets["two"]["tls"] != true || read.Values["b"] != "2" {
		t.Errorf("%+v", read)
	}
	for _, c := range []struct {
		body        any
		code, field string
	}{
		{object{"name": ""}, "missing_field", "name"},
		{object{"name": "x", "values": object{"a-b": "1"}}, "bad_value", "values.a-b"},
		{object{"name": "x", "values": object{"a": 1}}, "bad_json", "values"},
		{object{"name": "x", "secrets": object{"k": object{"value": "long enough"}}}, "missing_field", "secrets.k.targets"},
		{object{"name": "x", "secrets": object{"k": "long enough"}}, "missing_field", "secrets.k.targets"},
		{object{"name": "x", "secrets": object{"k": object{"targets": []string{"a.example"}}}}, "missing_secret", "secrets.k.value"},
		{object{"name": "x", "secrets": object{"k": object{"value": "short", "targets": []string{"a.example"}}}}, "secret_too_short", "secrets.k.value"},
		{object{"name": "x", "secrets": object{"k": object{"value": "long enough", "targets": []string{"*.com"}}}}, "bad_value", "secrets.k.targets[0]"},
		{object{"name": "x", "secrets": object{"k": object{"value": "long enough", "targets": []string{}}}}, "bad_value", "secrets.k.targets"},
		{object{"name": "x", "secrets": object{"k": 7}}, "bad_value", "secrets.k"},
		{object{"name": "x", "nothing": 7}, "bad_json", "nothing"},
	} {
		if e := p.refused("POST", "/api/environments", c.body, http.StatusBadRequest); e.Code != c.code || e.Field != c.field {
			t.Errorf("%v: %+v", c.body, e)
		}
	}
	p.call("DELETE", "/api/environments/prod", nil, http.StatusNoContent, nil)
	p.refused("GET", "/api/environments/prod", nil, http.StatusNotFound)
}

// The secret of a service whose host is a variable is bound to the host that the address had
// when it was entered.
func TestSecretOfATemplatedServiceIsBoundToTheHostOfItsEnvironment(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	x, y := startHearing(t), startHearing(t)
	for name, at := range map[string]*hearing{"x": x, "y": y} {
		p.saveEnvironment(object{"name": name, "values": object{"host": at.host()}})
	}
	service := object{"name": "both", "address": "ws://{{host}}/v1", "environment": "x", "credential": object{"kind": "bearer", "token": "bound-to-host-x"}}
	var saved savedService
	raw := p.call("POST", "/api/services", service, http.StatusCreated, &saved)
	if !strings.Contains(string(raw), `"targets":["`+x.host()+`"]`) || saved.Address != "ws://{{host}}/v1" {
		t.Errorf("%s", raw)
	}
	p.open(object{"service": saved.ID})
	if got := x.all(); !strings.Contains(got, "Authorization: Bearer bound-to-host-x") {
		t.Errorf("x got %s", got)
	}
	if e := p.refused("POST", "/api/sessions", object{"service": saved.ID, "environment": "y"}, http.StatusForbidden); e.Code != "secret_not_for_target" {
		t.Errorf("%+v", e)
	}
	if got := y.all(); got != "" {
		t.Errorf("y got %s", got)
	}
	e := p.refused("POST", "/api/services", object{"name": "unbound", "address": "ws://{{host}}/v1", "credential": object{"kind": "bearer", "token": "bound-to-nothing"}}, http.StatusBadRequest)
	if e.Code != "undefined_variable" || e.Field != "address" {
		t.Errorf("%+v", e)
	}
	p.call("PUT", "/api/services/"+saved.ID, json.RawMessage(raw), http.StatusOK, nil)
	p.open(object{"service": saved.ID})
	if got := x.all(); !strings.Contains(got, "bound-to-host-x") {
		t.Errorf("after its answer was sent back, x got %s", got)
	}
}

func TestPreviewShowsTheHandshakeAndSendsNothing(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	const secret = "env-canary-preview"
	p.saveEnvironment(object{"name": "e", "values": object{"host": service.host(), "voice": "alto"}, "secrets": object{"api_key": object{"value": secret, "targets": []string{service.host()}}}})
	body := object{
		"address": "ws://{{host}}/v1?token={{secret.api_key}}", "environment": "e", "headers": []object{{"name": "X-Key", "value": "{{secret.api_key}}"}, {"name": "X-Host", "value": "{{host}}"}},
		"dialect": json.RawMessage(dialectJSON(`"vars":{"voice":{"default":"bass"},"model":{"default":"m-1"}},"secrets":["api_key"],"handshake":{"headers":[["x-API-key","Bearer {{secret.api_key}}"]],"query":[["voice","{{voice}}"]],"subprotocols":["realtime","k.{{secret.api_key}}"]}`)),
	}
	body["credential"] = object{"kind": "dialect", "vars": object{"model": "m-2"}}
	var seen struct {
		Address      string
		Headers      []struct{ Name, Value string }
		Subprotocols []string
		Values       map[string]string
	}
	raw := p.call("POST", "/api/resolve", body, http.StatusOK, &seen)
	want := fmt.Sprintf("ws://%s/v1?token=••••&voice=alto", service.host())
	if want2 := fmt.Sprintf("ws://%s/v1?voice=alto&token=••••", service.host()); seen.Address != want && seen.Address != want2 {
		t.Errorf("address %s", seen.Address)
	}
	headers := fmt.Sprint(seen.Headers)
	if !strings.Contains(headers, "{X-Host "+service.host()+"}") || !strings.Contains(headers, "{X-Key ••••}") || !strings.Contains(headers, "{x-API-key ") ||
		fmt.Sprint(seen.Subprotocols) != "[realtime ••••]" || seen.Values["voice"] != "alto" || seen.Values["model"] != "m-2" {
		t.Errorf("%s", raw)
	}
	if strings.Contains(string(raw), secret) || service.all() != "" {
		t.Errorf("shown or sent: %s", raw)
	}
	var read struct {
		Secrets map[string]struct{ LastUsedAtUS int64 }
	}
	p.call("GET", "/api/environments/e", nil, http.StatusOK, &read)
	if read.Secrets["api_key"].LastUsedAtUS != 0 {
		t.Error("the preview counts as a use")
	}
}

// dialectJSON is a dialect with the parts that matter here.
func dialectJSON(parts string) string {
	return `{"dialect":1,"name":"test-inline","title":{"en":"Test","zh":"测试"},"receive":{"envelope":"json"},` + parts + `}`
}
