//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"duplex/bridge/testkit"
	"duplex/web/internal/ssotest"
)

// freePort returns a port that nobody listens on. A proxy and the console behind it need each
// other's port before they start.
func freePort(t *testing.T) string {
	t.Helper()
	_, port, _ := net.SplitHostPort(testkit.FreeAddr(t))
	return port
}

// consoleAt returns an address with a name of its own: cookies do not tell ports apart,
// and the provider has some too.
func consoleAt(port string) string { return "http://duplex.localhost:" + port }

const (
	leaseTime = 4 * time.Second
	graceTime = time.Second
)

// teamArgs adds the settings that all of these consoles share.
func teamArgs(args ...string) []string {
	return append([]string{
		"--admins=ops", "--members=dev", "--viewers=staff", "--demo=true", "--targets=loopback",
		"--lease-seconds=4", "--grace-seconds=1",
	}, args...)
}

// startAtProvider runs a console where people sign in at a provider.
func startAtProvider(t *testing.T, args ...string) (console string, provider *ssotest.Provider) {
	t.Helper()
	provider = ssotest.Start(t, ssotest.Options{Host: "sso.localhost"})
	port := freePort(t)
	console = consoleAt(port)
	provider.Allow(console+"/sign-in/callback", console+"/signed-out")
	start(t, t.TempDir(), teamArgs(append(args, "--listen=127.0.0.1:"+port, "--public-url="+console, "--identity=oidc",
		"--oidc-issuer="+provider.Issuer, "--oidc-client-id="+ssotest.ClientID, "--oidc-client-secret="+ssotest.ClientSecret)...)...)
	return console, provider
}

// demo returns a field of the demo service of an endpoint without credential, read by the
// page.
func (p *page) demo(endpoint, field string) string {
	p.t.Helper()
	return p.await(fmt.Sprintf(
		`fetch("/api/services").then((r) => r.json()).then(({services}) => services.find((s) => s.demo === %q && s.credential.kind === "none")[%q])`, endpoint, field))
}

// exchange connects to the echo of the demo and sends a message.
func (p *page) exchange(console string) {
	p.t.Helper()
	p.visit(console + "/services/" + p.demo("echo", "id"))
	p.connect()
	p.compose("text", "hello through the company")
	p.sent(3)
}

// signInAs signs a person in at the provider.
func (p *page) signInAs(person string) {
	p.t.Helper()
	p.reach("sso-person")
	p.fill("sso-person", person)
	p.click("sso-enter")
	p.reach("console")
}

// reach waits, across redirects, for a page with a part.
func (p *page) reach(testid string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector("[data-testid=%s]") !== null`, testid))
}

// untilCut waits until the page has lost its socket for want of a sign-in, and
// returns when.
func (p *page) untilCut() time.Time {
	p.t.Helper()
	p.until(`document.querySelector("[data-testid=banner]").textContent !== "" && !document.querySelector("[data-testid=lease]").hidden`)
	return time.Now()
}

// renewed signs in again by the button of the banner, which opens a window, and sends a
// message.
func (p *page) renewed(rows int) {
	p.t.Helper()
	p.click("sign-in-again")
	p.until(`document.querySelector("[data-testid=lease]").hidden && document.querySelector("[data-testid=banner]").textContent === ""`)
	p.untilStatus(connected)
	p.compose("text", "and again")
	p.sent(rows)
}

func TestSignInEndsAndIsRenewedWithoutLosingTheSession(t *testing.T) {
	t.Parallel()
	console, provider := startAtProvider(t)
	p := browse(t, 1440, 900)
	p.visit(console + "/connect")
	p.signInAs("ada")
	p.exchange(console)
	session := p.session()
	p.until(fmt.Sprintf("performance.now() > %d", (3 * leaseTime).Milliseconds())) // it lives through renewals
	p.untilStatus(connected)
	if n := provider.Renewals(); n < 2 {
		t.Errorf("the provider was asked %d times", n)
	}
	p.compose("text", "a draft that is not sent yet")
	out := time.Now()
	provider.SignOut("ada")
	if took := p.untilCut().Sub(out); took > leaseTime+2*time.Second {
		t.Errorf("cut %v after the provider's session", took)
	} else {
		t.Logf("cut %v after the provider's session; lease %v", took.Round(time.Millisecond), leaseTime)
	}
	if text := p.eval(`document.querySelector("[data-testid=composer] .cm-content").textContent`); !strings.Contains(text, "a draft") {
		t.Errorf("the draft is %q", text)
	}
	p.picture(filepath.Join(picturesFolder, "duplex-lease-light.png"))
	beside := p.windowOf(func() { p.click("sign-in-again") })
	beside.t = t
	beside.reach("sso-person")
	beside.fill("sso-person", "ada")
	beside.click("sso-enter")
	p.until(`document.querySelector("[data-testid=lease]").hidden && document.querySelector("[data-testid=banner]").textContent === ""`)
	p.untilStatus(connected)
	p.sent(5)
	p.until(`document.querySelectorAll("[data-testid=row]").length >= 5`)
	if p.session() != session {
		t.Error("it is another session")
	}
}

// windowOf returns the window that a press opens.
func (p *page) windowOf(press func()) *page {
	p.t.Helper()
	targets := chromedp.WaitNewTarget(p.ctx, func(opened *target.Info) bool { return opened.OpenerID == chromedp.FromContext(p.ctx).Target.TargetID })
	press()
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(<-targets))
	p.t.Cleanup(cancel)
	// The window is held as long as the context of the first step: no bound on this one.
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	window := &page{t: p.t, ctx: ctx, watch: p.watch}
	window.watchPages()
	return window
}

// Apache with mod_auth_openidc is the proxy that many companies have. It cuts no
// socket when its session ends.
func TestThroughApache(t *testing.T) {
	t.Parallel()
	for mode, tt := range map[string]struct {
		identity []string
		pass     string // the form in which Apache passes on the identity
	}{
		"headers": {[]string{"--identity=headers", "--identity-preset=mod-auth-openidc"}, "claims"},
		"jwt":     {[]string{"--identity=jwt", "--jwt-header=OIDC_id_token", "--jwt-audience=" + ssotest.ClientID}, "serialized"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			provider := ssotest.Start(t, ssotest.Options{Host: "sso.localhost", Groups: mode == "jwt"})
			args := tt.identity
			if mode == "jwt" {
				args = append(args, "--jwt-issuer="+provider.Issuer, "--jwt-keys-url="+provider.Issuer+"/keys")
			}
			throughApache(t, provider, tt.pass, args)
		})
	}
}

// throughApache signs in, is cut when Apache's session ends, and signs in again.
func throughApache(t *testing.T, provider *ssotest.Provider, pass string, args []string) {
	t.Helper()
	const session = 15 * time.Second // the least that the module takes
	port, behind := freePort(t), freePort(t)
	console := consoleAt(port)
	provider.Allow(console + "/oidc/callback")
	start(t, t.TempDir(), teamArgs(append(args, "--listen=127.0.0.1:"+behind, "--public-url="+console, "--trusted-proxies=127.0.0.1")...)...)
	apache(t, map[string]string{
		"port": port, "console": behind, "issuer": provider.Issuer, "client": ssotest.ClientID, "secret": ssotest.ClientSecret,
		"session": fmt.Sprint(int(session.Seconds())), "pass": pass,
	})
	p := browse(t, 1440, 900)
	p.visit(console + "/connect")
	p.signInAs("ada")
	entered := time.Now()
	p.exchange(console)
	held := p.session()
	took := p.untilCut().Sub(entered.Add(session))
	if took > leaseTime+2*time.Second || took < -time.Second {
		t.Errorf("cut %v after the session of the proxy", took)
	} else {
		t.Logf("cut %v after the session of the proxy; lease %v", took.Round(time.Millisecond), leaseTime)
	}
	p.renewed(5)
	if p.session() != held {
		t.Error("it is another session")
	}
	if who := p.eval(`fetch("/api/lease").then((r) => r.json()).then((l) => l.person.id)`); who == "" {
		t.Error("nobody is asking")
	}
}

// apache runs a private one until the test ends.
func apache(t *testing.T, values map[string]string) {
	t.Helper()
	const program, modules = "/usr/sbin/apache2", "/usr/lib/apache2/modules"
	if _, err := os.Stat(modules + "/mod_auth_openidc.so"); err != nil {
		missing(t, "Apache with mod_auth_openidc", "apt-get install apache2 libapache2-mod-auth-openidc")
	}
	values["modules"], values["passphrase"], values["user"] = modules, "only-for-this-test", ""
	if os.Getuid() == 0 {
		values["user"] = "User www-data\nGroup www-data"
	}
	dir := configured(t, "apache.conf", values)
	cmd := exec.Command(program, "-f", filepath.Join(dir, "apache.conf"), "-DFOREGROUND")
	serve(t, cmd, values["port"], filepath.Join(dir, "apache.log"))
}

// configured fills in a configuration, in a folder that a server's own user reaches.
func configured(t *testing.T, name string, values map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "duplex-proxy-") //nolint:usetesting // t.TempDir lies in a folder that only we may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { // Apache writes there as www-data
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(raw), "{dir}", dir)
	for key, value := range values {
		text = strings.ReplaceAll(text, "{"+key+"}", value)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serve runs a proxy until the test ends, and waits until it listens.
func serve(t *testing.T, cmd *exec.Cmd, port, log string) {
	t.Helper()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if raw, _ := os.ReadFile(log); t.Failed() {
			t.Logf("proxy:\n%s%s", out.String(), raw)
		}
	})
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the proxy does not listen: %v", err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// checker answers the auth_request of nginx.
type checker struct {
	mu  sync.Mutex // guards who
	who string     // the person to let in; "" is nobody
}

func (c *checker) set(who string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who = who
}

// ServeHTTP answers nginx at /check. At /enter it signs ada in.
func (c *checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case r.URL.Path == "/enter":
		c.who = "ada"
		http.Redirect(w, r, r.URL.Query().Get("back"), http.StatusFound)
	case c.who == "":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.Header().Set("X-Auth-User", c.who)
		w.Header().Set("X-Auth-Groups", strings.Join(ssotest.People[c.who], ","))
	}
}

func TestThroughNginxAuthRequest(t *testing.T) {
	t.Parallel()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			missing(t, "nginx", "apt-get install nginx-light")
		}
	}
	check := &checker{}
	server := httptest.NewServer(check)
	defer server.Close()
	_, checkerPort, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	port, behind := freePort(t), freePort(t)
	console := consoleAt(port)
	secret := secrets["proxy"]
	start(t, t.TempDir(), teamArgs("--listen=127.0.0.1:"+behind, "--public-url="+console, "--identity=headers",
		"--identity-preset=oauth2-proxy", "--trusted-proxies=127.0.0.1", "--proxy-secret="+secret)...)
	dir := configured(t, "nginx.conf", map[string]string{"port": port, "console": behind, "checker": checkerPort, "secret": secret})
	serve(t, exec.Command(nginx, "-p", dir, "-c", filepath.Join(dir, "nginx.conf")), port, filepath.Join(dir, "none"))
	p := browse(t, 1440, 900)
	p.visit(console + "/connect")
	p.reach("console")
	p.exchange(console)
	held := p.session()
	out := time.Now()
	check.set("")
	if took := p.untilCut().Sub(out); took > leaseTime+2*time.Second {
		t.Errorf("cut %v after the checker's no", took)
	}
	p.renewed(5)
	if p.session() != held {
		t.Error("it is another session")
	}
	viewerLooksOnly(t, p, check, console, held)
	spoofed(t, console, behind, secret)
	canaries.Use("proxy")
}

// viewerLooksOnly opens the session as a person who may not send.
func viewerLooksOnly(t *testing.T, p *page, check *checker, console, session string) {
	t.Helper()
	check.set("vic")
	p.visit(console + "/sessions/" + session)
	p.untilStatus(connected)
	p.until(`document.querySelector("[data-testid=role-note]") !== null && document.querySelector("[data-testid=disconnect]").disabled && document.querySelector("[data-testid=send]").disabled`)
	p.picture(filepath.Join(picturesFolder, "duplex-viewer-light.png"))
	if p.eval(`document.querySelector('a[href="/settings"]') === null`) != "true" {
		t.Error("a viewer is offered the settings")
	}
}

// spoofed sends identity headers past the proxy, and through it.
func spoofed(t *testing.T, console, behind, secret string) {
	t.Helper()
	host := strings.TrimPrefix(console, "http://")
	for name, tt := range map[string]struct {
		address string
		headers map[string]string
		want    int
	}{
		"past the proxy, without its secret": {"http://127.0.0.1:" + behind, map[string]string{"X-Forwarded-User": "olga", "X-Forwarded-Groups": "ops"}, http.StatusForbidden},
		"past the proxy, guessing":           {"http://127.0.0.1:" + behind, map[string]string{"X-Forwarded-User": "olga", "X-Forwarded-Groups": "ops", "X-Proxy-Secret": secret[1:]}, http.StatusForbidden},
		"through the proxy, as an admin":     {"http://" + "127.0.0.1:" + host[strings.LastIndex(host, ":")+1:], map[string]string{"X-Forwarded-User": "olga", "X-Forwarded-Groups": "ops"}, http.StatusForbidden},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.address+"/api/people", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		for header, value := range tt.headers {
			req.Header.Set(header, value)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tt.want {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
}

// Another site's page, in the browser of somebody who is signed in, can neither
// open a socket nor post.
func TestAnotherSitesPageReachesNothing(t *testing.T) {
	t.Parallel()
	console, _ := startAtProvider(t)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!DOCTYPE html><title>evil</title>"))
	}))
	defer evil.Close()
	p := browse(t, 1000, 700)
	p.visit(console + "/connect")
	p.signInAs("ada")
	p.exchange(console)
	session := p.session()
	// A sibling name is another origin and the same site: cookies travel.
	p.visit(strings.Replace(evil.URL, "127.0.0.1", "evil.duplex.localhost", 1))
	attack := func(script string) string {
		t.Helper()
		out, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, path := range []string{"/api/sessions/" + session + "/attach", "/relay/x/"} {
		got := attack(fmt.Sprintf(`new Promise((done) => {
			const s = new WebSocket(%q, "duplex.v1")
			s.onopen = () => done("open"); s.onerror = () => done("refused")
		})`, "ws"+strings.TrimPrefix(console, "http")+path))
		if got != "refused" {
			t.Errorf("%s: %s", path, got)
		}
	}
	got := attack(fmt.Sprintf(`fetch(%q, {method: "POST", mode: "no-cors", credentials: "include", headers: {"Content-Type": "text/plain"}, body: "{}"}).then((r) => r.type, () => "failed")`,
		console+"/api/sessions/"+session+"/close"))
	p.visit(console + "/sessions/" + session)
	p.untilStatus(connected)
	t.Logf("the post: %s", got)
}
