//go:build e2e

package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo"
)

func TestReloadKeepsWhatWasWrittenAndNoSecret(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
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
	p.untilText("toast", "not stored in the browser")
}

func TestReloadOfASessionGoesOnWithItsChanges(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
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
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for _, tt := range []struct {
		name       string
		make       func()
		tab, field string
		want       string
	}{
		{"scheme", func() { p.fill("address", "ftp://host/path") }, "messages", "address", "Use a ws, wss, http or https address"},
		{"user in the address", func() { p.fill("address", "wss://me:pw@host/path") }, "messages", "address", "Use Auth"},
		{"no address", func() { p.fill("address", " ") }, "messages", "address", "Enter the address"},
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
			p.visit(s.URL + "/connect")
			p.eval(`(() => { sessionStorage.clear(); document.getElementById("revert").click() })()`)
			p.fill("address", s.demo("echo", "none").Address)
			tt.make()
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
	p.untilText("name-note", "This name is taken")
	var list struct{ Sessions []object }
	if s.call(http.MethodGet, "/api/sessions", nil, &list); len(list.Sessions) > 0 {
		t.Errorf("%d sessions were opened", len(list.Sessions))
	}
}

func TestDialCanBeCancelled(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.fill("address", mute(t)+"/x")
	p.click("connect")
	p.untilText("status", "CONNECTING")
	p.click("cancel")
	p.untilText("status", "DISCONNECTED")
	p.until(`document.activeElement.dataset.testid === "connect"`)
}

func TestOnePressMendsWhatTheDiagnosisNames(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.fill("address", strings.Replace(s.demo("echo", "none").Address, "ws", "wss", 1))
	p.click("connect")
	p.until(`document.activeElement.dataset.action === "switch_to_ws"`)
	p.click("action")
	p.untilOpen()

	p.visit(s.URL + "/services/" + s.demo("echo", "iam_password").ID)
	p.click("tab-auth")
	p.replaceSecret("password", secrets["iam_password.password"])
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
	t.Parallel()
	s := start(t, t.TempDir())
	narrow := browse(t, 900, 900)
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "2000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "10000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(1000)
	p.scrollLog(2400)
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
	narrow.until(`Number(document.querySelector("[data-testid=row]")?.dataset.seq) > 0`) // the rows are loaded
	last := narrow.eval(`document.querySelector("[data-testid=row]").dataset.seq`)
	narrow.eval(`document.querySelector("[data-testid=row]").click()`)
	narrow.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
	narrow.until(fmt.Sprintf(`document.querySelector('[data-testid=row][data-seq="%s"][aria-selected=true]') !== null`, last))
}

func TestDetailShowsEveryBodyAsItPassed(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	p.visit(s.URL + "/sessions/" + session)
	for i, tt := range []struct{ opcode, payload, views, want string }{
		{"text", `{"big": 12345678901234567890, "f": 1.0, "twice": 1, "twice": 2}`, "pretty tree raw hex", "12345678901234567890"},
		{"text", `<?xml version="1.0"?><a><b>1</b></a>`, "pretty raw hex", "<b>1</b>"},
		{"text", `<!doctype html><p>hi`, "pretty raw preview hex", "hi"},
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
	t.Parallel()
	s := start(t, t.TempDir())
	one, two := browse(t, 1440, 900), browse(t, 1440, 900)
	one.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	one.dial()
	two.visit(s.URL + "/sessions/" + one.session())
	two.untilOpen()
	two.untilText("viewer-count", "2 viewers")
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
	t.Parallel()
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
	p.click("detail-more")
	p.eval(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].find((item) => item.textContent.startsWith("Edit in composer")).click()`)
	p.until(`document.querySelector("[data-testid=composer-size]").textContent.includes("MB")`)
	p.sent(5)
	t.Logf("tasks of more than 50 ms: %s", p.eval(`long.join(" ")`))
}

// png is an image of one pixel.
var png, _ = base64.StdEncoding.DecodeString(pngBase64)

const pngBase64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

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
	p.until(composerBuilt)
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
	t.Parallel()
	s := start(t, t.TempDir())
	for _, width := range []int{1440, 900} {
		p := browse(t, width, 900)
		p.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
		p.connect()
		p.click("send")
		p.untilCount(30)
		const excess = "document.documentElement.scrollHeight - innerHeight"
		if got := p.eval(excess); got != "0" {
			t.Errorf("at %d the page is %s px higher than the window", width, got)
		}
	}
}
