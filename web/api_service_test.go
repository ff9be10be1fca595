package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServiceIsSavedReadReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	in := object{
		"name": "ASR prod", "address": "https://Gateway.example/v1/infers/abc?lang=en",
		"params":       []object{{"name": "rate", "value": "16000", "enabled": false}},
		"headers":      []object{{"name": "X-Trace", "value": "on"}},
		"subprotocols": []string{"a", "b"}, "compression": true, "ping_interval": "30s", "pong_timeout": 90,
		"limits": object{"max_message_bytes": 1 << 20}, "record_relay": true,
		"credential": object{"kind": "basic", "username": "me", "password": "hunter2"},
	}
	var saved object
	p.call("POST", "/api/services", in, http.StatusCreated, &saved)
	want := object{
		"id": saved["id"], "name": "ASR prod", "address": "wss://gateway.example/v1/infers/abc",
		"params": []any{
			object{"name": "lang", "value": "en", "enabled": true, "raw": "lang=en"}, object{"name": "rate", "value": "16000", "enabled": false, "raw": "rate=16000"},
		},
		"headers": []any{object{"name": "X-Trace", "value": "on", "enabled": true}}, "subprotocols": []any{"a", "b"},
		"credential":  object{"kind": "basic", "username": "me", "secrets": at(saved, "credential", "secrets")},
		"compression": true, "tls": object{"ca_pem": ""}, "ping_interval": 30.0, "pong_timeout": 90.0, "limits": object{"max_message_bytes": float64(1 << 20)},
		"record_relay": true, "relay_origins": []any{}, "secrets": object{}, "dialect": "", "environment": "", "send_traceparent": false, "folder": "", "demo": "", "owner": "local", "shared": true, "mine": true, "may_change": true,
	}
	if diff := cmp.Diff(want, saved); diff != "" {
		t.Error(diff)
	}
	var again object
	p.call("PUT", "/api/services/ASR%20prod", saved, http.StatusOK, &again) // the answer can be sent back
	if diff := cmp.Diff(saved, again); diff != "" {
		t.Errorf("sent back it became\n%s", diff)
	}
	if e := p.refused("POST", "/api/services", object{"name": "asr PROD", "address": "ws://host/"}, http.StatusConflict); e.Code != "name_taken" {
		t.Errorf("%+v", e)
	}
	var least object
	p.call("POST", "/api/services", object{"name": "least", "address": "ws://host/"}, http.StatusCreated, &least)
	if least["ping_interval"] != 20.0 || least["pong_timeout"] != 0.0 || at(least, "limits", "max_message_bytes") != float64(64<<20) {
		t.Errorf("defaults %+v", least)
	}
	id := fmt.Sprint(saved["id"])
	p.call("DELETE", "/api/services/"+id, nil, http.StatusNoContent, nil)
	if e := p.refused("GET", "/api/services/"+id, nil, http.StatusNotFound); e.Code != "service_not_found" {
		t.Errorf("%+v", e)
	}
}

// at follows names into an answer.
func at(value any, names ...string) any {
	for _, name := range names {
		fields, _ := value.(object)
		value = fields[name]
	}
	return value
}

// secretsOf returns the fingerprints of the secrets of a saved credential.
func secretsOf(t *testing.T, service object) map[string]string {
	t.Helper()
	out := map[string]string{}
	secrets, _ := at(service, "credential", "secrets").(object)
	for name, info := range secrets {
		out[name] = fmt.Sprint(at(info, "fingerprint"))
	}
	return out
}

func TestSecretsStayUntilTheyAreReplaced(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	put := func(path string, status int, credential any) object {
		t.Helper()
		body := object{"name": "signed", "address": "ws://127.0.0.1:9/"}
		if credential != nil {
			body["credential"] = credential
		}
		var saved object
		method := "PUT"
		if status == http.StatusCreated {
			method = "POST"
		}
		p.call(method, path, body, status, &saved)
		return saved
	}
	saved := put("/api/services", http.StatusCreated, object{"kind": "aksk", "access_key": "AK", "secret_key": "first-secret", "security_token": "temporary"})
	path := "/api/services/" + fmt.Sprint(saved["id"])
	before := secretsOf(t, saved)
	if len(before) != 2 {
		t.Fatalf("kept %v", before)
	}
	if diff := cmp.Diff(before, secretsOf(t, put(path, http.StatusOK, object{"kind": "aksk", "access_key": "AK2"}))); diff != "" {
		t.Errorf("left out: %s", diff)
	}
	if diff := cmp.Diff(before, secretsOf(t, put(path, http.StatusOK, nil))); diff != "" {
		t.Errorf("without a credential: %s", diff)
	}
	now := secretsOf(t, put(path, http.StatusOK, object{"kind": "aksk", "access_key": "AK2", "secret_key": "second", "security_token": nil}))
	if len(now) != 1 || now["secret_key"] == before["secret_key"] {
		t.Errorf("replaced and deleted: %v, before %v", now, before)
	}
	refused := p.refused("PUT", path, object{"name": "signed", "address": "ws://127.0.0.1:9/", "credential": object{"kind": "bearer"}}, http.StatusBadRequest)
	if refused.Code != "missing_secret" || refused.Field != "credential.token" {
		t.Errorf("another kind: %+v", refused)
	}
	var unchanged object
	p.call("GET", path, nil, http.StatusOK, &unchanged)
	if diff := cmp.Diff(now, secretsOf(t, unchanged)); diff != "" {
		t.Errorf("after a refusal: %s", diff)
	}
	if got := secretsOf(t, put(path, http.StatusOK, object{"kind": "none"})); len(got) != 0 {
		t.Errorf("of no kind: %v", got)
	}
}

func TestSecretIsInNoAnswer(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	const canary = "canary-Zq8x7Xw2kR5tY1uN4"
	echo := p.demo("echo", "none").Address
	var answers []string
	for _, credential := range []object{
		{"kind": "bearer", "token": canary},
		{"kind": "query", "name": "key", "value": canary},
		{"kind": "aksk", "access_key": "AK", "secret_key": canary},
	} {
		var saved, opened struct{ ID string }
		service := object{"name": credential["kind"], "address": echo, "credential": credential}
		answers = append(answers, string(p.call("POST", "/api/services", service, http.StatusCreated, &saved)))
		answers = append(answers, string(p.call("POST", "/api/sessions", object{"service": saved.ID}, http.StatusCreated, &opened)))
		for _, path := range []string{
			"/api/services", "/api/services/" + saved.ID, "/services/" + saved.ID, "/sessions/" + opened.ID, "/api/sessions/" + opened.ID,
			"/api/sessions/" + opened.ID + "/messages", "/api/sessions/" + opened.ID + "/export", "/api/sessions/" + opened.ID + "/export?format=har",
			"/", "/history", "/metrics",
		} {
			_, body := p.do("GET", path, "", nil)
			answers = append(answers, string(body))
		}
		_, body := p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+saved.ID+`","address":"ws://127.0.0.1:9/"}`))
		answers = append(answers, string(body), p.logs.String())
	}
	for _, answer := range answers {
		if strings.Contains(answer, canary) {
			t.Errorf("the secret stands in %.300s", answer)
		}
	}
}

func TestSavedSecretsServeASession(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for _, kind := range []string{"bearer", "aksk", "query", "iam_password"} {
		service := p.demo("echo", kind)
		s := p.open(object{"service": service.ID})
		if s.ServiceName != service.Name || s.Service != service.ID {
			t.Errorf("%s: %+v", kind, s)
		}
		raw, _ := json.Marshal(s)
		if kind != "query" && !strings.Contains(string(raw), "••••") {
			t.Errorf("%s: nothing is masked in %s", kind, raw)
		}
	}
}
