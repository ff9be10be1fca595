//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo/emulate"
	"duplex/bridge/dialect"
)

// doublePress presses an element twice.
func (p *page) doublePress(selector string) {
	p.t.Helper()
	p.do(chromedp.DoubleClick(chromedp.CSS(selector)))
}

// shownView returns the name of the view that is shown.
func (p *page) shownView() string {
	p.t.Helper()
	return p.eval(`document.querySelector("#tabs [aria-selected=true]").dataset.tab`)
}

// pageKey presses a key outside of any field.
func (p *page) pageKey(key string) {
	p.t.Helper()
	p.eval(`document.activeElement?.blur()`)
	p.do(chromedp.KeyEvent(key))
}

const formatted = "# Title & <b>more</b>\n\nWords that are **bold**, `code <i>`, and [a link](https://example.com/page).\n\n1. one\n2. two\n   - inner\n\n" +
	"```html\n<img src=x onerror=alert(1)>\n```\n\n[never](javascript:alert(1)) <script>window.hit = 1</script>"

func TestAnswersAreFormattedAndNeverMarkup(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	id := s.emulated("modelarts-chat", emulate.Options{Answer: formatted, Interval: time.Millisecond})
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+id, "Format it.")
	p.untilTurn(1, "done")
	text := `document.querySelector("[data-turn='1'] [data-testid=turn-text]")`
	for _, c := range []struct{ selector, want string }{
		{"h1", "Title & <b>more</b>"}, {"strong", "bold"}, {"p code", "code <i>"}, {"ol > li:nth-child(2) li", "inner"}, {"pre", "<img src=x onerror=alert(1)>"},
	} {
		if got := strings.TrimSpace(p.eval(fmt.Sprintf(`%s.querySelector(%q)?.textContent`, text, c.selector))); got != c.want {
			t.Errorf("%s reads %q", c.selector, got)
		}
	}
	if n := p.eval(text + `.querySelectorAll("b, i, img, script, [onerror]").length`); n != "0" {
		t.Errorf("%s elements came from the text", n)
	}
	if got := p.eval(`[...` + text + `.querySelectorAll("a")].map((a) => a.href + " " + a.rel + " " + a.target).join("; ")`); got != "https://example.com/page noopener noreferrer nofollow _blank" {
		t.Errorf("links: %s", got)
	}
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

// wordPlace returns the middle of a word of the answer, in pixels.
func (p *page) wordPlace(word string) (x, y float64) {
	p.t.Helper()
	raw := p.eval(fmt.Sprintf(`(() => {
		const walker = document.createTreeWalker(document.querySelector("[data-testid=turn-text]"), NodeFilter.SHOW_TEXT)
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const at = node.data.indexOf(%q)
			if (at < 0) continue
			const range = document.createRange()
			range.setStart(node, at + 1)
			range.setEnd(node, at + 2)
			const box = range.getBoundingClientRect()
			return box.left + 1 + " " + (box.top + box.height / 2)
		}
	})()`, word))
	if _, err := fmt.Sscanf(raw, "%f %f", &x, &y); err != nil {
		p.t.Fatalf("%q is at %q", word, raw)
	}
	return x, y
}

func TestAWordLeadsToTheMessageThatBroughtIt(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	id := s.emulated("modelarts-chat", emulate.Options{Answer: "Some words are **important** and others wait.", Interval: time.Millisecond})
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+id, "Which?")
	p.untilTurn(1, "done")
	x, y := p.wordPlace("important")
	p.do(chromedp.MouseClickXY(x, y))
	p.until(`document.querySelector("[data-testid=turn-word]")?.checkVisibility() && document.querySelector("[data-testid=turn-word] pre")?.textContent.includes("important")`)
	if got := p.shownView(); got != "turns" {
		t.Errorf("a click left the turns for %s", got)
	}
	seq := p.eval(`document.querySelector("[data-testid=turn-word-message]").dataset.openSeq`)
	p.eval(fmt.Sprintf(`document.elementFromPoint(%f, %f).dispatchEvent(new MouseEvent("dblclick", {bubbles: true, clientX: %f, clientY: %f}))`, x, y, x, y))
	p.until(`document.querySelector("#tabs [aria-selected=true]").dataset.tab === "messages"`)
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=row][data-seq='%s']")?.getAttribute("aria-selected") === "true"`, seq))
}

func TestKeysAndTheSearchOfTurns(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	id := s.emulated("modelarts-chat", emulate.Options{Answer: "A needle in the answer.\n\nAnd one more needle.", Interval: time.Millisecond})
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+id, "First")
	p.untilTurn(1, "done")
	for n, text := range []string{"Second\nwith a line", "Third"} {
		p.fill("prompt", text)
		p.click("send")
		p.untilTurn(n+2, "done")
	}
	current := func(n int) {
		t.Helper()
		p.until(fmt.Sprintf(`document.querySelector(".turn[aria-current]")?.dataset.turn === "%d" && document.querySelector("[data-testid=turn-title]").textContent === "Turn %d"`, n, n))
	}
	current(3) // the newest is followed
	p.pageKey("k")
	current(2)
	p.pageKey("o")
	p.until(`document.querySelector("[data-turn='2'] .turn-whole")?.textContent.includes("with a line")`)
	p.pageKey("m")
	p.until(`document.querySelectorAll("[data-turn='2'] [data-testid=turn-row]").length === 5`)
	p.pageKey("m")
	p.until(`document.querySelectorAll("[data-turn='2'] [data-testid=turn-row]").length === 0`)
	p.pageKey("k")
	current(1)
	p.click("turn-next")
	current(2)
	p.eval(`document.activeElement?.blur()`)
	p.key("/", 191, 0)
	p.until(`document.activeElement.dataset.testid === "turns-search"`)
	p.write("needle")
	p.untilText("turns-found", "1 of 6")
	current(1)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.do(chromedp.KeyEvent(kb.Enter))
	p.untilText("turns-found", "3 of 6")
	current(2)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=turns-find]").hidden`)
	p.pageKey("j")
	current(3)
	if found := p.unexpected(); len(found) > 0 {
		t.Errorf("on the console: %s", found)
	}
}

func TestAnAnswerIsStoppedWhereTheDialectCan(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+s.emulated("openai-realtime", emulate.Options{Answer: strings.Repeat("On and on. ", 400), Interval: 50 * time.Millisecond}), "Talk.")
	p.until(`document.querySelector("[data-testid=turn-stop]")?.checkVisibility()`)
	if got := p.eval(`document.querySelector("[data-testid=turn-stop]").title`); !strings.Contains(got, "response.cancel") {
		t.Errorf("the button says %q", got)
	}
	p.click("turn-stop")
	p.untilTurn(1, "done")
}

func TestNoTurnsOffersADialectThatFindsThem(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for _, chosen := range []struct{ dialect, says, looksFor string }{
		{"openai-realtime", "No turns found", "field delta that “OpenAI Realtime” looks for"},
		{"huawei-sis-asr", "No sentences found", "looks for"},
	} {
		session := s.open(object{"service": s.demo("stream", "none").ID, "dialect": ""})
		s.send(session, "text", []byte(`{"prompt": "Explain WebSockets in three sentences."}`))
		s.awaitReceived(session, 10)
		s.call(http.MethodPost, "/api/sessions/"+session+"/close", object{"code": 1000}, nil)
		s.awaitClosed(session)
		if status, raw := s.call(http.MethodPut, "/api/sessions/"+session+"/dialect", object{"dialect": chosen.dialect}, nil); status != http.StatusOK {
			t.Fatalf("choose: %d %s", status, raw)
		}
		p.visit(s.URL + "/sessions/" + session + "?view=turns")
		p.untilText("turns-empty", chosen.says)
		p.untilText("turns-empty", chosen.looksFor)
		p.until(`document.querySelector("[data-testid=turns-use]")?.checkVisibility() && document.querySelector("[data-testid=turns-use]").textContent.startsWith("Use ")`)
		p.click("turns-use")
		p.until(`document.querySelector("[data-testid=turn-text]")?.checkVisibility() && document.querySelector("[data-testid=turn-text]").textContent.includes("WebSocket")`)
		p.visit(s.URL + "/sessions/" + session + "?view=turns")
		p.until(`document.querySelector("[data-testid=turn-text]")?.textContent.includes("WebSocket")`)
	}
}

// While an answer grows, the right side stays where a person put it.
func TestAGrowingAnswerLeavesTheRightSide(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+s.emulated("modelarts-chat", emulate.Options{Answer: strings.Repeat("Word by word. ", 600), Interval: 100 * time.Millisecond}), "Go on.")
	p.until(`document.querySelector("[data-testid=side-turn]").ariaSelected === "true"`)
	const shown = `document.querySelector("[data-testid=turn-text]").textContent.length`
	p.click("side-session")
	before := p.eval(shown)
	p.until(shown + " > 40 + " + before)
	if p.eval(`document.querySelector("[data-testid=side-session]").ariaSelected`) != "true" {
		t.Error("the growing answer took the facts of the session away")
	}
	p.click("side-turn")
	p.eval(`(window.kept = document.querySelector("#turn-detail").firstElementChild, 0)`)
	before = p.eval(shown)
	p.until(shown + " > 40 + " + before)
	p.until(`document.querySelector("[data-testid=side-turn]").ariaSelected === "true" && document.querySelector("#turn-detail").firstElementChild === window.kept`)
}

// A page that does not answer for 2 s sees the same times afterwards: they are taken where the
// messages arrive.
func TestAFrozenPageDoesNotMoveTheTimesOfATurn(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const interval = 20 * time.Millisecond
	id := s.emulated("modelarts-chat", emulate.Options{Answer: strings.Repeat("Word by word. ", 60), Interval: interval})
	p := browse(t, 1440, 900)
	p.prompted(s.URL+"/services/"+id, "Go on.")
	p.until(`document.querySelector("[data-testid=turn-text]")?.textContent.length > 20`)
	frozen := p.eval(`(() => { const began = performance.now(); while (performance.now() - began < 2000); return Math.round(performance.now() - began) })()`)
	p.untilTurn(1, "done")
	var turn dialect.Turn
	if status, raw := s.call(http.MethodGet, "/api/sessions/"+p.session()+"/turns/1", nil, &turn); status != http.StatusOK {
		t.Fatalf("%d %s", status, raw)
	}
	if turn.Gaps == nil || turn.Gaps.MaxUS > 1_000_000 {
		t.Errorf("after %s ms without an answer of the page the gaps are %+v", frozen, turn.Gaps)
	}
	if took := turn.DoneUS - turn.FirstTextUS; took < 2_000_000 {
		t.Errorf("the stream was over after %d µs, before the page answered", took)
	}
	p.until(`document.querySelector("[data-turn='1'] [data-testid=turn-text]").textContent.trim().endsWith("Word by word.")`)
}
