//go:build e2e

package e2e

import (
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// asked opens a session of the token stream, asks it some questions and waits for the answers.
func (s *server) asked(questions ...string) string {
	s.t.Helper()
	session := s.open(object{"address": s.demo("stream", "none").Address + "?interval_ms=4&tokens=60", "dialect": "modelarts-chat", "subprotocols": []string{"duplex.demo"}})
	for _, text := range questions {
		if status, raw := s.call(http.MethodPost, "/api/sessions/"+session+"/ask", object{"text": text}, nil); status != http.StatusOK {
			s.t.Fatalf("ask: %d %s", status, raw)
		}
	}
	return session
}

// opensTiming opens the view of times of a session and waits for its charts.
func (p *page) opensTiming(s *server, session string) {
	p.t.Helper()
	p.visit(s.URL + "/sessions/" + session + "?view=timing")
	p.until(`document.querySelectorAll("#timing canvas").length === 4 && !document.querySelector(".timing-view").hidden`)
	p.settle()
}

// brushed returns the brushed part, in ms of the session.
func (p *page) brushed() (from, to int) {
	p.t.Helper()
	read := func(grip string) int {
		n, err := strconv.Atoi(p.eval(`document.querySelector("[data-testid=timing-brush-` + grip + `]").getAttribute("aria-valuenow")`))
		if err != nil {
			p.t.Fatal(err)
		}
		return n
	}
	return read("from"), read("to")
}

// turnsShown returns the numbers of the turns in the table, in its order.
func (p *page) turnsShown() string {
	p.t.Helper()
	p.settle()
	return p.eval(`[...document.querySelectorAll("[data-testid=timing-row]")].map((row) => row.dataset.turn).join(" ")`)
}

// drags presses the mouse at a place across an element, and releases it at another.
func (p *page) drags(selector string, from, to int) {
	p.t.Helper()
	x, y := p.across(selector, from)
	p.clicked(input.DispatchMouseEventTypeMousePressed, x, y, 1)
	for _, percent := range []int{(from + to) / 2, to} {
		x, y = p.across(selector, percent)
		p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonLeft, x, y)
	}
	p.clicked(input.DispatchMouseEventTypeMouseReleased, x, y, 1)
}

const (
	theStrip  = "[data-testid=timing-brush]"
	theCharts = "[data-testid=timing-charts]"
)

func TestTimesAreBrushedByMouse(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.asked("one", "two", "three", "four")
	s.end(session)
	p := browse(t, 1440, 900)
	p.opensTiming(s, session)
	if got := p.turnsShown(); got != "1 2 3 4" {
		t.Errorf("at first the turns %q are shown", got)
	}
	_, whole := p.brushed()
	p.drags(theStrip, 50, 98)
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "false"`)
	from, to := p.brushed()
	if from < whole*45/100 || from > whole*55/100 || to < whole*90/100 {
		t.Errorf("%d to %d of %d ms", from, to, whole)
	}
	if got := p.turnsShown(); strings.HasPrefix(got, "1") || !strings.HasSuffix(got, "4") {
		t.Errorf("the turns %q are in the second half", got)
	}
	p.drags("[data-testid=timing-brush-window]", 50, 20)
	p.until(fmt.Sprintf(`Number(document.querySelector("[data-testid=timing-brush-from]").getAttribute("aria-valuenow")) < %d`, from))
	moved, movedTo := p.brushed()
	if got := movedTo - moved; got < to-from-2 || got > to-from+2 {
		t.Errorf("a part of %d ms became %d ms long", to-from, got)
	}
	p.press("[data-testid=timing-reset]")
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "true"`)
	p.drags(theCharts, 10, 40)
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "false"`)
	if from, to := p.brushed(); from < whole*8/100 || to > whole*42/100 {
		t.Errorf("a drag in the charts selects %d to %d of %d ms", from, to, whole)
	}
	x, y := p.across(theCharts, 50)
	p.pressAt(x, y, 2)
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "true"`)
	if found := p.unexpected(); len(found) > 0 {
		t.Error(found)
	}
}

// A chart with a thousand turns is drawn once when the view opens, not again with each chart that
// is made after it.
func TestEachChartOfTimesIsDrawnOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.asked("one", "two")
	s.end(session)
	p := browse(t, 1440, 900)
	p.onEveryPage(`{
		const clear = CanvasRenderingContext2D.prototype.clearRect
		window.cleared = new Map()
		CanvasRenderingContext2D.prototype.clearRect = function (...place) {
			cleared.set(this.canvas, (cleared.get(this.canvas) ?? 0) + 1)
			clear.apply(this, place)
		}
	}`)
	p.opensTiming(s, session)
	if got := p.eval(`[...cleared.values()].join(" ")`); got != "1 1 1 1" {
		t.Errorf("the charts were drawn %q times", got)
	}
}

func TestTimesAreBrushedByKeys(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.asked("one", "two")
	s.end(session)
	p := browse(t, 1440, 900)
	p.opensTiming(s, session)
	p.do(chromedp.Focus(id("timing-brush-window")), chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "false"`)
	from, to := p.brushed()
	p.do(chromedp.KeyEvent(kb.ArrowRight))
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=timing-brush-from]").getAttribute("aria-valuenow") > %d`, from))
	if later, _ := p.brushed(); later <= from {
		t.Errorf("→ moved the part from %d to %d ms", from, later)
	}
	p.do(chromedp.KeyEvent(kb.ArrowLeft), chromedp.Focus(id("timing-brush-to")), chromedp.KeyEvent(kb.End))
	p.until(fmt.Sprintf(`document.querySelector("[data-testid=timing-brush-to]").getAttribute("aria-valuenow") > %d`, to))
	if got := p.eval(`document.querySelector("[data-testid=timing-brush-window]").getAttribute("aria-valuetext")`); got != p.eval(`document.querySelector("[data-testid=timing-range]").textContent`) {
		t.Errorf("the slider reads %q", got)
	}
	p.eval(`[1, 2, 3, 4, 5].forEach(() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "-", bubbles: true})))`) // within one frame
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "true"`)
}

func TestTableOfTimesIsSortedSavedAndLeads(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.asked("a plain question", "a longer question, with \"quotes\"", "=1+1")
	s.end(session)
	p := browse(t, 1440, 900)
	p.opensTiming(s, session)
	p.eval(`(() => { const make = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text }); return make.call(URL, blob) } })()`)
	p.do(chromedp.Focus(id("timing-sort-turn")), chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector("[data-testid=timing-table] [data-column=turn]").getAttribute("aria-sort") === "descending"`)
	if got := p.turnsShown(); got != "3 2 1" {
		t.Errorf("sorted downwards: %s", got)
	}
	p.click("timing-sort-done")
	p.until(`document.querySelector("[data-testid=timing-table] [data-column=done]").getAttribute("aria-sort") === "descending"`)
	p.click("timing-csv")
	p.until(`window.saved?.length > 0`)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.eval(`window.saved`), "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	p.agreeWithTable(rows)
	p.press("[data-testid=timing-row] .of-request")
	p.until(`document.querySelector("[data-testid=timing-row]").getAttribute("aria-selected") === "true"`)
	p.until(`document.querySelector("#turn-detail").checkVisibility() && document.querySelector("#tab-timing").getAttribute("aria-selected") === "true"`)
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	p.until(`[...document.querySelectorAll("[data-testid=timing-row]")][1].getAttribute("aria-selected") === "true"`)
	n := p.eval(`[...document.querySelectorAll("[data-testid=timing-row]")][1].dataset.turn`)
	p.press(`[data-testid=timing-row][data-turn="` + n + `"] [data-testid=timing-messages]`)
	p.until(`document.querySelector("#tab-messages").getAttribute("aria-selected") === "true" && document.querySelector("[data-testid=row][aria-selected=true]") !== null`)
	p.click("tab-timing")
	p.press(`[data-testid=timing-row][data-turn="` + n + `"] [data-testid=timing-open-turn]`)
	p.until(`document.querySelector("#tab-turns").getAttribute("aria-selected") === "true"`)
	if found := p.unexpected(); len(found) > 0 {
		t.Error(found)
	}
}

// agreeWithTable compares a saved table with the one that is shown: heads, rows, order. Durations
// are saved in ms.
func (p *page) agreeWithTable(rows [][]string) {
	p.t.Helper()
	shown := strings.Split(p.eval(`[...document.querySelectorAll("[data-testid=timing-table] [role=row]")].map((row) => [...row.children].map((cell) => cell.textContent).join("\t")).join("\n")`), "\n")
	if len(shown) != len(rows) {
		p.t.Fatalf("%d rows are shown, %d are saved", len(shown), len(rows))
	}
	heads := rows[0]
	for i, line := range shown {
		for at, cell := range strings.Split(line, "\t") {
			saved, isMS := rows[i][at], strings.HasSuffix(heads[at], " (ms)")
			switch {
			case i == 0:
				saved = strings.TrimSuffix(saved, " (ms)")
			case saved == "":
				saved = "–"
			case isMS:
				saved = duration(p.t, saved)
			case at == 1: // a time with its date
				saved = p.eval(`(([h, m, s]) => [h, m, s].map((n) => String(n).padStart(2, "0")).join(":"))((at => [at.getHours(), at.getMinutes(), at.getSeconds()])(new Date("` + saved + `")))`)
			case strings.HasSuffix(cell, " messages"):
				saved += " messages"
			case heads[at] == "tok/s":
				saved = whole(saved, strings.ReplaceAll(cell, ",", ""))
			}
			if strings.TrimPrefix(saved, "'") != strings.ReplaceAll(cell, ",", "") && strings.TrimPrefix(saved, "'") != cell {
				p.t.Errorf("row %d, %s: saved %q, shown %q", i, heads[at], rows[i][at], cell)
			}
		}
	}
}

// whole returns shown when it is the rate rounded to a whole number, either way when the rate
// was rounded to a half before.
func whole(rate, shown string) string {
	exact, err := strconv.ParseFloat(rate, 64)
	number, err2 := strconv.ParseFloat(shown, 64)
	if err == nil && err2 == nil && math.Abs(exact-number) <= 0.5 {
		return shown
	}
	return rate
}

// duration writes milliseconds as the page does.
func duration(tb testing.TB, ms string) string {
	tb.Helper()
	n, err := strconv.ParseFloat(ms, 64)
	switch {
	case err != nil:
		tb.Fatal(err)
	case n < 0.9995:
		return fmt.Sprintf("%.0f µs", n*1000)
	case n < 9.95:
		return strings.Replace(fmt.Sprintf("%.1f ms", n), ".0", "", 1)
	case n < 999.5:
		return fmt.Sprintf("%.0f ms", n)
	}
	return fmt.Sprintf("%.1f s", n/1000)
}

func TestTimesFollowALiveSession(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.asked("one")
	p := browse(t, 1440, 900)
	p.opensTiming(s, session)
	_, before := p.brushed()
	s.call(http.MethodPost, "/api/sessions/"+session+"/ask", object{"text": "two"}, nil)
	p.until(`document.querySelectorAll("[data-testid=timing-row]").length === 2`)
	if _, after := p.brushed(); after <= before {
		t.Errorf("the brush ended at %d ms, and still at %d ms", before, after)
	}
	p.drags(theStrip, 5, 30)
	p.until(`document.querySelector("` + theStrip + `").dataset.whole === "false"`)
	p.settle()
	from, to := p.brushed()
	s.call(http.MethodPost, "/api/sessions/"+session+"/ask", object{"text": "three"}, nil)
	p.until(fmt.Sprintf(`Number(document.querySelector("[data-testid=timing-brush-to]").getAttribute("aria-valuemax")) > %d`, before+100))
	if stillFrom, stillTo := p.brushed(); stillFrom != from || stillTo != to {
		t.Errorf("a part of %d to %d ms became %d to %d", from, to, stillFrom, stillTo)
	}
}

func TestTimesOfASessionWithoutDialect(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	session := s.ticks(2000, 200)
	s.awaitClosed(session.ID)
	p := browse(t, 1440, 900)
	p.opensTiming(s, session.ID)
	p.untilText("timing-note", "No dialect is chosen")
	for _, legend := range []string{"median", "rate", "received"} {
		if got := p.eval(`document.querySelector("[data-testid=timing-legend-` + legend + `]").textContent`); strings.Contains(got, "–") || !strings.ContainsAny(got, "0123456789") {
			t.Errorf("the legend %s reads %q", legend, got)
		}
	}
	if p.is(`document.querySelector("[data-testid=timing-table]").checkVisibility()`) || !p.is(`document.querySelector("[data-testid=timing-csv]").disabled`) {
		t.Error("there is a table of turns")
	}
	p.hover(theCharts)
	p.untilText("timing-tip", "rate")
	p.until(`document.querySelectorAll("[data-testid=timing-course] tbody tr").length > 5`)
}

func TestTimesKeepToEveryWidthAndTheme(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "static", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, t.TempDir())
	session := s.asked("one", "two", "three")
	s.end(session)
	for _, width := range []int{1440, 900, 390} {
		p := browse(t, width, 900)
		p.opensTiming(s, session)
		if !p.is(`[document.documentElement, document.querySelector("#timing")].every((place) => place.scrollWidth <= place.clientWidth)`) {
			t.Errorf("at %d the page scrolls sideways", width)
		}
		if cut := p.eval(`[...document.querySelectorAll(".plot-about, .turn-table-head .turn-table-cell:not([hidden])")].filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent).join()`); cut != "" {
			t.Errorf("at %d cut: %s", width, cut)
		}
		p.await("(async () => {" + string(source) + `; return "" })()`)
		for _, dark := range []bool{false, true} {
			if found := p.barriersIn(dark); found != "" {
				t.Errorf("at %d (dark: %v): barriers:\n%s", width, dark, found)
			}
		}
	}
	p := browse(t, 1440, 900)
	p.opensTiming(s, session)
	colours := func() string {
		return p.eval(`((canvas) => { const d = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data; const seen = new Set(); for (let at = 0; at < d.length; at += 4) if (d[at + 3] === 255) seen.add(d[at] + "," + d[at + 1] + "," + d[at + 2]); return [...seen].sort().join(" ") })(document.querySelector("[data-chart=bytes] canvas"))`)
	}
	light := colours()
	p.dark(true)
	p.until(`matchMedia("(prefers-color-scheme: dark)").matches`)
	p.settle()
	if dark := strings.Fields(colours()); len(dark) == 0 || strings.Join(dark, " ") == light || slices.Contains(dark, "10,112,102") {
		t.Errorf("the charts keep their colours in the dark: %v", dark)
	}
}

// The facts of the session at the right: phases of its handshake, what it is connected with,
// and headers of which secrets are masked.
func TestFactsOfASessionAreAtTheRight(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	const secret = "facts-test-token"
	session := s.open(object{
		"address": s.demo("stream", "none").Address, "dialect": "modelarts-chat", "subprotocols": []string{"duplex.demo"},
		"credential": object{"kind": "bearer", "token": secret},
	})
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + session + "?view=messages")
	p.until(`document.querySelector("#overview [data-testid=phases] .number")?.checkVisibility()`)
	for part, want := range map[string]string{
		"overview-connection": "duplex.demo", "overview-traffic": "0 messages", "overview-viewers": "You", "overview-limits": "12 MiB", "phases": "Total",
	} {
		p.untilText(part, want)
	}
	p.press("#overview details:nth-of-type(1) > summary")
	p.until(`document.querySelector("#overview details[open]").textContent.includes("Authorization")`)
	if p.is(`document.body.textContent.includes("` + secret + `")`) {
		t.Error("the page shows the token")
	}
	s.send(session, "text", []byte("Hello"))
	p.untilText("overview-traffic", "1 message ")
	if !p.is(`document.querySelector("#overview details").open`) {
		t.Error("a new message folded the headers")
	}
}
