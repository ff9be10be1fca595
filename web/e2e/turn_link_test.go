//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/testkit"
)

// A link to a turn that is not loaded yet opens with that turn chosen and on the screen, and
// the turns around it are loaded where the list is scrolled to.
func TestLinkToATurnOfManyOpensThere(t *testing.T) {
	t.Parallel()
	turns := testkit.Pick(400, 1000, 1000)
	s := start(t, t.TempDir())
	session := s.conversed(turns, 2)
	for _, n := range testkit.Pick([]int{3, turns}, []int{1, 3, 500, turns}, []int{1, 3, 500, turns}) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			p := browse(t, 1440, 900)
			p.visit(fmt.Sprintf("%s/sessions/%s?turn=%d", s.URL, session, n))
			p.until(onScreen(n))
			p.until(fmt.Sprintf(`document.querySelector(".turn[aria-current]")?.dataset.turn === "%d" && document.querySelector("[data-testid=turn-title]")?.textContent === "Turn %[1]d"`, n))
			p.settle()
			if !p.is(onScreen(n)) {
				t.Errorf("turn %d did not stay on the screen", n)
			}
			for _, by := range []int{-1, 1} {
				for _, far := range []int{30, 90, 150} {
					if at := n + by*far; at >= 1 && at <= turns {
						p.scrollsTurns(at, by)
					}
				}
			}
			p.do(chromedp.Focus(chromedp.CSS(".turn-scroll")), chromedp.KeyEvent(kb.Home))
			p.until(onScreen(1))
			if now := p.eval(`document.querySelector("[data-testid=turn-title]").textContent`); now != fmt.Sprintf("Turn %d", n) {
				t.Errorf("after scrolling, the right side shows %s", now)
			}
			p.do(chromedp.KeyEvent(kb.End))
			p.until(onScreen(turns))
			p.settle()
			if now := p.eval(`document.querySelector("[data-testid=turn-title]").textContent`); now != fmt.Sprintf("Turn %d", n) {
				t.Errorf("at the end of the list, the right side shows %s", now)
			}
		})
	}
}

// onScreen is true when a turn and its answer are drawn within the list.
func onScreen(n int) string {
	return fmt.Sprintf(`(() => {
		const card = document.querySelector('[data-testid=turn][data-turn="%d"]')
		if (!card?.querySelector("[data-testid=turn-text]")?.textContent.includes("word0")) return false
		const box = card.getBoundingClientRect(), view = document.querySelector(".turn-scroll").getBoundingClientRect()
		return box.bottom > view.top + 8 && box.top < view.bottom - 8
	})()`, n)
}

// scrollsTurns scrolls the list up (-1) or down (1) until a turn is on the screen.
func (p *page) scrollsTurns(to, direction int) {
	p.t.Helper()
	p.until(fmt.Sprintf(`%s || ((card, list) => {
		if (card) card.scrollIntoView({block: "center"})
		else list.scrollTop += 300 * %d
		return false
	})(document.querySelector('[data-testid=turn][data-turn="%d"]'), document.querySelector(".turn-scroll"))`, onScreen(to), direction, to))
}
