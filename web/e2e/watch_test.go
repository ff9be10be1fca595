//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"duplex/web/internal/canary"
)

// This file draws the net through all that a program or a page gives away, in every
// test.

// isWatched reports whether a test is under the net. Benchmarks go without, for they
// measure, and so do the pictures, which are to look like what people have.
func isWatched(tb testing.TB) bool {
	tb.Helper()
	_, measures := tb.(*testing.B)
	return !measures && tb.Name() != "TestScreenshots"
}

// report fails the test for each secret that was found.
func report(tb testing.TB, watch *canary.Watch) {
	tb.Helper()
	for _, hit := range watch.Hits() {
		tb.Error(hit)
	}
}

// tapped lets everybody talk to the program through a tap, and returns the program's
// own arguments.
func (s *server) tapped(args []string) []string {
	s.t.Helper()
	listen, public := "127.0.0.1:0", false
	var rest []string
	for _, arg := range args {
		if at, is := strings.CutPrefix(arg, "--listen="); is {
			listen = at
			continue
		}
		public = public || strings.HasPrefix(arg, "--public-url=")
		rest = append(rest, arg)
	}
	tap, err := s.watch.Tap(netip.MustParseAddrPort(listen))
	if err != nil {
		s.t.Fatal(err)
	}
	s.tap = tap
	if !public {
		rest = append(rest, "--public-url=http://"+tap.Addr())
	}
	return rest
}

// searchFiles searches what the program left in its folder: the database with its log
// as they were when it ended, before the next start tidies them.
func (s *server) searchFiles() {
	s.t.Helper()
	if err := s.watch.Files(s.Data); err != nil {
		s.t.Errorf("search %s: %v", s.Data, err)
	}
}

// search searches all that is left of a program that has ended.
func (s *server) search() {
	s.t.Helper()
	if s.tap == nil {
		return
	}
	s.tap.Close()
	s.searchFiles()
	s.watch.Search("the program's log", []byte(s.log()))
}

// command runs the program as a person types it, to its end, and searches what it says.
func command(tb testing.TB, args ...string) (out string, code int) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	raw, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		tb.Fatal(err)
	}
	watch := canaries.Watch()
	watch.Search("what duplex "+args[0]+" says", raw)
	report(tb, watch)
	return string(raw), cmd.ProcessState.ExitCode()
}

// everything that a page keeps: what it shows, and its storage. What somebody has typed
// into a field is no part of it.
const everything = `(() => {
	const kept = (storage) => { try { return Object.entries(storage()).flat().join("\n") } catch { return "" } }
	return {
		document: document.documentElement.outerHTML, address: location.href, title: document.title,
		cookies: kept(() => ({cookie: document.cookie})), local: kept(() => localStorage), session: kept(() => sessionStorage),
	}
})()`

// databases is what stands in the page's IndexedDB.
const databases = `(async () => {
	const done = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error) })
	const out = []
	for (const {name} of await indexedDB.databases().catch(() => [])) {
		const db = await done(indexedDB.open(name))
		for (const store of db.objectStoreNames) out.push(name, store, JSON.stringify(await done(db.transaction(store).objectStore(store).getAll())))
		db.close()
	}
	return out.join("\n")
})()`

// leaving is the function by which a page tells what it keeps before it gives way to
// another. It stands among the page's own: in a world apart from them, chromedp would ask
// for everything there.
const leaving = "leavingForTests"

// watchPages has what every page of the tab leaves searched, see searchLeft.
func (p *page) watchPages() {
	p.t.Helper()
	err := chromedp.Listen(p.ctx, func(event any) { // which the browser's other events wait for
		if called, is := event.(*runtime.EventBindingCalled); is && called.Name == leaving {
			p.mu.Lock()
			p.left = append(p.left, called.Payload)
			p.mu.Unlock()
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(p.searchLeft)
	p.call(func(ctx context.Context) error {
		// Not pagehide: what is said then does not arrive any more.
		if _, err := chromedp.Call(ctx, runtime.AddBinding, runtime.AddBindingParams{Name: leaving}); err != nil {
			return err
		}
		now := true
		_, err := chromedp.Call(ctx, cdp.AddScriptToEvaluateOnNewDocument, cdp.AddScriptToEvaluateOnNewDocumentParams{
			RunImmediately: &now, Source: `if (self === top) addEventListener("beforeunload", () => ` + leaving + `(JSON.stringify(` + everything + `)))`,
		})
		return err
	})
}

// searchLeft searches the pages that have given way to others.
func (p *page) searchLeft() {
	p.mu.Lock()
	left := p.left
	p.left = nil
	p.mu.Unlock()
	for _, raw := range left {
		p.searchKept([]byte(raw))
	}
}

// searchKept searches the parts of everything.
func (p *page) searchKept(raw []byte) {
	var parts map[string]string
	if err := json.Unmarshal(raw, &parts); err != nil {
		p.watch.Search("a page", raw)
		return
	}
	for name, text := range parts {
		p.watch.Search("the "+name+" of a page", []byte(text))
	}
}

// searchPage searches the page that is there now.
func (p *page) searchPage() {
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	kept, err := chromedp.Run(ctx, chromedp.Evaluate[string](`JSON.stringify(`+everything+`)`))
	if err == nil {
		p.searchKept([]byte(kept))
		kept, err = chromedp.Run(ctx, chromedp.Evaluate[string](databases, chromedp.EvalAwaitPromise))
		p.watch.Search("the IndexedDB of a page", []byte(kept))
	}
	if err == nil {
		err = p.searchCookies(ctx)
	}
	if err != nil && !p.t.Failed() {
		p.t.Errorf("the last page could not be searched: %v", err)
	}
}

// searchCookies searches all of the browser, those too that no script sees.
func (p *page) searchCookies(ctx context.Context) error {
	found, err := chromedp.CallBrowser(ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: p.browserContext()})
	for _, cookie := range found.Cookies {
		plain, _ := url.PathUnescape(cookie.Value)
		p.watch.Search("a cookie", []byte(cookie.Name+"="+cookie.Value+"\n"+plain))
	}
	return err
}

// isFullRun reports whether every test was asked for, and could run.
func isFullRun() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return false
		}
	}
	return !incomplete.Load()
}

// summary says what the net was drawn through, and fails the run that it does not stand for.
func summary(code int) int {
	if err := closeChromium(); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "after the last test: %v\n", err)
		code = max(code, 1)
	}
	said, passed := verdict(canaries, append(slices.Sorted(maps.Keys(secrets)), accessToken), isFullRun())
	_, _ = fmt.Fprint(os.Stderr, said)
	if !passed {
		return max(code, 1)
	}
	return code
}

// verdict: no hit may come, not even too late for its test. In a full run, a secret that
// did its work nowhere is a failure too: then that nobody saw it proves nothing.
func verdict(n *canary.Net, needed []string, full bool) (said string, passed bool) {
	totals, unused := n.Totals(), n.Unused(needed)
	if totals.Places == 0 {
		return "", true
	}
	said = fmt.Sprintf("canaries: %d secrets in %d encodings, %d of them seen in use at peers, looked for in %d places and %.1f GB: %d hits\n",
		totals.Secrets, len(canary.Encodings()), totals.Used, totals.Places, float64(totals.Bytes)/1e9, totals.Hits)
	if full && len(unused) > 0 {
		return said + "canaries: no peer ever saw these in use: " + strings.Join(unused, ", ") + "\n", false
	}
	return said, totals.Hits == 0
}
