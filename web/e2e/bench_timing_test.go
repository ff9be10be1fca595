//go:build e2e

package e2e

import (
	"net/http"
	"strconv"
	"syscall"
	"testing"
)

// BenchmarkTiming opens the times of a session of 1,000 turns and 300,000 messages, and sorts
// its table.
func BenchmarkTiming(b *testing.B) {
	const turns, messages = 1000, 300_000
	var table figures
	for b.Loop() {
		s := start(b, b.TempDir(), "--log-level", "warn")
		session := s.open(object{"address": s.demo("stream", "none").Address + "?interval_ms=0&tokens=298", "dialect": "modelarts-chat", "subprotocols": []string{"duplex.demo"}})
		for n := range turns {
			if status, raw := s.call(http.MethodPost, "/api/sessions/"+session+"/ask", object{"text": "Question " + strconv.Itoa(n)}, nil); status != http.StatusOK {
				b.Fatalf("ask: %d %s", status, raw)
			}
		}
		s.end(session)
		s.awaitClosed(session)
		p := measured(b)
		p.visit(s.URL + "/sessions/" + session + "?view=messages")
		p.until(`document.querySelectorAll("[data-testid=row]").length > 10`)
		p.ready()
		p.eval(`(() => {
			const real = window.fetch
			window.fetch = async (...given) => {
				const answer = await real(...given)
				if (String(given[0]).includes("/series")) window.answeredAt = performance.now()
				return answer
			}
		})()`)
		p.settle()
		p.eval(`gauge.start()`)
		whole := p.timed(`document.querySelector("#tab-timing").click()`, `document.querySelectorAll("#timing canvas").length === 4 && document.querySelectorAll("[data-testid=timing-row]").length > 20 && (window.drawnAt ??= performance.now()) > 0`)
		table.line("times of 300,000 messages, from the click, ms", "", "none: it has none").add(whole)
		after, err := strconv.ParseFloat(p.eval(`drawnAt - answeredAt`), 64)
		if err != nil {
			b.Fatal(err)
		}
		table.line("times of 300,000 messages, after the answer, ms", "< 300", "").add(after)
		p.until(`document.querySelectorAll("[data-testid=timing-row]").length === ` + strconv.Itoa(turns))
		table.line("longest task until 1,000 turns are listed, ms", "< 50", "").add(p.stopGauge().Longest)
		if got := s.state(session).Received; got < messages-turns {
			b.Fatalf("%d messages", got)
		}
		s.signal(syscall.SIGKILL)
	}
	table.print(b)
}
