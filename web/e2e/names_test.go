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

// A service and a session have one name in the head, the list, the title of the tab and the
// details, before and after each is renamed.
func TestOneNameForOneThing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	chat := s.demo("stream", "none").ID
	p.visit(s.URL + "/services/" + chat)
	p.ready()
	head := `document.querySelector("[data-testid=service-name]").value`
	listed := fmt.Sprintf(`document.querySelector("#services [data-id='%s'] .name").textContent`, chat)
	p.until(head + ` !== "" && ` + head + ` === ` + listed + ` && document.title === ` + head + ` + " · Duplex"`)
	if isUnsaved := p.eval(`document.querySelector("[data-testid=unsaved]").hidden`); isUnsaved != "true" {
		t.Error("the page says that it has unsaved changes")
	}
	p.connect()
	session := p.session()
	named := func(name string) {
		t.Helper()
		item := fmt.Sprintf(`document.querySelector("#sessions [data-id='%s'] .name").textContent`, session)
		p.until(fmt.Sprintf(`%s === %q && document.title.endsWith(" · " + %[2]q + " · Duplex") && document.querySelector(".overview-head h2").textContent === %[2]q`, item, name))
	}
	named(p.eval(head))
	p.eval(fmt.Sprintf(`document.querySelector("#sessions [data-id='%s']").dispatchEvent(new KeyboardEvent("keydown", {key: "F2", bubbles: true}))`, session))
	p.until(`document.activeElement?.closest("#sessions") !== null && document.activeElement.tagName === "INPUT"`)
	p.eval(`document.activeElement.select()`)
	p.write("The slow run")
	p.do(chromedp.KeyEvent(kb.Enter))
	named("The slow run")
	p.untilText("session-name", "The slow run")
	p.visit(s.URL + "/sessions/" + session)
	p.untilText("session-name", "The slow run")
	named("The slow run")

	var saved service
	s.call(http.MethodGet, "/api/services/"+chat, nil, &saved)
	if !strings.HasPrefix(saved.Name, "Demo · ") {
		t.Errorf("the service is now called %q", saved.Name)
	}
}
