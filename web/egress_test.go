package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-jose/go-jose/v4"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
	"duplex/web/internal/ssotest"
)

const proxyPassword = "pr0xy-Passw0rd"

// TestEverythingLeavesThroughTheProxy: a person signs in at a provider, opens a session,
// relays and gets an IAM token, all of it behind a real proxy that alone knows the names.
func TestEverythingLeavesThroughTheProxy(t *testing.T) {
	for _, test := range []struct {
		name  string
		start func(*testing.T, *outside) (proxy, log string)
	}{
		{"tinyproxy with Basic", func(t *testing.T, o *outside) (string, string) {
			t.Helper()
			addr, log := o.startTinyproxy(t, "BasicAuth duplex "+proxyPassword)
			return "http://duplex:" + proxyPassword + "@" + addr, log
		}},
		{"tinyproxy behind TLS", func(t *testing.T, o *outside) (string, string) {
			t.Helper()
			addr, log := o.startTinyproxy(t, "BasicAuth duplex "+proxyPassword)
			return "https://duplex:" + proxyPassword + "@" + o.startTLSBefore(t, addr), log
		}},
		{"squid", func(t *testing.T, o *outside) (string, string) {
			t.Helper()
			addr, log := o.startSquid(t)
			return "http://" + addr, log
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOutside(t)
			proxy, log := test.start(t, o)
			team, process := startBehind(t, o, proxy)
			b := team.enter("ada")
			checkThrough(t, o, b)
			checkExempt(t, o, b, log)
			_, body := b.team.enter("olga").ask("GET", "/settings", "", page)
			u, _ := url.Parse(proxy)
			if !strings.Contains(body, u.Host) {
				t.Errorf("the settings do not name the proxy %s", u.Host)
			}
			if everything := body + b.team.logs.String(); strings.Contains(everything, proxyPassword) {
				t.Error("the password of the proxy is shown")
			}
			if code := process.signal(syscall.SIGTERM, time.Minute); code != 0 {
				t.Errorf("it ended with %d", code)
			}
			for _, address := range []string{o.chat, o.iam, team.provider.Issuer} {
				_, host, _ := strings.Cut(address, "://")
				awaitLine(t, log, "CONNECT "+host)
			}
		})
	}
}

// awaitLine waits for a text in a log: squid writes a tunnel down when it has ended.
func awaitLine(t *testing.T, file, want string) {
	t.Helper()
	look, late := time.NewTicker(20*time.Millisecond), time.After(20*time.Second)
	defer look.Stop()
	for {
		raw, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(raw), want) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Errorf("no %q in %v\n%s", want, err, raw)
			return
		}
	}
}

// startBehind runs the program in mode oidc, with a provider outside and the proxy of
// the environment. One address of this machine is exempt.
func startBehind(t *testing.T, o *outside, proxy string) (*team, *child) {
	t.Helper()
	p := ssotest.Start(t, ssotest.Options{Host: "sso.outside.example", TLS: &tls.Config{Certificates: []tls.Certificate{o.certificate}, MinVersion: tls.VersionTLS12}})
	public, serve := front(t)
	p.Allow(public+"/sign-in/callback", public+"/signed-out")
	t.Setenv("SSL_CERT_FILE", o.dir+"/ca.pem")
	t.Setenv("HTTPS_PROXY", proxy)
	t.Setenv("http_proxy", proxy)
	t.Setenv("NO_PROXY", ownAddress(t).String())
	child := startChild(t, t.TempDir(),
		"--identity=oidc", "--public-url="+public, "--oidc-issuer="+p.Issuer, "--oidc-client-id="+ssotest.ClientID,
		"--oidc-client-secret="+ssotest.ClientSecret, "--admins=ops", "--members=dev", "--targets=public,private")
	serve(child.url)
	return &team{child.program, public, p}, child
}

// checkThrough opens a session, a relay and a session with an IAM password.
func checkThrough(t *testing.T, o *outside, b *browser) {
	t.Helper()
	session := b.opens(object{"address": o.chat + "/path"})
	if session.Handshake.Proxy == "" || session.Handshake.PhasesUS.Proxy == 0 {
		t.Errorf("handshake %+v", session.Handshake)
	}
	viewer := b.attach(session.ID, 0)
	if res, body := b.ask("POST", "/api/sessions/"+session.ID+"/messages?opcode=text&client_id=c1", "hello", func(r *http.Request) {
		r.Header.Set("Content-Type", "application/octet-stream")
	}); res.StatusCode != http.StatusCreated {
		t.Fatal(res.StatusCode, body)
	}
	if rows := viewer.awaitRows(3); rows[2].Direction != "received" || rows[2].Preview != "hello" {
		t.Errorf("rows %+v", rows)
	}
	_ = viewer.conn.CloseNow()
	b.posts("/api/services", object{"name": "chat", "address": o.chat}, http.StatusCreated)
	conn, res, err := b.dial("/relay/chat/")
	if err != nil {
		t.Fatal(err, res)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("relayed")); err != nil {
		t.Fatal(err)
	}
	if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "relayed" {
		t.Errorf("the relay gave %q, %v", got, err)
	}
	_ = conn.CloseNow()
	b.opens(object{"address": o.chat, "credential": object{
		"kind": "iam_password", "iam_endpoint": o.iam, "domain": "d", "user": "u", "project": "p", "password": "a-password",
	}})
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Contains(o.tokens, "MIItoken-of-outside") {
		t.Errorf("the target got the tokens %q", o.tokens)
	}
}

// checkExempt reaches an address of NO_PROXY without the proxy.
func checkExempt(t *testing.T, o *outside, b *browser, log string) {
	t.Helper()
	own := ownAddress(t)
	if !own.IsValid() {
		t.Log("SKIPPED: an exempt address (this machine has none but loopback)")
		return
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(own.String(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(o.echo))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	session := b.opens(object{"address": "ws://" + listener.Addr().String()})
	if session.Handshake.Proxy != "" || session.Handshake.Remote != listener.Addr().String() {
		t.Errorf("handshake %+v", session.Handshake)
	}
	if passed, err := os.ReadFile(log); err != nil || strings.Contains(string(passed), listener.Addr().String()) {
		t.Errorf("%v, the proxy was asked:\n%s", err, passed)
	}
}

// TestHealthcheckAsksThisMachine: a proxy that leads out does not lead to the container
// itself, whatever address it listens on.
func TestHealthcheckAsksThisMachine(t *testing.T) {
	own := ownAddress(t)
	if !own.IsValid() {
		t.Skip("this machine has no address but loopback")
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(own.String(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	t.Setenv("HTTP_PROXY", "http://"+testkit.FreeAddr(t)) // where nothing listens
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// With identity none it would have to be loopback, which no proxy is asked about.
	args := []string{
		"-test.run=^TestChildServes$", "-child-serves", "--", "healthcheck", "--listen", listener.Addr().String(), "--data", t.TempDir(), "--identity=headers",
		"--identity-preset=oauth2-proxy", "--trusted-proxies=127.0.0.1", "--public-url=https://duplex.example", "--default-role=viewer",
	}
	if out, err := exec.CommandContext(t.Context(), self, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestKeysOfAnIssuerComeThroughTheProxy: in mode jwt the keys are all that is asked for.
func TestKeysOfAnIssuerComeThroughTheProxy(t *testing.T) {
	o := newOutside(t)
	addr, log := o.startTinyproxy(t)
	p := ssotest.Start(t, ssotest.Options{Host: "sso.outside.example", TLS: &tls.Config{Certificates: []tls.Certificate{o.certificate}, MinVersion: tls.VersionTLS12}})
	t.Setenv("SSL_CERT_FILE", o.dir+"/ca.pem")
	console := startChild(t, t.TempDir(), "--identity=jwt", "--jwt-issuer="+p.Issuer, "--jwt-audience=duplex", "--jwt-keys-url="+p.Issuer+"/keys",
		"--default-role=viewer", "--egress-proxy="+addr)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: o.certificate.PrivateKey}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(`{"iss":"` + p.Issuer + `","aud":"duplex","sub":"ada"}`))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	// By a key that is not among them: they have been read to know that.
	res, body := console.do("GET", "/api/lease", "", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	_, host, _ := strings.Cut(p.Issuer, "://")
	awaitLine(t, log, "CONNECT "+host)
}

// opens opens a session as a page's script does.
func (b *browser) opens(body object) wire.State {
	b.t.Helper()
	var state wire.State
	if err := json.Unmarshal([]byte(b.posts("/api/sessions", body, http.StatusCreated)), &state); err != nil {
		b.t.Fatal(err)
	}
	return state
}

func (b *browser) posts(path string, body object, status int) string {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	res, answer := b.ask("POST", path, string(raw))
	if res.StatusCode != status {
		b.t.Fatalf("POST %s: %d %s\nlog:\n%s", path, res.StatusCode, answer, b.team.logs)
	}
	return answer
}

// TestProxyInTheWayIsNamed: when a real proxy refuses, and when it is away, the diagnosis
// names it and the fix.
func TestProxyInTheWayIsNamed(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	allowed, _ := o.startTinyproxy(t)
	narrow, _ := o.startTinyproxy(t, "ConnectPort 443")
	basic, _ := o.startTinyproxy(t, "BasicAuth duplex "+proxyPassword)
	squid, _ := o.startSquid(t)
	nowhere := testkit.FreeAddr(t)
	unknown := "wss://unknown.outside.example/"
	for _, test := range []struct {
		name, proxy, address, rule string
		fix                        string
	}{
		{"tinyproxy allows another port alone", narrow, o.chat, "egress_proxy_refused", "allow CONNECT"},
		{"tinyproxy wants a password", basic, o.chat, "egress_proxy_wants_password", "--egress-proxy"},
		{"tinyproxy refuses the password", "duplex:wrong@" + basic, o.chat, "egress_proxy_refused_password", "--egress-proxy"},
		{"tinyproxy does not know the name", allowed, unknown, "egress_proxy_cannot_reach", "--egress-no-proxy"},
		{"squid does not know the name", squid, unknown, "egress_proxy_cannot_reach", "--egress-no-proxy"},
		{"nothing listens", nowhere, o.chat, "egress_proxy_unreachable", "--egress-proxy none"},
		{"a console in place of a proxy", "", o.chat, "egress_proxy_refused", "allow CONNECT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			proxy := test.proxy
			if proxy == "" {
				proxy = strings.TrimPrefix(startProgram(t).url, "http://")
			}
			p := startProgram(t, "--targets=public", "--egress-proxy="+proxy)
			refused := p.refused("POST", "/api/sessions", object{"address": test.address}, http.StatusBadGateway)
			if refused.Code != "target_unreachable" || refused.Diagnosis == nil || refused.Diagnosis.Rule != test.rule {
				t.Fatalf("%+v, diagnosis %+v", refused, refused.Diagnosis)
			}
			said := fmt.Sprint(*refused.Diagnosis)
			_, host, found := strings.Cut(proxy, "@")
			if !found {
				host = proxy
			}
			if !strings.Contains(refused.Diagnosis.Cause, host) || !strings.Contains(said, test.fix) {
				t.Errorf("said %s", said)
			}
			if everything := said + p.logs.String(); strings.Contains(everything, "duplex:wrong") {
				t.Error("the password of the proxy is shown")
			}
		})
	}
}
