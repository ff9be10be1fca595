//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A scene is a state of the page for a picture.
type scene struct {
	name string
	set  func(p *page, s *server)
}

func scenes() []scene {
	failing := func(address string) func(*page, *server) {
		return func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", strings.ReplaceAll(address, "DEMO", strings.TrimPrefix(demoHost(s), "ws://")))
			p.click("connect")
			p.until(`!document.querySelector("[data-testid=diagnosis]").hidden`)
		}
	}
	return []scene{
		{"stream", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
			p.connect()
			p.fill("prompt", "What are the limits of a real-time service?")
			p.click("send")
			p.untilCount(30)
			p.click("tab-messages")
			p.until(`document.querySelector("[data-testid=log]").dataset.count >= 90`)
			p.eval(`[...document.querySelectorAll("[data-testid=row][data-direction=received]")].at(-8).click() ?? ""`)
			p.until(`document.querySelector("[data-testid=detail-body]")?.textContent.length > 20`)
		}},
		{"empty", func(p *page, s *server) { p.visit(s.URL + "/connect") }},
		{"connecting", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", mute(s.t)+"/v1/infers/nothing/ws")
			p.click("connect")
			p.until(`document.querySelector("[data-testid=status]").dataset.state === "connecting"`)
		}},
		{"flood", func(p *page, s *server) {
			p.visit(s.URL + "/connect")
			p.fill("address", s.demo("ticker", "none").Address+"?rate=5000&size=128")
			p.connect()
			p.untilCount(20_000)
		}},
		{"big-json", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("big", "none").ID)
			p.connect()
			p.compose("text", "again")
			p.sent(3)
			p.openRow(3)
			p.until(bodyReady)
		}},
		{"params", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("ticker", "none").ID)
			p.opensTab("params")
		}},
		{"auth", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
			p.opensTab("auth")
		}},
		{"settings", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
			p.opensTab("settings")
		}},
		{"refused-401", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("echo", "aksk").ID)
			p.opensTab("auth")
			p.replaceSecret("secret_key", secrets["aksk.secret_key"])
			p.click("connect")
			p.untilText("diagnosis", "401")
		}},
		{"refused-404", failing("ws://DEMO/v1/infers/00000000-0000-4000-8000-000000000000/ws")},
		{"tls-mismatch", failing("wss://DEMO/v2/infers/de300000-0000-4000-8000-000000000001/echo")},
		{"dns", failing("wss://infer.nowhere.invalid/v1/infers/abc")},
		{"closed-after-one", func(p *page, s *server) {
			p.visit(s.URL + "/services/" + s.demo("close", "none").ID)
			p.connect()
			p.compose("json", `{"text": "hello"}`)
			p.click("send")
			p.until(`document.querySelector("[data-testid=console]").dataset.state === "closed"`)
		}},
		{"languages", func(p *page, s *server) {
			p.visit(s.URL + "/history")
			p.opensSideList()
			p.click("language")
			p.until(`document.querySelector("details.menu[open]") !== null`)
		}},
		{"history", func(p *page, s *server) { p.visit(s.URL + "/history") }},
		{"audit", func(p *page, s *server) { p.visit(s.URL + "/audit") }},
		{"settings-page", func(p *page, s *server) { p.visit(s.URL + "/settings") }},
		{"problem", func(p *page, s *server) { p.visit(s.URL + "/sessions/nothing-here") }},
	}
}

// mute starts a listener that never answers, and returns its address.
func mute(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	return "ws://" + listener.Addr().String()
}

func demoHost(s *server) string {
	address := s.demo("echo", "none").Address
	return address[:strings.Index(address, "/v")]
}

// TestScreenshots makes pictures of the page into the folder DUPLEX_SCREENSHOTS.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("DUPLEX_SCREENSHOTS")
	if folder == "" {
		t.Skip("pictures are made by make screenshots")
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	only := strings.Split(os.Getenv("DUPLEX_SCENES"), ",") // the beginnings of the names of the scenes to take; empty is all
	for _, width := range pictureWidths(t) {
		for _, language := range []string{"en", "zh"} {
			s := start(t, t.TempDir()) // without the sessions of the pictures before
			s.furnish()
			p := browse(t, width, map[bool]int{false: 900, true: 844}[width == 390])
			p.reads(language)
			for _, scene := range slices.Concat(screens(), stateScenes(), turnScenes(), scenes()) {
				if slices.ContainsFunc(only, func(start string) bool { return strings.HasPrefix(scene.name, start) }) {
					p.take(s, scene, filepath.Join(folder, fmt.Sprintf("%s-%s-%d", strings.ReplaceAll(scene.name, " ", "-"), language, width)))
				}
			}
		}
	}
}

// pictureWidths are the widths of the pictures: those of DUPLEX_WIDTHS, or all.
func pictureWidths(tb testing.TB) (widths []int) {
	tb.Helper()
	chosen := os.Getenv("DUPLEX_WIDTHS")
	if chosen == "" {
		return []int{1440, 900, 390}
	}
	for part := range strings.SplitSeq(chosen, ",") {
		width, err := strconv.Atoi(part)
		if err != nil {
			tb.Fatalf("DUPLEX_WIDTHS: %v", err)
		}
		widths = append(widths, width)
	}
	return widths
}

// take makes the pictures of a scene, light and dark.
func (p *page) take(s *server, scene scene, path string) {
	p.t.Helper()
	scene.set(p, s)
	for _, dark := range []bool{false, true} {
		p.dark(dark)
		p.settle()
		p.picture(fmt.Sprintf("%s-%s.png", path, map[bool]string{false: "light", true: "dark"}[dark]))
	}
	p.dark(false)
	if strings.HasSuffix(path, "02-turns-en-1440") {
		p.settle()
		p.picture(filepath.Join("..", "..", "screenshot.png"))
	}
}

// settle waits until the page has drawn twice.
func (p *page) settle() {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](
		`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 150))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
}
