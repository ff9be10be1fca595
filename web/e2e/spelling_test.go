//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"duplex/web/internal/wirepeer"
)

// shown returns the address on the page.
func (p *page) shown() string {
	p.t.Helper()
	return p.eval(`document.querySelector("[data-testid=address]").value`)
}

// TestWireSeesTheAddressThatIsShown: an address is typed, connected to, saved, opened
// anew, changed in the table of parameters, and duplicated.
func TestWireSeesTheAddressThatIsShown(t *testing.T) {
	t.Parallel()
	s, peer := start(t, t.TempDir()), wirepeer.Start(t)
	p := browse(t, 1440, 900)
	sees := func(target string) {
		t.Helper()
		if got := peer.Next().Target; got != target || p.shown() != "ws://"+peer.Addr+target {
			t.Errorf("sent %s, shown %s, want %s", got, p.shown(), target)
		}
	}
	for _, target := range []string{
		"/c?sig=a%2Bb/c=&exp=2026-01-01T00:00:00Z&flag", "/p?a0=%&a1%a&a2=%aa", "/p%2Fq/?=v&a;b&&q=%C4%E3&r=+%20", "/p?", "/p?filter={a|b}[0]",
	} {
		p.visit(s.URL + "/connect")
		p.fill("address", "ws://"+peer.Addr+target)
		p.dial()
		sees(target)
	}

	const target = "/c?sig=a%2Bb/c=&t=00:00&&flag&q=%C4%E3"
	p.visit(s.URL + "/connect")
	p.fill("service-name", "signed")
	p.fill("address", "ws://"+peer.Addr+target)
	p.click("save")
	p.until(`/^\/services\/[0-9a-f-]{36}$/.test(location.pathname)`)
	p.do(chromedp.Reload())
	p.ready()
	p.dial()
	sees(target)
	p.click("disconnect")
	p.untilText("status", closed)
	p.click("tab-params")
	p.eval(`(() => { const v = document.querySelectorAll("[data-testid=param-value]")[1]; v.value = "01:00 +/"; v.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	p.dial()
	sees("/c?sig=a%2Bb/c=&t=01:00%20%2B/&&flag&q=%C4%E3")
}

// TestAddressWithoutASchemeConnects, and one with a fragment does without it.
func TestAddressWithoutASchemeConnects(t *testing.T) {
	t.Parallel()
	s, peer := start(t, t.TempDir()), wirepeer.Start(t)
	p := browse(t, 1440, 900)
	for _, tt := range []struct{ typed, target, note string }{
		{"127.0.0.1:PORT/v1/infers/abc?x=1", "/v1/infers/abc?x=1", "ws:// was added"},
		{"localhost:PORT", "/", "ws:// was added"},
		{"ws://127.0.0.1:PORT/p?mode=full#section-2", "/p?mode=full", "from # on"},
		{"127.0.0.1:PORT/%23?q=%23#/app?x", "/%23?q=%23", "from # on"},
	} {
		_, port, _ := strings.Cut(peer.Addr, ":")
		p.visit(s.URL + "/connect")
		p.fill("address", strings.Replace(tt.typed, "PORT", port, 1))
		p.click("connect")
		p.untilText("address-note", tt.note)
		p.untilOpen()
		if got := peer.Next().Target; got != tt.target {
			t.Errorf("%s: sent as %s, want %s", tt.typed, got, tt.target)
		}
	}
}
