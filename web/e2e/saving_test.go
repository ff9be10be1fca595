//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestEnterInTheNameSavesAndEscGoesBack(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.startReady()
	p.fill("address", "wss://gateway.example/ws")
	p.click("save")
	p.untilText("name-note", "Give the service a name")
	p.do(chromedp.KeyEvent("by Enter"), chromedp.KeyEvent(kb.Enter))
	p.until(`/^\/services\/[0-9a-f-]{36}$/.test(location.pathname) && ` + composerBuilt)
	p.fill("service-name", "another name")
	p.do(chromedp.KeyEvent(kb.Escape))
	if name := p.eval(`document.querySelector("[data-testid=service-name]").value`); name != "by Enter" {
		t.Errorf("Esc left the name %q", name)
	}
	p.fill("service-name", "renamed")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector("#services [aria-current=page] .name").textContent === "renamed"`)
	if list := s.services(); len(list) == 0 || s.serviceNamed("renamed").ID == "" {
		t.Errorf("saved: %+v", list)
	}
}

func TestNewServiceIsAlwaysBlankAndDraftsAreNotLost(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	address := `document.querySelector("[data-testid=address]").value`
	p.visit(s.URL + "/services/new")
	p.startReady()
	p.fill("address", "wss://old.example/draft")
	p.choose("auth-kind", "bearer")
	p.fill("auth-token", "never-kept-token")
	draft := p.eval(`location.href`)
	p.click("new-service")
	p.until(`location.href !== ` + fmt.Sprintf("%q", draft))
	p.startReady()
	if got := p.eval(address); got != "" {
		t.Errorf("a new service begins with %q", got)
	}
	p.untilText("draft-link", "wss://old.example/draft")

	p.fill("address", "wss://second.example/")
	p.do(chromedp.Reload()) // the page's own draft is its own
	p.until(address + ` === "wss://second.example/"`)
	p.untilText("toast", "Restored your unsaved changes")

	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	p.click("new-service")
	p.until(`location.pathname === "/services/new" && document.querySelectorAll("[data-testid=draft-link]").length === 2`)
	p.eval(`[...document.querySelectorAll("[data-testid=draft-link]")].find((link) => link.textContent.includes("old.example")).click()`)
	p.until(address + ` === "wss://old.example/draft" && document.querySelector("[data-testid=auth-kind]")?.value === "bearer"`)
	p.untilText("toast", "not stored in the browser")
	if kept := p.eval(`JSON.stringify([{...sessionStorage}, {...localStorage}]) + document.querySelector("[data-testid=auth-token]").value`); strings.Contains(kept, "never-kept-token") {
		t.Errorf("the browser keeps %s", kept)
	}
}

func TestDuplicateOfAServiceKeepsItsSecretOrSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "bearer").ID)
	p.ready()
	menu := func(item string) {
		p.click("service-menu")
		p.click(item)
	}
	menu("save-as")
	p.until(`document.querySelector("[data-testid=service-name]").value.endsWith("(copy)")`)
	p.untilText("toast", "Saved")
	p.connect() // with the secret
	p.click("disconnect")
	p.untilStatus(closed)

	p.visit(s.URL + "/services/" + s.demo("echo", "bearer").ID)
	p.ready()
	p.fill("address", "wss://elsewhere.example/v1")
	before := len(s.services())
	menu("save-as")
	p.until(`document.querySelector("#auth-token-error")?.textContent.startsWith("A copy needs the token again")`)
	if n := len(s.services()); n != before {
		t.Errorf("%d services were saved", n-before)
	}
	p.click("auth-token-replace")
	p.fill("auth-token", "a-token-for-elsewhere")
	menu("save-as")
	p.until(`document.querySelector("[data-testid=service-name]").value.endsWith("(copy 2)")`) // the first name is taken
	if n := len(s.services()); n != before+1 {
		t.Errorf("%d services were saved", n-before)
	}
	if status, _ := s.call(http.MethodGet, "/api/services/"+s.demo("echo", "bearer").ID, nil, nil); status != http.StatusOK {
		t.Errorf("the original: %d", status)
	}
}
