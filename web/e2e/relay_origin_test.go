//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// app is a web app that uses the relay: a page, and a server that gets tickets for it.
type app struct {
	t       *testing.T
	origin  string // http://app.localhost:port
	console string
	bearer  string // the app's access token; "" with one local user
	service string
}

// appPage connects with the WebSocket of the browser and returns the result.
const appPage = `<!doctype html><title>app</title><script>
async function relay(url, ...subprotocols) {
  return new Promise((done) => {
    const socket = new WebSocket(url, subprotocols)
    socket.onopen = () => socket.send("hello")
    socket.onmessage = (event) => { done(event.data + " " + socket.protocol); socket.close() }
    socket.onerror = () => done("refused")
  })
}
async function ticket() { return (await fetch("/ticket")).json() }
</script>`

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{t: t}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.origin = strings.Replace(server.URL, "127.0.0.1", "app.localhost", 1)
	return a
}

// ServeHTTP implements http.Handler.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/ticket" {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, appPage)
		return
	}
	body, _ := json.Marshal(object{"service": a.service})
	port := a.console[strings.LastIndexByte(a.console, ':'):]
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "http://127.0.0.1"+port+"/api/relay-tickets", bytes.NewReader(body))
	if err != nil {
		a.t.Error(err)
		return
	}
	req.Host = strings.TrimPrefix(a.console, "http://")
	req.Header.Set("Content-Type", "application/json")
	if a.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+a.bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Error(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

// runs runs a script in the page of an origin and compares its result.
func (a *app) runs(p *page, origin, way, script, want string) {
	p.t.Helper()
	p.visit(origin + "/")
	script = strings.ReplaceAll(script, "URL", fmt.Sprintf("%q", "ws"+strings.TrimPrefix(a.console, "http")+"/relay/"+a.service))
	got := p.await("(async () => { " + script + " })()")
	if start, open := strings.CutSuffix(want, "…"); got != want && (!open || !strings.HasPrefix(got, start)) {
		p.t.Errorf("%s: %q, want %q", way, got, want)
	}
}

func TestPageOfAnotherOriginUsesTheRelayOfATeamWithATicket(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.console, _ = startAtProvider(t, "--relay-origins="+a.origin)
	p := browse(t, 1440, 900)
	p.visit(a.console + "/connect")
	p.signInAs("ada")
	a.service = p.demo("echo", "id")
	a.bearer = p.await(`fetch("/api/tokens", {method: "POST", headers: {"Content-Type": "application/json"}, body: '{"name":"app","scopes":["relay"]}'})
		.then((r) => r.json()).then(({token}) => token)`)
	a.runs(p, a.origin, "by ticket", `const {url, subprotocol} = await ticket(); return relay(url, subprotocol)`, "hello duplex.ticket.…")
	a.runs(p, a.origin, "by ticket in the address", `const {url, ticket: t} = await ticket(); return relay(url + "?ticket=" + t)`, "hello ")
	a.runs(p, a.origin, "with a subprotocol that nobody chooses", `const {url, subprotocol} = await ticket(); return relay(url, "other", subprotocol)`, "refused")
	a.runs(p, a.origin, "with the person's cookie alone", `return relay(URL)`, "refused")
	a.runs(p, a.origin, "by a used ticket", `const {url, subprotocol} = await ticket(); await relay(url, subprotocol); return relay(url, subprotocol)`, "refused")
	elsewhere := strings.Replace(a.origin, "app.", "evil.", 1)
	a.runs(p, elsewhere, "by ticket from another origin", `const {url, subprotocol} = await ticket(); return relay(url, subprotocol)`, "refused")
}

func TestListedPageUsesTheRelayOfOneLocalUser(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	s := start(t, t.TempDir())
	a.console = s.URL
	var saved service
	body := object{"name": "for the app", "address": s.demo("echo", "none").Address, "relay_origins": []string{a.origin}}
	if status, raw := s.call(http.MethodPost, "/api/services", body, &saved); status != http.StatusCreated {
		t.Fatalf("save: %d %s", status, raw)
	}
	a.service = saved.ID
	p := browse(t, 1440, 900)
	a.runs(p, a.origin, "by its origin", `return relay(URL)`, "hello ")
	a.runs(p, a.origin, "by ticket", `const {url, subprotocol} = await ticket(); return relay(url, subprotocol)`, "hello duplex.ticket.…")
	a.runs(p, strings.Replace(a.origin, "app.", "evil.", 1), "by another origin", `return relay(URL)`, "refused")
	a.service = s.demo("echo", "none").ID
	a.runs(p, a.origin, "by the origin of another service", `return relay(URL)`, "refused")
}
