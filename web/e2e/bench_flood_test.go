//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
)

// newestRow returns the time at which the newest row on screen was sent: the ticker says
// so in each message.
const newestRow = `() => {
	const log = document.querySelector("[data-testid=log]")
	const row = log.querySelector('[data-testid=row][data-seq="' + log.dataset.shown + '"]')
	return Number(/"sent_us":(\d+)/.exec(row?.textContent ?? "")?.[1] ?? 0)
}`

// flood is so many messages of 128 bytes at so many a second.
type flood struct {
	rate, count int
}

func (f flood) lasts() time.Duration { return time.Duration(f.count/f.rate) * time.Second }

// BenchmarkFlood watches 300,000 messages arrive at 5,000 a second, following the
// newest: on the console, and on a page that does nothing but draw them.
func BenchmarkFlood(b *testing.B) {
	f := flood{rate: 5000, count: 300_000}
	var table figures
	for b.Loop() {
		f.console(b, &table)
		f.bare(b, &table)
	}
	table.print(b)
}

// BenchmarkFloodWithPresses adds a person who presses buttons while 20,000 messages a
// second arrive.
func BenchmarkFloodWithPresses(b *testing.B) {
	f := flood{rate: 20_000, count: 200_000}
	var table figures
	for b.Loop() {
		f.console(b, &table)
	}
	table.print(b)
}

// console lets the flood run through the console and checks that all of it is there.
func (f flood) console(b *testing.B, table *figures) {
	b.Helper()
	s := start(b, b.TempDir(), "--log-level", "warn")
	p := measured(b)
	p.visit(s.URL + "/services/" + s.save("flood", f.address(s.demo("ticker", "none").Address)).ID)
	p.ready()
	before := s.resident()
	p.eval(`gauge.start(` + newestRow + `)`)
	p.click("connect")
	if f.rate > 10_000 {
		p.pressTabs(f.lasts() - 2*time.Second)
		p.click("tab-messages")
	}
	p.within(f.lasts()+time.Minute, fmt.Sprintf(`document.querySelector("[data-testid=log]").dataset.shown >= %d`, f.count+1))
	g := p.stopGauge()
	received := s.numbered(b, p.session())
	table.line("messages received", number(float64(f.count)), "gave up at 2,769").add(float64(received))
	table.line("messages lost", "0", "").add(float64(f.count - received))
	table.line("newest row: oldest it was, ms", "< 1000", "").add(g.Lag)
	table.line("frames a second", "", "").add(g.FPS)
	table.line("frame gap p95, ms", "< 34", "").add(g.P95)
	table.line("frame gap p99, ms", "", "").add(g.P99)
	table.line("longest task, ms", "< 100", "2100 at 5,000 messages").add(g.Longest)
	if f.rate > 10_000 {
		table.line("press until seen, longest, ms", "< 100", "").add(g.Press)
	}
	table.line("JS heap at the end, MB", "< 64", "2600 at 3,541 messages").add(p.heap())
	table.line("server memory grown by, MB", "", "").add(s.resident() - before)
	s.signal(syscall.SIGKILL)
}

func (f flood) bare(b *testing.B, table *figures) {
	b.Helper()
	p := measured(b)
	url := serveBare(b)
	p.visit(url)
	p.eval(`gauge.start(() => newest)`)
	p.eval(fmt.Sprintf(`receive(%q)`, f.address("ws"+strings.TrimPrefix(url, "http")+demo.Path(sign.KindNone, "ticker"))))
	p.within(f.lasts()+time.Minute, fmt.Sprintf(`document.body.dataset.count >= %d`, f.count))
	g := p.stopGauge()
	bare := func(what string, v float64) { l := table.line(what, "", ""); l.bare = append(l.bare, v) }
	bare("newest row: oldest it was, ms", g.Lag)
	bare("frames a second", g.FPS)
	bare("frame gap p95, ms", g.P95)
	bare("frame gap p99, ms", g.P99)
	bare("longest task, ms", g.Longest)
	bare("JS heap at the end, MB", p.heap())
}

func (l *figure) add(v float64) { l.ours = append(l.ours, v) }

// address is that of the demo's ticker, which pushes the flood.
func (f flood) address(ticker string) string {
	return fmt.Sprintf("%s?rate=%d&count=%d&size=128", ticker, f.rate, f.count)
}

// save saves a service.
func (s *server) save(name, address string) service {
	s.t.Helper()
	var saved service
	status, raw := s.call(http.MethodPost, "/api/services", object{"name": name, "address": address}, &saved)
	if status != http.StatusCreated {
		s.t.Fatalf("save: %d %s", status, raw)
	}
	return saved
}

// numbered reads the whole log and counts the ticker's messages, which are numbered:
// one that is missing, twice there or out of order ends the count.
func (s *server) numbered(b *testing.B, session string) int {
	b.Helper()
	var after int64
	var n int
	for {
		rows := s.rows(session, after)
		if len(rows) == 0 {
			return n
		}
		for _, row := range rows {
			if row.Direction != "received" {
				continue
			}
			if !strings.HasPrefix(row.Preview, fmt.Sprintf(`{"seq":%d,`, n+1)) {
				b.Errorf("after message %d comes %s", n, row.Preview)
				return n
			}
			n++
		}
		after = rows[len(rows)-1].Seq
	}
}

// pressTabs presses one tab and then the other with a real pointer, as long as it is told.
func (p *page) pressTabs(long time.Duration) {
	p.t.Helper()
	end := time.After(long)
	turn := time.NewTicker(300 * time.Millisecond)
	defer turn.Stop()
	for i := 0; ; i++ {
		select {
		case <-end:
			return
		case <-turn.C:
			p.click([]string{"tab-params", "tab-messages"}[i%2])
		}
	}
}
