//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// chunks is how many parts of the script were fetched besides those of every page.
const chunks = `performance.getEntriesByType("resource").filter((part) => part.name.includes("/chunk-")).length`

// Who only reads never fetches the editor; who is about to write does not wait for it,
// and goes on where the plain field was left.
func TestEditorComesWhenSomebodyIsAboutToWrite(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.until(composerStands)
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

// Without the editor a message is still written, checked and sent; it is asked for
// again by the next touch.
func TestMessageIsSentWithoutTheEditor(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.until(composerStands)
	p.refuse(&network.BlockPattern{URLPattern: "*://*:*/assets/chunk-*", Block: true})
	p.connect()
	p.eval(`document.querySelector("[data-testid=composer]").focus()`)
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.write("plain")
	p.choose("composer-type", "text")
	p.sent(2)
	if got := string(s.echoed(p.session(), "text")); got != "plain" {
		t.Errorf("sent %q", got)
	}
	p.refuse()
	p.ready()
	if text := p.editorText(); text != "plain" {
		t.Errorf("the editor begins with %q", text)
	}
	if problems := p.unexpected("ERR_BLOCKED_BY_CLIENT"); len(problems) > 0 {
		t.Errorf("the console says %q", problems)
	}
}
