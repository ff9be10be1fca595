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

// Every test searches all output of its programs and pages for known secrets.

// onConsole is the place of secrets in messages of the console.
const onConsole = "the console of a page"

// isWatched reports whether a test searches for secrets. Benchmarks do not, because they
// measure, nor do the pictures, which show no address of a tap.
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

// tapped opens a tap in front of the program, and returns arguments that put the program
// behind it.
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

// searchFiles searches the data directory: the database and its WAL, before the next start
// merges them.
func (s *server) searchFiles() {
	s.t.Helper()
	if err := s.watch.Files(s.Data); err != nil {
		s.t.Errorf("search %s: %v", s.Data, err)
	}
}

// search searches the traffic, the files and the log of a program that has ended.
func (s *server) search() {
	s.t.Helper()
	if s.tap == nil {
		return
	}
	s.tap.Close()
	s.searchFiles()
	s.watch.Search("the program's log", []byte(s.log()))
}

// command runs a subcommand of the program to its end and searches its output.
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
	watch.Search("the output of duplex "+args[0], raw)
	report(tb, watch)
	return string(raw), cmd.ProcessState.ExitCode()
}

// pageContent is the document of a page, its address and its storage. The values of fields
// are not part of it.
const pageContent = `(() => {
	const kept = (storage) => { try { return Object.entries(storage()).flat().join("\n") } catch { return "" } }
	return {
		document: document.documentElement.outerHTML, address: location.href, title: document.title,
		cookies: kept(() => ({cookie: document.cookie})), local: kept(() => localStorage), session: kept(() => sessionStorage),
	}
})()`

// databases is the content of the page's IndexedDB.
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

// leaving is the name of a function that a page calls with its content before it is left.
// It is in the main world of the page: with an isolated one, chromedp would evaluate every
// expression there.
const leaving = "leavingForTests"

// watchPages keeps the content of each page of the tab that is left, for searchLeft.
func (p *page) watchPages() {
	p.t.Helper()
	err := chromedp.Listen(p.ctx, func(event any) { // must be quick: other events wait for it
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
		// Not pagehide: a call in it does not arrive any more.
		if _, err := chromedp.Call(ctx, runtime.AddBinding, runtime.AddBindingParams{Name: leaving}); err != nil {
			return err
		}
		now := true
		_, err := chromedp.Call(ctx, cdp.AddScriptToEvaluateOnNewDocument, cdp.AddScriptToEvaluateOnNewDocumentParams{
			RunImmediately: &now, Source: `if (self === top) addEventListener("beforeunload", () => ` + leaving + `(JSON.stringify(` + pageContent + `)))`,
		})
		return err
	})
}

// searchLeft searches the pages that were left since the last call.
func (p *page) searchLeft() {
	p.mu.Lock()
	left := p.left
	p.left = nil
	p.mu.Unlock()
	for _, raw := range left {
		p.searchKept([]byte(raw))
	}
}

// searchKept searches the parts of a page's content.
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

// searchPage searches the current page, its databases and the cookies.
func (p *page) searchPage() {
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	kept, err := chromedp.Run(ctx, chromedp.Evaluate[string](`JSON.stringify(`+pageContent+`)`))
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

// searchCookies searches all cookies, including those hidden from scripts.
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

// summary ends the browser, prints the extent of the search, and returns the exit code: not
// 0 after a hit, or after a full run that did not use every secret.
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

// verdict fails for a hit, also one that came after its test had ended. In a full run it
// fails for a secret that no peer has seen in use: not finding that one proves nothing.
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
