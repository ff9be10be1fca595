//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// chunks counts the parts of the script that the page has loaded on demand.
const chunks = `performance.getEntriesByType("resource").filter((part) => part.name.includes("/chunk-")).length`

// The editor is loaded when somebody is about to write. A plain field takes the text until
// then.
func TestEditorComesWhenSomebodyIsAboutToWrite(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.until(composerBuilt)
	p.settle()
	before := p.eval(chunks)
	if p.is(`document.querySelector(".cm-editor") !== null`) {
		t.Error("the editor is there before anybody writes")
	}
	p.eval(`document.querySelector("[data-testid=composer]").focus()`)
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.write("written before the editor is there")
	p.ready()
	p.write("\nand after")
	if text, want := p.editorText(), "written before the editor is there\nand after"; text != want {
		t.Errorf("the message is %q, want %q", text, want)
	}
	if after := p.eval(chunks); after == before {
		t.Errorf("%s parts before and after", after)
	}
}

// A message can be written and sent when the editor fails to load; it is loaded at the
// next touch.
func TestMessageIsSentWithoutTheEditor(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.until(composerBuilt)
	p.refuse(&network.BlockPattern{URLPattern: "*://*:*/assets/chunk-*", Block: true})
	p.connect()
	p.eval(`document.querySelector("[data-testid=composer]").focus()`)
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.write("plain")
	p.choose("composer-type", "text")
	p.sent(3) // the echo is read
	if got := string(s.echoed(p.session(), "text")); got != "plain" {
		t.Errorf("sent %q", got)
	}
	p.refuse()
	p.ready()
	if text := p.editorText(); text != "plain" {
		t.Errorf("the editor begins with %q", text)
	}
	if problems := p.unexpected("ERR_BLOCKED_BY_CLIENT", "Failed to fetch dynamically imported module"); len(problems) > 0 {
		t.Errorf("the console says %q", problems)
	}
}
