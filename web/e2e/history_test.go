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

// foundIn lists the sessions that a search shows, each with its count.
const foundIn = `[...document.querySelectorAll("[data-testid=found-session]")].map((item) => item.dataset.id + " " + item.querySelector("[data-testid=found-count]").textContent).join()`

func TestHistoryIsSearched(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	past := s.said("none", "an Apple", strings.Repeat("x", 600)+" apple pie", "apple", "pear", "apples")
	s.end(past)
	s.end(s.said("token", "pear"))
	live := s.said("bearer", "apple juice")
	p.visit(s.URL + "/history")
	p.eval(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`)
	p.until(`document.activeElement.dataset.testid === "history-search"`)
	p.do(chromedp.SendKeys(id("history-search"), "apple"), chromedp.KeyEvent(kb.Enter))
	p.until(`location.search === "?q=apple"`)
	p.until(foundIn + fmt.Sprintf(` === "%s 2 matches,%s 8 matches"`, live, past))
	p.untilText("found-status", "10 matches in 2 of 3 sessions")
	if hits := p.eval(`document.querySelectorAll("[data-testid=found-hit]").length`); hits != "5" {
		t.Errorf("%s hits are shown", hits)
	}
	for at, want := range []string{"↑Sentapple juice#2", "↓Receivedapple juice#3", "↑Sentan Apple#2", "↓Receivedan Apple#3", "apple pie#4"} {
		if text := p.eval(fmt.Sprintf(`document.querySelectorAll("[data-testid=found-hit]")[%d].textContent`, at)); !strings.Contains(text, want) {
			t.Errorf("hit %d says %s", at, text)
		}
	}
	if mark := p.eval(`document.querySelectorAll("[data-testid=found-hit]")[4].querySelector("mark").textContent`); mark != "apple" {
		t.Errorf("marked is %q", mark)
	}
	if link := p.eval(`document.querySelectorAll("[data-testid=found-hit]")[3].getAttribute("href")`); link != "/sessions/"+past+"?q=apple&seq=3" {
		t.Errorf("a hit leads to %s", link)
	}

	p.eval(`document.querySelector("[data-testid=history-case]").click()`)
	p.choose("history-state", "closed") // a choice needs no press
	p.until(`location.search === "?q=apple&case=1&state=closed"`)
	p.until(foundIn + fmt.Sprintf(` === "%s 6 matches"`, past))
	p.eval(`document.querySelector("[data-testid=found-session] a").click()`)
	p.arrive("/sessions/" + past)
	p.untilText("search-count", "6")
	if on := p.eval(`document.querySelector("[data-testid=search-case]").getAttribute("aria-pressed")`); on != "true" {
		t.Error("the case does not matter any more")
	}

	p.visit(s.URL + "/history?q=plum")
	p.untilText("found-status", "Nothing found in 3 sessions")
	p.visit(s.URL + "/history?q=(apple&regex=1")
	p.untilText("history-note", "a closing ) is missing")
	p.until(`document.querySelector("[data-testid=history-search]").getAttribute("aria-invalid") === "true" && document.querySelector("[data-testid=found-status]").textContent === ""`)
	p.visit(s.URL + "/history?q=apple&service=bearer&by=loc")
	p.until(foundIn + fmt.Sprintf(` === "%s 2 matches"`, live))
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
	p.onEveryPage(gated)
	p.visit(s.URL + "/history?q=apple")
	p.until("gates.length === 1")
	p.eval(`gates.shift()()`)
	p.untilText("found-status", "1 of 5 sessions")
	p.until(`document.querySelectorAll("[data-testid=found-session]").length === 1 && gates.length === 1`)
	p.click("found-stop")
	p.untilText("found-status", "Stopped after 1 of 5 sessions")
	if p.eval("givenUp") == "0" {
		t.Error("what was asked for is still waited for")
	}
	p.eval(`gates.shift()()`)
	p.settle()
	if n := p.eval(`document.querySelectorAll("[data-testid=found-session]").length`); n != "1" {
		t.Errorf("after the stop there are %s sessions", n)
	}
	p.click("found-stop") // which goes on now
	p.eval(`setInterval(() => gates.shift()?.(), 5)`)
	p.untilText("found-status", "10 matches in 5 of 5 sessions")
	p.until(`document.querySelector("[data-testid=found-stop]").hidden`)
}

func TestHistoryIsPagedAndFilteredByItsForm(t *testing.T) {
	t.Parallel()
	const all = 120
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	var ids []string // newest first
	for range all {
		session := s.open(object{"address": s.demo("echo", "none").Address})
		ids = append([]string{session}, ids...)
	}
	s.end(ids[0])
	for _, id := range ids[1:] {
		s.end(id)
	}
	running := s.open(object{"service": s.demo("ticker", "none").ID})
	ids = append([]string{running}, ids...)
	listed := func(from, to int) {
		t.Helper()
		p.until(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=history-row]")].map((row) => row.dataset.id).join() === %q`, strings.Join(ids[from:to], ",")))
		p.until(`document.getElementById("history-form").dataset.ready === "1"`)
	}
	p.visit(s.URL + "/history")
	listed(0, 50)
	p.untilText("history-count", "121 sessions")
	p.until(`document.querySelector("[data-testid=history-newer]") === null`)
	p.click("history-older")
	listed(50, 100)
	p.click("history-older")
	listed(100, 121)
	p.until(`document.querySelector("[data-testid=history-older]") === null`)
	p.click("history-newer")
	listed(50, 100)
	p.click("history-newer")
	listed(0, 50)

	p.do(chromedp.SendKeys(id("history-service"), "ticker"), chromedp.KeyEvent(kb.Enter))
	listed(0, 1)
	if p.eval("location.search") != "?service=ticker" {
		t.Errorf("the address is %s", p.eval("location.search"))
	}
	p.click("history-clear")
	listed(0, 50)
	p.until(`document.querySelector("[data-testid=history]").dataset.ready === "1"`)
	p.choose("history-state", "closed")
	listed(1, 51)
	p.click("history-older")
	listed(51, 101)
	opened := s.state(ids[60]).OpenedAtUS
	minute := p.eval(fmt.Sprintf(`(() => { const at = new Date(%d / 1000 + 60_000); return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16) })()`, opened))
	p.put("history-to", minute)
	p.click("history-go")
	p.until(`location.search.includes("to=") && location.search.endsWith("Z") && document.getElementById("history-form")?.dataset.ready === "1"`)
	if at := p.eval(`document.querySelector("[data-testid=history-to]").value`); at != minute {
		t.Errorf("the time is shown as %s, and was %s", at, minute)
	}
	p.put("history-to", "2020-01-01T00:00")
	p.click("history-go")
	p.until(`document.querySelector(".page-empty")?.textContent.includes("No session matches these filters")`)
}

// Without its script the page lists, filters and leads on all the same.
func TestHistoryWorksWithoutScript(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.end(s.said("none", "apple"))
	s.said("bearer", "apple")
	for query, want := range map[string]int{
		"": 2, "?service=bearer": 1, "?state=closed": 1, "?q=apple": 2, "?to=2020-01-01T00:00": 0, "?from=2020-01-01T00:00&by=local&service=&state=&to=": 2,
	} {
		status, raw := s.do(http.MethodGet, "/history"+query, "", nil, nil)
		if n := strings.Count(string(raw), `data-testid="history-row"`); status != http.StatusOK || n != want {
			t.Errorf("%s: %d with %d rows, want %d", query, status, n, want)
		}
	}
	for _, query := range []string{"?state=dead", "?from=monday", "?before=%00"} {
		if status, _ := s.do(http.MethodGet, "/history"+query, "", nil, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, status)
		}
	}
}

func TestPastSessionIsDeletedAfterAQuestion(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	past, live := s.said("none", "apple"), s.said("bearer", "apple")
	s.end(past)
	p.visit(s.URL + "/history")
	button := func(id string) string {
		return fmt.Sprintf(`document.querySelector('[data-testid=history-row][data-id="%s"] [data-testid=history-delete]')`, id)
	}
	p.until(button(past) + `?.hidden === false`)
	if !p.is(button(live) + ` === null`) {
		t.Error("a session that runs can be deleted")
	}
	p.eval(button(past) + `.click()`)
	p.untilText("confirm", "cannot be undone")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=confirm]") === null`)
	if status, _ := s.call(http.MethodGet, "/api/sessions/"+past, nil, nil); status != http.StatusOK {
		t.Errorf("it was deleted without a yes: %d", status)
	}
	p.eval(button(past) + `.click()`)
	p.click("confirm-yes")
	p.until(button(past) + ` === null`)
	if status, _ := s.call(http.MethodGet, "/api/sessions/"+past, nil, nil); status != http.StatusNotFound {
		t.Errorf("it is still there: %d", status)
	}
	p.until(fmt.Sprintf(`document.querySelector('#sessions [data-id="%s"]') === null`, past)) // the side list as well
}
