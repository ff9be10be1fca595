//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"duplex/bridge/demo/emulate"
)

// shownTurns notes when the first answer is on screen, in ms since the navigation.
const shownTurns = `{
	const look = () => {
		if (document.querySelector("[data-testid=turn-text]")?.textContent.length > 20) window.turnsShownAt = performance.now()
		else requestAnimationFrame(look)
	}
	requestAnimationFrame(look)
}`

// scrollTurns moves the list of turns by a third of a view with each frame, 300 times, as a wheel
// does, and then to its begin.
const scrollTurns = `new Promise((done) => {
	const list = document.querySelector(".turn-scroll")
	let steps = 0
	const step = () => {
		list.scrollTop -= list.clientHeight / 3
		if (++steps === 300) {
			list.scrollTop = 0
			return done(true)
		}
		requestAnimationFrame(step)
	}
	requestAnimationFrame(step)
})`

// BenchmarkTurns opens a session of 1,000 turns and 300,000 messages in the view of turns,
// scrolls through all of it, and searches it.
func BenchmarkTurns(b *testing.B) {
	const turns, pieces = 1000, 298
	var table figures
	for b.Loop() {
		s := start(b, b.TempDir(), "--log-level", "warn")
		session := s.conversed(turns, pieces)
		p := measured(b)
		p.onEveryPage(shownTurns)
		for range 3 {
			p.visit(s.URL + "/sessions/" + session + "?view=turns")
			p.until(`window.turnsShownAt > 0`)
			table.line("newest answer on screen after the navigation, ms", "", "").add(p.float(`window.turnsShownAt`))
			table.line("newest answer on screen after the page is ready, ms", "< 300", "").add(p.float(`Math.max(0, window.turnsShownAt - performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd)`))
		}
		p.settle()
		table.line("JS heap, MB", "< 64", "").add(p.heap())
		p.eval(`gauge.start()`)
		<-time.After(3 * time.Second)
		idle := p.stopGauge()
		table.line("an idle page: frame gap p95, ms", "", "").add(idle.P95)
		p.eval(`gauge.start()`)
		p.long()
		p.eval(`(() => { window.scrolled = 0; ` + scrollTurns + `.then(() => { window.scrolled = 1 }) })()`)
		p.until(`window.scrolled === 1`)
		g := p.stopGauge()
		table.line("scrolled through: frame gap p95, ms", "< 34", "").add(g.P95)
		table.line("scrolled through: frame gap p99, ms", "", "").add(g.P99)
		table.line("scrolled through: longest task, ms", "< 50", "").add(g.Longest)
		table.line("JS heap after it, MB", "< 64", "").add(p.heap())
		p.eval(`document.querySelector("[data-testid=turns-find-open]").click()`)
		table.line("found in all answers, ms", "< 500", "").add(p.timed(
			`const input = document.querySelector("[data-testid=turns-search]"); input.value = "word7 "; input.dispatchEvent(new Event("input"))`,
			`/^1 of/.test(document.querySelector("[data-testid=turns-found]").textContent)`))
		table.line("server memory at the end, MB", "", "").add(s.resident())
		s.signal(syscall.SIGKILL)
	}
	table.print(b)
}

// float reads a number of the page.
func (p *page) float(expression string) float64 {
	p.t.Helper()
	v, err := strconv.ParseFloat(p.eval(expression), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// conversed records a session in which a service answers so many prompts, each in so many
// pieces, and returns its id when it has ended.
func (s *server) conversed(turns, pieces int) string {
	s.t.Helper()
	var answer strings.Builder
	for i := range pieces - 1 {
		if i%60 == 59 {
			answer.WriteString("end.\n\n")
			continue
		}
		fmt.Fprintf(&answer, "word%d ", i)
	}
	id := s.emulated("modelarts-chat", emulate.Options{Answer: answer.String(), Interval: -1})
	session := s.open(object{"service": id})
	for n := range turns {
		if status, raw := s.call(http.MethodPost, "/api/sessions/"+session+"/ask", object{"text": fmt.Sprintf("Question %d: what comes next?", n+1)}, nil); status != http.StatusOK {
			s.t.Fatalf("ask: %d %s", status, raw)
		}
	}
	s.call(http.MethodPost, "/api/sessions/"+session+"/close", object{"code": 1000}, nil)
	s.awaitClosed(session)
	return session
}
