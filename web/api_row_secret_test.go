package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/web/internal/canary"
)

// row is a header or parameter as a service shows it.
type row struct {
	Name, Value, Field string
	Enabled, Secret    bool
}

type withRows struct {
	ID              string
	Headers, Params []row
	Secrets         map[string]struct {
		Fingerprint string
		Targets     []string
		Usable      bool
	}
	Credential struct{ Secrets map[string]any }
}

const (
	rowKey   = `dg-7/+"Zq8Xw2kR5tY1uN4v`
	rowToken = "Bearer hQ7LkPc3FyJi9Sg5Wa"
	rowParam = `p+9/=&<Rz3TqDj7NbFo2Hi9Ua`
)

// rowNet searches texts for the values of the rows.
func rowNet() *canary.Watch {
	return canary.New(
		canary.Secret{Name: "key", Value: rowKey}, canary.Secret{Name: "token", Value: strings.TrimPrefix(rowToken, "Bearer ")},
		canary.Secret{Name: "parameter", Value: rowParam},
	).Watch()
}

// parrot returns a target that repeats the secrets of the handshake in its close reason.
func parrot(t *testing.T) (address string, asked <-chan *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 20)
	address = echoingTarget(t, func(ctx context.Context, conn *websocket.Conn, r *http.Request) {
		requests <- r.Clone(context.Background())
		if kind, payload, err := conn.Read(ctx); err == nil {
			_ = conn.Write(ctx, kind, payload)
		}
		_ = conn.Close(4001, "seen "+r.Header.Get("X-Api-Key")+" "+r.URL.Query().Get("sig"))
	})
	return address, requests
}

func secretRows(address string) object {
	return object{
		"name": "rows", "address": address + "/p?a=1", "record_relay": true,
		"headers": []object{
			{"name": "X-Plain", "value": "shown"},
			{"name": "X-API-Key", "value": rowKey, "secret": true},
			{"name": "Authorization", "value": rowToken, "secret": true},
			{"name": "X-Off", "value": "is-off-secret", "secret": true, "enabled": false},
		},
		"params":     []object{{"name": "sig", "value": rowParam, "secret": true}, {"name": "b", "value": "2"}},
		"credential": object{"kind": "app_code", "app_code": "a-code-of-its-own"},
	}
}

// wantRows compares a handshake with the rows of secretRows.
func wantRows(t *testing.T, r *http.Request, key string) {
	t.Helper()
	if got := r.Header.Get(key); got != rowKey {
		t.Errorf("%s: %q", key, got)
	}
	if got := r.Header.Get("Authorization"); got != rowToken {
		t.Errorf("Authorization: %q", got)
	}
	if got := r.URL.Query().Get("sig"); got != rowParam {
		t.Errorf("sig: %q of %s", got, r.RequestURI)
	}
	if r.Header.Get("X-Plain") != "shown" || r.Header.Get("X-Off") != "" || r.Header.Get("X-Apig-AppCode") != "a-code-of-its-own" {
		t.Errorf("got %v", r.Header)
	}
}

func TestSecretHeadersAndParametersReachTheTargetAlone(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	w := rowNet()
	address, asked := parrot(t)
	var saved withRows
	w.Search("saving", p.call("POST", "/api/services", secretRows(address), http.StatusCreated, &saved))
	if got := saved.Headers[1]; got != (row{Name: "X-API-Key", Field: "headers[X-API-Key]", Enabled: true, Secret: true}) {
		t.Errorf("shown as %+v", got)
	}
	for _, field := range []string{"headers[X-API-Key]", "headers[Authorization]", "headers[X-Off]", "params[sig]"} {
		if info := saved.Secrets[field]; len(info.Fingerprint) != 8 || !info.Usable || len(info.Targets) != 1 {
			t.Errorf("%s: %+v", field, info)
		}
	}
	if len(saved.Secrets) != 4 || len(saved.Credential.Secrets) != 1 {
		t.Errorf("secrets %v and %v", saved.Secrets, saved.Credential.Secrets)
	}

	session := p.open(object{"service": saved.ID})
	r := <-asked
	wantRows(t, r, "X-Api-Key")
	if !strings.HasPrefix(r.RequestURI, "/p?a=1&b=2&sig=") {
		t.Errorf("asked for %s", r.RequestURI)
	}
	p.send(session.ID, "text", "", "bye")
	if ended := p.awaitEnd(session.ID); !strings.Contains(ended.CloseReason, "seen •••• ••••") {
		t.Errorf("closed with %q", ended.CloseReason)
	}
	conn, _, err := p.relay("/relay/" + saved.ID + "/?c=3")
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, <-asked, "X-Api-Key")
	_ = conn.Write(t.Context(), websocket.MessageText, []byte("bye"))
	_, _, _ = conn.Read(t.Context())
	_, _, err = conn.Read(t.Context())
	w.Search("the browser of a relay", []byte(err.Error()))
	if _, res, err := p.relay("/relay/" + saved.ID + "/?sig=mine"); err == nil || res.StatusCode != http.StatusBadRequest {
		t.Errorf("a relay that sets the parameter: %v, %v", res, err)
	}
	for _, id := range []string{session.ID, p.awaitRelay(saved.ID).ID} {
		p.searched(w, id)
	}
	if code, out := command(t, "secrets", "check", "--data", p.data); code != 0 || !allOpen(out) {
		t.Errorf("secrets check: %d %s", code, out)
	}
	for _, hit := range w.Hits() {
		t.Error(hit)
	}
}

// A row keeps its secret when it is renamed or moved.
func TestSecretRowKeepsItsSecret(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	address, asked := parrot(t)
	var saved withRows
	p.call("POST", "/api/services", secretRows(address), http.StatusCreated, &saved)
	path := "/api/services/" + saved.ID
	raw := p.call("GET", path, nil, http.StatusOK, nil)
	var read object
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	saved = withRows{}
	p.call("PUT", path, read, http.StatusOK, &saved) // as it was read
	p.open(object{"service": saved.ID})
	wantRows(t, <-asked, "X-Api-Key")

	// Renamed and moved, by their fields; one found by its name alone.
	read["headers"] = []object{
		{"name": "authorization", "secret": true},
		{"name": "X-Renamed", "secret": true, "field": "headers[X-API-Key]"},
		{"name": "X-Plain", "value": "shown"},
	}
	read["params"] = []object{{"name": "a", "value": "1"}, {"name": "sig", "secret": true}}
	saved = withRows{}
	p.call("PUT", path, read, http.StatusOK, &saved)
	if saved.Headers[1].Field != "headers[X-API-Key]" || len(saved.Secrets) != 3 {
		t.Errorf("%+v, %v", saved.Headers, saved.Secrets)
	}
	p.open(object{"service": saved.ID})
	wantRows(t, <-asked, "X-Renamed")

	// For one session, without saving: a value in place of the kept one.
	p.open(object{"service": saved.ID, "headers": []object{
		{"name": "X-Renamed", "secret": true, "field": "headers[X-API-Key]"}, {"name": "Authorization", "secret": true, "value": "typed-for-now"},
	}})
	if r := <-asked; r.Header.Get("X-Renamed") != rowKey || r.Header.Get("Authorization") != "typed-for-now" {
		t.Errorf("got %v", r.Header)
	}

	// A new row of a name that was there gets a secret of its own.
	read["headers"] = []object{
		{"name": "X-Renamed", "secret": true, "field": "headers[X-API-Key]"}, {"name": "X-API-Key", "secret": true, "value": "another-key"},
	}
	saved = withRows{}
	p.call("PUT", path, read, http.StatusOK, &saved)
	if saved.Headers[1].Field == saved.Headers[0].Field || saved.Headers[1].Field == "" {
		t.Errorf("%+v", saved.Headers)
	}
	p.open(object{"service": saved.ID})
	if r := <-asked; r.Header.Get("X-Renamed") != rowKey || r.Header.Get("X-Api-Key") != "another-key" {
		t.Errorf("got %v", r.Header)
	}

	// Taken away, it is deleted, and the plain row has nothing of it.
	read["headers"] = []object{{"name": "X-Renamed", "value": "plain now"}}
	saved = withRows{}
	p.call("PUT", path, read, http.StatusOK, &saved)
	if len(saved.Secrets) != 1 || saved.Headers[0].Secret || saved.Headers[0].Field != "" {
		t.Errorf("%+v, %v", saved.Headers, saved.Secrets)
	}
}

func TestSecretRowsAreCheckedAndBound(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	address, asked := parrot(t)
	var saved withRows
	p.call("POST", "/api/services", secretRows(address), http.StatusCreated, &saved)
	elsewhere, _ := parrot(t)
	for name, tt := range map[string]struct {
		body        object
		code, field string
	}{
		"elsewhere": {object{"service": saved.ID, "address": elsewhere}, "secret_not_for_target", "headers[X-API-Key]"},
		"elsewhere, a row alone": {object{
			"service": saved.ID, "address": elsewhere, "params": []object{{"name": "x", "secret": true, "field": "params[sig]"}},
			"headers": []object{}, "credential": object{"kind": "none"},
		}, "secret_not_for_target", "params[sig]"},
		"short":            {object{"address": address, "headers": []object{{"name": "X-Key", "value": "short", "secret": true}}}, "secret_too_short", "headers[0].value"},
		"none":             {object{"address": address, "params": []object{{"name": "key", "secret": true}}}, "missing_secret", "params[0].value"},
		"a field of none":  {object{"service": saved.ID, "headers": []object{{"name": "X", "secret": true, "field": "headers[other]"}}}, "missing_secret", "headers[0].value"},
		"another list's":   {object{"service": saved.ID, "headers": []object{{"name": "X", "secret": true, "field": "params[sig]"}}}, "missing_secret", "headers[0].value"},
		"the credential's": {object{"service": saved.ID, "headers": []object{{"name": "X", "secret": true, "field": "app_code"}}}, "missing_secret", "headers[0].value"},
		"forbidden":        {object{"address": address, "headers": []object{{"name": "x_forwarded_user", "value": "secret-value", "secret": true}}}, "header_forbidden", "headers[0].name"},
		"line break":       {object{"address": address, "headers": []object{{"name": "X-Key", "value": "a\r\nsecret: 1", "secret": true}}}, "header_bad_value", "headers[0].value"},
		"long name": {
			object{"address": address, "params": []object{{"name": strings.Repeat("n", 257), "value": "a-secret", "secret": true}}},
			"bad_value", "params[0].name",
		},
		"name with NUL, spelled": {
			object{"address": address, "params": []object{{"name": "a\x00b", "value": "a-secret", "raw": "a%00b=a-secret", "secret": true}}},
			"bad_value", "params[0].name",
		},
		"no name": {object{"address": address, "params": []object{{"value": "a-secret", "secret": true}}}, "missing_field", "params[0].name"},
		"set twice": {object{
			"address": address, "headers": []object{{"name": "authorization", "value": "a-secret", "secret": true}},
			"credential": object{"kind": "bearer", "token": "another-secret"},
		}, "header_conflict", "headers"},
		"a parameter twice": {object{"address": address + "?key=1", "params": []object{{"name": "key", "value": "a-secret", "secret": true}}}, "query_conflict", "params"},
	} {
		for _, path := range []string{"/api/sessions", "/api/services"} {
			if _, forSession := tt.body["service"]; forSession && path == "/api/services" {
				continue
			}
			body := object{"name": name}
			maps.Copy(body, tt.body)
			if path == "/api/sessions" {
				delete(body, "name")
			}
			raw, _ := json.Marshal(body)
			res, answer := p.do("POST", path, "application/json", strings.NewReader(string(raw)))
			var refused struct{ Error struct{ Code, Field string } }
			_ = json.Unmarshal(answer, &refused)
			if res.StatusCode < 400 || refused.Error.Code != tt.code || refused.Error.Field != tt.field {
				t.Errorf("%s %s: %d %s", name, path, res.StatusCode, answer)
			}
		}
	}
	// Its owner lets it go elsewhere too.
	host := strings.TrimPrefix(elsewhere, "ws://")
	for _, field := range []string{"headers[X-API-Key]", "headers[Authorization]", "params[sig]", "app_code"} {
		p.call("PUT", "/api/services/"+saved.ID+"/secrets/"+url.PathEscape(field), object{"targets": []string{host}}, http.StatusOK, nil)
	}
	p.open(object{"service": saved.ID, "address": elsewhere})
	if len(asked) != 0 {
		t.Error("the target was dialled")
	}
}

// A password that is exchanged at IAM goes there, and the secrets of rows to the target.
func TestSecretRowsBesideAnExchangedPassword(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	demo := p.demo("echo", "iam_password")
	var read object
	if err := json.Unmarshal(p.call("GET", "/api/services/"+demo.ID, nil, http.StatusOK, nil), &read); err != nil {
		t.Fatal(err)
	}
	read["headers"] = []object{{"name": "X-Api-Key", "value": rowKey, "secret": true}}
	var saved withRows
	p.call("PUT", "/api/services/"+demo.ID, read, http.StatusOK, &saved)
	if info := saved.Secrets["headers[X-Api-Key]"]; !info.Usable {
		t.Errorf("kept as %+v", info)
	}
	p.open(object{"service": demo.ID})
}

// allOpen reports whether "duplex secrets check" says that there are secrets and all of them
// can be opened.
func allOpen(out string) bool {
	line := out[strings.Index(out, "\n")+1:]
	var kept, opened int
	_, err := fmt.Sscanf(line, "%d secrets, %d can be opened", &kept, &opened)
	return err == nil && kept > 0 && kept == opened
}
