//go:build e2e

package e2e

import (
	"encoding/json"
	"syscall"
	"testing"
)

// loaded adds up what a page took over the network since it was asked for.
const loaded = `(() => {
	const [page] = performance.getEntriesByType("navigation")
	const parts = performance.getEntriesByType("resource")
	const kB = (entries) => entries.reduce((sum, entry) => sum + entry.transferSize, 0) / 1000
	return JSON.stringify({
		KB: kB([page, ...parts]), Editor: kB(parts.filter((part) => part.name.includes("/chunk-"))),
		Painted: performance.getEntriesByName("first-contentful-paint")[0].startTime, Ready: page.domContentLoadedEventEnd,
	})
})()`

// BenchmarkFirstLoad opens the console in a browser that has never seen it.
func BenchmarkFirstLoad(b *testing.B) {
	var table figures
	s := start(b, b.TempDir(), "--log-level", "warn")
	for b.Loop() {
		p := measured(b)
		p.visit(s.URL + "/")
		p.until(`performance.getEntriesByName("first-contentful-paint").length > 0`)
		p.settle()
		var first struct{ KB, Editor, Painted, Ready float64 }
		if err := json.Unmarshal([]byte(p.eval(loaded)), &first); err != nil {
			b.Fatal(err)
		}
		table.line("first load, kB", "< 250", "5200 to 6700").add(first.KB)
		table.line("of that the editor, kB", "", "").add(first.Editor)
		table.line("first paint, ms", "", "").add(first.Painted)
		table.line("ready for a press, ms", "", "3600").add(first.Ready)
	}
	s.signal(syscall.SIGKILL)
	table.print(b)
}
