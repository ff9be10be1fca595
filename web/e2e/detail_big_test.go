//go:build e2e

package e2e

import (
	"fmt"
	"testing"
)

// watchDetail notes, from the press on a row on, when its body can be read, when it is
// complete, and tasks that hold the page up.
const watchDetail = `window.watchDetail = (seq) => {
	const body = document.querySelector("[data-testid=detail-body]")
	const watch = { readable: 0, complete: 0, longest: 0, gap: 0 }
	new PerformanceObserver((list) => { for (const task of list.getEntries()) watch.longest = Math.max(watch.longest, task.duration) }).observe({ type: "longtask" })
	const began = performance.now()
	let last = began
	const look = () => {
		const now = performance.now()
		watch.gap = Math.max(watch.gap, now - last)
		last = now
		if (!watch.readable && body.querySelector(".text-row, .hex-row")?.textContent) watch.readable = now - began
		if (body.dataset.ready === "1") watch.complete = now - began
		else requestAnimationFrame(look);
	}
	document.querySelector('[data-testid=row][data-seq="' + seq + '"]').click()
	requestAnimationFrame(look);
	return window.watched = watch
}`

func TestTwelveMegabytesAreReadAtOnce(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	for _, tt := range []struct{ shape, view, last string }{
		{"json", "pretty", `"padding"`}, {"line", "pretty", `"padding"`}, {"text_line", "raw", "Line 122500:"}, {"binary", "hex", ""},
	} {
		session := s.open(object{"address": s.demo("big", "none").Address, "params": []object{{"name": "shape", "value": tt.shape}}})
		s.send(session, "text", []byte("x"))
		s.awaitReceived(session, 1)
		p.visit(s.URL + "/sessions/" + session)
		p.untilCount(3)
		p.eval(watchDetail)
		p.settle()
		p.eval(`watchDetail(3)`)
		p.until(`watched.complete > 0`)
		if view := p.eval(`document.querySelector("[data-testid=detail-body]").dataset.view`); view != tt.view {
			t.Errorf("%s is shown in %s", tt.shape, view)
		}
		t.Logf("%-9s readable after %s ms, complete after %s, longest task %s, longest gap between frames %s", tt.shape,
			p.eval(`Math.round(watched.readable)`), p.eval(`Math.round(watched.complete)`), p.eval(`Math.round(watched.longest) || "under 50"`), p.eval(`Math.round(watched.gap)`))
		if tt.last == "" {
			continue
		}
		if tt.view == "pretty" {
			t.Logf("%-9s tree after %.0f ms", tt.shape, p.timed(`document.querySelector("[data-view=tree]").click()`,
				`document.querySelector(".tree-row") !== null && document.querySelector("[data-testid=detail-body]").dataset.ready === "1"`))
		}
		t.Logf("%-9s last found after %.0f ms, longest task %s", tt.shape, p.timed(
			fmt.Sprintf(`(() => { const input = document.querySelector("[data-testid=detail-search]"); input.value = %q; input.dispatchEvent(new Event("input", {bubbles: true})) })()`, tt.last),
			`document.querySelector(".detail-body .hit.current") !== null`), p.eval(`Math.round(watched.longest) || "under 50"`))
	}
}
