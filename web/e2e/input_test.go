//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Input that chromedp has no action for: the clipboard, dropped files, the mouse, and a
// slow connection.

// call runs commands of the DevTools protocol in the tab.
func (p *page) call(do func(ctx context.Context) error) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error { return do(ctx) }))
}

// clipboardInUse is held by the test that uses the clipboard: all tabs have the same.
var clipboardInUse sync.Mutex

// allowClipboard lets the page's scripts read and write the clipboard, which a person's
// paste needs no permission for. It waits for the test that uses the clipboard, and may
// be called once in a test.
func (p *page) allowClipboard() {
	p.t.Helper()
	clipboardInUse.Lock()
	p.t.Cleanup(clipboardInUse.Unlock)
	for _, name := range []string{"clipboard-write", "clipboard-read"} {
		p.call(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, browser.SetPermission, browser.SetPermissionParams{
				Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, BrowserContextID: p.browserContext(),
			})
			return err
		})
	}
}

// clipboard returns the text in the clipboard.
func (p *page) clipboard() string {
	p.t.Helper()
	return p.await("navigator.clipboard.readText()")
}

// paste puts the value of a script into the clipboard and presses Ctrl+V. It returns the
// time, in ms, that the browser took to hand the text over: no page can make it shorter.
func (p *page) paste(script string) string {
	p.t.Helper()
	p.eval(`addEventListener("paste", (e) => { const from = performance.now(); e.clipboardData.getData("text/plain"); window.handedOver = performance.now() - from }, {capture: true, once: true})`)
	if refused := p.await(`navigator.clipboard.writeText(` + script + `).then(() => "", String)`); refused != "" {
		p.t.Fatal(refused)
	}
	p.long() // making the text is not the page's work
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeRawKeyDown, Key: "v", Code: "KeyV", WindowsVirtualKeyCode: 86, Modifiers: 2, Commands: []string{"paste"},
		})
		return err
	})
	return p.eval(`Math.round(window.handedOver)`)
}

// key presses a key that has no character.
func (p *page) key(name string, code int64, modifiers int64) {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p.call(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code, Modifiers: modifiers,
			})
			return err
		})
	}
}

// drop drops a file on the middle of an element.
func (p *page) drop(selector, path string) {
	p.t.Helper()
	x, y := p.middle(selector)
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{path}, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		p.call(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: x, Y: y, Data: data})
			return err
		})
	}
}

// hover moves the mouse to the middle of an element.
func (p *page) hover(selector string) {
	p.t.Helper()
	x, y := p.middle(selector)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, input.MouseButtonNone, x, y)
}

// rightClick presses the other button on an element.
func (p *page) rightClick(selector string) {
	p.t.Helper()
	x, y := p.middle(selector)
	p.mouse(input.DispatchMouseEventTypeMousePressed, input.MouseButtonRight, x, y)
	p.mouse(input.DispatchMouseEventTypeMouseReleased, input.MouseButtonRight, x, y)
}

// clicked presses or releases the left button, as press number count in a row.
func (p *page) clicked(kind input.DispatchMouseEventType, x, y float64, count int64) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: count})
		return err
	})
}

func (p *page) mouse(kind input.DispatchMouseEventType, button input.MouseButton, x, y float64) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: button, ClickCount: 1})
		return err
	})
}

func (p *page) middle(selector string) (x, y float64) {
	p.t.Helper()
	at := p.eval(fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return (r.left + r.right) / 2 + " " + (r.top + r.bottom) / 2 })()`, selector))
	if _, err := fmt.Sscan(at, &x, &y); err != nil {
		p.t.Fatal(err)
	}
	return x, y
}

// write inserts text at the caret.
func (p *page) write(text string) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// refuse makes requests for addresses that match a pattern fail; without patterns none.
func (p *page) refuse(patterns ...*network.BlockPattern) {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: patterns})
		return err
	})
}

// slow limits uploads of the page, in bytes per second; 0 means no limit.
func (p *page) slow(bytes float64) {
	p.t.Helper()
	conditions := []*network.Conditions{}
	if bytes > 0 {
		conditions = append(conditions, &network.Conditions{URLPattern: "", DownloadThroughput: -1, UploadThroughput: bytes})
	}
	p.call(func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions})
		return err
	})
}

// watchLong records tasks of more than 50 ms from now on.
func (p *page) watchLong() {
	p.t.Helper()
	p.eval(`(() => { window.long = []; new PerformanceObserver((l) => { for (const e of l.getEntries()) long.push(Math.round(e.duration)) }).observe({type: "longtask"}) })()`)
}

// long returns the durations, in ms, of the long tasks since its last call.
func (p *page) long() string {
	p.t.Helper()
	p.settle()
	return p.eval(`(window.long ?? []).splice(0).join(" ")`)
}

// logLong logs the long tasks of a step. It fails only for a task of more than 2 s, in
// which a page seems to hang: shorter ones depend on the machine.
func (p *page) logLong(t *testing.T, step string) {
	t.Helper()
	const guard = 2000
	found := p.long()
	t.Logf("%s: tasks of more than 50 ms: [%s]", step, found)
	for ms := range strings.FieldsSeq(found) {
		if n, err := strconv.Atoi(ms); err != nil || n > guard {
			t.Errorf("%s: the page stood still for %s ms", step, ms)
		}
	}
}
