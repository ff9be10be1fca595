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

// said opens a session on the echo service and sends texts.
func (s *server) said(kind string, texts ...string) string {
	s.t.Helper()
	session := s.open(object{"service": s.demo("echo", kind).ID})
	for _, text := range texts {
		s.send(session, "text", []byte(text))
	}
	s.awaitReceived(session, len(texts))
	return session
}

func (s *server) end(session string) {
	s.t.Helper()
	if status, raw := s.call(http.MethodPost, "/api/sessions/"+session+"/close", object{}, nil); status != http.StatusOK {
		s.t.Fatalf("close: %d %s", status, raw)
	}
}

// chatting is a session of the demo's chat with an answer, given at once, that quotes the
// question.
func (s *server) chatting(question string) string {
	s.t.Helper()
	session := s.open(object{"service": s.demo("stream", "none").ID, "params": []object{{"name": "interval_ms", "value": "1"}}})
	if status, raw := s.call(http.MethodPost, "/api/sessions/"+session+"/ask", object{"text": question}, nil); status != http.StatusOK {
		s.t.Fatalf("ask: %d %s", status, raw)
	}
	return session
}

// chatted is the same session, ended.
func (s *server) chatted(question string) string {
	s.t.Helper()
	session := s.chatting(question)
	s.end(session)
	return session
}

// shownRows lists the sessions on the page.
const shownRows = `[...document.querySelectorAll("[data-testid=history-row]")].filter((row) => !row.hidden && row.getClientRects().length > 0).map((row) => row.dataset.id).join()`

// listed waits for the rows of those sessions.
func (p *page) listed(ids ...string) {
	p.t.Helper()
	p.until(`document.querySelector("[data-testid=history]")?.dataset.ready === "1"`)
	p.until(shownRows + fmt.Sprintf(` === %q`, strings.Join(ids, ",")))
}

// pastRow is a part of the row of a session, for scripts.
func pastRow(session, part string) string {
	return fmt.Sprintf(`document.querySelector('[data-testid=history-row][data-id="%s"] %s')`, session, part)
}

func TestOldAnswerIsFoundWhileItsWordsAreTyped(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	old := s.chatted("Why does a request timeout end it?")
	plain := s.said("none", "a request timeout, as a message")
	s.end(plain)
	p.visit(s.URL + "/history")
	p.listed(plain, old)
	p.untilText("history-count", "2 sessions")
	p.eval(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`)
	p.until(`document.activeElement.dataset.testid === "history-search"`)
	p.do(chromedp.SendKeys(id("history-search"), "Request TIMEOUT"))
	p.listed(old)
	p.untilText("found-status", "1 session, 1 place")
	p.untilText("history-foot", "Searched the text of all answers in")
	p.until(`document.querySelector(".day .quiet").textContent.includes("1 of 2 sessions match")`)
	if hit := p.eval(pastRow(old, ".h-hit") + `.textContent`); !strings.Contains(hit, "request timeout") || !strings.Contains(hit, "turn 1") {
		t.Errorf("the hit says %s", hit)
	}
	if mark := p.eval(pastRow(old, "mark") + `.textContent`); mark != "request timeout" {
		t.Errorf("marked is %q", mark)
	}
	if link := p.eval(pastRow(old, "[data-testid=found-hit]") + `.getAttribute("href")`); link != "/sessions/"+old+"?turn=1" {
		t.Errorf("a hit leads to %s", link)
	}

	p.click("search-messages")
	p.listed(plain, old)
	if at := p.eval("location.search"); at != "?q=Request+TIMEOUT&in=messages" {
		t.Errorf("the address is %s", at)
	}
	p.visit(s.URL + "/history" + p.eval("location.search"))
	p.listed(plain, old)
	p.click("history-clear")
	p.listed(plain, old)
	p.until(`location.search === "?in=messages" && document.querySelector("[data-testid=found-status]").textContent === ""`)
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

func TestMessagesOfTheHistoryAreSearched(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	past := s.said("none", "an Apple", strings.Repeat("x", 600)+" apple pie", "apple", "pear", "apples")
	s.end(past)
	s.end(s.said("token", "pear"))
	live := s.said("bearer", "apple juice")
	p.visit(s.URL + "/history?in=messages&q=apple")
	p.listed(live, past)
	p.untilText("found-status", "2 sessions, 10 places")
	if hits := p.eval(`document.querySelectorAll("[data-testid=found-hit]").length`); hits != "5" {
		t.Errorf("%s hits are shown", hits)
	}
	p.until(pastRow(past, ".h-hits") + `.textContent.includes("and 5 more in this session")`)
	if link := p.eval(pastRow(past, `[data-seq="3"]`) + `.getAttribute("href")`); link != "/sessions/"+past+"?q=apple&seq=3" {
		t.Errorf("a hit leads to %s", link)
	}
	p.eval(`document.querySelector("[data-testid=history-case]").click()`)
	p.click("filter-state")
	p.click("history-state-closed")
	p.listed(past)
	p.until(`!document.querySelector(".filter-menu[open]")`)
	p.untilText("found-status", "1 session, 6 places")
	if at := p.eval("location.search"); at != "?q=apple&case=1&in=messages&state=closed" {
		t.Errorf("the address is %s", at)
	}
	p.eval(pastRow(past, "[data-testid=found-hit]") + `.click()`)
	p.arrive("/sessions/" + past)
	p.untilText("search-count", "6")

	p.visit(s.URL + "/history?in=messages&q=plum")
	p.untilText("history-foot", "No message contains this")
	p.visit(s.URL + "/history?in=messages&q=(apple&regex=1")
	p.untilText("history-note", "a closing ) is missing")
	p.until(`document.querySelector("[data-testid=history-search]").getAttribute("aria-invalid") === "true"`)
	p.visit(s.URL + "/history?in=messages&q=apple&service=bearer&by=loc")
	p.listed(live)
	if problems := p.unexpected("400"); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

// gated holds back each answer of a search over sessions until its gate is called, and
// leaves each so little time that there are many.
const gated = `(() => {
	window.gates = []
	window.givenUp = 0
	const go = fetch
	window.fetch = async (path, init) => {
		if (String(path).startsWith("/api/search?")) {
			init?.signal?.addEventListener("abort", () => givenUp++)
			path = String(path).replace("budget_ms=200", "budget_ms=0")
			await new Promise((resolve) => gates.push(resolve))
		}
		return go(path, init)
	}
})()`

func TestSearchOfTheHistoryCanBeStopped(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for range 5 {
		s.end(s.said("none", "apple"))
	}
	rows := func(n int) string {
		return fmt.Sprintf(`document.querySelectorAll("[data-testid=history-row]").length === %d`, n)
	}
	p.onEveryPage(gated)
	p.visit(s.URL + "/history?in=messages&q=apple")
	p.until("gates.length === 1")
	p.eval(`gates.shift()()`)
	p.untilText("history-foot", "Searched 1 of 5 sessions")
	p.until(rows(1) + ` && gates.length === 1`)
	p.click("found-stop")
	p.untilText("history-foot", "Stopped after 1 of 5 sessions")
	if p.eval("givenUp") == "0" {
		t.Error("the answer is still waited for")
	}
	p.eval(`gates.shift()()`)
	p.settle()
	if !p.is(rows(1)) {
		t.Error("sessions were added after the stop")
	}
	p.click("found-stop") // which continues now
	p.eval(`setInterval(() => gates.shift()?.(), 5)`)
	p.untilText("found-status", "5 sessions, 10 places")
	p.until(`document.querySelector("[data-testid=found-stop]") === null`)
}

func TestHistoryGrowsAndIsFilteredByItsMenus(t *testing.T) {
	t.Parallel()
	const all = 60
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	var ids []string // newest first
	for range all {
		session := s.open(object{"address": s.demo("echo", "none").Address})
		ids = append([]string{session}, ids...)
	}
	for _, id := range ids {
		s.end(id)
	}
	running := s.open(object{"service": s.demo("ticker", "none").ID})
	ids = append([]string{running}, ids...)
	p.visit(s.URL + "/history")
	p.listed(ids[:50]...)
	p.untilText("history-count", "61 sessions")
	p.click("history-older")
	p.listed(ids...)
	p.until(`document.querySelector("[data-testid=history-older]") === null`)

	p.click("filter-service")
	p.until(`document.activeElement.dataset.testid === "history-service"`)
	p.do(chromedp.SendKeys(id("history-service"), "ticker"))
	p.listed(running)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`!document.querySelector(".filter-menu[open]") && document.activeElement.dataset.testid === "filter-service" && document.activeElement.textContent.includes("ticker")`)
	p.untilText("history-count", "1 session")
	if p.eval("location.search") != "?service=ticker" {
		t.Errorf("the address is %s", p.eval("location.search"))
	}
	p.visit(s.URL + "/history?state=closed")
	p.listed(ids[1:51]...)
	minute := p.eval(fmt.Sprintf(`(() => { const at = new Date(%d / 1000 - 3_600_000); return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16) })()`, s.state(ids[60]).OpenedAtUS))
	p.click("filter-days")
	p.put("history-to", minute)
	p.eval(`document.querySelector("[data-testid=history-to]").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.until(`location.search.includes("to=") && location.search.endsWith("Z")`)
	p.until(`document.querySelector(".page-empty")?.textContent.includes("No matching sessions")`)
	p.visit(s.URL + "/history" + p.eval("location.search"))
	p.until(`document.getElementById("history-form")?.dataset.ready === "1"`)
	if at := p.eval(`document.querySelector("[data-testid=history-to]").value`); at != minute {
		t.Errorf("the time is shown as %s, and was %s", at, minute)
	}
}

// Without its script the page lists, filters and leads on all the same.
func TestHistoryWorksWithoutScript(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.end(s.said("none", "apple"))
	s.said("bearer", "apple")
	for query, want := range map[string]int{
		"": 2, "?service=bearer": 1, "?state=closed": 1, "?state=failed": 0, "?q=apple": 2, "?days=1": 2, "?to=2020-01-01T00:00": 0,
		"?from=2020-01-01T00:00&by=local&service=&state=&to=": 2,
	} {
		status, raw := s.do(http.MethodGet, "/history"+query, "", nil, nil)
		if n := strings.Count(string(raw), `data-testid="history-row"`); status != http.StatusOK || n != want {
			t.Errorf("%s: %d with %d rows, want %d", query, status, n, want)
		}
	}
	for _, query := range []string{"?state=dead", "?from=monday", "?before=%00", "?days=x", "?in=dreams"} {
		if status, _ := s.do(http.MethodGet, "/history"+query, "", nil, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, status)
		}
	}
}

func TestSelectedSessionsArePinnedExportedAndDeleted(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	var ids []string // newest first
	for range 4 {
		id := s.said("none", "apple")
		s.end(id)
		ids = append([]string{id}, ids...)
	}
	live := s.said("bearer", "apple")
	p.visit(s.URL + "/history")
	p.listed(append([]string{live}, ids...)...)

	// A range: a box, and Shift with a click on another row, which then does not open.
	p.eval(pastRow(live, "[data-testid=history-select]") + `.click()`)
	p.eval(pastRow(ids[2], ".h-name a") + `.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true, shiftKey: true}))`)
	p.untilText("bulk-count", "4 selected")
	link := p.eval(`(() => {
		window.saved = []
		document.addEventListener("click", (event) => { const link = event.target.closest("a[download]"); if (link) { saved.push(link.getAttribute("href")); event.preventDefault() } }, true)
		document.querySelector("[data-testid=bulk-export]").click()
		document.querySelector("[data-testid=menu] [role=menuitem]").click()
		return saved[0]
	})()`)
	if status, _ := s.do(http.MethodGet, link, "", nil, nil); status != http.StatusOK || strings.Count(link, "session=") != 4 {
		t.Errorf("the export at %s answers with %d", link, status)
	}

	// With the keys: down twice from the first row, extended by Shift, then pinned.
	p.until(`document.querySelector("[data-testid=menu]") === null`) // it takes Escape first
	p.settle()
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=bulk]").hidden`)
	p.eval(pastRow(ids[0], ".h-name a") + `.focus()`)
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent("x"))
	p.untilText("bulk-count", "1 selected")
	p.click("bulk-pin")
	p.until(pastRow(ids[1], "[data-testid=history-pin]") + ` !== null`)
	if !s.state(ids[1]).Pinned {
		t.Error("the session is not pinned")
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.eval(pastRow(live, ".h-name a") + `.focus()`)
	for range 3 {
		p.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierShift)))
	}
	p.untilText("bulk-count", "4 selected")

	// The open session and the pinned one stay, and are named.
	p.do(chromedp.KeyEvent(kb.Delete))
	p.untilText("confirm", "Delete 2 sessions?")
	for _, words := range []string{"Pinned, so they stay", "Still open, so they stay", "undo"} {
		p.untilText("confirm", words)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=confirm]") === null`)
	p.click("bulk-delete")
	p.click("confirm-yes")
	p.listed(live, ids[1], ids[3])
	p.untilText("undo-bar", "2 sessions will be deleted in 10 s")
	p.click("undo")
	p.listed(append([]string{live}, ids...)...)
	if status, _ := s.call(http.MethodGet, "/api/sessions/"+ids[0], nil, nil); status != http.StatusOK {
		t.Errorf("it was deleted although that was undone: %d", status)
	}

	// The server deletes it, whatever happens to the page.
	p.eval(pastRow(ids[3], "[data-testid=history-more]") + `.click()`)
	p.eval(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].at(-1).click()`)
	p.untilText("confirm", "Delete this session?")
	p.click("confirm-yes")
	p.untilText("undo-bar", "1 session will be deleted in 10 s")
	p.visit(s.URL + "/history")
	p.listed(live, ids[0], ids[1], ids[2])
	p.untilText("undo-bar", "1 session will be deleted in 10 s")
	if status, _ := s.call(http.MethodGet, "/api/sessions/"+ids[3], nil, nil); status != http.StatusOK {
		t.Errorf("it was deleted before its time: %d", status)
	}
	p.visit(s.URL + "/settings")
	p.until(fmt.Sprintf(`fetch("/api/sessions/%s").then((r) => r.status === 404)`, ids[3]))
	if problems := p.unexpected("404"); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}
