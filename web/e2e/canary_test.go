//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/sign"
	"duplex/web/internal/canary"
)

// These tests use each secret in every way that a secret can be used. The search for known
// secrets, under which every test runs, makes the assertions.

// secretKinds returns the kinds of credential that have a secret of a fixed name.
func secretKinds() []sign.Kind {
	var kinds []sign.Kind
	for _, scheme := range sign.Schemes() {
		if scheme.Kind != sign.KindNone && !scheme.Named() {
			kinds = append(kinds, scheme.Kind)
		}
	}
	return kinds
}

// enter chooses a kind of credential and types its fields.
func (p *page) enter(g *gate, kind sign.Kind) {
	p.t.Helper()
	p.click("tab-auth")
	p.choose("auth-kind", string(kind))
	c := g.credential(kind)
	scheme, _ := sign.SchemeOf(kind)
	for _, field := range scheme.Fields {
		switch {
		case field.Secret:
			p.fill("auth-"+field.Name, c.Secrets[field.Name].Reveal())
		case field.Choices == nil:
			p.put("auth-"+field.Name, c.Plain[field.Name])
		}
	}
}

func TestSecretsTypedIntoThePageConnectAndAreGone(t *testing.T) {
	t.Parallel()
	s, g := start(t, t.TempDir(), "--log-level=debug"), newGate(t)
	p := browseOnDisk(t, 1440, 900)
	for _, kind := range secretKinds() {
		t.Run(string(kind), func(t *testing.T) {
			p.t = t
			p.visit(s.URL + "/connect")
			p.ready()
			p.fill("address", g.URL+"/"+string(kind)+"/echo")
			p.enter(g, kind)
			p.fill("service-name", "typed "+string(kind))
			p.click("save")
			p.until(`/^\/services\/[0-9a-f-]{36}$/.test(location.pathname)`)
			p.connect()
			p.compose("text", "hello")
			p.sent(3)
			kept := p.eval(`[...document.querySelectorAll("input, textarea")].map((input) => input.value).join("\n")`)
			p.watch.Search("a field of a page, after it was saved", []byte(kept))
			p.click("disconnect")
			p.untilStatus(closed)
		})
	}
	p.t = t
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

func TestSecretsSentByScriptsAreFoundNowhere(t *testing.T) {
	t.Parallel()
	s, g := start(t, t.TempDir(), "--log-level=debug"), newGate(t)
	for _, kind := range secretKinds() {
		t.Run(string(kind), func(t *testing.T) {
			saved := s.keepService(t, g, kind)
			session := s.open(object{"service": saved.ID})
			s.send(session, "text", []byte("hello"))
			s.awaitReceived(session, 1)
			s.readEverywhere(saved.ID, session)
			s.relayed(t, saved.ID)
			for range 8 {
				echoed := s.open(object{"service": saved.ID, "address": g.URL + "/" + string(kind) + "/parrot-close"})
				s.awaitClosed(echoed)
				s.readEverywhere(saved.ID, echoed)
			}
			s.open(object{"address": g.URL + "/" + string(kind) + "/echo", "credential": g.entered(kind)})
			s.refuseInEveryWay(g, kind, saved)
			if status, raw := s.call(http.MethodPut, "/api/services/"+saved.ID+"/secrets/"+secretField(kind), object{"targets": []string{"*.service.example", "127.0.0.1"}, "tls": false}, nil); status != http.StatusOK {
				t.Errorf("bind: %d %s", status, raw)
			}
		})
	}
	s.keepsSecretsUnderANewKey(t)
}

func secretField(kind sign.Kind) string {
	scheme, _ := sign.SchemeOf(kind)
	i := slices.IndexFunc(scheme.Fields, func(f sign.Field) bool { return f.Secret })
	return scheme.Fields[i].Name
}

// keepService saves a service with a secret, and saves it again with the secret entered
// again.
func (s *server) keepService(t *testing.T, g *gate, kind sign.Kind) (saved service) {
	t.Helper()
	body := object{"name": "canary " + string(kind), "address": g.URL + "/" + string(kind) + "/echo", "credential": g.entered(kind)}
	if status, raw := s.call(http.MethodPost, "/api/services", body, &saved); status != http.StatusCreated {
		t.Fatalf("save: %d %s", status, raw)
	}
	if status, raw := s.call(http.MethodPut, "/api/services/"+saved.ID, body, nil); status != http.StatusOK {
		t.Fatalf("save again: %d %s", status, raw)
	}
	return saved
}

// readEverywhere reads every page and API answer about a service and a session.
func (s *server) readEverywhere(service, session string) {
	s.t.Helper()
	for _, path := range []string{
		"/", "/connect", "/services/new", "/services/" + service, "/api/services", "/api/services/" + service, "/sessions/" + session, "/api/sessions",
		"/api/sessions/" + session, "/api/sessions/" + session + "/messages", "/api/sessions/" + session + "/messages/1",
		"/api/sessions/" + session + "/export?format=jsonl", "/api/sessions/" + session + "/export?format=har", "/api/sessions/" + session + "/export?format=txt",
		"/history", "/history?q=hello", "/api/search?q=hello", "/audit", "/api/audit", "/settings", "/metrics", "/healthz",
	} {
		if status, raw := s.do(http.MethodGet, path, "", nil, nil); status != http.StatusOK {
			s.t.Errorf("%s: %d %.200s", path, status, raw)
		}
	}
}

// relayed sends a message through a relay and reads its echo.
func (s *server) relayed(t *testing.T, service string) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/relay/"+service+"/", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {s.URL}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err != nil {
		t.Error(err)
	}
}

// refuseInEveryWay opens sessions that fail, with the saved and with an entered secret: at
// a peer that sends it back, where nobody listens, at the console itself.
func (s *server) refuseInEveryWay(g *gate, kind sign.Kind, saved service) {
	s.t.Helper()
	base := g.URL + "/" + string(kind)
	for address, code := range map[string]string{
		base + "/parrot-header": "handshake_refused", base + "/parrot-body": "handshake_refused", base + "/parrot-redirect": "handshake_refused",
		g.URL + "/none-of-these/echo": "handshake_refused", "ws://127.0.0.1:9/x": "secret_not_for_target", "ftp://" + base: "bad_address",
		"ws://169.254.169.254/": "target_blocked",
	} {
		for _, body := range []object{{"service": saved.ID, "address": address}, {"address": address, "credential": g.entered(kind)}} {
			var answer struct{ Error struct{ Code string } }
			if status, raw := s.call(http.MethodPost, "/api/sessions", body, &answer); status < 400 {
				s.t.Errorf("%s: %d, want %s: %.200s", address, status, code, raw)
			}
		}
	}
}

// keepsSecretsUnderANewKey rotates the key as the README describes.
func (s *server) keepsSecretsUnderANewKey(t *testing.T) {
	t.Helper()
	path := filepath.Join(s.Data, "keys")
	keys, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append([]byte("next:"+strings.Repeat("4", 64)+"\n"), keys...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []string{"rewrap", "check"} {
		if out, code := command(t, "secrets", do, "--data", s.Data); code != 0 || !strings.Contains(out, "secrets") {
			t.Errorf("secrets %s ended with %d: %s", do, code, out)
		}
	}
	for _, export := range [][]string{{"audit", "verify"}, {"audit", "export"}} {
		if out, code := command(t, append(export, "--data", s.Data)...); code != 0 {
			t.Errorf("%v ended with %d: %.200s", export, code, out)
		}
	}
}

// Secrets in the answer to a handshake are masked, also in a refusal.
func TestPeerThatSendsTheHandshakeBackShowsNoSecret(t *testing.T) {
	t.Parallel()
	s, g := start(t, t.TempDir(), "--log-level=debug"), newGate(t)
	p := browseOnDisk(t, 1440, 900)
	for _, kind := range []sign.Kind{sign.KindHeader, sign.KindQuery, sign.KindAKSK, sign.KindBasic} {
		p.visit(s.URL + "/services/" + s.keepService(t, g, kind).ID)
		p.ready()
		for _, endpoint := range []string{"parrot-welcome", "parrot-cookie"} {
			p.fill("address", g.URL+"/"+string(kind)+"/"+endpoint)
			p.connect()
			s.readEverywhere(s.demo("echo", "none").ID, p.session())
			p.click("side-session")
			p.until(`document.body.textContent.includes("` + sign.Masked + `")`)
			p.click("disconnect")
			p.untilStatus(closed)
			p.visit(s.URL + "/services/" + s.serviceNamed("canary "+string(kind)).ID)
			p.ready()
		}
		p.fill("address", g.URL+"/"+string(kind)+"/parrot-body")
		p.click("connect")
		p.until(`document.querySelector("[data-testid=diagnosis]").textContent.includes("401")`)
	}
}

func (s *server) serviceNamed(name string) service {
	s.t.Helper()
	for _, v := range s.services() {
		if v.Name == name {
			return v
		}
	}
	s.t.Fatalf("no service %s", name)
	return service{}
}

// Messages are not masked, also where a service puts a secret of the handshake into one:
// the README warns of that.
func TestMessageThatHoldsASecretStaysAsItPassed(t *testing.T) {
	t.Parallel()
	const own = "not-one-of-the-table-0001" // the net would catch those
	s := start(t, t.TempDir())
	session := s.open(object{
		"address": strings.Replace(s.demo("echo", "none").Address, "/echo", "/headers", 1), "credential": object{"kind": "header", "name": "X-Own", "value": own},
	})
	row := s.awaitReceived(session, 1)[0]
	if body := string(s.body(session, row.Seq)); !strings.Contains(body, own) {
		t.Errorf("the message says %s", body)
	}
}

func TestAccessTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	console, _ := startAtProvider(t, "--log-level=debug")
	p := browseOnDisk(t, 1440, 900)
	p.visit(console + "/connect")
	p.signInAs("ada")
	token := p.makeToken(console)
	for path, want := range map[string]int{"/api/services": http.StatusOK, "/api/sessions": http.StatusOK, "/api/tokens": http.StatusForbidden, "/api/audit": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(console, "duplex.localhost", "127.0.0.1", 1)+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = strings.TrimPrefix(console, "http://")
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d", path, res.StatusCode)
		} else if want == http.StatusOK {
			canaries.Use(accessToken)
		}
	}
	for _, path := range []string{"/account", "/api/tokens"} {
		p.visit(console + path)
		p.until(`document.body.textContent.includes("nightly")`)
	}
}

// makeToken makes an access token on the account page and adds it to the known secrets.
func (p *page) makeToken(console string) string {
	p.t.Helper()
	p.visit(console + "/account")
	p.fill("token-name", "nightly")
	p.click("token-make")
	p.until(`document.querySelector("[data-testid=token-text]").value !== ""`)
	token := p.eval(`document.querySelector("[data-testid=token-text]").value`)
	p.settle() // the tap may still be reading the one answer that says it
	canaries.Add(canary.Secret{Name: accessToken, Value: token})
	return token
}
