//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// fox is a tab of headless Firefox.
type fox struct {
	t       testing.TB
	browser *bidi
	tab     string // the id of its browsing context
}

// browseFirefox opens a tab in a Firefox of its own.
func browseFirefox(tb testing.TB) *fox {
	tb.Helper()
	watch, profile := canaries.Watch(), tb.TempDir()
	tb.Cleanup(func() { // runs last: Firefox has ended and has written its profile
		if err := watch.Files(profile); err != nil {
			tb.Errorf("search the profile of Firefox: %v", err)
		}
		report(tb, watch)
	})
	f := &fox{t: tb, browser: startFirefox(tb, profile)}
	f.call("script.addPreloadScript", object{"functionDeclaration": `() => {
		window.violations = []
		document.addEventListener("securitypolicyviolation", (v) => violations.push(v.effectiveDirective + " " + v.blockedURI))
	}`}, nil)
	var opened struct{ Context string }
	f.call("browsingContext.create", object{"type": "tab"}, &opened)
	f.tab = opened.Context
	f.call("browsingContext.setViewport", object{"context": f.tab, "viewport": object{"width": 1440, "height": 900}}, nil)
	return f
}

func (f *fox) call(method string, params, result any) {
	f.t.Helper()
	if err := f.browser.call(f.t.Context(), method, params, result); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fox) visit(url string) {
	f.t.Helper()
	f.call("browsingContext.navigate", object{"context": f.tab, "url": url, "wait": "complete"}, nil)
}

func (f *fox) reload() {
	f.t.Helper()
	f.call("browsingContext.reload", object{"context": f.tab, "wait": "complete"}, nil)
}

// eval returns the value of a JavaScript expression, or of the promise that it is, as
// String makes it a text.
func (f *fox) eval(expression string) string {
	f.t.Helper()
	var out struct {
		Type             string
		Result           struct{ Value json.RawMessage }
		ExceptionDetails struct{ Text string }
	}
	f.call("script.evaluate", object{
		"expression": "(async () => String(await (" + expression + ")))()", "awaitPromise": true, "target": object{"context": f.tab},
	}, &out)
	var text string
	if out.Type != "success" || json.Unmarshal(out.Result.Value, &text) != nil {
		f.t.Fatalf("%s: %s", expression, out.ExceptionDetails.Text)
	}
	return text
}

// until waits for a JavaScript expression to be true.
func (f *fox) until(expression string) {
	f.t.Helper()
	poll := fmt.Sprintf(`(async () => {
		const end = performance.now() + %d
		while (!(%s)) {
			if (performance.now() > end) return document.body.innerText
			await new Promise((done) => setTimeout(done, 20))
		}
		return true
	})()`, (40 * time.Second).Milliseconds(), expression)
	if said := f.eval(poll); said != "true" {
		f.t.Fatalf("never became true: %s; the page says: %.600s", expression, said)
	}
}

// click presses the middle of an element with the mouse.
func (f *fox) click(selector string) {
	f.t.Helper()
	f.until(fmt.Sprintf(`document.querySelector(%[1]q) !== null && document.querySelector(%[1]q).disabled !== true`, selector))
	var found struct{ Nodes []struct{ SharedID string } }
	f.call("browsingContext.locateNodes", object{"context": f.tab, "locator": object{"type": "css", "value": selector}, "maxNodeCount": 1}, &found)
	element := object{"type": "element", "element": object{"sharedId": found.Nodes[0].SharedID}}
	f.act(object{"type": "pointer", "id": "mouse", "actions": []object{
		{"type": "pointerMove", "x": 0, "y": 0, "origin": element}, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
	}})
}

// Keys of the keyboard that have no character, as WebDriver numbers them.
const (
	foxControl = "\ue009"
	foxEnter   = "\ue007"
)

// keys presses the keys of a text one after another, those in held all the while.
func (f *fox) keys(text string, held ...string) {
	f.t.Helper()
	var actions []object
	press := func(kind, key string) { actions = append(actions, object{"type": kind, "value": key}) }
	for _, key := range held {
		press("keyDown", key)
	}
	for _, key := range text {
		press("keyDown", string(key))
		press("keyUp", string(key))
	}
	for _, key := range held {
		press("keyUp", key)
	}
	f.act(object{"type": "key", "id": "keyboard", "actions": actions})
}

func (f *fox) act(source object) {
	f.t.Helper()
	f.call("input.performActions", object{"context": f.tab, "actions": []object{source}}, nil)
}

// A walk over the main road in another engine: connect, stream, send, search, detail,
// reload.
func TestFirefoxWalksThroughASession(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	f := browseFirefox(t)
	f.visit(s.URL + "/services/" + s.demo("stream", "none").ID)
	f.until(composerBuilt)
	f.click("[data-testid=connect]")
	f.until(`document.querySelector("[data-testid=console]").dataset.state === "open"`)

	f.click("[data-testid=mode-raw]")
	f.click("[data-testid=tab-messages]")
	f.click("[data-testid=composer]")
	f.until(`document.querySelector("[data-testid=composer]").dataset.ready === "1"`)
	f.click("[data-testid=composer] .cm-content")
	f.keys("a", foxControl)
	f.keys(`{"prompt": "a walk in Firefox"}`)
	f.keys(foxEnter, foxControl)
	count := `Number(document.querySelector("[data-testid=log]").dataset.count)`
	f.until(count + ` > 3`)
	early := f.eval(count)
	f.until(count + ` > ` + early) // rows come one by one
	f.until(`[...document.querySelectorAll("[data-testid=row][data-direction=received]")].at(-1)?.textContent.includes("chat.completion.chunk")`)
	f.until(`[...document.querySelectorAll("[data-testid=row][data-direction=received]")].at(-1)?.textContent.includes("usage")`) // the last row of an answer
	session := f.eval("location.pathname")

	f.click("[data-testid=search]")
	f.keys("walk in Firefox" + foxEnter)
	f.until(`document.querySelector("[data-testid=row] mark:not([hidden])")?.textContent === "walk in Firefox"`)
	f.click("[data-testid=row][data-direction=sent]")
	f.until(`document.querySelector("[data-testid=detail-body]").dataset.ready === "1" && document.querySelector("[data-testid=detail-body]").innerText.includes("walk in Firefox")`)

	all := f.eval(count)
	if errors := f.browser.consoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
	f.reload()
	f.until(`document.querySelector("[data-testid=console]")?.dataset.state === "open" && ` + count + ` === ` + all)
	f.until(`document.querySelector("[data-testid=log]").dataset.shown === "` + all + `" && document.querySelectorAll("[data-testid=row]").length > 3`)
	if now := f.eval("location.pathname"); now != session {
		t.Errorf("after the reload the page is %s and was %s", now, session)
	}
	if found := f.eval(`violations.join("\n")`); found != "" {
		t.Errorf("violations of the page's policy:\n%s", found)
	}
	for _, text := range f.browser.consoleErrors() {
		if !strings.Contains(text, session[len("/sessions/"):]+"/attach") { // the socket that the reload cut
			t.Errorf("after the reload, the console says %q", text)
		}
	}
}
