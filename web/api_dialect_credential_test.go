package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

const (
	spokenKey   = "canary-spoken-Kj3n9Qw"
	spokenToken = "canary-minted-Zp7xB2t"
)

// speaking is a dialect whose secret goes into every part of a connection.
var speaking = dialectJSON(`"vars":{"voice":{"default":"bass"},"region":{}},"secrets":["api_key",{"name":"pin","optional":true}],
	"sign":{"let":[["sum","{{region|hmac_sha256:secret.api_key|hex}}"]],"query":[["sum","{{sum}}"]]},
	"handshake":{"headers":[["x-API-key","Key {{secret.api_key}}"],["X-Pin","{{secret.pin}}"]],"query":[["voice","{{voice}}"],["key","{{secret.api_key}}"]],
		"subprotocols":["realtime","insecure.{{secret.api_key}}"]},
	"open":[{"send":{"text":"{\"auth\":\"{{secret.api_key}}\",\"voice\":\"{{voice}}\"}"}}]`)

func TestSecretsOfADialectGoWhereItSaysAndAreNeverShown(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": "spoken", "address": "ws://" + service.host() + "/v1?a=%41", "dialect": json.RawMessage(speaking),
		"credential": object{"kind": "dialect", "vars": object{"region": "north"}, "secrets": object{"api_key": spokenKey}},
	}, http.StatusCreated, &saved)
	session := p.open(object{"service": saved.ID})
	got := awaitHeard(t, service, `"auth":`)
	for _, want := range []string{
		"GET /v1?a=%41&voice=bass&key=" + spokenKey + "&sum=", "X-Api-Key: Key " + spokenKey + "\n", "realtime,insecure." + spokenKey + "\n",
		`{"auth":"` + spokenKey + `","voice":"bass"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the service did not get %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "X-Pin") {
		t.Error("a header without its optional secret was sent")
	}
	_, sum, _ := strings.Cut(got, "&sum=")
	sum, _, _ = strings.Cut(sum, " ")
	sum, _, _ = strings.Cut(sum, "\n")
	shown := p.shows(session.ID)
	for _, hidden := range []string{spokenKey, sum} {
		if len(hidden) < 8 || strings.Contains(shown, hidden) {
			t.Errorf("%q is shown", hidden)
		}
	}
	if !strings.Contains(shown, "{{secret.api_key}}") {
		t.Error("the log does not name the secret of a message")
	}
	p.relays(t, saved.ID)
	if got := service.all(); !strings.Contains(got, "X-Api-Key: Key "+spokenKey) {
		t.Errorf("a relay sends %s", got)
	}
	if e := p.refused("POST", "/api/sessions", object{"service": saved.ID, "headers": []object{{"name": "X-Api-Key", "value": "by hand"}}}, http.StatusBadRequest); e.Code != "header_conflict" || e.Field != "headers" {
		t.Errorf("%+v", e)
	}
}

func TestCredentialOfADialectIsKeptReplacedAndDeleted(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	body := func(credential any) object {
		return object{"name": "spoken", "address": "ws://" + service.host(), "dialect": json.RawMessage(speaking), "credential": credential}
	}
	var saved savedService
	raw := p.call("POST", "/api/services", body(object{"kind": "dialect", "vars": object{"region": "north"}, "secrets": object{"api_key": spokenKey, "pin": "pin-123456"}}), http.StatusCreated, &saved)
	if vars := fmt.Sprint(saved.Credential["vars"]); vars != "map[region:north]" || strings.Contains(string(raw), spokenKey) {
		t.Errorf("%s", raw)
	}
	path := "/api/services/" + saved.ID
	p.call("PUT", path, json.RawMessage(raw), http.StatusOK, nil) // an answer sent back
	uses := func(want ...string) {
		t.Helper()
		p.open(object{"service": saved.ID})
		got := awaitHeard(t, service, `"auth":`)
		for _, text := range want {
			if without, no := strings.CutPrefix(text, "!"); strings.Contains(got, strings.TrimPrefix(text, "!")) == no {
				t.Errorf("%s: %s", without, got)
			}
		}
	}
	uses("Key "+spokenKey, "X-Pin: pin-123456")
	p.call("PUT", path, body(object{"kind": "dialect", "vars": object{"region": "south"}, "secrets": object{"pin": nil, "api_key": "another-key"}}), http.StatusOK, nil)
	uses("Key another-key", "!X-Pin")
	p.call("PUT", path, body(object{"kind": "dialect", "vars": object{"region": "south"}}), http.StatusOK, nil) // left out, it stays
	uses("Key another-key")
	for _, c := range []struct {
		credential  object
		code, field string
	}{
		{object{"kind": "dialect", "vars": object{"region": "x"}, "secrets": object{"api_key": nil}}, "missing_secret", "credential.secrets.api_key"},
		{object{"kind": "dialect", "secrets": object{"api_key": spokenKey}}, "missing_variable", "credential.vars.region"},
		{object{"kind": "dialect", "vars": object{"volume": "11", "region": "x"}}, "unknown_variable", "credential.vars.volume"},
		{object{"kind": "dialect", "vars": object{"region": "x"}, "secrets": object{"key": "not-known"}}, "credential_field_unknown", "credential.secrets.key"},
		{object{"kind": "dialect", "vars": object{"region": "x"}, "secrets": object{"api_key": "short"}}, "secret_too_short", "credential.secrets.api_key"},
		{object{"kind": "dialect", "vars": object{"region": []string{"x"}}}, "bad_value", "credential.vars.region"},
		{object{"kind": "dialect", "voice": "bass"}, "credential_field_unknown", "credential.voice"},
	} {
		for _, call := range []struct{ method, path string }{{"PUT", path}, {"POST", "/api/sessions"}} {
			request := body(c.credential)
			if call.method == "POST" {
				delete(request, "name")
				if c.field == "credential.secrets.api_key" && c.code == "missing_secret" {
					request["credential"] = object{"kind": "dialect", "vars": object{"region": "x"}}
				}
				if credential, ok := request["credential"].(object); ok && (c.code == "missing_variable" || c.code == "unknown_variable") {
					credential["secrets"] = object{"api_key": spokenKey}
				}
			}
			if e := p.refused(call.method, call.path, request, http.StatusBadRequest); e.Code != c.code || e.Field != c.field {
				t.Errorf("%s %v: %+v", call.method, c.credential, e)
			}
		}
	}
	if e := p.refused("POST", "/api/sessions", object{"address": "ws://" + service.host(), "credential": object{"kind": "dialect"}}, http.StatusBadRequest); e.Code != "missing_field" || e.Field != "dialect" {
		t.Errorf("%+v", e)
	}
	if got := service.all(); got != "" {
		t.Errorf("a refused request sent %s", got)
	}
}

// The service's own value is used before that of the environment, and that before the default.
func TestEnvironmentCompletesADialect(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	p.saveEnvironment(object{
		"name": "e", "values": object{"voice": "alto", "region": "east"},
		"secrets": object{"api_key": object{"value": "key-of-environment", "targets": []string{service.host()}}},
	})
	opens := func(credential object) string {
		t.Helper()
		body := object{"address": "ws://" + service.host(), "dialect": json.RawMessage(speaking), "environment": "e"}
		if credential != nil {
			body["credential"] = credential
		}
		p.open(body)
		return awaitHeard(t, service, `"auth":`)
	}
	if got := opens(nil); !strings.Contains(got, "voice=alto&key=key-of-environment&") {
		t.Error(got)
	}
	got := opens(object{"kind": "dialect", "vars": object{"voice": "tenor"}, "secrets": object{"api_key": "key-of-service"}})
	if !strings.Contains(got, "voice=tenor&key=key-of-service&") {
		t.Error(got)
	}
	// Another credential authenticates; the parts with a secret are left out.
	other := dialectJSON(`"vars":{"voice":{"default":"bass"}},"secrets":["api_key"],"handshake":{"headers":[["Authorization","Key {{secret.api_key}}"],["X-Voice","{{voice}}"]]}`)
	p.open(object{"address": "ws://" + service.host(), "dialect": json.RawMessage(other), "environment": "e", "credential": object{"kind": "bearer", "token": "a-bearer-token"}})
	if got := service.all(); !strings.Contains(got, "Authorization: Bearer a-bearer-token") || !strings.Contains(got, "X-Voice: alto") {
		t.Error(got)
	}
}

const mintingDialect = `"secrets":["api_key"],"mint":{"method":"POST","url":%q,"headers":[["X-Key","{{secret.api_key}}"]],"body":"{}","take":{"token":"$.token"}},
	"handshake":{"headers":[["Authorization","Bearer {{token}}"]]}`

func TestMintedTokenIsUsedOnceAndNeverShown(t *testing.T) {
	t.Parallel()
	p, service := startProgram(t), startHearing(t)
	minted := 0
	service.mint = func(w http.ResponseWriter, r *http.Request) {
		minted++
		if r.Header.Get("X-Key") != spokenKey {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, "no such key: %s", r.Header.Get("X-Key"))
			return
		}
		_, _ = fmt.Fprintf(w, `{"token":"%s-%d"}`, spokenToken, minted)
	}
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": "minted", "address": "ws://" + service.host() + "/v1", "dialect": json.RawMessage(dialectJSON(fmt.Sprintf(mintingDialect, "/mint"))),
		"credential": object{"kind": "dialect", "secrets": object{"api_key": spokenKey}},
	}, http.StatusCreated, &saved)
	var session wire.State
	for n := 1; n <= 2; n++ {
		session = p.open(object{"service": saved.ID})
		if got := service.all(); !strings.Contains(got, fmt.Sprintf("Authorization: Bearer %s-%d", spokenToken, n)) {
			t.Errorf("%d: %s", n, got)
		}
	}
	e := p.refused("POST", "/api/sessions", object{"service": saved.ID, "credential": object{"kind": "dialect", "secrets": object{"api_key": "a-wrong-key"}}}, http.StatusBadGateway)
	if e.Code != "credential_refused" || e.Field != "credential" || e.Diagnosis == nil || !strings.Contains(e.Diagnosis.Cause, service.host()) || !strings.Contains(fmt.Sprintf("%+v", e.Diagnosis), "••••") || strings.Contains(fmt.Sprintf("%+v", e), "a-wrong-key") {
		t.Errorf("%+v, %+v", e, e.Diagnosis)
	}
	if shown := p.shows(session.ID); strings.Contains(shown, spokenKey) || strings.Contains(shown, spokenToken) || strings.Contains(shown, "a-wrong-key") {
		t.Error("the key or the token is shown")
	}
}

// A member who changes the dialect cannot lead a colleague's key to another mint, nor use it
// with a dialect of their own.
func TestSecretOfADialectIsBoundToItsMintAndItsDialect(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	service, mint, evil := startHearing(t), startHearing(t), startHearing(t)
	for _, m := range []*hearing{mint, evil} {
		m.mint = func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, `{"token":%q}`, spokenToken) }
	}
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	dialectOf := func(mint string) string {
		return strings.Replace(dialectJSON(fmt.Sprintf(mintingDialect, mint+"/mint")), "test-inline", "team-minted", 1)
	}
	var ignored any
	ada.gets("POST", "/api/dialects", dialectOf(mint.URL), &ignored)
	var saved savedService
	ada.gets("POST", "/api/services", fmt.Sprintf(`{"name":"minted","address":"ws://%s","dialect":"team-minted","credential":{"kind":"dialect","secrets":{"api_key":%q}}}`, service.host(), spokenKey), &saved)
	ben.opens(saved.ID)
	if got := mint.all(); !strings.Contains(got, "X-Key: "+spokenKey) {
		t.Errorf("the mint got %s", got)
	}
	own := dialectJSON(`"secrets":["api_key"],"handshake":{"headers":[["X-Other","{{secret.api_key}}"]]}`)
	opens := func(who *teammate) string {
		_, raw := who.ask("POST", "/api/sessions", fmt.Sprintf(`{"service":%q,"dialect":%s}`, saved.ID, own))
		return codeOf(raw)
	}
	if code := opens(ben); code != "missing_secret" {
		t.Errorf("ben uses the key with a dialect of his own: %q", code)
	}
	if code := opens(ada); code != "" {
		t.Errorf("ada cannot: %q", code)
	}
	service.all()
	ben.gets("PUT", "/api/dialects/team-minted", dialectOf(evil.URL), &ignored)
	for _, who := range []*teammate{ben, ada} {
		if status, raw := who.ask("POST", "/api/sessions", `{"service":"`+saved.ID+`"}`); codeOf(raw) != "secret_not_for_target" || !strings.Contains(raw, "credential.secrets.api_key") {
			t.Errorf("%s: %d %s", who.name, status, raw)
		}
	}
	if got := evil.all() + service.all(); got != "" {
		t.Errorf("something was sent: %s", got)
	}
}
