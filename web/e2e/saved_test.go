//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

type savedMessage struct {
	ID, Name, Folder, Type string
	Position               int
	Size                   int64
}

func (s *server) saved(service string) []savedMessage {
	s.t.Helper()
	var list struct{ Messages []savedMessage }
	s.call(http.MethodGet, "/api/services/"+service+"/messages", nil, &list)
	return list.Messages
}

// order lists the saved messages of a service as "folder/name".
func (s *server) order(service string) string {
	s.t.Helper()
	var names []string
	for _, m := range s.saved(service) {
		names = append(names, m.Folder+"/"+m.Name)
	}
	return strings.Join(names, " ")
}

func (s *server) savedBody(service, id string) []byte {
	s.t.Helper()
	status, raw := s.do(http.MethodGet, "/api/services/"+service+"/messages/"+id+"/body", "", nil, nil)
	if status != http.StatusOK {
		s.t.Fatalf("body: %d %s", status, raw)
	}
	return raw
}

func (s *server) keep(service, folder, name, kind string, body []byte) {
	s.t.Helper()
	q := url.Values{"name": {name}, "folder": {folder}, "type": {kind}}
	if status, raw := s.do(http.MethodPost, "/api/services/"+service+"/messages?"+q.Encode(), "", bytes.NewReader(body), nil); status != http.StatusCreated {
		s.t.Fatalf("keep: %d %s", status, raw)
	}
}

// openSaved opens the list of saved messages and waits for n of them.
func (p *page) openSaved(n int) {
	p.t.Helper()
	p.click("saved")
	p.until(fmt.Sprintf(`document.activeElement.dataset.testid === "saved-filter" && document.querySelectorAll("[data-testid=saved-item]").length === %d`, n))
}

// saveAs fills the dialog in by keys.
func (p *page) saveAs(name, folder string) {
	p.t.Helper()
	p.until(`document.activeElement?.dataset.testid === "saved-name"`)
	p.fill("saved-name", name)
	p.fill("saved-folder", folder)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector("[data-testid=saved-dialog]") === null`)
}

func TestMessagesAreSavedFoundAndLoaded(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.demo("echo", "none").ID
	p.visit(s.URL + "/services/" + service)
	p.ready()
	for i, m := range []struct{ kind, text, folder, name string }{
		{"json", "{\n  \"big\": 12345678901234567890\n}", "", "first"},
		{"xml", "<a>\r\n</a>", "Folder", "second"},
		{"text", "", "Folder", "third"},
	} {
		p.compose(m.kind, m.text)
		p.openSaved(i)
		p.click("saved-keep")
		p.saveAs(m.name, m.folder)
		p.untilText("toast", m.name)
	}
	if got := s.order(service); got != "/first Folder/second Folder/third" {
		t.Errorf("saved: %s", got)
	}
	if got := string(s.savedBody(service, s.saved(service)[1].ID)); got != "<a>\r\n</a>" {
		t.Errorf("saved as %q", got)
	}

	p.compose("html", "<p>a draft")
	p.openSaved(3)
	p.do(chromedp.KeyEvent("fold sec"))
	p.until(`document.querySelectorAll("[data-testid=saved-item]").length === 1`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector("[data-testid=composer-type]").value === "xml" && document.querySelector("[data-testid=composer] .cm-content").innerText.startsWith("<a>")`)
	p.until(`document.activeElement.classList.contains("cm-content")`)
	p.do(chromedp.KeyEvent(kb.ArrowUp, chromedp.KeyModifiers(chromedp.ModifierAlt))) // the draft before is not lost
	p.until(`document.querySelector("[data-testid=composer-type]").value === "html"`)
	if text := p.editorText(); text != "<p>a draft" {
		t.Errorf("called back: %q", text)
	}

	p.openSaved(3)
	p.do(chromedp.KeyEvent("nothing of the kind"))
	p.untilText("saved-note", "No saved message matches")
	p.do(chromedp.KeyEvent(kb.Escape)) // empties the search first
	p.until(`document.querySelectorAll("[data-testid=saved-item]").length === 3`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`!document.querySelector("[data-testid=saved-panel]").matches(":popover-open") && document.activeElement.dataset.testid === "saved"`)
}

func TestSavedMessagesAreKeptInOrderByKeyboard(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.demo("echo", "none").ID
	for _, name := range []string{"a", "b", "c"} {
		s.keep(service, "", name, "text", []byte(name))
	}
	p.visit(s.URL + "/services/" + service)
	p.ready()
	p.compose("json", `{"now": "this"}`)
	p.openSaved(3)
	key := func(keys ...string) {
		for _, k := range keys {
			p.do(chromedp.KeyEvent(k))
		}
	}
	item := func(name string) string {
		return fmt.Sprintf(`document.activeElement.querySelector(".saved-name")?.textContent === %q`, name)
	}
	key(kb.ArrowDown, kb.ArrowDown)
	p.until(item("b"))
	p.do(chromedp.KeyEvent(kb.ArrowUp, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	p.until(item("b") + ` && document.querySelector("[data-testid=saved-item] .saved-name").textContent === "b"`)
	if got := s.order(service); got != "/b /a /c" {
		t.Errorf("after Alt+Up: %s", got)
	}
	p.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	p.until(`[...document.querySelectorAll(".saved-name")].map((n) => n.textContent).join("") === "abc" && ` + item("b"))
	key(kb.F2)
	p.saveAs("B", "Elsewhere")
	p.until(item("B"))
	if got := s.order(service); got != "/a /c Elsewhere/B" {
		t.Errorf("after F2: %s", got)
	}
	key(kb.Home, kb.ArrowRight)
	p.until(`document.activeElement.getAttribute("role") === "menuitem"`)
	key(kb.ArrowDown, kb.Enter) // replace by the text of the composer
	p.until(`document.querySelector("[data-testid=confirm]")?.open`)
	p.click("confirm-yes")
	p.untilText("toast", "is saved")
	if m := s.saved(service)[0]; m.Name != "a" || m.Type != "json" || string(s.savedBody(service, m.ID)) != `{"now": "this"}` {
		t.Errorf("replaced by %+v", m)
	}
	p.openSaved(3)
	key(kb.ArrowDown, kb.ArrowDown, kb.Delete)
	p.until(`document.querySelector("[data-testid=confirm]")?.open`)
	key(kb.Escape)
	p.until(item("c"))
	key(kb.Delete)
	p.until(`document.querySelector("[data-testid=confirm]")?.open`)
	p.click("confirm-yes")
	p.until(`document.querySelectorAll("[data-testid=saved-item]").length === 2`)
	if got := s.order(service); got != "/a Elsewhere/B" {
		t.Errorf("after Delete: %s", got)
	}
}

func TestSavedMessagesOfEveryTypeAndSize(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.demo("echo", "none").ID
	long := bytes.Repeat([]byte("0123456789 漢字\n"), 12<<20/18)
	bodies := map[string][]byte{
		"text": []byte("\ufeffmark"), "json": []byte("[1]"), "xml": []byte("<a/>"), "html": []byte("<p>"),
		"hex": {0, 1, 0xff}, "base64": {0, 1, 0xff}, "file": bytes.Repeat([]byte{0, 0xff}, 1<<20),
	}
	for kind, body := range bodies {
		s.keep(service, "", kind, kind, body)
	}
	s.keep(service, "", "long", "text", long)
	s.keep(service, "", "long bytes", "hex", long)
	bodies["long"], bodies["long bytes"] = long, long
	p.visit(s.URL + "/services/" + service)
	p.connect()
	p.ready()
	p.watchLong()
	seq := 1
	for name, body := range bodies {
		p.openSaved(len(bodies))
		p.eval(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=saved-item]")].find((item) => item.querySelector(".saved-name").textContent === %q).click()`, name))
		p.untilText("toast", fmt.Sprintf("“%s” is in the composer", name))
		seq += 2
		p.sent(seq)
		opcode := map[bool]string{true: "binary", false: "text"}[name == "hex" || name == "base64" || name == "file" || name == "long bytes"]
		if got := s.echoed(p.session(), opcode); !bytes.Equal(got, body) {
			t.Errorf("%s: %d bytes came back of %d", name, len(got), len(body))
		}
		if strings.HasPrefix(name, "long") {
			p.logLong(t, "load and send "+name)
		}
	}
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=log]").dataset.shown === "%d"`, seq))
	p.pressItem(seq, "Save as message…")
	p.saveAs("from the log", "Log")
	p.untilText("toast", "from the log")
	saved := s.saved(service)
	if got := s.savedBody(service, saved[len(saved)-1].ID); !bytes.Equal(got, s.body(p.session(), int64(seq))) {
		t.Errorf("saved from the log: %d bytes", len(got))
	}
}

func TestServiceThatIsNotSavedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/connect")
	p.ready()
	p.fill("address", s.demo("echo", "none").Address)
	p.compose("text", "hello")
	p.click("saved")
	p.untilText("saved-note", "Give it a name, press Save")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.activeElement.dataset.testid === "service-name"`)
	p.do(chromedp.KeyEvent("mine"))
	p.click("save")
	p.until(`/^\/services\/[0-9a-f-]{36}$/.test(location.pathname)`)
	p.openSaved(0)
	p.untilText("saved-note", "Nothing saved yet")
	p.click("saved-keep")
	p.saveAs("hello", "")
	p.openSaved(1)
}

func TestHostileNamesOfMessages(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	service := s.demo("echo", "none").ID
	hostile := []string{"<script>document.title = 'owned'</script>", "\u202egpj.exe\u2066", "\"><img src=x onerror=alert(1)>", "a\u200bb", strings.Repeat("漢", 100)}
	for _, name := range hostile {
		s.keep(service, name, name, "text", []byte(name))
	}
	p.visit(s.URL + "/services/" + service)
	p.ready()
	p.openSaved(len(hostile))
	if shown := p.eval(`document.querySelector("[data-testid=saved-panel]").innerText`); strings.ContainsAny(shown, "\u202e\u2066\u200b") || !strings.Contains(shown, "‹RLO›") || !strings.Contains(shown, "<script>") {
		t.Errorf("the list shows %q", shown)
	}
	if n := p.eval(`document.querySelectorAll("[data-testid=saved-panel] :is(script, img)").length`); n != "0" {
		t.Errorf("%s elements were made of names", n)
	}
	p.click("saved-keep")
	p.until(`document.activeElement?.dataset.testid === "saved-name"`)
	p.put("saved-name", strings.Repeat("n", 10<<10))
	p.untilText("saved-name-error", "At most 100 characters; this has 10,240.")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.put("saved-name", "")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.untilText("saved-name-error", "Give the message a name")
	p.put("saved-name", "a\u0085b") // the server's own refusal
	p.do(chromedp.KeyEvent(kb.Enter))
	p.untilText("saved-name-error", "no line breaks or control characters")
	if p.eval(`document.querySelector("[data-testid=saved-name]").value`) != "a\u0085b" {
		t.Error("a refused name is gone")
	}
	p.put("saved-name", "<script>")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector("[data-testid=saved-dialog]") === null`)
	if list := s.saved(service); len(list) != len(hostile)+1 {
		t.Errorf("%d are saved", len(list))
	}
	if problems := p.unexpected("status of 400"); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}
