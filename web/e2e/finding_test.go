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

	"duplex/bridge/wire"
)

// ticks opens a session on the ticker as fast as it goes, and waits for its end.
func (s *server) ticks(count, size int) wire.State {
	s.t.Helper()
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "0"}, {"name": "size", "value": strconv.Itoa(size)}, {"name": "count", "value": strconv.Itoa(count)},
	}})
	s.awaitClosed(session)
	return s.state(session)
}

// ctrl presses a key with Ctrl.
func (p *page) ctrl(key string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// goTo types a seq or time into the go-to field and presses Enter.
func (p *page) goTo(place string) {
	p.t.Helper()
	p.ctrl("g")
	p.until(`document.activeElement.dataset.testid === "goto"`)
	p.fill("goto", place)
	p.do(chromedp.KeyEvent(kb.Enter))
}

func selected(seq int64) string {
	return fmt.Sprintf(`document.querySelector('[data-testid=row][data-seq="%d"][aria-selected=true]') !== null`, seq)
}

// place returns the position of the selected row in the list: 0 is its top, 1 its end.
func (p *page) place() float64 {
	p.t.Helper()
	at, err := strconv.ParseFloat(p.eval(`(() => {
		const list = document.querySelector(".log-list").getBoundingClientRect()
		const row = document.querySelector("[data-testid=row][aria-selected=true]").getBoundingClientRect()
		return (row.top + row.height / 2 - list.top) / list.height
	})()`), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return at
}

// stopwatch measures from the next Enter until a row is selected.
func (p *page) stopwatch(seq int64) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => {
		window.took = 0
		document.addEventListener("keydown", (event) => {
			if (event.key !== "Enter") return
			const began = performance.now()
			const look = () => {
				if (%s) window.took = performance.now() - began
				else requestAnimationFrame(look)
			}
			look()
		}, {capture: true, once: true})
	})()`, selected(seq)))
}

// A log of 300,000 messages takes seconds to make: these tests share one.
func TestLongLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	state := s.ticks(300_000, 128)
	t.Run("any message and time is gone to at once", func(t *testing.T) { goToAnyMessageAndTime(t, s, state) })
	t.Run("a search shows the first match at once", func(t *testing.T) { searchShowsTheFirstMatch(t, s, state) })
}

func goToAnyMessageAndTime(t *testing.T, s *server, state wire.State) {
	t.Helper()
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + state.ID)
	p.until(`document.querySelector("[data-testid=log]").dataset.shown === "300002"`)
	var times []string
	for _, seq := range []int64{150_000, 7, 299_000, 75_000} {
		p.ctrl("g")
		p.until(`document.activeElement.dataset.testid === "goto"`)
		p.fill("goto", strconv.FormatInt(seq, 10))
		p.stopwatch(seq)
		p.do(chromedp.KeyEvent(kb.Enter))
		p.until("window.took > 0")
		times = append(times, fmt.Sprintf("%d: %.6s ms", seq, p.eval("window.took")))
		before := p.place()
		p.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`)
		p.settle()
		if after := p.place(); after != before || seq > 100 && (after < 0.4 || after > 0.6) {
			t.Errorf("row %d stands at %.2f and then at %.2f of the list", seq, before, after)
		}
		if missing := p.eval(`[...document.querySelectorAll("[data-testid=row]")].filter((row) => !row.dataset.seq).length`); missing != "0" {
			t.Errorf("%s rows around %d are missing", missing, seq)
		}
	}
	t.Log("from Enter to the selected row of 300,002: ", strings.Join(times, ", "))

	at := s.rows(state.ID, 123_455)[0]
	clock := p.eval(fmt.Sprintf(`(() => { const at = new Date(%d / 1000); return at.toTimeString().slice(0, 8) + "." + String(%d %% 1e6).padStart(6, "0") })()`, at.AtUS, at.AtUS))
	first := s.firstAt(state.ID, at.AtUS)
	p.goTo(clock)
	p.until(selected(first))
	if !p.is(`document.activeElement.classList.contains("log-list")`) {
		t.Errorf("the focus is at %q", p.focused())
	}
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	p.until(selected(first + 1))
	p.goTo(fmt.Sprintf("+%.6f", float64(at.AtUS-state.OpenedAtUS)/1e6))
	p.until(selected(first))
	if url := p.eval("location.pathname"); url != "/sessions/"+state.ID {
		t.Errorf("the page is %s", url)
	}
	for place, want := range map[string]string{
		"soon": "Not a number or time", "300003": "messages 1 to 300,002", "+99:00:00": "This session ran from", " ": "Not a number or time",
	} {
		p.goTo(place)
		p.untilText("goto-note", want)
		if p.eval(`document.querySelector("[data-testid=goto]").getAttribute("aria-invalid")`) != "true" {
			t.Errorf("%q is not marked as wrong", place)
		}
		p.do(chromedp.KeyEvent(kb.Escape))
	}
	if !p.is(selected(first)) {
		t.Error("a wrong place moved the list")
	}
}

// firstAt returns the seq of the first message at a time.
func (s *server) firstAt(session string, us int64) int64 {
	s.t.Helper()
	var page struct {
		AtSeq int64 `json:"at_seq"`
	}
	s.call(http.MethodGet, fmt.Sprintf("/api/sessions/%s/messages?limit=10&at_us=%d", session, us), nil, &page)
	return page.AtSeq
}

func (p *page) is(expression string) bool { p.t.Helper(); return p.eval(expression) == "true" }

func TestWhatIsFilteredAwayIsGoneToAmongAllOthers(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	state := s.ticks(500, 64)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + state.ID)
	p.untilCount(502)
	p.fill("search", `"seq":77`)
	p.untilText("search-count", "1")
	p.goTo("300")
	p.until(selected(300))
	if text := p.eval(`document.querySelector("[data-testid=search]").value`); text != "" {
		t.Errorf("the search is still %q", text)
	}
	p.logMenu("Clear list")
	p.goTo("78")
	p.until(selected(78))
}

// watchSearches records the search requests of the page and counts those it aborts.
func (p *page) watchSearches() {
	p.t.Helper()
	p.eval(`(() => {
		window.asked = []
		window.givenUp = 0
		const go = fetch
		window.fetch = (path, init) => {
			if (String(path).includes("q=")) {
				asked.push(String(path))
				init?.signal?.addEventListener("abort", () => givenUp++)
			}
			return go(path, init)
		}
	})()`)
}

// typeSearch searches for a text, and measures when the first row shows and when the
// search ends.
func (p *page) typeSearch(text string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => {
		window.firstAfter = window.throughAfter = 0
		window.progress = ""
		const search = document.querySelector("[data-testid=search]")
		search.value = %q
		search.dispatchEvent(new Event("input", {bubbles: true}))
		search.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}))
		const began = performance.now()
		const look = () => {
			const found = document.querySelector("[data-testid=search-count]").textContent
			const progress = document.querySelector("[data-testid=search-progress]")
			if (!progress.hidden) window.progress = progress.textContent
			if (!window.firstAfter && document.querySelector("[data-testid=row] mark:not([hidden])")) window.firstAfter = performance.now() - began
			if (found !== "" && !found.endsWith("…")) window.throughAfter = performance.now() - began
			else requestAnimationFrame(look)
		}
		requestAnimationFrame(look)
	})()`, text))
}

func searchShowsTheFirstMatch(t *testing.T, s *server, state wire.State) {
	t.Helper()
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + state.ID)
	p.until(`document.querySelector("[data-testid=log]").dataset.shown === "300002"`)
	p.watchSearches()
	p.typeSearch(`"seq":50,`)
	p.until("firstAfter > 0")
	if p.is("throughAfter > 0") && p.is("throughAfter < firstAfter") {
		t.Error("nothing showed until all was searched")
	}
	p.until("throughAfter > 0")
	t.Logf("one match in 300,002: shown after %.5s ms, searched through after %.6s ms, on the way %q", p.eval("firstAfter"), p.eval("throughAfter"), p.eval("progress"))
	if row := p.eval(`document.querySelector("[data-testid=row]").textContent`); !strings.Contains(row, `"seq":50,`) || p.eval(`document.querySelector("[data-testid=row] mark").textContent`) != `"seq":50,` {
		t.Errorf("found %s", row)
	}

	before := p.eval("givenUp")
	p.typeSearch("nothing like it")
	p.until(`asked.some((path) => path.includes("nothing"))`)
	p.typeSearch(`"seq":299999,`)
	p.until("throughAfter > 0 && firstAfter > 0")
	asked := p.eval(`asked.filter((path) => path.includes("nothing")).length`)
	if n := p.eval("givenUp"); n == before {
		t.Errorf("no search was given up, %s answers were waited for", asked)
	}
	t.Logf("the last match: shown after %.6s ms, on the way %q", p.eval("firstAfter"), p.eval("progress"))
}

func TestNextAndPreviousMatchGoAroundTheEnds(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	state := s.ticks(3000, 128)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + state.ID)
	p.untilCount(3002)
	p.fill("search", `77,"sent`)
	p.untilText("search-count", "30")
	step := func(label, want string) {
		t.Helper()
		p.eval(fmt.Sprintf(`document.querySelector('#log [aria-label=%q]').click()`, label))
		p.untilText("search-count", want)
		p.until(`document.querySelector(".log-row.active mark:not([hidden])")?.textContent === '77,"sent'`)
	}
	step("Next match", "1/30")
	step("Next match", "2/30")
	step("Previous match", "1/30")
	step("Previous match", "30/30")
	step("Next match", "1/30")
}

// slowAnswers holds back every answer to a search, but the first, until letGo is called.
const slowAnswers = `(() => {
	window.letGo = null
	window.held = 0
	const go = fetch
	window.fetch = async (path, init) => {
		if (String(path).includes("q=") && String(path).includes("budget_ms")) {
			path = String(path).replace("budget_ms=200", "budget_ms=0") // a piece at a time
			if (held++ > 0) await new Promise((resolve) => { window.letGo = resolve })
		}
		return go(path, init)
	}
})()`

func TestNextMatchKeepsItsPlaceWhileMoreAreFound(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	state := s.ticks(3000, 128)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + state.ID)
	p.untilCount(3002)
	p.eval(slowAnswers)
	p.typeSearch(`0,"sent`)
	p.until(`letGo !== null`)
	p.until(`/^[1-9].*…$/.test(document.querySelector("[data-testid=search-count]").textContent)`)
	found, err := strconv.Atoi(strings.TrimSuffix(p.eval(`document.querySelector("[data-testid=search-count]").textContent`), "…"))
	if err != nil || found == 0 {
		t.Fatalf("%d were found, %v", found, err)
	}
	p.do(chromedp.Focus(id("search")))
	for range found {
		p.do(chromedp.KeyEvent(kb.Enter))
	}
	at := fmt.Sprintf("%d/%d…", found, found)
	p.untilText("search-count", at)
	p.do(chromedp.KeyEvent(kb.Enter)) // the next one has not been found yet
	p.settle()
	p.untilText("search-count", at)
	p.eval(`letGo()`)
	p.untilText("search-count", fmt.Sprintf("%d/", found+1))
	active := p.eval(`document.querySelector(".log-row.active").dataset.seq`)
	p.eval(`(() => { window.going = setInterval(() => letGo(), 5) })()`)
	p.untilText("search-count", fmt.Sprintf("%d/300", found+1))
	p.until(`!document.querySelector("[data-testid=search-count]").textContent.includes("…")`)
	if now := p.eval(`document.querySelector(".log-row.active")?.dataset.seq`); now != active {
		t.Errorf("row %s was the next match, and then it was %s", active, now)
	}
}

func TestMatchBehindThePreviewIsSeenInTheRowAndInTheMessage(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "text", []byte(`{"pad":"`+strings.Repeat("x", 5000)+`","a":{"needle":1}}`))
	s.send(session, "binary", []byte(strings.Repeat("\x00", 600)+"needle"))
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(5)
	p.ready()
	for _, tt := range []struct{ text, regex, row, find, shown string }{
		{"Needle", "false", `… x`, "Needle", "needle"},
		{`"needle":1`, "false", `"needle":1}}`, `"needle":1`, `"needle":1`}, // reads differently when indented
		{`ne+dle..\d`, "true", `"needle":1}}`, `needle":1`, `needle":1`},
	} {
		p.eval(`(() => { const b = document.querySelector("[data-testid=search-regex]"); if (b.getAttribute("aria-pressed") !== "` + tt.regex + `") b.click() })()`)
		p.typeSearch(tt.text)
		p.until(`throughAfter > 0`)
		p.until(`document.querySelector("[data-testid=row] mark:not([hidden])") !== null`)
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=row]").textContent.includes(%q)`, tt.row))
		p.openRow(2)
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=detail-search]").value === %q`, tt.find))
		p.until(fmt.Sprintf(`document.querySelector("[data-testid=detail-body] .hit.current, [data-testid=detail-body] .hit")?.textContent === %q`, tt.shown))
		p.eval(`document.querySelector("[data-testid=side-close]").click()`)
	}
	p.typeSearch("needle")
	p.until(`throughAfter > 0`)
	p.eval(`document.querySelector("[data-testid=search-regex]").click()`)
	p.until(`document.querySelector("[data-testid=row][data-opcode=binary] mark:not([hidden])")?.textContent === "6e 65 65 64 6c 65"`)
	p.eval(`document.querySelector("[data-testid=row][data-opcode=binary]").click()`)
	p.until(`document.querySelector("[data-testid=detail-search]").value === "0x6e6565646c65"`)
	p.until(`document.querySelector("[data-testid=detail-body] .hit") !== null`)
	p.fill("search", "nothing at all")
	p.untilText("search-count", "0")
	p.until(`document.querySelector(".log-empty").textContent === "No matching messages."`)
}

func TestLogIsFilteredByTypeAndEvent(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "text", []byte("one"))
	s.send(session, "binary", []byte("two"))
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(5)
	rows := func(want string) {
		t.Helper()
		p.until(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=row]")].map((row) => row.dataset.direction + " " + row.dataset.opcode).join() === %q`, want))
	}
	p.filterBy("Binary")
	rows("sent binary,received binary")
	p.eval(`document.querySelector("[data-testid=filter] [data-value=sent]").click()`)
	rows("sent binary")
	s.send(session, "binary", []byte("three")) // new messages are filtered too
	rows("sent binary,sent binary")
	p.eval(`document.querySelector("[data-testid=filter] [data-value=event]").click()`)
	rows("event ")
	p.filterBy("Closed")
	p.until(`document.querySelector(".log-empty").textContent === "No matching messages."`)
	p.click("disconnect")
	rows("event ")
	p.until(`document.querySelector("[data-testid=row]").textContent.includes("Closed here")`)
}

// logMenu presses an entry of the menu of the log.
func (p *page) logMenu(name string) {
	p.t.Helper()
	p.eval(`document.querySelector("[data-testid=log-more]").click()`)
	p.eval(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=menu] [role^=menuitem]")].find((item) => item.textContent.startsWith(%q)).click()`, name))
}

// filterBy ticks an entry of the menu of labels and types, and closes it.
func (p *page) filterBy(name string) {
	p.t.Helper()
	p.click("filter-label")
	item := fmt.Sprintf(`[...document.querySelectorAll("[data-testid=label-menu] [role^=menuitem]")].find((item) => item.querySelector(".pop-name").textContent === %q)`, name)
	p.until(item + ` !== undefined`)
	p.eval(item + `.click()`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.activeElement.dataset.testid === "filter-label"`)
}
