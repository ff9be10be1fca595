//go:build e2e

package e2e

import (
	"encoding/json"
	"syscall"
	"testing"
)

// took sums the bytes that a page loaded, and reads its paint and load times.
const took = `(() => {
	const [page] = performance.getEntriesByType("navigation")
	const parts = performance.getEntriesByType("resource")
	const kB = (entries) => entries.reduce((sum, entry) => sum + entry.transferSize, 0) / 1000
	return JSON.stringify({
		KB: kB([page, ...parts]),
		Painted: performance.getEntriesByName("first-contentful-paint")[0].startTime, Ready: page.domContentLoadedEventEnd,
	})
})()`

type firstLoad struct{ KB, Painted, Ready float64 }

// loads visits a page and returns what it took.
func (p *page) loads(url string) firstLoad {
	p.t.Helper()
	p.visit(url)
	p.until(`performance.getEntriesByName("first-contentful-paint").length > 0`)
	p.settle()
	return p.loaded()
}

func (p *page) loaded() firstLoad {
	p.t.Helper()
	var f firstLoad
	if err := json.Unmarshal([]byte(p.eval(took)), &f); err != nil {
		p.t.Fatal(err)
	}
	return f
}

// BenchmarkFirstLoad opens the console and the first page, each in a browser that has never
// seen them.
func BenchmarkFirstLoad(b *testing.B) {
	var table figures
	s := start(b, b.TempDir(), "--log-level", "warn")
	for b.Loop() {
		start := measured(b)
		table.line("first load of the first page, kB", "< 250", "").add(start.loads(s.URL + "/").KB)
		p := measured(b)
		first := p.loads(s.URL + "/connect")
		table.line("first load, kB", "< 250", "5200 to 6700").add(first.KB)
		table.line("first paint, ms", "", "").add(first.Painted)
		table.line("ready for a press, ms", "", "3600").add(first.Ready)
		p.ready()
		table.line("the editor, when somebody writes, kB", "", "").add(p.loaded().KB - first.KB)
	}
	s.signal(syscall.SIGKILL)
	table.print(b)
}
