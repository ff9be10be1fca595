//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"duplex/web/internal/canary"
)

// Secrets that are typed into rows of the tables, not into a credential.
const (
	headerSecret = `rk-5/+="Hn4BvTq8Wz2Lc6Yd`
	paramSecret  = `rk-6/+="Jm9KxSp3Fg7Ra1Eu`
)

// typeRow writes into a field of a row, counted from 0.
func (p *page) typeRow(testid string, row int, text string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => {
		const field = document.querySelectorAll("[data-testid=%s]")[%d]
		field.value = %q
		field.dispatchEvent(new Event("input", { bubbles: true }))
	})()`, testid, row, text))
}

func TestRowsAreSealedByALock(t *testing.T) {
	t.Parallel()
	canaries.Add(canary.Secret{Name: "of a header", Value: headerSecret})
	canaries.Add(canary.Secret{Name: "of a parameter", Value: paramSecret})
	asked := make(chan *http.Request, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_, _, _ = conn.Read(r.Context())
		_ = conn.Close(4001, "seen "+r.Header.Get("X-Api-Key"))
	}))
	t.Cleanup(server.Close)
	s := start(t, t.TempDir(), "--log-level=debug")
	p := browseOnDisk(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.ready()
	p.fill("address", strings.Replace(server.URL, "http", "ws", 1)+"/p?lang=en")
	p.fill("service-name", "with rows")

	p.click("tab-headers")
	p.do(chromedp.SendKeys(id("header-name"), "X-API-Key"))
	p.do(chromedp.SendKeys(id("header-value"), headerSecret))
	p.do(chromedp.Focus(id("header-name")))
	p.shots("row-hint")
	p.click("header-seal") // offered because the name sounds like a secret
	p.until(`document.querySelector("[data-testid=header-value]").type === "password"`)
	p.until(`document.querySelector("[data-testid=header-secret]").getAttribute("aria-pressed") === "true"`)

	p.click("tab-params")
	p.typeRow("param-name", 1, "sig")
	p.eval(`document.querySelectorAll("[data-testid=param-secret]")[1].click()`)
	p.typeRow("param-value", 1, paramSecret)
	p.until(`document.querySelector("[data-testid=address]").value.endsWith("/p?lang=en")`)

	p.click("save")
	p.until(`/^\/services\/[0-9a-f-]{36}$/.test(location.pathname)`)
	p.until(`document.querySelectorAll("[data-testid=param-value]")[1].placeholder.startsWith("stored · fingerprint ")`)
	p.click("tab-headers")
	p.shots("row-kept")
	kept := p.eval(`[...document.querySelectorAll("input, textarea")].map((input) => input.value).join("\n")`)
	p.watch.Search("a field of a page, after it was saved", []byte(kept))

	p.do(chromedp.SendKeys(id("header-name"), "-2")) // renamed, it keeps its secret
	p.click("save")
	p.until(`document.querySelector("[data-testid=header-value]").placeholder.startsWith("stored · fingerprint ")`)
	p.connect()
	r := <-asked
	if got := r.Header.Get("X-Api-Key-2"); got != headerSecret {
		t.Errorf("X-API-Key-2: %q of %v", got, r.Header)
	}
	if got := r.URL.Query().Get("sig"); got != paramSecret {
		t.Errorf("sig: %q", got)
	}
	session := p.session()
	s.readEverywhere(s.serviceNamed("with rows").ID, session)
	p.compose("text", "bye")
	p.click("send")
	p.untilStatus(closed)
	s.readEverywhere(s.serviceNamed("with rows").ID, session)
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

func TestKeyAmongTheSubprotocolsIsPointedToAuth(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.ready()
	p.click("tab-settings")
	for list, hinted := range map[string]bool{
		"realtime, openai-insecure-api-key.made-up-key, openai-beta.realtime-v1": true,
		"token, 0123456789abcdef0123":                                            true,
		"graphql-transport-ws, graphql-ws":                                       false,
		"v12.stomp, mqtt":                                                        false,
	} {
		p.typeRow("setting-subprotocols", 0, list)
		p.eval(`document.querySelector("#setting-subprotocols").dispatchEvent(new Event("change", { bubbles: true }))`)
		if said := p.eval(`document.querySelector("#setting-subprotocols-error").textContent`); strings.Contains(said, "looks like a secret") != hinted {
			t.Errorf("%s: says %q", list, said)
		}
	}
}
