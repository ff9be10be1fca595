package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
	"duplex/web/internal/ssotest"
)

// team is a program behind a proxy that speaks TLS, as teams reach it.
type team struct {
	*program

	public   string // https://...
	provider *ssotest.Provider
}

// front starts a proxy that passes on requests as they are, the Host included.
func front(t *testing.T) (public string, serve func(backend string)) {
	t.Helper()
	var backend atomic.Pointer[url.URL]
	server := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend.Load())
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(server.Close)
	return server.URL, func(address string) {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		backend.Store(u)
	}
}

// startTeam runs the program in mode oidc. The provider has another host name than
// the console, because cookies do not tell ports apart.
func startTeam(t *testing.T, o ssotest.Options, args ...string) *team {
	t.Helper()
	o.Host = "sso.localhost"
	p := ssotest.Start(t, o)
	public, serve := front(t)
	p.Allow(public+"/sign-in/callback", public+"/signed-out")
	program := startProgram(t, append([]string{
		"--identity=oidc", "--public-url=" + public, "--oidc-issuer=" + p.Issuer, "--oidc-client-id=" + ssotest.ClientID,
		"--oidc-client-secret=" + ssotest.ClientSecret, "--admins=ops", "--members=dev", "--viewers=staff",
		"--demo=true", "--targets=loopback",
	}, args...)...)
	serve(program.url)
	return &team{program, public, p}
}

// browser is a person's, with its cookies.
type browser struct {
	t    testing.TB
	team *team
	http *http.Client
}

func (m *team) browser() *browser {
	m.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		m.t.Fatal(err)
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, strings.NewReplacer("sso.localhost", "127.0.0.1", "sso.outside.example", "127.0.0.1").Replace(address))
		},
	}
	m.t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: m.t, team: m, http: &http.Client{Jar: jar, Transport: transport}}
}

// ask makes a request as a page's script does.
func (b *browser) ask(method, path, body string, edit ...func(*http.Request)) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.team.public+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", b.team.public)
	}
	for _, f := range edit {
		f(req)
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, string(raw)
}

// page says that a person opens a page.
func page(r *http.Request) { r.Header.Set("Accept", "text/html") }

// signIn opens a page and signs a person in at the provider.
func (b *browser) signIn(person, path string) (*http.Response, string) {
	b.t.Helper()
	res, body := b.ask("GET", path, "", page)
	_, rest, found := strings.Cut(body, `action="`)
	if !found {
		b.t.Fatalf("no page to sign in at: %d at %s: %s", res.StatusCode, res.Request.URL, body)
	}
	action, _, _ := strings.Cut(rest, `"`)
	u, err := res.Request.URL.Parse(action)
	if err != nil {
		b.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, u.String(), strings.NewReader(url.Values{"person": {person}}.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if res, err = b.http.Do(req); err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, string(raw)
}

// enter signs a person in, in a browser of their own.
func (m *team) enter(person string) *browser {
	m.t.Helper()
	b := m.browser()
	if res, body := b.signIn(person, "/history"); res.StatusCode != http.StatusOK || res.Request.URL.Path != "/history" {
		m.t.Fatalf("%s is not let in: %d at %s: %s", person, res.StatusCode, res.Request.URL, body)
	}
	return b
}

// codeOf is the code of an answer that is an error.
func codeOf(body string) string {
	var e struct{ Error wire.Error }
	_ = json.Unmarshal([]byte(body), &e)
	return e.Error.Code
}

// open opens a session with the demo's ticker and returns its id.
func (b *browser) open() string {
	b.t.Helper()
	var list struct{ Services []savedService }
	_, body := b.ask("GET", "/api/services", "")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		b.t.Fatal(err)
	}
	for _, s := range list.Services {
		if s.Demo != "ticker" {
			continue
		}
		var opened wire.State
		_, body := b.ask("POST", "/api/sessions", `{"service":"`+s.ID+`","params":[{"name":"rate","value":"20"},{"name":"count","value":"0"}]}`)
		if err := json.Unmarshal([]byte(body), &opened); err != nil || opened.ID == "" {
			b.t.Fatal(body, err)
		}
		return opened.ID
	}
	b.t.Fatalf("no ticker: %s", body)
	return ""
}

// dial opens a socket with the browser's cookies.
func (b *browser) dial(path string, subprotocols ...string) (*websocket.Conn, *http.Response, error) {
	b.t.Helper()
	conn, res, err := websocket.Dial(b.t.Context(), "wss"+strings.TrimPrefix(b.team.public, "https")+path, &websocket.DialOptions{
		HTTPClient: b.http, Subprotocols: subprotocols, HTTPHeader: http.Header{"Origin": {b.team.public}},
	})
	if err == nil {
		b.t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, res, err
}

func (b *browser) attach(session string, after int64) *viewer {
	b.t.Helper()
	conn, _, err := b.dial("/api/sessions/"+session+"/attach?after="+fmt.Sprint(after), wire.Subprotocol)
	if err != nil {
		b.t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	return &viewer{t: b.t, conn: conn, after: after}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// end is the end of a viewer's socket.
type end struct {
	at   time.Time
	code websocket.StatusCode
	bye  *wire.Error // the last thing that was said
}

// followed reads a viewer to its end.
func followed(v *viewer) <-chan end {
	ended := make(chan end, 1)
	go func() {
		var bye *wire.Error
		for {
			e, err := v.next()
			if err != nil {
				ended <- end{time.Now(), websocket.CloseStatus(err), bye}
				return
			}
			if e.Type == "bye" {
				bye = e.Error
			}
		}
	}()
	return ended
}
