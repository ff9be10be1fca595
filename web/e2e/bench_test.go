//go:build e2e

package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"duplex/bridge/demo"
)

var (
	//go:embed testdata/gauge.js
	gaugeScript string
	//go:embed testdata/bare.html
	barePage string
)

// figures collects measurements of several runs and prints their medians beside those of
// peers. Compare values of one run only: between machines only ratios are comparable.
type figures struct {
	lines []*figure
}

// figure is one line of the table.
type figure struct {
	what, aim string
	peer      string // Hoppscotch 2026.6.0, as measured once; "" when it was not
	ours      []float64
	bare      []float64 // the bare page, in the same runs; none when it has nothing to compare
}

// line returns the line of that name, which is added at its first use.
func (f *figures) line(what, aim, peer string) *figure {
	for _, known := range f.lines {
		if known.what == what {
			return known
		}
	}
	added := &figure{what: what, aim: aim, peer: peer}
	f.lines = append(f.lines, added)
	return added
}

// print writes the table where benchmarks write.
func (f *figures) print(b *testing.B) {
	b.Helper()
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nmedian of the runs\tDuplex\tbare page\tratio\taim\tHoppscotch")
	for _, l := range f.lines {
		bare, ratio := "", ""
		if m := median(l.bare); len(l.bare) > 0 {
			bare = number(m)
			if m > 0 {
				ratio = fmt.Sprintf("%.2f", median(l.ours)/m)
			}
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", l.what, number(median(l.ours)), bare, ratio, l.aim, l.peer)
	}
	_ = table.Flush()
	fmt.Println(b.Name() + out.String()) // b.Log keeps ten lines
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func number(v float64) string {
	if v == float64(int64(v)) || v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// gauged holds the measurements of gauge.js, in milliseconds.
type gauged struct {
	FPS, P95, P99, Longest, Tasks, Lag, Press, Presses float64
}

// measured opens a tab that runs gauge.js in each page.
func measured(tb testing.TB) *page {
	tb.Helper()
	p := browse(tb, 1440, 900)
	p.onEveryPage(gaugeScript)
	return p
}

// stopGauge ends a measurement.
func (p *page) stopGauge() gauged {
	p.t.Helper()
	var g gauged
	if err := json.Unmarshal([]byte(p.eval(`gauge.stop()`)), &g); err != nil {
		p.t.Fatal(err)
	}
	return g
}

// heap returns the size of the page's JavaScript heap in MB, after a garbage collection.
func (p *page) heap() float64 {
	p.t.Helper()
	var used float64
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			return err
		}
		usage, err := chromedp.Call(ctx, runtime.GetHeapUsage, cdp.Empty{})
		used = usage.UsedSize / 1e6
		return err
	}))
	return used
}

// resident is the memory of the program in MB.
func (s *server) resident() float64 {
	s.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	kB, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return kB / 1000
}

// serveBare serves the bare page, with a demo service at the same origin.
func serveBare(tb testing.TB) string {
	tb.Helper()
	d := demo.New(demo.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	routes := http.NewServeMux()
	routes.Handle("/", d.Handler())
	routes.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(barePage))
	})
	server := httptest.NewServer(routes)
	tb.Cleanup(func() {
		d.Close()
		server.Close()
	})
	return server.URL
}

// timed returns how long the page takes from doing something until a condition holds,
// in milliseconds, told by the page's own clock at each of its frames.
func (p *page) timed(do, holds string) float64 {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	took, err := chromedp.Run(ctx, chromedp.Evaluate[float64](fmt.Sprintf(`new Promise((done) => {
		const began = performance.now();
		(() => { %s })();
		const look = () => (%s) ? done(performance.now() - began) : requestAnimationFrame(look)
		look()
	})`, do, holds), chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s until %s: %v", do, holds, err)
	}
	return took
}
