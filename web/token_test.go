package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
	"duplex/web/internal/ssotest"
)

// token makes an access token of the person who sits at b.
func (b *browser) token(scopes string) (id, token string) {
	b.t.Helper()
	res, body := b.ask("POST", "/api/tokens", `{"name":"nightly","scopes":[`+scopes+`],"days":7}`)
	var made struct{ ID, Token string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || res.StatusCode != http.StatusCreated {
		b.t.Fatal(res.StatusCode, body)
	}
	return made.ID, made.Token
}

// script is a program of no browser: no cookies, no Origin.
func (m *team) script(token string) *browser {
	m.t.Helper()
	b := m.browser()
	b.http.Jar = nil
	b.http.Transport = withToken{b.http.Transport, token}
	return b
}

type withToken struct {
	http.RoundTripper

	token string
}

func (t withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+t.token)
	r.Header.Del("Origin")
	return t.RoundTripper.RoundTrip(r)
}

func TestTokenDoesWhatItIsForAndNoMore(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada := m.enter("ada")
	id, token := ada.token(`"sessions","relay"`)
	script := m.script(token)
	session := script.open()
	viewer := followed(script.attach(session, 0))
	relay, _, err := script.dial("/relay/" + strings.ReplaceAll(demoName(t, ada, "echo"), " ", "%20") + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, path, body, code string }{
		{"GET", "/api/sessions/" + session, "", ""},
		{"DELETE", "/api/services/x", "", "scope_required"},
		{"POST", "/api/tokens", `{"name":"more","scopes":["read"]}`, "scope_required"},
		{"GET", "/api/tokens", "", "scope_required"},
		{"GET", "/api/people", "", "role_required"},
		{"POST", "/api/sign-out", `{"everywhere":true}`, "scope_required"},
	} {
		if _, body := script.ask(c.method, c.path, c.body); codeOf(body) != c.code {
			t.Errorf("%s %s: %s, want %q", c.method, c.path, body, c.code)
		}
	}
	if _, body := ada.ask("GET", "/api/tokens", ""); !strings.Contains(body, id) || strings.Contains(body, token) || strings.Contains(body, `"used_at_us":0`) {
		t.Errorf("tokens: %s", body)
	}
	out := time.Now()
	if res, body := ada.ask("DELETE", "/api/tokens/"+id, ""); res.StatusCode != http.StatusNoContent {
		t.Fatalf("revoke: %d %s", res.StatusCode, body)
	}
	if e := <-viewer; e.code != 4401 || e.at.Sub(out) > 2*time.Second {
		t.Errorf("the viewer ends with %+v after %v", e, e.at.Sub(out))
	}
	if _, _, err := relay.Read(t.Context()); websocket.CloseStatus(err) != 4401 {
		t.Errorf("the relay ends with %v", err)
	}
	if _, body := script.ask("GET", "/api/sessions", ""); codeOf(body) != "token_refused" {
		t.Errorf("revoked: %s", body)
	}
	var state wire.State
	_, body := ada.ask("GET", "/api/sessions/"+session, "")
	if err := json.Unmarshal([]byte(body), &state); err != nil || state.State != "open" {
		t.Errorf("the session ends with its viewer: %s", body)
	}
}

func TestTokenThatIsAskedForWronglyIsNotMade(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada := m.enter("ada")
	for body, want := range map[string]string{
		`{"scopes":["read"]}`:                        "missing_field",
		`{"name":"x"}`:                               "missing_field",
		`{"name":"x","scopes":["everything"]}`:       "bad_value",
		`{"name":"x","scopes":[""]}`:                 "bad_value",
		`{"name":"x","scopes":["read"],"days":0}`:    "bad_value",
		`{"name":"x","scopes":["read"],"days":1000}`: "bad_value",
	} {
		if _, answer := ada.ask("POST", "/api/tokens", body); codeOf(answer) != want {
			t.Errorf("%s: %s, want %s", body, answer, want)
		}
	}
	if _, body := ada.ask("DELETE", "/api/tokens/nothing", ""); codeOf(body) != "token_not_found" {
		t.Error(body)
	}
}

// A token has no more rights on a socket than in requests.
func TestTokenThatReadsOnlyWatches(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada := m.enter("ada")
	_, token := ada.token(`"read"`)
	session := ada.open()
	watching := m.script(token).attach(session, 0)
	watching.awaitState(func(s *wire.State) bool { return s.Access.Mine })
	if a := watching.state.Access; a.MaySend || a.MayManage {
		t.Errorf("it is told %+v", a)
	}
	for _, e := range []wire.ViewerEvent{{Type: wire.TypeSend, ClientID: "t1", Opcode: "text", Text: "hello"}, {Type: wire.TypeClose}} {
		watching.say(e)
		watching.await(func(got wire.ServerEvent) bool {
			if got.Type == "sent" || got.Type == "state" && got.State.State != "open" {
				t.Fatalf("%s: %+v", e.Type, got)
			}
			return got.Type == "refused" && got.Error.Code == "scope_required"
		})
	}
	if _, log := m.enter("olga").ask("GET", "/api/audit?format=jsonl", ""); !strings.Contains(log, `"detail":"scope_required"`) {
		t.Errorf("the audit log lacks it: %s", log)
	}
}

// A person who loses groups while signed in loses them for their programs too.
func TestTokenFollowsWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, leaseArgs()...)
	ada := m.enter("ada")
	_, token := ada.token(`"sessions"`)
	script := m.script(token)
	watching := followed(script.attach(script.open(), 0))
	m.provider.Regroup("ada", "strangers")
	for {
		if _, body := ada.ask("GET", "/api/lease", ""); codeOf(body) == "no_role" {
			break
		}
		<-time.After(lease / 10)
	}
	if _, body := script.ask("GET", "/api/sessions", ""); codeOf(body) != "no_role" {
		t.Errorf("her program: %s", body)
	}
	if e := <-watching; e.code != 4401 {
		t.Errorf("its socket ends with %+v", e)
	}
}

// The provider is asked about the person of a token although they do nothing themselves:
// for the token's requests and for its sockets.
func TestTokenAsksTheProviderWithoutItsPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(m *team)
		code   string
	}{
		"in no group any more": {func(m *team) { m.provider.Regroup("ada", "strangers") }, "no_role"},
		"gone":                 {func(m *team) { m.provider.SignOut("ada") }, "token_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := startTeam(t, ssotest.Options{}, leaseArgs()...)
			ada := m.enter("ada")
			_, token := ada.token(`"sessions"`)
			script := m.script(token)
			watching := followed(script.attach(script.open(), 0))
			c.change(m)
			select {
			case e := <-watching:
				if e.code != 4401 {
					t.Errorf("its socket ends with %+v", e)
				}
			case <-time.After(10 * lease):
				t.Error("its socket stays")
			}
			if _, body := script.ask("GET", "/api/sessions", ""); codeOf(body) != c.code {
				t.Errorf("her program: %s", body)
			}
			m.provider.Regroup("ada", "dev")
			m.enter("ada")
			if _, body := script.ask("GET", "/api/sessions", ""); codeOf(body) != "" {
				t.Errorf("after she came back: %s", body)
			}
		})
	}
}

// A target may answer late: a person who is signed out meanwhile does not get the relay.
func TestRelayIsNotOpenedForWhoWasSignedOutMeanwhile(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada := m.enter("ada")
	asked, answer := make(chan struct{}), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_, _, _ = conn.Read(r.Context())
		_ = conn.CloseNow()
	}))
	t.Cleanup(slow.Close)
	_, body := ada.ask("POST", "/api/services", `{"name":"slow","address":"`+slow.URL+`"}`)
	if codeOf(body) != "" {
		t.Fatal(body)
	}
	_, token := ada.token(`"relay"`)
	script, answered := m.script(token), make(chan int, 1)
	go func() {
		_, res, _ := script.dial("/relay/slow/")
		answered <- res.StatusCode
	}()
	<-asked
	if res, body := ada.ask("POST", "/api/sign-out", `{"everywhere":true}`); res.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	close(answer)
	if status := <-answered; status != http.StatusUnauthorized {
		t.Errorf("answered with %d", status)
	}
}
