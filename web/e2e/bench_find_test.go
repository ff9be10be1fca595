//go:build e2e

package e2e

import (
	"fmt"
	"syscall"
	"testing"
)

// BenchmarkFind looks for one message among 300,000, at the far end of the log, and goes
// to one in its middle. Before the long session there is one of a tenth of its length, so
// that memory which grows with a session shows.
func BenchmarkFind(b *testing.B) {
	var table figures
	for b.Loop() {
		s := start(b, b.TempDir(), "--log-level", "warn")
		s.flooded(flood{count: 30_000})
		table.line("server memory after 30,000 messages, MB", "", "").add(s.resident())
		session := s.flooded(flood{count: 300_000})
		table.line("server memory after 300,000 more, MB", "", "").add(s.resident())
		p := measured(b)
		p.visit(s.URL + "/sessions/" + session)
		p.until(`document.querySelectorAll("[data-testid=row]").length > 10`)
		p.ready()
		p.settle() // the search is measured on an idle page
		table.line("first hit, at the end of the log, ms", "< 300", "none: it has no search").add(p.timed(
			searchLog(`"seq":299999,`), `document.querySelector("[data-testid=log]").dataset.shown === "300000"`))
		p.ctrl("g")
		p.until(`document.activeElement.dataset.testid === "goto"`)
		table.line("gone to message 150,000, ms", "< 100", "").add(p.timed(goTo("150000"), selected(150_000)))
		table.line("server memory after both, MB", "", "").add(s.resident())
		s.signal(syscall.SIGKILL)
	}
	table.print(b)
}

// flooded opens a session that receives a flood as fast as it comes, and waits for
// its end.
func (s *server) flooded(f flood) string {
	s.t.Helper()
	session := s.open(object{"address": f.address(s.demo("ticker", "none").Address)})
	s.awaitClosed(session)
	return session
}

// searchLog types into the search of the log.
func searchLog(text string) string {
	return fmt.Sprintf(`const input = document.querySelector("[data-testid=search]")
		input.value = %q
		input.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}))`, text)
}

// goTo types a place into the field that goes there.
func goTo(place string) string {
	return fmt.Sprintf(`const input = document.querySelector("[data-testid=goto]")
		input.value = %q
		input.form.requestSubmit()`, place)
}
