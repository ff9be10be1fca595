package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// as adds the headers that a proxy sends for a person.
func as(user, groups string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("X-Forwarded-User", user)
		r.Header.Set("X-Forwarded-Groups", groups)
	}
}

func startProxied(t *testing.T, args ...string) *program {
	t.Helper()
	return startProxiedAt(t, nil, args...)
}

// startProxiedAt starts the program with a clock of its own; nil is the system's.
func startProxiedAt(t *testing.T, now func() time.Time, args ...string) *program {
	t.Helper()
	return startProgramOf(t, process{now: now}, append([]string{
		"--identity=headers", "--identity-preset=oauth2-proxy", "--trusted-proxies=127.0.0.1/32", "--admins=ops", "--members=dev",
		"--viewers=staff", "--demo=true", "--targets=loopback",
	}, args...)...)
}

func TestPeopleBehindAProxyAreToldApart(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	tests := []struct {
		name, method, path string
		edit               func(*http.Request)
		status             int
		said               string
	}{
		{"member", "GET", "/api/lease", as("ada", "dev"), 200, `"headers|ada"`},
		{"admin", "GET", "/api/people", as("olga", "ops"), 200, `"people"`},
		{"member at an admin's call", "GET", "/api/people", as("ada", "dev"), 403, "role admin"},
		{"nobody", "GET", "/api/lease", func(*http.Request) {}, 401, "sign_in_required"},
		{"nobody at a page", "GET", "/", page, 401, `href="/sign-in"`},
		{"stranger", "GET", "/api/lease", as("eve", "guests"), 403, "no_role"},
		{"two spellings", "GET", "/api/lease", func(r *http.Request) { as("ada", "dev")(r); r.Header["X_Forwarded_User"] = []string{"olga"} }, 400, "identity_ambiguous"},
		{"two people", "GET", "/api/lease", func(r *http.Request) { as("ada", "dev")(r); r.Header.Add("X-Forwarded-User", "olga") }, 400, "identity_ambiguous"},
		{"assets need nobody", "GET", "/assets/nothing.js", func(*http.Request) {}, 404, ""},
		{"no provider to come back from", "GET", "/sign-in/callback?code=x&state=y", page, 400, ""},
	}
	for _, tt := range tests {
		res, body := p.do(tt.method, tt.path, "", nil, tt.edit)
		if res.StatusCode != tt.status && (res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(tt.name, "assets")) || !strings.Contains(string(body), tt.said) {
			t.Errorf("%s: %d %s", tt.name, res.StatusCode, body)
		}
	}
	res, body := p.do("GET", "/settings/identity", "", nil, func(r *http.Request) { as("olga", "ops")(r); r.Header.Set("X-Internal-Token", "canary-value") })
	for _, want := range []string{"X-Forwarded-User", "X_forwarded_user", "X-Internal-Token", "refused: identity_ambiguous", "refused: no_role", "admin (ops)", "127.0.0.1/32"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the operator's page lacks %q: %d", want, res.StatusCode)
		}
	}
	for _, value := range []string{"canary-value", "guests"} {
		if strings.Contains(string(body), value) {
			t.Errorf("the operator's page shows the value %q", value)
		}
	}
}

// A program has no cookie: any request of its person renews its sockets.
func TestSocketOfAProgramLivesByItsPersonsRequests(t *testing.T) {
	t.Parallel()
	p := startProxied(t, leaseArgs()...)
	service := ""
	_, body := p.do("GET", "/api/services", "", nil, as("ada", "dev"))
	for part := range strings.SplitSeq(string(body), `"id":"`) {
		if strings.Contains(part, `"demo":"ticker"`) {
			service, _, _ = strings.Cut(part, `"`)
		}
	}
	_, body = p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+service+`"}`), as("ada", "dev"))
	_, rest, _ := strings.Cut(string(body), `"id":"`)
	session, _, _ := strings.Cut(rest, `"`)
	header := http.Header{"Origin": {p.url}, "X-Forwarded-User": {"ada"}, "X-Forwarded-Groups": {"dev"}}
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/api/sessions/"+session+"/attach", &websocket.DialOptions{
		Subprotocols: []string{wire.Subprotocol}, HTTPHeader: header,
	})
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(16 << 20)
	ended := followed(&viewer{t: t, conn: conn})
	ctx, cancel := context.WithTimeout(t.Context(), 2*lease+2*grace)
	defer cancel()
	for ctx.Err() == nil {
		p.do("GET", "/api/lease", "", nil, as("ada", "dev"))
		select {
		case e := <-ended:
			t.Fatalf("ended with %+v while its person asks", e)
		case <-ctx.Done():
		case <-time.After(lease / 3):
		}
	}
	last := time.Now()
	if e := <-ended; e.code != 4401 || e.at.Sub(last) > lease+2*time.Second {
		t.Errorf("ended after %v with %+v", e.at.Sub(last), e)
	}
}

func TestUncheckedCertificateIsForAdminsWhereItIsAllowed(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		p := startProxied(t, fmt.Sprintf("--allow-skip-verify=%t", allowed))
		at := startPeer(t).address()
		for groups, may := range map[string]bool{"dev": false, "ops": allowed} {
			who := p.teammate("of "+groups, groups)
			for path, body := range map[string]string{
				"/api/sessions": `{"address":"` + at + `","tls":{"skip_verify":true}}`,
				"/api/services": `{"name":"of ` + groups + `","address":"` + at + `","tls":{"skip_verify":true}}`,
			} {
				if came, raw := who.tries(call{"POST", path}, path, body); (came == "skip_verify_refused") == may {
					t.Errorf("%s, allowed %t: %s: %s %s", groups, allowed, path, came, raw)
				}
			}
		}
		// One that an admin saved is dialled by nobody who may not.
		if came, raw := p.teammate("of dev", "dev").tries(call{"POST", ""}, "/api/sessions", `{"service":"of ops"}`); allowed && came != "skip_verify_refused" {
			t.Errorf("allowed %t: saved: %s %s", allowed, came, raw)
		}
	}
}
