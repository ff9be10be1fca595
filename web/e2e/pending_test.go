//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duplex/bridge/demo/emulate"
)

// pendingShown is true while the view that is shown has a message that is on its way.
const pendingShown = `[...document.querySelectorAll("[data-testid=turn-pending][data-fate=sending], [data-testid=row-unsettled][data-fate=sending]")].some((place) => place.getClientRects().length > 0)`

// slowSends delays all that a page sends, while window.isSlow is set.
const slowSends = `(() => {
	const delayed = (real) => function (...args) {
		if (!window.isSlow) return real.apply(this, args)
		return new Promise((resolve) => setTimeout(() => resolve(real.apply(this, args)), 500))
	}
	WebSocket.prototype.send = delayed(WebSocket.prototype.send)
	XMLHttpRequest.prototype.send = delayed(XMLHttpRequest.prototype.send)
	window.fetch = delayed(window.fetch)
})()`

// sendsVisibly presses Send, and demands that the next frame shows what is sent, until it is
// sent once.
func (p *page) sendsVisibly(t *testing.T, what string) {
	t.Helper()
	p.until(`!document.querySelector(".write:not([hidden]) [data-testid=send]").disabled`)
	before := p.eval(`document.querySelector("[data-testid=log]").dataset.count`)
	shown := p.await(`(async () => {
		window.isSlow = true
		document.querySelector(".write:not([hidden]) [data-testid=send]").click()
		const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
		let frames = 0
		for (; frames < 60 && !` + pendingShown + `; frames++) await painted()
		window.isSlow = false
		return String(frames)
	})()`)
	// The frame that was under way when Send was pressed, and the next one.
	if shown != "0" && shown != "1" && shown != "2" {
		t.Errorf("%s: shown as sending after %s frames", what, shown)
	}
	p.until(`document.querySelector("[data-testid=turn-pending], [data-testid=row-unsettled]") === null`)
	p.until(`Number(document.querySelector("[data-testid=log]").dataset.count) > ` + before)
}

// writePrompt puts a text into the prompt at once, however long it is.
func (p *page) writePrompt(length int) {
	p.t.Helper()
	p.click("mode-prompt")
	p.putPrompt("word ", length/5)
}

// writeLongPrompt writes a prompt that is longer than a socket takes.
func (p *page) writeLongPrompt(words string) {
	p.t.Helper()
	p.putPrompt(words, 200_000/len(words))
}

func (p *page) putPrompt(words string, times int) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => {
		const prompt = document.querySelector("[data-testid=prompt]")
		prompt.value = %q.repeat(%d)
		prompt.dispatchEvent(new Event("input", {bubbles: true}))
	})()`, words, times))
}

// Every way to send shows at once what is on its way, in every view that has a composer.
func TestEverySendIsShownAsSendingInTheNextFrame(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "bytes.bin")
	if err := os.WriteFile(file, []byte(strings.Repeat("\x00\xff", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browse(t, 1440, 900)
	p.onEveryPage(slowSends)
	p.visit(s.URL + "/services/" + s.emulated("modelarts-chat", emulate.Options{Answer: "An answer.", Interval: time.Millisecond}))
	p.connect()
	for _, view := range []string{"turns", "messages"} {
		p.click("tab-" + view)
		p.writePrompt(100)
		p.sendsVisibly(t, "a prompt in "+view)
		p.writePrompt(200_000)
		p.sendsVisibly(t, "a long prompt in "+view)
		p.click("mode-raw")
		for _, size := range []int{100, 200_000} {
			p.compose("text", strings.Repeat("raw ", size/4))
			p.sendsVisibly(t, fmt.Sprintf("text of %d bytes in %s", size, view))
		}
		p.attachFile(file)
		p.sendsVisibly(t, "a file in "+view)
	}

	p.visit(s.URL + "/services/" + s.emulated("vosk", emulate.Options{Answer: "turn on the light"}))
	p.connect()
	p.click("tab-turns")
	p.click("mode-raw")
	p.compose("text", `{"type": "unknown"}`)
	p.sendsVisibly(t, "text in the transcript")
}

// A long prompt that was not sent stays with its reason, and is sent once when it is tried again.
func TestLongPromptThatWasNotSentCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.onEveryPage(`(() => {
		const real = window.fetch
		window.fetch = (url, ...rest) => (window.breaks && String(url).endsWith("/ask") ? Promise.reject(new TypeError("cut")) : real(url, ...rest))
	})()`)
	p.visit(s.URL + "/services/" + s.emulated("modelarts-chat", emulate.Options{Answer: "An answer.", Interval: time.Millisecond}))
	p.connect()
	p.eval(`window.breaks = true`)
	p.writePrompt(200_000)
	p.click("send")
	p.until(`document.querySelector("[data-testid=turn-pending][data-fate=failed] .turn-reason")?.textContent.length > 0`)
	p.until(`document.querySelector("[data-testid=prompt-problem]").dataset.level === "error"`)
	p.eval(`window.breaks = false`)
	p.click("try-again-prompt")
	p.untilTurn(1, "done")
	p.until(`document.querySelector("[data-testid=turn-pending]") === null && document.querySelector("[data-testid=prompt-problem]").dataset.level !== "error"`)
	p.settle()
	if n := p.eval(`document.querySelectorAll("[data-testid=turn]").length`); n != "1" {
		t.Errorf("%s turns of one prompt", n)
	}
}
