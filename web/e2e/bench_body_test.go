//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// Parts of the open message on the page.
const (
	bodyReady = `document.querySelector("[data-testid=detail-body]").dataset.ready === "1" && document.querySelector("[data-testid=detail-body]").innerText.length > 100`
	bodyFound = `/^1\/\d/.test(document.querySelector("#detail .find-count").textContent)`
)

// BenchmarkTwelveMegabytes receives and opens messages of 12 MB of four shapes, reads
// each in its best view, and searches each for its last words.
func BenchmarkTwelveMegabytes(b *testing.B) {
	const opened = "0.7 s, task 640 ms, after the tab had been blocked"
	var table figures
	for b.Loop() {
		s := start(b, b.TempDir(), "--log-level", "warn")
		p := measured(b)
		for _, shape := range []struct{ name, last, peer string }{
			{"json", "padding", opened}, {"line", "padding", "1.05 s, task 960 ms"}, {"text", "asked for.", ""}, {"binary", "", ""},
		} {
			p.openBig(s, shape.name)
			line := func(what, aim string) *figure { return table.line(shape.name+": "+what, aim, "") }
			p.eval(`gauge.start()`)
			line("row on screen after the answer, ms", "").add(p.timed(`document.querySelector("[data-testid=send]").click()`, `document.querySelector("[data-testid=row][data-seq='3']")`))
			table.line(shape.name+": readable after the press, ms", "< 1000", shape.peer).
				add(p.timed(`document.querySelector("[data-testid=row][data-seq='3']").click()`, bodyReady))
			line("longest task, ms", "< 50").add(p.stopGauge().Longest)
			if shape.name == "json" || shape.name == "line" {
				p.eval(`gauge.start()`)
				line("tree after the press, ms", "").add(p.timed(`document.querySelector("[data-view=tree]").click()`,
					bodyReady+` && document.querySelector("[data-testid=detail-body]").dataset.view === "tree"`))
				line("tree: longest task, ms", "< 50").add(p.stopGauge().Longest)
			}
			if shape.last != "" {
				line("last word found, ms", "< 500").add(p.timed(searchBody(shape.last), bodyFound))
			}
		}
		s.signal(syscall.SIGKILL)
	}
	table.print(b)
}

// openBig connects to the demo that answers with 12 MB, ready to send.
func (p *page) openBig(s *server, shape string) {
	p.t.Helper()
	address := fmt.Sprintf("%s?size=%d&shape=%s", s.demo("big", "none").Address, 12<<20, shape)
	p.visit(s.URL + "/services/" + s.save("big "+shape, address).ID)
	p.dial()
	p.ready()
	p.compose("text", "again")
	p.until(`!document.querySelector("[data-testid=send]").disabled`)
}

// searchBody types into the search of the open message.
func searchBody(text string) string {
	return fmt.Sprintf(`const input = document.querySelector("[data-testid=detail-search]")
		input.value = %q
		input.dispatchEvent(new Event("input", {bubbles: true}))
		input.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}))`, text)
}

// BenchmarkPaste pastes 12 MB into the composer and sends them.
func BenchmarkPaste(b *testing.B) {
	var table figures
	for b.Loop() {
		s := start(b, b.TempDir(), "--log-level", "warn")
		p := measured(b)
		p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
		p.dial()
		p.ready()
		p.eval(`gauge.start()`)
		text := []byte(strings.Repeat("0123456789abcdef, and some more text\n", 12<<20/37))
		p.pasteFromFile(s, text)
		p.sent(3)
		g := p.stopGauge()
		table.line("paste and send 12 MB: longest task, ms", "< 100", "5600").add(g.Longest)
		s.signal(syscall.SIGKILL)
	}
	table.print(b)
}
