//go:build e2e

package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/coder/websocket"

	"duplex/bridge/demo"
)

func TestAuthTabSaysWhereASecretGoes(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
	address := s.demo("echo", "bearer").Address
	host := strings.TrimPrefix(demoHost(s), "ws://")
	var saved service
	s.call(http.MethodPost, "/api/services", object{
		"name": "bound", "address": address, "credential": object{"kind": "bearer", "token": secrets["bearer.token"]},
	}, &saved)
	p.visit(s.URL + "/services/" + saved.ID)
	p.click("tab-auth")
	p.untilText("auth-token-about", "Goes to "+host)
	p.untilText("auth-token-about", "entered by local")
	p.shots("bound")

	moved := strings.Replace(address, "127.0.0.1", "localhost", 1)
	p.fill("address", moved)
	p.click("save")
	p.untilText("auth-token-elsewhere", "Not for the present address")
	p.shots("bound-elsewhere")
	p.click("connect")
	p.until(`document.querySelector("#auth-token-error").textContent.includes("was not sent to ws://localhost")`)
	p.until(`document.activeElement.dataset.testid === "auth-token-replace"`)
	p.shots("bound-refused")
	if problems := p.unexpected("403"); len(problems) > 0 {
		t.Errorf("the console says %v", problems)
	}

	p.click("auth-token-replace")
	p.do(chromedp.SendKeys(id("auth-token"), secrets["bearer.token"]))
	p.click("save")
	p.untilText("auth-token-about", "Goes to localhost")
	p.until(`document.querySelector("[data-testid=auth-token-elsewhere]") === null`)
}

func TestOwnerLetsASecretGoElsewhereToo(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	moved := strings.Replace(s.demo("echo", "bearer").Address, "127.0.0.1", "localhost", 1)
	var saved service
	s.call(http.MethodPost, "/api/services", object{
		"name": "bound", "address": "ws://gateway.example/", "credential": object{"kind": "bearer", "token": demo.Bearer},
	}, &saved)
	p.visit(s.URL + "/services/" + saved.ID)
	p.ready()
	p.fill("address", moved)
	p.click("save")
	p.click("tab-auth")
	p.untilText("auth-token-elsewhere", "allow this address too")

	p.click("auth-token-bind")
	p.fill("binding-targets", "gateway.example\n*.com")
	p.shots("binding")
	p.click("binding-save")
	p.untilText("binding-error", "*.com is not a host")
	p.fill("binding-targets", "gateway.example\nlocalhost:"+moved[strings.LastIndex(moved[:strings.Index(moved, "/v2")], ":")+1:strings.Index(moved, "/v2")])
	p.click("binding-save")
	p.until(`document.querySelector("[data-testid=binding]") === null && document.querySelector("[data-testid=auth-token-elsewhere]") === null`)
	p.untilText("auth-token-about", "gateway.example, localhost")
	p.connect()
	p.compose("text", "let in")
	p.sent(3)
	if problems := p.unexpected("400"); len(problems) > 0 {
		t.Errorf("the console says %v", problems)
	}
}

func TestUncheckedCertificateIsShownInRed(t *testing.T) {
	t.Parallel()
	peer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}); err == nil {
			_, _, _ = conn.Read(r.Context())
		}
	}))
	t.Cleanup(peer.Close)
	s := start(t, t.TempDir(), "--allow-skip-verify", "true")
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.fill("address", strings.Replace(peer.URL, "https", "wss", 1))
	p.click("connect")
	p.until(`!document.querySelector("[data-testid=diagnosis]").hidden`)
	p.click("tab-settings")
	p.shots("unchecked-setting")
	p.click("setting-skip_verify")
	p.connect()
	p.click("side-session")
	p.until(`document.querySelector(".facts-list .danger")?.textContent === "NOT CHECKED"`)
	red := p.eval(`getComputedStyle(document.querySelector(".facts-list .danger")).color`)
	if normal := p.eval(`getComputedStyle(document.querySelector(".facts-list dd")).color`); red == normal {
		t.Errorf("it looks like the others: %s", red)
	}
	p.shots("unchecked")
	_, raw := s.call(http.MethodGet, "/api/sessions/"+p.session()+"/export?format=txt", nil, nil)
	if !strings.Contains(string(raw), "# certificate: NOT CHECKED") {
		t.Errorf("the export says %.300s", raw)
	}
	without := start(t, t.TempDir())
	p.visit(without.URL + "/connect")
	p.click("tab-settings")
	p.until(`document.querySelector("[data-testid=setting-skip_verify]").closest(".field").hidden`)
}

// shots makes pictures in both themes where make screenshots asks for some.
func (p *page) shots(name string) {
	p.t.Helper()
	folder := os.Getenv("DUPLEX_SCREENSHOTS")
	if folder == "" {
		return
	}
	for _, dark := range []bool{false, true} {
		p.dark(dark)
		p.settle()
		p.picture(filepath.Join(folder, name+map[bool]string{false: "-light.png", true: "-dark.png"}[dark]))
	}
	p.dark(false)
}
