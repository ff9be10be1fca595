//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/wire"
)

func (s *server) state(session string) (state wire.State) {
	s.t.Helper()
	s.call(http.MethodGet, "/api/sessions/"+session, nil, &state)
	return state
}

// pacing opens a session on a ticker that sends count messages at rate a second; 0 has no end.
func (s *server) pacing(count, rate int) string {
	s.t.Helper()
	return s.open(object{"service": s.demo("ticker", "none").ID, "params": []object{
		{"name": "rate", "value": fmt.Sprint(rate)}, {"name": "size", "value": "64"}, {"name": "count", "value": fmt.Sprint(count)},
	}})
}

func sessionLink(id string) string {
	return fmt.Sprintf(`document.querySelector('#sessions [data-id="%s"]')`, id)
}

// follow presses a link and waits for its page.
func (p *page) follow(link, path string) {
	p.t.Helper()
	p.until(link + " !== null")
	p.eval(link + ".click()")
	p.arrive(path)
}

// arrive waits for the console at another address.
func (p *page) arrive(path string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`location.pathname === %q && %s`, path, composerBuilt))
}

func TestTwoSessionsStreamWhileThePageGoesBackAndForth(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	one, two := s.pacing(0, 100), s.pacing(0, 100)
	p.visit(s.URL + "/sessions/" + one)
	p.untilOpen()
	for range 3 {
		for _, id := range []string{two, one} {
			p.follow(sessionLink(id), "/sessions/"+id)
			p.until(`document.querySelector("[data-testid=row]") !== null`)
		}
	}
	for _, id := range []string{one, two} {
		if state := s.state(id); state.State != "open" {
			t.Errorf("a session that was left is %s", state.State)
		}
	}
	for _, id := range []string{two, one} {
		s.end(id)
		s.awaitClosed(id)
		state := s.state(id)
		p.visit(s.URL + "/sessions/" + id) // an ended one is not in the list
		p.untilStatus(closed)
		p.untilCount(int(state.LastSeq))
		seqs, ticks := int64(0), int64(0)
		for after := int64(0); ; {
			rows := s.rows(id, after)
			if len(rows) == 0 {
				break
			}
			for _, row := range rows {
				if seqs++; row.Seq != seqs {
					t.Fatalf("row %d follows %d", row.Seq, seqs-1)
				}
				if row.Direction != "received" {
					continue
				}
				if ticks++; !strings.HasPrefix(row.Preview, fmt.Sprintf(`{"seq":%d,`, ticks)) {
					t.Fatalf("message %d is %s", ticks, row.Preview)
				}
			}
			after = seqs
		}
		if ticks != state.Received || seqs != state.LastSeq || ticks < 100 {
			t.Errorf("%d rows, %d messages, and the state is %+v", seqs, ticks, state)
		}
		for nth := range int64(20) { // the page shows them as they are stored
			seq := 1 + nth*(seqs-1)/20
			p.goTo(fmt.Sprint(seq))
			p.until(selected(seq))
		}
	}
}

func TestListOfSessionsSaysWhatIsNew(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	watched := s.open(object{"service": s.demo("echo", "none").ID})
	other := s.open(object{"service": s.demo("echo", "bearer").ID})
	number := func(id, want string) {
		t.Helper()
		p.until(fmt.Sprintf(`%s?.querySelector(".number").textContent === %q`, sessionLink(id), want))
	}
	p.visit(s.URL + "/sessions/" + watched)
	p.untilOpen()
	number(other, "")
	for range 5 {
		s.send(other, "text", []byte("news"))
		s.send(watched, "text", []byte("seen"))
	}
	number(other, "+5 new")
	number(watched, "")
	p.visit(s.URL + "/history")
	number(other, "+5 new") // kept by the browser
	s.send(watched, "text", []byte("while away"))
	number(watched, "+1 new")
	p.do(chromedp.KeyEvent("1", chromedp.KeyModifiers(chromedp.ModifierAlt))) // the newest is the first
	p.arrive("/sessions/" + other)
	p.untilOpen()
	number(other, "")
	number(watched, "+1 new")
}

func TestSessionIsClosedFromTheList(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p, colleague := browse(t, 1440, 900), browse(t, 1440, 900)
	one, two := s.open(object{"service": s.demo("echo", "none").ID}), s.open(object{"service": s.demo("echo", "bearer").ID})
	p.visit(s.URL + "/sessions/" + one)
	p.untilOpen()
	item := func(id string) string { return sessionLink(id) + `.parentElement` }
	disconnect := func(id string) {
		p.until(item(id) + `.querySelector("[data-testid=session-more]") !== null`)
		p.eval(item(id) + `.querySelector("[data-testid=session-more]").click()`)
		p.until(`document.querySelector("[data-testid=menu]") !== null`)
		p.eval(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].at(-1).click()`)
	}
	disconnect(two)
	p.until(sessionLink(two) + ` === null`) // an ended session leaves the list
	p.untilText("toast", "Disconnected from")
	if state := s.state(one); state.State != "open" {
		t.Errorf("the other session is %s", state.State)
	}
	colleague.visit(s.URL + "/sessions/" + one)
	colleague.untilOpen()
	p.until(`document.querySelector("#viewer-count").textContent.includes("2")`)
	disconnect(one)
	p.until(`document.querySelector("[data-testid=confirm]")?.open`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`document.querySelector("[data-testid=confirm]") === null`)
	disconnect(one)
	p.click("confirm-yes")
	p.untilStatus(closed)
	colleague.untilStatus(closed)
}

func TestSecondServiceLeavesTheFirstSessionAlone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.ready()
	p.dial()
	first := p.session()
	service := s.saves("the second", "")
	p.follow(fmt.Sprintf(`document.querySelector('#services [data-id="%s"]')`, service), "/services/"+service)
	p.dial()
	second := p.session()
	if first == second || s.state(first).State != "open" || s.state(second).State != "open" {
		t.Errorf("the first is %s and the second %s", s.state(first).State, s.state(second).State)
	}
	p.ctrl("k") // Connect is not offered while connected, and Enter in the address does nothing
	p.until(`document.querySelector("[data-testid=commands]")?.open`)
	if p.is(`[...document.querySelectorAll("#command-list li")].some((item) => item.querySelector(".name").textContent === "Connect")`) {
		t.Error("a session that runs can be connected")
	}
	p.do(chromedp.KeyEvent("session echo"))
	p.until(`document.querySelectorAll("#command-list li").length === 1`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.arrive("/sessions/" + first)
	p.untilOpen()
	p.click("edit")
	p.do(chromedp.Focus(id("address")), chromedp.KeyEvent(kb.Enter))
	p.settle()
	if p.session() != first || s.state(first).State != "open" {
		t.Errorf("an edit without a change ended the session: %s", s.state(first).State)
	}
	p.do(chromedp.SendKeys(id("address"), "?x=1"))
	p.click("reconnect")
	p.until(`location.pathname !== "/sessions/` + first + `"`)
	p.untilOpen()
	if state := s.state(first); state.State != "closed" {
		t.Errorf("what was reconnected is %s", state.State)
	}
	if state := s.state(second); state.State != "open" {
		t.Errorf("the second is %s", state.State)
	}
}

func TestLinkOpensASessionWithItsSearch(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	state := s.ticks(300, 64)
	p.visit(s.URL + "/sessions/" + state.ID + `?q=%22SEQ%22:7\d,&regex=1`)
	p.untilText("search-count", "10")
	p.visit(s.URL + "/sessions/" + state.ID + `?q=%22SEQ%22:77,&case=1`)
	p.until(`document.querySelector(".log-empty").textContent === "No matching messages."`)
	if text := p.eval(`document.querySelector("[data-testid=search]").value`); text != `"SEQ":77,` {
		t.Errorf("the search is %q", text)
	}
}
