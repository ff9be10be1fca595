//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo"
)

// startReady waits for the script of the first page, or of the page of a new service.
func (p *page) startReady() {
	p.t.Helper()
	p.until(`document.querySelector("[data-testid=start]")?.dataset.ready === "1"`)
}

// pastes pastes a text into the part with the focus, as the browser does.
func (p *page) pastes(testid, text string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`((field, text) => {
		field.focus()
		const clipboardData = new DataTransfer()
		clipboardData.setData("text/plain", text)
		if (field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}))) document.execCommand("insertText", false, text)
	})(document.querySelector("[data-testid=%s]"), %q)`, testid, text))
}

// answered waits for the answer of the token stream.
func (p *page) answered() {
	p.t.Helper()
	p.until(`document.querySelector("[data-testid=turn-text]")?.textContent.split(" ").length > 4`)
}

func TestFirstPageStreamsWithOnePress(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/")
	p.startReady()
	if focused := p.focused(); focused != "address" {
		t.Errorf("the focus is at %q", focused)
	}
	p.click("start-stream")
	p.answered()
	if at := p.eval(`location.pathname`); !strings.HasPrefix(at, "/sessions/") {
		t.Errorf("at %s", at)
	}
	p.do(chromedp.Reload()) // does nothing again
	p.ready()
	p.answered()
	if n := p.eval(`document.querySelectorAll("[data-testid=turn]").length`); n != "1" {
		t.Errorf("%s turns", n)
	}
}

func TestFirstPageStreamsByKeyboard(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/")
	p.startReady()
	for range 10 {
		if p.focused() == "start-stream" {
			break
		}
		p.do(chromedp.KeyEvent(kb.Tab))
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.answered()
}

func TestFirstPagePlaysARecordingToTheRecogniser(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/")
	p.startReady()
	p.click("start-speech")
	p.until(`/You speak to the demo/.test(document.querySelector("[data-testid=turns]")?.textContent ?? "")`)
}

// A link from elsewhere may fill the page of a service, and never connects.
func TestAddressOfAPageNeverConnects(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/?address=" + "ws%3A%2F%2F127.0.0.1%3A9%2Fx")
	p.startReady()
	if got := p.eval(`document.querySelector("[data-testid=address]").value`); got != "ws://127.0.0.1:9/x" {
		t.Errorf("the address is %q", got)
	}
	var list struct{ Sessions []object }
	if s.call(http.MethodGet, "/api/sessions", nil, &list); len(list.Sessions) > 0 {
		t.Errorf("%d sessions were opened", len(list.Sessions))
	}
}

func TestPastedCommandBecomesATestedServiceThatConnects(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/")
	p.startReady()
	service := s.demo("echo", "bearer")
	p.pastes("address", "wscat -c '"+service.Address+"' \\\n  -H 'Authorization: Bearer "+demo.Bearer+"' \\\n  -H 'X-Note: from a line'")
	p.until(`location.pathname === "/services/new" && document.querySelector("[data-testid=auth-kind]")?.value === "bearer"`)
	p.untilText("pasted", "Filled from a wscat line")
	p.untilText("pasted", "Authorization, which moved to Authentication")
	p.until(`document.querySelector("[data-testid=test]").dataset.state === "works"`)
	p.untilText("test", "accepted with 101")
	p.untilText("test", "closed with 1000")
	var list struct{ Sessions []object }
	if s.call(http.MethodGet, "/api/sessions", nil, &list); len(list.Sessions) > 0 {
		t.Errorf("the test left %d sessions", len(list.Sessions))
	}
	p.shots("new-service")

	p.fill("service-name", "From a line")
	p.fill("service-folder", "Pasted")
	p.click("connect")
	p.until(`location.pathname.startsWith("/sessions/")`)
	p.untilOpen()
	saved := s.serviceNamed("From a line")
	var kept struct {
		Folder  string
		Headers []struct{ Name, Value string }
	}
	s.call(http.MethodGet, "/api/services/"+saved.ID, nil, &kept)
	if kept.Folder != "Pasted" || len(kept.Headers) != 1 || kept.Headers[0].Value != "from a line" {
		t.Errorf("%+v", kept)
	}
	if stored := p.eval(`JSON.stringify([{...sessionStorage}, {...localStorage}])`); strings.Contains(stored, demo.Bearer) {
		t.Error("the browser keeps the token")
	}
}

func TestUndoTakesAPastedCommandBack(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.startReady()
	p.pastes("address", "curl -u me:secret-word -H 'X-A: 1' -s https://gateway.example/ws?x=1#top")
	p.untilText("pasted", "Changed https to wss")
	p.untilText("pasted", "from # on")
	p.until(`document.querySelector("[data-testid=auth-kind]").value === "basic" && document.querySelector("[data-testid=address]").value === "wss://gateway.example/ws?x=1"`)
	p.click("undo")
	p.until(`document.querySelector("[data-testid=auth-kind]").value === "none" && document.querySelector("[data-testid=address]").value === ""`)
	if n := p.eval(`[...document.querySelectorAll("[data-testid=header-name], [data-testid=param-name]")].filter((field) => field.value).length`); n != "0" {
		t.Errorf("%s rows are left", n)
	}
}

func TestUnreadableCommandSaysWhichPart(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for _, path := range []string{"/", "/services/new"} {
		p.visit(s.URL + path)
		p.startReady()
		p.pastes("address", "wscat -c wss://gateway.example -H 'no end")
		p.untilText("address-note", "A quote is not closed: 'no end")
		if got := p.eval(`document.querySelector("[data-testid=address]").value`); !strings.Contains(got, "wscat -c wss://gateway.example") {
			t.Errorf("%s: the text is lost: %q", path, got)
		}
	}
}

func TestModelArtsIsSetUpRefusedAndMended(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/")
	p.startReady()
	p.click("start-modelarts")
	p.until(`location.pathname === "/services/new" && document.activeElement.dataset.testid === "address"`)
	service := s.demo("echo", "token")
	p.fill("address", service.Address)
	p.untilText("found", "Huawei ModelArts")
	p.until(`document.querySelector("[data-testid=auth-kind]").value === "token"`)
	p.fill("auth-token", "MIIwrong")
	p.untilText("auth-token-check", "Only 8 characters")
	p.until(`document.querySelector("[data-testid=test]").dataset.state === "failed"`)
	p.until(`document.querySelector("[data-testid=cause]").textContent !== ""`)
	if state := p.eval(`document.querySelector("[data-phase=upgrade]").dataset.state`); state != "failed" {
		t.Errorf("upgrade is %s", state)
	}
	p.click("action")
	p.until(`document.activeElement.dataset.testid === "auth-token"`)
	p.fill("auth-token", demo.Token)
	p.until(`document.querySelector("[data-testid=test]").dataset.state === "works"`)
	p.fill("service-name", "ModelArts")
	p.click("connect")
	p.until(`location.pathname.startsWith("/sessions/")`)
	p.untilOpen()
}

// Save is never held up by a test that runs.
func TestSaveDoesNotWaitForTheTest(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.startReady()
	p.fill("address", mute(t)+"/x")
	p.until(`document.querySelector("[data-phase=upgrade]").dataset.state === "running"`)
	p.fill("service-name", "Mute")
	p.click("save")
	p.until(`location.pathname.startsWith("/services/") && ` + composerBuilt)
	if s.serviceNamed("Mute").ID == "" {
		t.Error("it is not saved")
	}
}

func TestTestCanBeCancelledAndRunAgain(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.startReady()
	p.fill("address", mute(t)+"/x")
	p.until(`document.querySelector("[data-phase=upgrade]").dataset.state === "running"`)
	p.click("test-run")
	p.until(`document.querySelector("[data-testid=test]").dataset.state === "cancelled"`)
	p.click("test-run")
	p.until(`document.querySelector("[data-testid=test]").dataset.state === "running"`)
}

func TestServicesUsedLastConnectFromTheFirstPage(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	s.call(http.MethodPost, "/api/services", object{"name": "Used", "address": s.demo("echo", "none").Address}, nil)
	s.open(object{"service": s.serviceNamed("Used").ID})
	p.visit(s.URL + "/")
	p.startReady()
	p.untilText("recent", "Used")
	p.untilText("recent", "just now")
	p.click("recent-connect")
	p.until(`location.pathname.startsWith("/sessions/")`)
	p.untilOpen()
}

func TestStartPagesFitEveryWidth(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for _, width := range []int{1440, 900, 390} {
		p := browse(t, width, 844)
		for _, path := range []string{"/", "/services/new?address=" + "wss%3A%2F%2Fa-very-long-name.infer-modelarts-cn-north-4.example%2Fv1%2Finfers%2F8f2c0d3e-77aa-4c19-9b1d-c0d2e4f6b41e%2Fv1%2Frealtime"} {
			p.visit(s.URL + path)
			p.startReady()
			p.until(`document.querySelector("[data-testid=test]")?.dataset.state !== "running"`)
			if wide := p.eval(`document.documentElement.scrollWidth`); wide != strconv.Itoa(width) {
				t.Errorf("%s at %d is %s wide", path, width, wide)
			}
		}
	}
}
