//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"duplex/bridge/speech"
	"duplex/bridge/testkit"
	"duplex/web/internal/canary"
)

// chromium is the one Chromium of the suite. A start costs more than most tests, so each
// test has a browser context of its own in it, with cookies, storage and a cache that
// are its own and stay in memory.
var chromium struct {
	start sync.Once
	err   error
	*chromiumProcess
}

type chromiumProcess struct {
	ctx     context.Context // of its first tab, which no test uses
	close   func()
	profile string // the folder
}

// chromiumProgram finds Chromium, and first its shell without windows, which costs half
// the time.
func chromiumProgram(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{os.Getenv("CHROME_BIN"), "chromium-headless-shell", "chromium", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	missing(tb, "Chromium", "apt-get install chromium-headless-shell")
	return ""
}

// incomplete reports whether a test was skipped because a program is missing.
var incomplete atomic.Bool

// missing skips a test that needs a missing program; in CI it fails the test.
func missing(tb testing.TB, program, install string) {
	tb.Helper()
	incomplete.Store(true)
	testkit.Missing(tb, program, install)
}

// startChromium starts the Chromium of the suite unless it runs.
func startChromium(tb testing.TB) {
	tb.Helper()
	program := chromiumProgram(tb)
	chromium.start.Do(func() { chromium.chromiumProcess, chromium.err = launchChromium(program) })
	if chromium.err != nil {
		tb.Fatal(chromium.err)
	}
}

func launchChromium(program string) (*chromiumProcess, error) {
	profile, err := os.MkdirTemp("", "duplex-chromium-")
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(profile),
	}
	for _, flag := range []string{
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-quic", "hide-scrollbars",
		// The windows of tests that run at the same time are all in front.
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	if os.Getenv("DUPLEX_SCREENSHOTS") != "" { // pictures are of a page with a mouse
		options = append(options, chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"))
	}
	if heard := microphoneFile(profile); heard != "" {
		options = append(options, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
			chromedp.Flag("use-file-for-fake-audio-capture", heard+"%noloop"))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	end := func() {
		_ = chromedp.Cancel(ctx) // it writes its profile before it ends
		cancel()
		stop()
	}
	return &chromiumProcess{ctx: ctx, close: end, profile: profile}, chromedp.Do(ctx)
}

// spokenCommand is what Chromium's microphone hears, once each time it is opened.
const spokenCommand = "turn on the light"

// microphoneFile makes a WAV of the command between silences; "" without a program that
// speaks.
func microphoneFile(folder string) string {
	espeak, err := exec.LookPath("espeak-ng")
	if err != nil {
		return ""
	}
	out, err := exec.Command(espeak, "--stdout", spokenCommand).Output()
	if err != nil {
		return ""
	}
	clip, err := speech.ReadWAV(bytes.NewReader(out), 10<<20)
	if err != nil {
		return ""
	}
	silence := make([]int16, clip.Rate)
	clip.Samples = slices.Concat(silence[:clip.Rate/2], clip.Samples, silence, silence, silence)
	data, err := speech.Encode("s16le", clip.Samples)
	path := filepath.Join(folder, "microphone.wav")
	if err != nil || os.WriteFile(path, append(speech.WAVHeader(clip.Rate, clip.Channels, int64(len(data))), data...), 0o600) != nil {
		return ""
	}
	return path
}

// closeChromium ends the Chromium of the suite and searches its profile. It returns the
// hits as an error.
func closeChromium() error {
	if chromium.chromiumProcess == nil {
		return nil
	}
	chromium.close()
	watch := canaries.Watch()
	err := watch.Files(chromium.profile)
	for _, hit := range watch.Hits() {
		err = errors.Join(err, errors.New(hit.String()))
	}
	if kept.Load() {
		err = errors.Join(err, searchKeepsake())
	}
	return errors.Join(err, os.RemoveAll(chromium.profile))
}

// profileInUse is held by the test that uses the profile on disk: its cookies are common
// to all tabs in it.
var profileInUse sync.Mutex

// keepsake is a text that each page in the profile on disk leaves in its storage. A search
// of the profile that does not find it has searched nothing.
const keepsake = "Wq7Zr2Kx9Lm4Tn6By1Vd keepsake"

// kept reports whether a page has left the keepsake.
var kept atomic.Bool

func searchKeepsake() error {
	watch := canary.New(canary.Secret{Name: "keepsake", Value: keepsake}).Watch()
	if err := watch.Files(chromium.profile); err != nil {
		return err
	}
	if len(watch.Hits()) == 0 {
		return errors.New("the profile does not hold the keepsake of its pages: its search proves nothing")
	}
	return nil
}

// browse opens a tab of the given size, with cookies and storage of its own.
func browse(tb testing.TB, width, height int) *page {
	tb.Helper()
	watch := canaries.Watch()
	tb.Cleanup(func() { report(tb, watch) })
	return openTab(tb, watch, width, height, chromedp.WithNewBrowserContext())
}

// browseOnDisk opens a tab in the profile on disk, for tests that type secrets into pages:
// closeChromium searches it. It waits until no other test uses the profile.
func browseOnDisk(tb testing.TB, width, height int) *page {
	tb.Helper()
	profileInUse.Lock()
	tb.Cleanup(profileInUse.Unlock)
	watch := canaries.Watch()
	tb.Cleanup(func() { report(tb, watch) })
	p := openTab(tb, watch, width, height)
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{})
		return err
	})
	p.onEveryPage(fmt.Sprintf(`try { localStorage.setItem("for the search of the profile", %q) } catch {}`, keepsake))
	kept.Store(true)
	return p
}

func openTab(tb testing.TB, watch *canary.Watch, width, height int, options ...chromedp.ContextOption) *page {
	tb.Helper()
	startChromium(tb)
	// The test's own context ends before the picture of a failure is taken.
	ctx, cancel := chromedp.NewContext(chromium.ctx, options...)
	p := &page{t: tb, ctx: ctx, watch: watch}
	tb.Cleanup(func() {
		if p.t = tb; isWatched(tb) {
			p.searchPage()
		}
		if tb.Failed() {
			p.picture(filepath.Join(picturesFolder, "duplex-failed-"+strings.ReplaceAll(tb.Name(), "/", "-")+".png"))
		}
		cancel()
	})
	// The tab lives as long as the context of the first step: no bound on this one.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Func(prepareTab)); err != nil {
		tb.Fatal(err)
	}
	p.listen()
	if isWatched(tb) {
		p.watchPages()
	}
	return p
}

// prepareTab gives a tab the focus, whatever other tests do in theirs, and ends reports
// that chromedp asks for and no test reads: each message of a socket would be sent once
// more, to us.
func prepareTab(ctx context.Context, _ *chromedp.Target) error {
	_, focus := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	_, requests := chromedp.Call(ctx, network.Disable, cdp.Empty{})
	_, styles := chromedp.Call(ctx, css.Disable, cdp.Empty{})
	return errors.Join(focus, requests, styles)
}

// browserContext is the id of the browser context of a tab; "" in the profile on disk.
func (p *page) browserContext() cdp.BrowserContextID {
	return chromedp.FromContext(p.ctx).BrowserContextID
}
