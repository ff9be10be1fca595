//go:build e2e

package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo"
)

// states are the states of the page that have to be reachable for everyone and clean
// under the page's own policy.
func states() []scene {
	tab := func(name string) scene {
		return scene{"tab " + name, func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
			p.ready()
			p.click("tab-" + name)
		}}
	}
	visit := func(name, path string) scene {
		return scene{name, func(p *page, s *server) { p.visit(s.URL + path) }}
	}
	return []scene{
		visit("home", "/"), visit("new service", "/services/new"),
		tab("message"), tab("params"), tab("headers"), tab("auth"), tab("settings"),
		{"live session", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.compose("json", `{"a": [1, "two", null]}`)
			p.sent(3)
			p.openRow(3)
		}},
		{"share panel", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.click("share")
			p.until(`document.querySelector("[data-testid=share-viewers]").children.length === 1`)
		}},
		{"where a secret may go", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "bearer").ID)
			p.ready()
			p.click("tab-auth")
			p.click("auth-token-bind")
		}},
		{"saved messages", func(p *page, s *server) {
			service := s.demo("echo", "none").ID
			if len(s.saved(service)) == 0 {
				s.keep(service, "", "ping", "text", []byte("ping"))
				s.keep(service, "Prompts", "poem", "json", []byte("{}"))
			}
			p.visit(s.URL + "/services/" + service)
			p.ready()
			p.openSaved(2)
		}},
		{"menu of a saved message", func(p *page, _ *server) {
			p.eval(`document.querySelector("[data-testid=saved-more]").click()`)
			p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
		}},
		{"saving a message", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.ready()
			p.openSaved(2)
			p.click("saved-keep")
			p.until(`document.activeElement?.dataset.testid === "saved-name"`)
			p.put("saved-name", strings.Repeat("n", 101))
		}},
		{"service without saved messages", func(p *page, s *server) {
			p.visit(s.URL + "/services/new")
			p.ready()
			p.click("saved")
			p.until(`document.querySelector("[data-testid=saved-note]").textContent !== ""`)
		}},
		{"row under the pointer", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.dial()
			p.untilCount(1)
			p.until(`document.querySelector('` + rowOf(1) + `') !== null`)
			p.hover(rowOf(1))
			p.until(`document.querySelector(".row-tools") !== null`)
		}},
		{"menu of a row", func(p *page, _ *server) {
			p.rightClick(rowOf(1))
			p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
		}},
		{"long message", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
			p.ready()
			p.drop("[data-testid=composer]", file(p.t, "long.txt", []byte(strings.Repeat("long ", 300_000))))
			p.untilText("attached", "long.txt")
		}},
		{"mistakes", func(p *page, s *server) {
			p.visit(s.URL + "/services/new")
			p.fill("address", "ftp://host/path")
			p.click("save")
			p.click("connect")
			p.until(`document.querySelectorAll("[aria-invalid=true]").length === 2`)
		}},
		{"failed connect", func(p *page, s *server) {
			p.visit(s.URL + "/services/new")
			p.fill("address", demoHost(s)+"/v1/infers/nothing/ws")
			p.click("connect")
			p.until(`!document.querySelector("[data-testid=diagnosis]").hidden`)
		}},
		{"failed connect folded", func(p *page, _ *server) {
			p.do(chromedp.KeyEvent(kb.Escape))
			p.until(lineShown)
		}},
		{"menu of a session", func(p *page, s *server) {
			session := s.said("none", "one")
			p.visit(s.URL + "/sessions/" + session)
			p.until(sessionLink(session) + `?.parentElement.querySelector("[data-testid=session-more]") != null`)
			p.eval(sessionLink(session) + `.parentElement.querySelector("[data-testid=session-more]").click()`)
			p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
		}},
		{"log searched and gone through", func(p *page, s *server) {
			session := s.said("none", "one needle", "two")
			p.visit(s.URL + "/sessions/" + session + "?q=needle")
			p.until(`document.querySelector("[data-testid=row] mark:not([hidden])") !== null`)
			p.goTo("nowhere")
			p.until(`document.querySelector("[data-testid=goto-note]").textContent !== ""`)
		}},
		{"history searched", func(p *page, s *server) {
			p.visit(s.URL + "/history?q=needle")
			p.until(`document.querySelector("[data-testid=found-hit]") !== null`)
		}},
		visit("history", "/history"), visit("audit log", "/audit"), visit("settings page", "/settings"), visit("account", "/account"),
		visit("identity", "/settings/identity"), visit("signed out", "/signed-out"), visit("problem", "/sessions/nothing-here"),
		{"languages", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.click("language")
			p.until(`document.querySelector("details.menu[open]") !== null`)
		}},
		{"shortcuts", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.do(chromedp.KeyEvent("?"))
			p.until(`document.querySelector("[data-testid=shortcuts]")?.open`)
		}},
	}
}

func TestNoAccessibilityViolations(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "..", "static", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, t.TempDir())
	for language := range languages {
		p := browse(t, 1440, 900)
		p.reads(language)
		for _, state := range states() {
			state.set(p, s)
			p.settle()
			p.await("(async () => {" + string(source) + `; return "" })()`)
			for _, dark := range []bool{false, true} {
				if found := p.barriers(dark); found != "" {
					t.Errorf("%s (%s, dark: %v):\n%s", state.name, language, dark, found)
				}
			}
			p.dark(false)
		}
	}
}

// barriers is what axe, which the page has loaded, finds in a theme.
func (p *page) barriers(dark bool) string {
	p.t.Helper()
	p.dark(dark)
	rules := `{}`
	if dark { // what differs between the themes is colour
		rules = `{runOnly: ["color-contrast", "link-in-text-block"]}`
	}
	return p.await("axe.run(" + rules + `).then((r) => r.violations.map((v) => v.id + " " + v.nodes.map((n) => n.html + " " + n.failureSummary).join("; ")).join("\n"))`)
}

func TestNoPolicyViolations(t *testing.T) {
	s := start(t, t.TempDir())
	for language := range languages {
		p := browse(t, 1440, 900)
		p.reads(language)
		p.onEveryPage(`window.violations = []; document.addEventListener("securitypolicyviolation", (v) => violations.push([v.effectiveDirective, v.blockedURI, v.sample, v.sourceFile, v.lineNumber, v.columnNumber].join(" ")))`)
		for _, state := range states() {
			state.set(p, s)
			p.settle()
			if found := p.eval(`violations.join("\n")`); found != "" {
				t.Errorf("%s (%s):\n%s", state.name, language, found)
			}
		}
	}
}

func TestNewcomerHasAStreamInTwoPresses(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/")
	p.ready()
	if focused := p.focused(); focused != "connect" {
		t.Errorf("the focus is at %q", focused)
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.untilOpen()
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.untilCount(10)
	if row := p.eval(`[...document.querySelectorAll("[data-testid=row][data-direction=received]")].at(-1).textContent`); !strings.Contains(row, "content") {
		t.Errorf("a token does not show in its row: %s", row)
	}
}

func TestReloadKeepsWhatWasWrittenAndNoSecret(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
	p.ready()
	p.compose("xml", "<a>typed</a>")
	p.do(chromedp.SendKeys(id("address"), "?extra=1"))
	p.click("tab-auth")
	p.replaceSecret("secret_key", secrets["aksk.secret_key"])
	p.do(chromedp.Reload())
	p.ready()
	if kept := p.eval(`JSON.stringify([{...sessionStorage}, {...localStorage}])`); !strings.Contains(kept, "typed") {
		t.Errorf("the browser keeps %s", kept)
	}
	address := p.eval(`document.querySelector("[data-testid=address]").value`)
	message := p.editorText()
	if !strings.HasSuffix(address, "?extra=1") || message != "<a>typed</a>" || p.eval(`document.querySelector("[data-testid=composer-type]").value`) != "xml" {
		t.Errorf("after the reload: %s, %s", address, message)
	}
	p.untilText("toast", "Secrets")
}

func TestReloadOfASessionGoesOnWithItsChanges(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.fill("address", s.demo("echo", "none").Address)
	p.dial()
	p.compose("text", "half a sentence")
	p.click("edit")
	p.do(chromedp.SendKeys(id("address"), "?b=2"))
	p.do(chromedp.Reload())
	p.untilOpen()
	p.ready()
	p.until(`!document.querySelector("[data-testid=reconnect]").hidden`)
	before := p.session()
	if text := p.editorText(); text != "half a sentence" {
		t.Errorf("the composer holds %q", text)
	}

	p.click("tab-headers")
	p.do(chromedp.SendKeys(id("header-name"), "Host"))
	p.click("reconnect")
	p.untilText("header-error", "Host follows the address")
	if p.session() != before || p.eval(`document.querySelector("[data-testid=console]").dataset.state`) != "open" {
		t.Error("a mistake that shows before the dial ended the session")
	}
	p.click("header-remove")

	p.click("tab-settings")
	p.fill("setting-subprotocols", "twice, twice")
	p.click("reconnect")
	p.until(`document.querySelector("#setting-subprotocols-error").textContent !== ""`)
	p.untilText("status", closed)
	if p.session() != before || p.eval(`document.querySelector("[data-testid=log]").dataset.count`) != "2" {
		t.Error("the log of the session is not on the page any more")
	}
	p.fill("setting-subprotocols", "once")
	p.dial()
	if p.session() == before {
		t.Error("no new session")
	}
}

func TestMistakesAreShownAtTheirFields(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for _, tt := range []struct {
		name       string
		make       func()
		tab, field string
		want       string
	}{
		{"scheme", func() { p.fill("address", "ftp://host/path") }, "message", "address", "Only ws, wss"},
		{"user in the address", func() { p.fill("address", "wss://me:pw@host/path") }, "message", "address", "Use Auth"},
		{"no address", func() { p.fill("address", " ") }, "message", "address", "Enter the address"},
		{"forbidden header", func() { p.click("tab-headers"); p.do(chromedp.SendKeys(id("header-name"), "Upgrade")) }, "headers", "header-name", "sets this header itself"},
		{"subprotocols as a header", func() {
			p.click("tab-headers")
			p.do(chromedp.SendKeys(id("header-name"), "Sec-WebSocket-Protocol"))
		}, "headers", "header-name", "subprotocols on the Settings tab"},
		{"long parameter", func() {
			p.click("tab-params")
			p.do(chromedp.SendKeys(id("param-name"), "token"))
			p.put("param-value", strings.Repeat("t", 33_000))
		}, "params", "param-value", "At most 32768 bytes"},
		{"header value", func() {
			p.click("tab-headers")
			p.do(chromedp.SendKeys(id("header-name"), "X-A"))
			p.put("header-value", "a\x01b")
		}, "headers", "header-value", "control characters"},
		{"parameter value", func() {
			p.click("tab-params")
			p.do(chromedp.SendKeys(id("param-name"), "a"))
			p.put("param-value", "a\x01b")
		}, "params", "param-value", "control characters"},
		{"missing secret", func() { p.choose("auth-kind", "api_key") }, "auth", "auth-key", "Enter it here"},
		{"subprotocols", func() { p.put("setting-subprotocols", "a, a") }, "settings", "setting-subprotocols", "each once"},
		{"ping", func() { p.put("setting-ping_interval", "3000") }, "settings", "setting-ping_interval", "600 seconds"},
		{"pong", func() { p.put("setting-pong_timeout", "5") }, "settings", "setting-pong_timeout", "3600 seconds"},
		{"certificate", func() { p.put("setting-ca_pem", "no certificate") }, "settings", "setting-ca_pem", "PEM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p.t = t
			p.visit(s.URL + "/services/new")
			p.eval(`(() => { sessionStorage.clear(); document.getElementById("revert").click() })()`)
			p.fill("address", s.demo("echo", "none").Address)
			tt.make()
			p.click("tab-message")
			p.click("connect")
			p.until(fmt.Sprintf(`document.querySelector("[data-testid=%s]").getAttribute("aria-invalid") === "true"`, tt.field))
			said := p.eval(`document.activeElement.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id)?.textContent).join(" ")`)
			if tab := p.eval(`document.querySelector("#tabs [aria-selected=true]").dataset.tab`); tab != tt.tab || p.focused() != tt.field || !strings.Contains(said, tt.want) {
				t.Errorf("tab %s, focus at %s, which says %q", tab, p.focused(), said)
			}
		})
	}
	p.t = t
	p.fill("service-name", "Demo · ticker")
	p.put("setting-ca_pem", "")
	p.click("save")
	p.untilText("name-note", "Another service has this name")
	var list struct{ Sessions []object }
	if s.call(http.MethodGet, "/api/sessions", nil, &list); len(list.Sessions) > 0 {
		t.Errorf("%d sessions were opened", len(list.Sessions))
	}
}

func TestDialCanBeCancelled(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.fill("address", mute(t)+"/x")
	p.click("connect")
	p.untilText("status", "CONNECTING")
	p.click("cancel")
	p.untilText("status", "DISCONNECTED")
	p.until(`document.activeElement.dataset.testid === "connect"`)
}

func TestOnePressMendsWhatTheDiagnosisNames(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.fill("address", strings.Replace(s.demo("echo", "none").Address, "ws", "wss", 1))
	p.click("connect")
	p.until(`document.activeElement.dataset.action === "switch_to_ws"`)
	p.click("action")
	p.untilOpen()

	p.visit(s.URL + "/services/" + s.demo("echo", "iam_password").ID)
	p.click("tab-auth")
	p.replaceSecret("password", secrets["iam_password.password"])
	p.click("tab-message")
	p.click("connect")
	p.untilText("cause", "IAM refused the sign-in")
	p.until(`document.activeElement.dataset.action === "edit_auth"`)
	p.click("action")
	p.until(`document.activeElement.dataset.testid === "auth-password"`)

	var expired service
	s.call(http.MethodPost, "/api/services", object{
		"name": "expired", "address": strings.Replace(s.demo("echo", "none").Address, "/echo", "/status", 1), "params": []object{{"name": "code", "value": "401"}},
		"credential": object{
			"kind": "iam_password", "iam_endpoint": strings.Replace(demoHost(s), "ws", "http", 1),
			"domain": demo.IAMDomain, "user": demo.IAMUser, "project": demo.IAMProject, "password": demo.IAMPassword,
		},
	}, &expired)
	p.visit(s.URL + "/services/" + expired.ID)
	p.click("connect")
	p.until(`document.activeElement.dataset.action === "renew_token"`)
	p.eval(`(() => { const go = fetch; window.asked = []; window.fetch = (path, init) => { if (init?.body) asked.push(init.body); return go(path, init) } })()`)
	p.click("action")
	p.until(`asked.some((body) => JSON.parse(body).renew_token === true)`)
}

func TestLogStaysWhereItsReaderIs(t *testing.T) {
	s := start(t, t.TempDir())
	narrow := browse(t, 900, 900)
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "2000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "10000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(1000)
	p.eval(`document.querySelector(".log-list").scrollTop = 2400`)
	p.until(`!document.querySelector(".log-pill").hidden`)
	top := p.eval(`document.querySelector("[data-testid=row]").dataset.seq`)
	p.untilCount(10_002)
	p.settle()
	if now := p.eval(`document.querySelector("[data-testid=row]").dataset.seq`); now != top {
		t.Errorf("the first row was %s and is %s", top, now)
	}
	p.openRow(110)
	if now := p.eval(`document.querySelector("[data-testid=row]").dataset.seq`); now != top {
		t.Errorf("opening a row moved the list from %s to %s", top, now)
	}
	p.eval(`document.querySelector(".log-pill").click()`)
	p.until(`document.querySelector("[data-testid=log]").dataset.shown === "10002"`)
	p.do(chromedp.KeyEvent(kb.Home))
	p.until(`document.querySelector(".log-row.active")?.dataset.seq === "1"`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=detail]").dataset.seq === ""`)
	p.fill("search", "(")
	p.click("search-regex")
	p.until(`document.querySelector(".log-empty.failed")?.textContent.includes("not a regular expression")`)

	narrow.t = t
	narrow.visit(s.URL + "/sessions/" + session)
	narrow.until(`document.querySelector("[data-testid=log]").dataset.shown === "10002"`)
	last := narrow.eval(`document.querySelector("[data-testid=row]").dataset.seq`)
	narrow.eval(`document.querySelector("[data-testid=row]").click()`)
	narrow.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
	narrow.until(fmt.Sprintf(`document.querySelector('[data-testid=row][data-seq="%s"][aria-selected=true]') !== null`, last))
}

func TestDetailShowsEveryBodyAsItPassed(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	p.visit(s.URL + "/sessions/" + session)
	for i, tt := range []struct{ opcode, payload, views, want string }{
		{"text", `{"big": 12345678901234567890, "f": 1.0, "twice": 1, "twice": 2}`, "pretty tree raw hex", "12345678901234567890"},
		{"text", `<?xml version="1.0"?><a><b>1</b></a>`, "pretty raw hex", "<b>1</b>"},
		{"text", `<!doctype html><p>hi`, "raw preview hex", "hi"},
		{"binary", "\xff\xfe\xfd", "hex raw", "ff fe fd"},
		{"binary", string(png), "preview hex raw", "image/png · 1 × 1"},
		{"text", "", "", ""},
		{"text", "x", "raw hex", "x"},
	} {
		s.send(session, tt.opcode, []byte(tt.payload))
		p.untilCount(3 + 2*i)
		p.openRow(3 + 2*i)
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=detail-body]").innerText.includes(%q)`, tt.want))
		for view := range strings.FieldsSeq(tt.views) {
			p.eval(`document.querySelector("[data-testid=detail-view] [data-view=` + view + `]").click()`)
			p.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
		}
		if tt.views == "" {
			p.until(`document.querySelector(".detail-notice").textContent.includes("empty")`)
		}
	}
}

func TestTwoTabsShareASession(t *testing.T) {
	s := start(t, t.TempDir())
	one, two := browse(t, 1440, 900), browse(t, 1440, 900)
	one.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	one.dial()
	two.visit(s.URL + "/sessions/" + one.session())
	two.untilOpen()
	two.untilText("viewers", "2 viewers")
	for i, p := range []*page{one, two} {
		p.ready()
		p.compose("text", fmt.Sprint("from tab ", i))
		p.sent(3 + 2*i)
	}
	for _, p := range []*page{one, two} {
		p.untilCount(5)
		p.until(`[0, 1].every((i) => document.querySelectorAll("[data-testid=row]").values().some((row) => row.textContent.includes("from tab " + i)))`)
	}
	two.click("disconnect")
	one.untilText("status", closed)
}

func TestTwelveMegabytesOfJSONOpenInEveryView(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("big", "none").ID)
	p.dial()
	p.eval(`(() => { window.long = []; new PerformanceObserver((l) => { for (const e of l.getEntries()) long.push(Math.round(e.duration)) }).observe({type: "longtask"}) })()`)
	p.sent(3)
	p.openRow(3)
	for _, view := range []string{"tree", "raw", "hex", "pretty"} {
		p.eval(`document.querySelector("[data-testid=detail-view] [data-view=` + view + `]").click()`)
		p.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1" && document.querySelector("[data-testid=detail-body]").dataset.view === "` + view + `"`)
		p.until(`document.querySelector("[data-testid=detail-body]").innerText.length > 100`)
	}
	p.click("detail-save")
	p.until(`document.querySelector("[data-testid=composer-size]").textContent.includes("MB")`)
	p.sent(5)
	t.Logf("tasks of more than 50 ms: %s", p.eval(`long.join(" ")`))
}

// png is an image of one pixel.
var png, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")

// put sets a value that keys cannot type, and tells the page.
func (p *page) put(testid, value string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => { const e = document.querySelector('[data-testid=%s]'); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})) })()`, testid, value))
}

// dial presses Connect and waits for the connection.
func (p *page) dial() {
	p.t.Helper()
	p.click("connect")
	p.untilOpen()
}

func (p *page) untilOpen() {
	p.t.Helper()
	p.until(`document.querySelector("[data-testid=console]").dataset.state === "open"`)
}

func (p *page) focused() string {
	p.t.Helper()
	return p.eval(`document.activeElement.dataset.testid`)
}

// onEveryPage runs a script in every page before its own.
func (p *page) onEveryPage(script string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, cdp.AddScriptToEvaluateOnNewDocument, cdp.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// await is eval for a promise.
func (p *page) await(expression string) string {
	p.t.Helper()
	out, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// ready goes to the composer and waits for its editor, which comes when somebody is
// about to write.
func (p *page) ready() {
	p.t.Helper()
	p.until(composerStands)
	p.eval(`document.querySelector("[data-testid=composer]").dispatchEvent(new PointerEvent("pointerover"))`)
	p.until(`document.querySelector("[data-testid=composer]").dataset.ready === "1"`)
}

// openRow presses a row of the log and waits for its body.
func (p *page) openRow(seq int) {
	p.t.Helper()
	row := `[data-testid=row][data-seq="` + strconv.Itoa(seq) + `"]`
	p.until(`document.querySelector('` + row + `') !== null`)
	p.eval(`document.querySelector('` + row + `').click()`)
	p.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
}

// The console fills the window exactly: the log scrolls, the page does not.
func TestConsoleHasNoScrollbarOfItsOwn(t *testing.T) {
	s := start(t, t.TempDir())
	for _, width := range []int{1440, 900} {
		p := browse(t, width, 900)
		p.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
		p.connect()
		p.compose("text", "hello")
		p.sent(30)
		const excess = "document.documentElement.scrollHeight - innerHeight"
		if got := p.eval(excess); got != "0" {
			t.Errorf("at %d the page is %s px higher than the window", width, got)
		}
	}
}
