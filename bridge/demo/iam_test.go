package demo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

func iamCredential() sign.Credential {
	return sign.Credential{
		Kind:    sign.KindIAMPassword,
		Plain:   map[string]string{"domain": demo.IAMDomain, "user": demo.IAMUser, "project": demo.IAMProject},
		Secrets: map[string]vault.Secret{"password": vault.NewSecret(demo.IAMPassword)},
	}
}

// passwordRequest is the body that IAM's reference shows; scope is the inside of
// "scope", or "".
func passwordRequest(c sign.Credential, scope string) string {
	return fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":%q}}}},"scope":{%s}}}`,
		c.Plain["user"], c.Secrets["password"].Reveal(), c.Plain["domain"], scope)
}

// ask posts a request for a token.
func (r *rig) ask(t *testing.T, endpoint, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/v3/auth/tokens?nocatalog=true", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json;charset=utf8")
	response, err := r.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func (r *rig) token(t *testing.T, endpoint, body string) string {
	t.Helper()
	response := r.ask(t, endpoint, body)
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("status %d", response.StatusCode)
	}
	return response.Header.Get("X-Subject-Token")
}

func TestIAMIssuesATokenForADay(t *testing.T) {
	r := newRig(t)
	response := r.ask(t, r.server.URL, passwordRequest(iamCredential(), `"project":{"name":"`+demo.IAMProject+`"}`))
	var body struct {
		Token struct {
			ExpiresAt time.Time `json:"expires_at"`
			Methods   []string  `json:"methods"`
		} `json:"token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	if want := r.clock.Now().Add(24 * time.Hour); response.StatusCode != http.StatusCreated || !body.Token.ExpiresAt.Equal(want) {
		t.Errorf("status %d, expires %v, want 201 and %v", response.StatusCode, body.Token.ExpiresAt, want)
	}
	token := http.Header{"X-Auth-Token": {response.Header.Get("X-Subject-Token")}}
	path := demo.Path(sign.KindIAMPassword, "echo")
	if got := r.try(t, path, token); got.Status != 101 {
		t.Errorf("fresh token: %+v", got)
	}
	r.clock.Pass(24*time.Hour - time.Second)
	if got := r.try(t, path, token); got.Status != 101 {
		t.Errorf("a second before its end: %+v", got)
	}
	r.clock.Pass(time.Second)
	if got := r.try(t, path, token); got.Code != "APIG.0307" {
		t.Errorf("a day later: %+v", got)
	}
}

func TestIAMRevokesTokens(t *testing.T) {
	r := newRig(t)
	asked := passwordRequest(iamCredential(), `"project":{"id":"`+demo.IAMProjectID+`"}`)
	token := http.Header{"X-Auth-Token": {r.token(t, r.server.URL, asked)}}
	r.RevokeTokens()
	path := demo.Path(sign.KindIAMPassword, "echo")
	if got := r.try(t, path, token); got.Code != "APIG.0307" {
		t.Errorf("revoked: %+v", got)
	}
	token.Set("X-Auth-Token", r.token(t, r.server.URL, asked))
	if got := r.try(t, path, token); got.Status != 101 {
		t.Errorf("a new one: %+v", got)
	}
	if got := r.try(t, demo.Path(sign.KindToken, "echo"), http.Header{"X-Auth-Token": {demo.Token}}); got.Status != 101 {
		t.Errorf("the published one: %+v", got)
	}
	if got := r.TokenRequests(); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}

func TestIAMRefuses(t *testing.T) {
	with := func(name, value string) sign.Credential {
		c := iamCredential()
		if name == "password" {
			c.Secrets["password"] = vault.NewSecret(value)
		} else {
			c.Plain[name] = value
		}
		return c
	}
	const project = `"project":{"name":"` + demo.IAMProject + `"}`
	tests := []struct {
		name, body string
		status     int
		message    string
	}{
		{"password", passwordRequest(with("password", "nope"), project), 401, "The username or password is wrong."},
		{"user", passwordRequest(with("user", "nope"), project), 401, "The username or password is wrong."},
		{"domain", passwordRequest(with("domain", "nope"), project), 401, "The username or password is wrong."},
		{"project", passwordRequest(iamCredential(), `"project":{"name":"nope"}`), 401, "The request you have made requires authentication."},
		{"no JSON", "nope", 400, "The request body is invalid"},
		{"another method", `{"auth":{"identity":{"methods":["hw_ak_sk"]}}}`, 400, "The request body is invalid"},
		{"too long", strings.Repeat(" ", 65<<10), 400, "The request body is invalid"},
	}
	r := newRig(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response := r.ask(t, r.server.URL, tt.body)
			var body struct {
				Error struct {
					Code    int    `json:"code"`
					Message string `json:"message"`
					Title   string `json:"title"`
				} `json:"error"`
			}
			if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.status || body.Error.Code != tt.status || body.Error.Message != tt.message || body.Error.Title != http.StatusText(tt.status) {
				t.Errorf("%d %+v", response.StatusCode, body.Error)
			}
		})
	}
}

func TestATokenWithoutAProjectIsRefused(t *testing.T) {
	r := newRig(t)
	token := http.Header{"X-Auth-Token": {r.token(t, r.server.URL, passwordRequest(iamCredential(), ""))}}
	if got := r.try(t, demo.Path(sign.KindToken, "echo"), token); got.Code != "ModelArts.0204" {
		t.Errorf("%+v", got)
	}
}
