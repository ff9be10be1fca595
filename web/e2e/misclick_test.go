//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/testkit"
)

// Presses that are meant to look at something must not send, end or delete anything.

// stride is the distance between presses along a row, in px: less than the width of a button.
func stride() float64 { return testkit.Pick(16., 8, 8) }

// pressAt moves the mouse to a point and presses there, times in a row.
func (p *page) pressAt(x, y float64, times int64) {
	p.t.Helper()
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, x, y)
	for n := range times {
		for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
			p.clicked(kind, x, y, n+1)
		}
	}
}

// across returns the point at a percentage of an element's width, half way down.
func (p *page) across(selector string, percent int) (x, y float64) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
	at := p.eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "nearest"}); const r = e.getBoundingClientRect(); return (r.left + r.width * %d / 100) + " " + (r.top + r.bottom) / 2 })()`, selector, percent))
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		p.t.Fatal(err)
	}
	return x, y
}

func TestPressAnywhereOnARowOpensIt(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for _, width := range []int{1440, 900, 390} {
		t.Run(fmt.Sprint(width, " wide"), func(t *testing.T) {
			p := browse(t, width, 900)
			p.allowClipboard()
			session := s.open(object{"service": s.demo("echo", "none").ID})
			s.send(session, "text", []byte(`{"question": "how much does one more call cost?"}`))
			s.awaitReceived(session, 1)
			p.visit(s.URL + "/sessions/" + session)
			p.untilCount(3)
			top := fmt.Sprintf(`document.querySelector('%s').getBoundingClientRect().top`, rowOf(3))
			for _, percent := range []int{2, 20, 45, 55, 65, 75, 85, 92, 97} {
				x, y := p.across("[data-testid=status]", 50)
				p.pressAt(x, y, 0) // away from the rows
				x, y = p.across(rowOf(3), percent)
				before := p.eval(top)
				p.pressAt(x, y, 1)
				p.until(`document.querySelector("[data-testid=detail]").dataset.seq === "3"`)
				if now := p.eval(top); now != before && width > 900 {
					t.Errorf("%d wide, %d %%: the row moved from %s to %s", width, percent, before, now)
				}
				if said := p.eval(`document.querySelector("[data-testid=toast]").textContent`); said != "" {
					t.Errorf("%d wide, %d %%: the press did more than to open the row: %s", width, percent, said)
				}
				p.eval(`document.querySelector(".log-list").focus()`)
				p.do(chromedp.KeyEvent(kb.Escape))
				p.until(`document.querySelector("[data-testid=detail]").dataset.seq === ""`)
			}
			if rows := s.rows(session, 3); len(rows) > 0 {
				t.Errorf("%d wide: looking at a row sent %d messages", width, len(rows))
			}
		})
	}
}

// A row that moves while it is pressed is opened, and keeps its place.
func TestPressedRowOfAStreamIsTheOneThatOpensAndStays(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.pacing(20_000, 400)
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(200)
	x, y := p.across(".log-list", 30)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, x, y)
	p.eval(`document.querySelector(".log-list").addEventListener("pointerdown", (e) => { window.meant = e.target.closest(".log-row").dataset.seq }, {capture: true})`)
	p.clicked(input.DispatchMouseEventTypeMousePressed, x, y, 1)
	p.until(`document.elementFromPoint(` + fmt.Sprintf("%v, %v", x, y) + `).closest(".log-row").dataset.seq !== window.meant`) // it moved on
	p.clicked(input.DispatchMouseEventTypeMouseReleased, x, y, 1)
	p.until(`window.meant !== undefined && document.querySelector("[data-testid=detail]").dataset.seq === window.meant`)
	place := `document.querySelector("[data-testid=row][aria-selected=true]")?.getBoundingClientRect().top`
	p.until(place + ` !== undefined`)
	before, count := p.eval(place), p.eval(`document.querySelector("[data-testid=log]").dataset.count`)
	p.until(`Number(document.querySelector("[data-testid=log]").dataset.count) > ` + count + ` + 300`)
	if now := p.eval(place); now != before {
		t.Errorf("the selected row moved from %s to %s while %s messages came", before, now, count)
	}
	p.until(`!document.querySelector(".log-pill").hidden && /\+\d/.test(document.querySelector(".log-pill").textContent)`)
}

func TestBadgeOfASessionOpensItAndEndsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for _, selector := range []string{".number", ".dot", ".name"} {
		session := s.open(object{"service": s.demo("echo", "none").ID})
		p.visit(s.URL + "/history")
		p.until(sessionLink(session) + ` !== null`)
		s.send(session, "text", []byte("news"))
		p.until(sessionLink(session) + `.querySelector(".unread") !== null`)
		x, y := p.across(fmt.Sprintf(`#sessions [data-id="%s"] %s`, session, selector), 50)
		p.pressAt(x, y, 1)
		p.arrive("/sessions/" + session)
		if state := s.state(session); state.State != "open" {
			t.Errorf("a press on %s left the session %s", selector, state.State)
		}
	}
	// The menu beside it asks for a second press, on a word.
	session := p.session()
	p.until(sessionLink(session) + `?.parentElement.querySelector("[data-testid=session-more]") != null`)
	x, y := p.across(fmt.Sprintf(`#sessions li:has([data-id="%s"]) [data-testid=session-more]`, session), 50)
	p.pressAt(x, y, 2)
	p.settle()
	if state := s.state(session); state.State != "open" {
		t.Errorf("a double click on the menu left the session %s", state.State)
	}
}

func TestPaletteNeverChoosesWhatEndsOrDeletes(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	p.dial()
	session := p.session()
	p.ctrl("k")
	p.until(`document.querySelector("[data-testid=commands]")?.open`)
	names := p.eval(`[...document.querySelectorAll("#command-list li")].map((item) => item.textContent).join("|")`)
	if last := p.eval(`[...document.querySelectorAll("#command-list li")].slice(-2).map((item) => item.querySelector(".name").textContent).join("|")`); last != "Disconnect|Delete service" {
		t.Errorf("the palette ends with %s of %s", last, names)
	}
	for _, typed := range []string{"disconnect", "delete service", "DISC"} {
		p.eval(`document.querySelector("[data-testid=commands] input").select()`)
		p.do(chromedp.KeyEvent(typed), chromedp.KeyEvent(kb.Enter))
		p.settle()
		if chosen := p.eval(`document.querySelector("#command-list [aria-selected=true]")?.textContent`); chosen != "undefined" {
			t.Errorf("%q chooses %s", typed, chosen)
		}
		if p.is(`document.querySelector("[data-testid=confirm]") !== null`) || s.state(session).State != "open" {
			t.Fatalf("%q and Enter acted", typed)
		}
	}
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter)) // chosen by hand
	p.untilStatus(closed)
}

// One command at a time is marked: the one that Enter runs.
func TestPaletteMarksWhatThePointerIsOn(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	p.dial()
	p.ctrl("k")
	p.until(`document.querySelectorAll("#command-list li").length > 3`)
	marked := `[...document.querySelectorAll("#command-list li")].filter((item) => getComputedStyle(item).backgroundColor !== "rgba(0, 0, 0, 0)").map(({ id }) => id).join()`
	p.hover("#command-3")
	p.hover("#command-2")
	p.until(marked + ` === "command-2"`)
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	p.until(marked + ` === "command-3"`)
	p.eval(`document.querySelector("#command-list .danger").scrollIntoView()`)
	p.hover("#command-list .danger")
	p.until(`document.querySelector("#command-list [aria-selected=true]") === null`)
}

// A button that replaces another under the pointer ignores the second press of a double
// click.
func TestDoubleClickDoesOneThing(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	x, y := p.across("[data-testid=connect]", 50)
	p.pressAt(x, y, 1)
	p.untilOpen()
	p.pressAt(x, y, 1) // as fast as the second press of a double click
	p.settle()
	if state := s.state(p.session()); state.State != "open" {
		t.Errorf("a double click on Connect left the session %s", state.State)
	}
	p.compose("text", "once")
	x, y = p.across("[data-testid=send]", 50)
	p.pressAt(x, y, 2)
	p.untilCount(3)
	p.settle()
	if rows := s.rows(p.session(), 0); len(rows) != 3 {
		t.Errorf("a double click on Send left %d rows", len(rows))
	}
	session := p.session()
	p.click("disconnect")
	p.untilStatus(closed)
	x, y = p.across("[data-testid=connect]", 50)
	p.pressAt(x, y, 1)
	p.settle()
	if p.session() != session {
		t.Error("a double click on Disconnect connected again")
	}
	p.click("connect") // it can be pressed again after a moment
	p.untilOpen()
}

func TestNoSingleKeyOfTheLogSends(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	session := s.open(object{"service": s.demo("echo", "none").ID})
	s.send(session, "text", []byte("said"))
	s.awaitReceived(session, 1)
	p.visit(s.URL + "/sessions/" + session)
	p.untilCount(3)
	p.eval(`document.querySelector(".log-list").focus()`)
	for _, key := range "abdefghijkmnopqrtuvwxyzABDERTUX0123456789" {
		p.do(chromedp.KeyEvent(kb.End), chromedp.KeyEvent(string(key)))
	}
	p.do(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Delete), chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent(" "))
	p.settle()
	if rows := s.rows(session, 3); len(rows) != 0 || s.state(session).State != "open" {
		t.Errorf("keys left the session %s with %d more rows", s.state(session).State, len(rows))
	}
}
