//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo/emulate"
	"duplex/bridge/testkit"
)

// countActs counts what a press must not do: sends, ends of sessions, and other addresses.
const countActs = `(() => {
	window.acts = []
	const go = fetch, send = WebSocket.prototype.send, push = history.pushState
	window.fetch = (path, init) => {
		if (init?.method && init.method !== "GET") acts.push(init.method + " " + path)
		return go(path, init)
	}
	WebSocket.prototype.send = function (data) {
		if (String(data).includes('"send"')) acts.push("send")
		return send.call(this, data)
	}
	history.pushState = function (...args) {
		acts.push("go to " + args[2])
		return push.apply(this, args)
	}
	addEventListener("beforeunload", () => acts.push("leave"))
})()`

// A press opens, whatever lies under the pointer: of a real mouse, every 8 px of a row.
func TestAClickOnARowOnlyOpens(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	for range 5 {
		s.send(session, "text", []byte(`{"type":"ask","text":"a paid call"}`))
	}
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(11)
	p.openRow(3)
	p.settle()
	p.eval(countActs)
	left, right, y := p.edges(rowOf(5))
	opened, all := 0, 0
	for x := left + 1; x < right; x += stride() {
		all++
		p.eval(`document.querySelector("[data-testid=side-close]").click()`)
		p.until(`document.querySelector("[data-testid=detail]").dataset.seq === ""`)
		p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, left+40, y+72) // the pointer comes from another row
		p.pressAt(x, y, 1)
		p.settle()
		if p.is(`document.querySelector("[data-testid=menu]") !== null`) {
			p.do(chromedp.KeyEvent(kb.Escape))
		}
		if p.is(selected(5)) {
			opened++
		}
	}
	if acts := p.eval(`acts.join(", ")`); acts != "" {
		t.Errorf("presses on a row did: %s", acts)
	}
	if opened < all*3/4 {
		t.Errorf("%d of %d presses opened the row", opened, all)
	}
	if rows := s.rows(session, 11); len(rows) > 0 {
		t.Errorf("the session has %d messages more", len(rows))
	}
}

// edges returns the left and right edge and the middle of an element.
func (p *page) edges(selector string) (left, right, y float64) {
	p.t.Helper()
	at := p.eval(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return r.left + " " + r.right + " " + (r.top + r.bottom) / 2 })()`, selector))
	if _, err := fmt.Sscan(at, &left, &right, &y); err != nil {
		p.t.Fatal(err)
	}
	return left, right, y
}

// A row that is pressed while 20,000 messages a second arrive opens, and stays where it is.
func TestPressedRowStaysInAFlood(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "20000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "200000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(5000)
	_, _, y := p.edges(`[data-testid=row]:nth-child(10)`)
	p.pressAt(600, y, 1)
	p.until(`document.querySelector("[data-testid=row][aria-selected=true]") !== null`)
	p.settle()
	place := `(() => { const row = document.querySelector("[data-testid=row][aria-selected=true]"); return row.dataset.seq + " at " + row.getBoundingClientRect().top })()`
	before := p.eval(place)
	p.until(fmt.Sprintf(`Number(document.querySelector("[data-testid=log]").dataset.count) > %s + 30000`, p.eval(`document.querySelector("[data-testid=log]").dataset.count`)))
	if after := p.eval(place); after != before {
		t.Errorf("row %s went to %s", before, after)
	}
	p.until(`/Jump to latest \(\+[\d,]+\)/.test(document.querySelector("[data-testid=log-pill]").textContent)`)
	seq := p.eval(`document.querySelector("[data-testid=detail]").dataset.seq`)
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	p.until(fmt.Sprintf(`Number(document.querySelector("[data-testid=detail]").dataset.seq) === %s + 1`, seq))
	p.click("log-pill")
	p.until(`document.querySelector("[data-testid=log-pill]").hidden`)
	p.click("log-pause")
	p.until(`/\(\+[\d,]+\)/.test(document.querySelector("[data-testid=log-pill]").textContent)`)
}

// layouts returns how often the page was laid out since it was opened.
func (p *page) layouts() float64 {
	p.t.Helper()
	var n float64
	p.call(func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, performance.Enable, performance.EnableParams{}); err != nil {
			return err
		}
		got, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
		for _, metric := range got.Metrics {
			if metric.Name == "LayoutCount" {
				n = metric.Value
			}
		}
		return err
	})
	return n
}

// What a drawing of the log reads of the page is asked for when all rows are written: each layout
// before that is one more in every frame of a flood.
func TestFloodLaysThePageOutOnceForADrawing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "5000"}, {"name": "size", "value": "128"}, {"name": "count", "value": "40000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(5000)
	p.eval(`(() => {
		window.drawings = 0
		new MutationObserver((all) => { drawings += all.length }).observe(document.querySelector("[data-testid=log]"), {attributeFilter: ["data-shown"]})
	})()`)
	before := p.layouts()
	p.untilCount(30_000)
	drawings, layouts := p.float(`drawings`), p.layouts()-before
	if drawings < 10 || layouts > 2*drawings {
		t.Errorf("%.0f layouts for %.0f drawings", layouts, drawings)
	}
}

const runbook = "**Runbook: connection closed with 1006**\n1006 means that the connection ended without a close message. The browser noticed."

// conversation is a session that has one answer, as a stream of pieces.
func (s *server) conversation() string {
	s.t.Helper()
	session := s.open(object{"service": s.emulated("modelarts-chat", emulate.Options{Answer: runbook})})
	s.call("POST", "/api/sessions/"+session+"/ask", object{"text": "Write a runbook."}, nil)
	return session
}

func TestLabelsAreCountedAndFilterTheLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"service": s.emulated("openai-realtime", emulate.Options{Answer: runbook})})
	s.call("POST", "/api/sessions/"+session+"/ask", object{"text": "Write a runbook."}, nil)
	p.visit(s.URL + "/sessions/" + session + "?view=messages")
	p.until(`document.querySelectorAll("[data-testid=row] .log-label").length > 10`)
	all := map[string]int{}
	for _, row := range s.rows(session, 0) {
		if row.Direction != "event" {
			all[row.Label]++
		}
	}
	p.click("filter-label")
	for label, n := range all {
		p.until(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=label-menu] [data-pick^='label:']")].some((item) => item.querySelector(".pop-name").textContent === %q && item.querySelector(".pop-count").textContent === "%d")`, label, n))
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	labels := `[...new Set([...document.querySelectorAll("[data-testid=row] .log-label")].map((label) => label.textContent))].sort().join()`
	p.filterBy("response.done")
	p.until(labels + ` === "response.done"`)
	p.filterBy("response.created")
	p.until(labels + ` === "response.created,response.done"`)
	if name := p.eval(`document.querySelector("[data-testid=filter-label]").textContent`); name != "2 labels" {
		t.Errorf("the button says %q", name)
	}
	s.call("POST", "/api/sessions/"+session+"/ask", object{"text": "Once more."}, nil) // new ones are filtered too
	p.until(`document.querySelectorAll("[data-testid=row]").length === 4`)
	p.filterBy("Any label")
	p.until(`document.querySelectorAll("[data-testid=row]").length > 10`)
}

func TestPiecesShowTheirSpacesAndLeadToTheirTurn(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.conversation()
	p.visit(s.URL + "/sessions/" + session + "?view=messages")
	p.until(`document.querySelector("[data-testid=row] .piece") !== null`)
	var joined strings.Builder
	var seq int
	for _, row := range s.rows(session, 0) {
		if row.Joins != "" {
			joined.WriteString(row.Gist)
			if row.Gist == "connection " {
				seq = int(row.Seq)
			}
		}
	}
	if joined.String() != runbook || seq == 0 {
		t.Fatalf("the pieces are %q", joined.String())
	}
	p.openBody(seq)
	if piece := p.eval(`document.querySelector('` + rowOf(seq) + ` .piece').textContent`); piece != "connection " {
		t.Errorf("the row shows %q", piece)
	}
	for _, view := range []string{"raw", "pretty"} {
		p.view(view)
		p.until(`[...document.querySelectorAll("[data-testid=detail-body] .joined")].map((part) => part.textContent).join("") === '"connection "'`)
	}
	p.until(`document.querySelector("[data-testid=detail-turn]").textContent.includes("connection ended without a close message")`)
	if own := p.eval(`document.querySelector("[data-testid=detail-turn] mark").textContent`); own != "connection " {
		t.Errorf("marked is %q", own)
	}
	p.hover(rowOf(seq))
	p.press(rowOf(seq) + ` [data-testid=row-circle-dot]`)
	p.until(`document.querySelector("[data-turn='1']")?.checkVisibility()`)
	p.click("tab-messages")
	p.openBody(seq)
	p.click("detail-turn-open")
	p.until(`document.querySelector("[data-turn='1']")?.checkVisibility()`)
}

func TestMessageTakesTheWholeWidth(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("echo", "none").Address})
	s.send(session, "binary", []byte(strings.Repeat("\x00\xfe", 400)))
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(3)
	wide := `document.querySelector("#side").clientWidth > 1000 && !document.querySelector("#view-area").checkVisibility()`
	across := func(bytes int) {
		t.Helper()
		p.until(fmt.Sprintf(`document.querySelector(".hex-row .hex")?.textContent.trim().split(/\s+/).length === %d`, bytes))
	}
	p.until(`document.querySelector('` + rowOf(2) + `') !== null`)
	left, _, y := p.edges(rowOf(2))
	p.pressAt(left+300, y, 2)
	p.until(wide)
	across(16)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("#view-area").checkVisibility() && document.querySelector("[data-testid=detail]").dataset.seq === "2"`)
	across(8)
	p.until(`document.activeElement.classList.contains("log-list")`)
	p.do(chromedp.KeyEvent("f"))
	p.until(wide)
	p.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	p.until(`document.querySelector("[data-testid=detail]").dataset.seq === "3"`)
	p.click("detail-full")
	p.until(`document.querySelector("#view-area").checkVisibility()`)
}

func TestImagesAndSoundInsideJSONAreShown(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"service": s.emulated("openai-realtime", emulate.Options{Answer: "A short answer."})})
	s.call("POST", "/api/sessions/"+session+"/ask", object{"text": "Speak."}, nil)
	var sound, image int
	for _, row := range s.rows(session, 0) {
		if row.Sound != nil && sound == 0 {
			sound = int(row.Seq)
		}
	}
	image = int(s.send(session, "text", []byte(fmt.Sprintf(`{"type":"note","picture":"data:image/png;base64,%s"}`, pngBase64))))
	p.visit(s.URL + "/sessions/" + session + "?view=messages")
	p.untilCount(image)
	p.openBody(sound)
	p.until(`document.querySelector("[data-testid=detail-media] audio")?.readyState >= 1`)
	if text := p.eval(`document.querySelector("[data-testid=detail-media]").textContent`); !strings.Contains(text, "dB") || !strings.Contains(text, "24 kHz") {
		t.Errorf("the sound is described as %q", text)
	}
	p.openBody(image)
	p.until(`document.querySelector("[data-testid=detail-media] img")?.naturalWidth === 1`)
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(problems, "\n"))
	}
}

// The list is where it was, and follows if it did, when it is shown again.
func TestLogKeepsItsPlaceBehindAnotherView(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"address": s.demo("ticker", "none").Address, "params": []object{
		{"name": "rate", "value": "500"}, {"name": "size", "value": "128"}, {"name": "count", "value": "4000"},
	}})
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(300)
	aside := func() {
		t.Helper()
		p.click("tab-params")
		count := p.eval(`document.querySelector("[data-testid=log]").dataset.count`)
		p.until(`Number(document.querySelector("[data-testid=log]").dataset.count) > ` + count + ` + 200`)
		p.click("tab-messages")
	}
	aside()
	p.until(`document.querySelector("[data-testid=log-pill]").hidden && document.querySelector("[data-testid=log]").dataset.shown === document.querySelector("[data-testid=log]").dataset.count`)
	p.scrollLog(2400)
	p.until(`document.querySelector("[data-testid=row]").dataset.seq === "101"`)
	p.settle()
	aside()
	p.settle()
	if first := p.eval(`document.querySelector("[data-testid=row]").dataset.seq + " " + document.querySelector(".log-list").scrollTop`); first != "101 2400" {
		t.Errorf("the list is at %s", first)
	}
}

// The log, its menus and a message have no barrier that axe knows; in Chinese no English is left.
func TestLogAndMessageAreAccessibleAndTranslated(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "static", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, t.TempDir())
	session := s.open(object{"service": s.emulated("openai-realtime", emulate.Options{Answer: runbook})})
	s.call("POST", "/api/sessions/"+session+"/ask", object{"text": "Write a runbook."}, nil)
	s.send(session, "binary", png)
	for _, language := range []string{"en", "zh"} {
		p := browse(t, 1440, 900)
		p.reads(language)
		p.visit(s.URL + "/sessions/" + session + "?view=messages")
		p.until(`document.querySelector("[data-testid=row] .log-size")?.textContent !== ""`)
		p.eval(`document.querySelector(".log-list").scrollTop = 0`)
		p.until(`document.querySelector("[data-testid=row] .piece") !== null`)
		p.await("(async () => {" + string(source) + `; return "" })()`)
		for _, state := range []struct {
			name string
			set  func()
		}{
			{"log", func() {}},
			{"labels", func() {
				p.click("filter-label")
				p.until(`document.querySelectorAll("[data-testid=label-menu] [data-pick^='label:']").length > 3`)
			}},
			{"menu of the log", func() { p.do(chromedp.KeyEvent(kb.Escape)); p.click("log-more") }},
			{"piece of text", func() {
				p.do(chromedp.KeyEvent(kb.Escape))
				p.eval(`[...document.querySelectorAll("[data-testid=row]")].find((row) => row.querySelector(".piece")).click()`)
				p.until(`document.querySelector("[data-testid=detail-body] .joined") !== null`)
			}},
			{"sound", func() {
				p.eval(`[...document.querySelectorAll("[data-testid=row]")].find((row) => row.textContent.includes("dB")).click()`)
				p.until(`document.querySelector("[data-testid=detail-media] audio")?.readyState >= 1`)
				p.click("detail-find")
			}},
			{"menu of a message", func() { p.click("detail-more") }},
		} {
			state.set()
			p.settle()
			if language == "zh" {
				p.checkChinese(t, state.name, englishSentences(t))
				continue
			}
			for _, dark := range testkit.Pick([]bool{false}, []bool{false}, []bool{false, true}) {
				if found := p.barriersIn(dark); found != "" {
					t.Errorf("%s (dark: %v): barriers:\n%s", state.name, dark, found)
				}
			}
			p.dark(false)
		}
	}
}
