//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The pages beside the console have no barrier that axe knows, and nothing beyond their
// edges, at each width, and in both themes in both languages.
func TestPagesFitEveryWidth(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "static", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	sentences := englishSentences(t)
	s := start(t, t.TempDir())
	useAudited(t, s)
	s.chatted("Why does a request timeout end it?")
	for _, walk := range []struct {
		language string
		width    int
		isDark   bool
	}{{"en", 1440, false}, {"en", 390, true}, {"zh", 900, true}, {"zh", 390, false}} {
		t.Run(fmt.Sprintf("%s at %d", walk.language, walk.width), func(t *testing.T) {
			t.Parallel()
			p := browse(t, walk.width, 844)
			p.reads(walk.language)
			p.dark(walk.isDark)
			for _, path := range []string{"/history", "/history?q=timeout", "/history?in=messages&q=e", "/audit", "/settings", "/settings/identity", "/account", "/sessions/nothing-here"} {
				p.visit(s.URL + path)
				p.until(`document.readyState === "complete" && document.querySelector("[data-testid=history]:not([data-ready])") === null`)
				p.settle()
				if wide := p.eval(`document.scrollingElement.scrollWidth - innerWidth`); wide != "0" {
					t.Errorf("%s scrolls sideways by %s px", path, wide)
				}
				outside := `[...document.querySelectorAll("main *")].filter((e) => e.checkVisibility({contentVisibilityAuto: true}) && !e.closest("details:not([open]) > :not(summary), .table-scroll") && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 200)).join("\n")`
				if found := p.eval(outside); found != "" {
					t.Errorf("%s: beyond the edge:\n%s", path, found)
				}
				if walk.language == "zh" {
					p.checkChinese(t, path, sentences)
				}
				p.checkBarriers(t, path, string(source), walk.isDark)
			}
		})
	}
}

// The choices of a person are kept by the browser, and the account shows them to everybody.
func TestComposerIsWhereAPersonChooses(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/account")
	p.until(`document.querySelector("[data-testid=composer-bottom]").checked`)
	p.click("composer-top")
	p.until(`localStorage.getItem("duplex.composer") === "top"`)
	p.visit(s.URL + "/settings")
	p.until(`document.querySelector("[data-testid=composer-top]").checked`)
}

// The first page that a browser gets is in UTC; from then on the server knows its time zone.
func TestServerLearnsTheTimeZone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	s.end(s.said("none", "apple"))
	p := browse(t, 1440, 900)
	p.inZone("Pacific/Kiritimati")
	p.visit(s.URL + "/history")
	p.until(`document.querySelector("[data-testid=history]").dataset.ready === "1" && document.querySelector("[data-testid=history]").dataset.shown === "1"`)
	first := p.eval(`document.querySelector(".h-at").textContent + document.querySelector(".day").textContent.replace(/\s+/g, " ")`)
	p.visit(s.URL + "/history")
	p.until(`document.querySelector("[data-testid=history]").dataset.zone === "Pacific/Kiritimati" && document.querySelector("[data-testid=history]").dataset.ready === "1"`)
	if second := p.eval(`document.querySelector(".h-at").textContent + document.querySelector(".day").textContent.trim().replace(/\s+/g, " ")`); second != first {
		t.Errorf("the script says %q, and the server %q", first, second)
	}
}
