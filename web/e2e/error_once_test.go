//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"duplex/bridge/demo/emulate"
)

const noticeSeen = `document.querySelector("[data-testid=session-notice]").checkVisibility()`

// An error inside a message of a session that goes on is told once: by its turn, with what it
// means, and by the notice where turns are not shown.
func TestErrorInAMessageIsToldOnce(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for _, dialect := range []string{"openai-realtime", "modelarts-chat"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			e, _ := emulate.Find(dialect)
			p := browse(t, 1440, 900)
			p.prompted(s.URL+"/services/"+s.emulated(dialect, emulate.Options{Fault: e.Faults[0]}), "Only direct ones, please.")
			p.untilTurn(1, "failed")
			p.until(`/^CONNECTED, error in message #\d+$/.test(document.querySelector("[data-testid=status]").textContent)`)
			p.settle()
			if p.is(noticeSeen) {
				t.Error("the notice tells what the turn tells")
			}
			about := p.eval(`document.querySelector("[data-testid=session-notice] p").firstChild.textContent.trim()`)
			p.until(fmt.Sprintf(`document.querySelector("[data-testid=turn-error] .fix").textContent === %q`, about))
			p.click("tab-messages")
			p.until(noticeSeen)
			p.click("tab-turns")
			p.until(`!` + noticeSeen)
		})
	}
}

// The end of a session with an error leaves the address of a phone its room.
func TestEndWithAnErrorLeavesTheAddressItsRoom(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 390, 844)
	p.visit(s.URL + "/services/" + s.demo("close", "none").ID + "?view=messages")
	p.connect()
	p.compose("json", `{"text": "hello"}`)
	p.click("send")
	p.until(`document.querySelector("[data-testid=console]").dataset.state === "closed" && document.querySelector(".phase[data-tone=failed] .elapsed")?.textContent !== ""`)
	const least = 140 // px
	if width := p.eval(`Math.round(document.querySelector("[data-testid=address]").getBoundingClientRect().width)`); p.is(fmt.Sprintf("%s < %d", width, least)) {
		t.Errorf("the address has %s px beside %q", width, p.eval(`document.querySelector(".phase").innerText`))
	}
}

// The error in a binary message has its words in the log, live and later.
func TestErrorInABinaryMessageHasItsWordsInTheLog(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/" + s.emulated("volcengine-asr", emulate.Options{Fault: "55000031"}))
	p.click("connect")
	p.until(`document.querySelector("[data-testid=console]").dataset.state === "closed"`)
	p.until(noticeSeen)
	p.untilText("session-notice", "“55000031: server busy”")
	for range 2 {
		p.opensTab("messages")
		p.until(`document.querySelector("[data-testid=row][data-seq='3']")?.textContent.includes("server busy")`)
		p.do(chromedp.Reload())
		p.until(`document.querySelector("[data-testid=console]").dataset.state === "closed"`)
	}
}
