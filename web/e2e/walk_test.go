//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"duplex/bridge/demo"
)

// A hand is how a person reaches the parts of the page: by keys alone or by the mouse alone,
// apart from text, which is typed or pasted.
type hand struct {
	*page
	isKeys bool
}

// mostTabs is the number of presses of Tab after which a part counts as out of reach.
const mostTabs = 120

// reaches moves the focus to a part by Tab.
func (h hand) reaches(selector string) {
	h.t.Helper()
	at := fmt.Sprintf(`document.activeElement?.matches(%q) === true`, selector)
	for range mostTabs {
		if h.is(at) {
			return
		}
		h.do(chromedp.KeyEvent(kb.Tab))
	}
	h.t.Fatalf("%s is not reached by %d presses of Tab", selector, mostTabs)
}

// presses activates a button or follows a link.
func (h hand) presses(selector string) {
	h.t.Helper()
	h.until(fmt.Sprintf(`document.querySelector(%q)?.checkVisibility() === true`, selector))
	if !h.isKeys {
		h.press(selector)
		return
	}
	h.reaches(selector)
	h.do(chromedp.KeyEvent(kb.Enter))
}

// writes puts a text into a field, in place of its text.
func (h hand) writes(selector, text string) {
	h.t.Helper()
	if h.isKeys {
		h.reaches(selector)
	} else {
		h.press(selector)
	}
	h.ctrl("a")
	h.write(text)
}

// picks chooses an option of a select. A list of the system cannot be driven by the mouse
// without a screen, so both hands choose by the keys of the focused select.
func (h hand) picks(selector, value string) {
	h.t.Helper()
	if h.isKeys {
		h.reaches(selector)
	} else {
		h.do(chromedp.Focus(chromedp.CSS(selector)))
	}
	h.do(chromedp.KeyEvent(kb.Home))
	for range 30 {
		if h.is(fmt.Sprintf(`document.querySelector(%q).value === %q`, selector, value)) {
			return
		}
		h.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	h.t.Fatalf("%s has no option %s", selector, value)
}

// A newcomer tries the demo, sets up a service until its wrong token is mended, hears
// speech written down, shares a session, finds an old answer and exports it.
func TestNewcomerWalksByKeyboardAlone(t *testing.T) {
	t.Parallel()
	walk(t, true)
}

func TestNewcomerWalksByMouseAlone(t *testing.T) {
	t.Parallel()
	walk(t, false)
}

func walk(t *testing.T, isKeys bool) {
	t.Helper()
	s := start(t, t.TempDir())
	h := hand{browse(t, 1440, 900), isKeys}
	h.allowClipboard()

	h.visit(s.URL + "/")
	h.startReady()
	h.presses("[data-testid=start-stream]")
	h.untilTurn(1, "done")
	h.until(`!document.querySelector("[data-testid=prompt]").disabled`)
	h.writes("[data-testid=prompt]", "Where do the lighthouse keepers sleep?")
	h.ctrlEnterOr("[data-testid=send]")
	h.untilTurn(2, "done")
	answered := h.session()

	h.setsUpAService(s)
	h.hearsSpeech(s)

	h.presses("[data-testid=share]")
	h.until(`document.querySelector("[data-testid=share-panel]").matches(":popover-open")`)
	h.presses("[data-testid=share-copy]")
	// Where the clipboard is not to be had, the link is selected instead.
	h.until(`document.querySelector("[data-testid=toast]").textContent !== "" || document.activeElement.dataset.testid === "share-link"`)
	if link := h.eval(`document.querySelector("[data-testid=share-link]").value`); !strings.HasSuffix(link, "/sessions/"+h.session()) {
		t.Errorf("the link is %q", link)
	}
	h.do(chromedp.KeyEvent(kb.Escape))

	h.presses(`#sidebar a[href="/history"]`)
	h.until(`document.querySelector("[data-testid=history]")?.dataset.ready === "1"`)
	h.writes("[data-testid=history-search]", "lighthouse keepers")
	h.until(`document.querySelector("[data-testid=found-hit]") !== null`)
	h.presses("[data-testid=found-hit]")
	h.until(`location.pathname === "/sessions/` + answered + `"`)
	h.until(`document.querySelector('[data-turn="2"]')?.checkVisibility() === true`)

	h.presses("[data-testid=export]")
	h.until(`document.querySelector("[data-testid=export-jsonl]").checkVisibility()`)
	if h.isKeys {
		h.reaches("[data-testid=export-jsonl]")
	} else {
		h.hover("[data-testid=export-jsonl]")
	}
	href := h.eval(`document.querySelector("[data-testid=export-jsonl]").getAttribute("href")`)
	if _, exported := s.call(http.MethodGet, href, nil, nil); !strings.Contains(string(exported), "lighthouse keepers") {
		t.Errorf("%s gives %.200q", href, exported)
	}
}

// ctrlEnterOr sends by the shortcut or by the button.
func (h hand) ctrlEnterOr(button string) {
	h.t.Helper()
	h.until(fmt.Sprintf(`!document.querySelector(%q).disabled`, button))
	if h.isKeys {
		h.ctrlEnter()
	} else {
		h.press(button)
	}
}

// setsUpAService makes a service with a wrong token, which the gateway refuses, and mends it.
func (h hand) setsUpAService(s *server) {
	h.t.Helper()
	echo := s.demo("echo", "token")
	h.presses("#new-service")
	h.until(`document.querySelector("[data-testid=new-service-page]") !== null`)
	h.startReady()
	h.writes("[data-testid=address]", echo.Address)
	h.writes("[data-testid=service-name]", "Answers")
	h.until(`!document.querySelector("[data-testid=dialect-suggested]").hidden`)
	h.picks("[data-testid=dialect]", "") // an echo has no answers: its view is Messages
	h.picks("[data-testid=auth-kind]", "token")
	h.writes("[data-testid=auth-token]", "M"+strings.Repeat("x", 400))
	h.presses("[data-testid=connect]")
	h.until(`document.querySelector("[data-testid=diagnosis]")?.hidden === false`)
	h.untilText("diagnosis", "401")
	h.presses("[data-testid=diagnosis] [data-testid=action]")
	h.presses("[data-testid=auth-token-replace]")
	h.until(`document.activeElement?.matches("[data-testid=auth-token]") === true`)
	h.write(demo.Token)
	h.presses("[data-testid=connect]")
	h.untilOpen()
	h.presses("[data-testid=tab-messages]")
	h.writes("[data-testid=composer] .cm-content, [data-testid=composer] textarea", "hello")
	h.ctrlEnterOr("[data-testid=send]")
	h.untilCount(3)
}

// hearsSpeech plays the recording of the first page to the recogniser.
func (h hand) hearsSpeech(s *server) {
	h.t.Helper()
	h.presses(`#sidebar .brand a[href="/"]`)
	h.startReady()
	h.presses("[data-testid=start-speech]")
	h.until(`/You speak to the demo/.test(document.querySelector("[data-testid=turns]")?.textContent ?? "")`)
	var list struct{ Sessions []object }
	s.call(http.MethodGet, "/api/sessions", nil, &list)
	if len(list.Sessions) < 3 {
		h.t.Errorf("%d sessions", len(list.Sessions))
	}
}
