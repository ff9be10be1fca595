//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"duplex/web/internal/canary"
)

// page is a tab of Chromium.
type page struct {
	t     testing.TB
	ctx   context.Context
	watch *canary.Watch

	mu       sync.Mutex // guards the fields below
	problems []string   // errors and policy violations on the console
	left     []string   // the contents of pages that were left, until they are searched
}

// listen collects the messages of the console. Policy violations are among its errors.
func (p *page) listen() {
	messages, watched := chromedp.Console(p.ctx), isWatched(p.t)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			text := fmt.Sprintf("%+v", m)
			if watched {
				p.watch.Search(onConsole, []byte(text))
			}
			if strings.Contains(text, "rror") || strings.Contains(text, "Content Security Policy") {
				p.mu.Lock()
				p.problems = append(p.problems, text)
				p.mu.Unlock()
			}
		}
	}()
}

// unexpected returns the errors on the console that contain none of the allowed words.
func (p *page) unexpected(allowed ...string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
next:
	for _, text := range p.problems {
		for _, word := range allowed {
			if strings.Contains(text, word) {
				continue next
			}
		}
		out = append(out, text)
	}
	return out
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

func id(testid string) chromedp.CSS {
	return chromedp.CSS(fmt.Sprintf(`[data-testid=%q]`, testid))
}

func (p *page) visit(url string) { p.t.Helper(); p.do(chromedp.Navigate(url)) }

// click presses a part of the page once it is enabled: a press on a button that the press
// before has yet to enable would be lost.
func (p *page) click(testid string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector('[data-testid=%q]')?.disabled !== true`, testid))
	p.press(string(id(testid)))
}

// press presses the middle of an element once that stays where it is, and of the next one like
// it where the element goes before it was pressed.
func (p *page) press(selector string) {
	p.t.Helper()
	p.comes(2*time.Second, fmt.Sprintf(`((at) => {
		const now = at ? [at.x, at.y, at.width, at.height].join() : ""
		const stays = now !== "" && now === window.pressedAt
		window.pressedAt = now
		return stays && delete window.pressedAt
	})(document.querySelector(%q)?.getBoundingClientRect())`, selector))
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Minute)
	defer cancel()
	if err := acrossPages(ctx, func() error { return chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))) }); err != nil {
		p.t.Fatal(err)
	}
}

// until waits for a JavaScript expression to be true.
func (p *page) until(expression string) {
	p.t.Helper()
	p.within(time.Minute, expression)
}

// scrollLog scrolls the log to a place, in px from the first row, and waits until it stays
// there: a list that still follows new rows goes back to its end at first.
func (p *page) scrollLog(top int) {
	p.t.Helper()
	p.until(fmt.Sprintf(`((list, top) => {
		if (window.scrolledTo === top && Math.abs(list.scrollTop - top) < 2) return delete window.scrolledTo
		window.scrolledTo = list.scrollTop = top
		return false
	})(document.querySelector(".log-list"), %d)`, top))
}

// within is until with a limit of its own.
func (p *page) within(limit time.Duration, expression string) {
	p.t.Helper()
	if err := p.polls(limit, expression); err != nil {
		p.t.Fatalf("never became true: %s: %v; the page says: %.600s", expression, err, p.eval("document.body.innerText"))
	}
}

// comes waits for an expression, and reports whether it became true in time.
func (p *page) comes(limit time.Duration, expression string) bool {
	p.t.Helper()
	return p.polls(limit, expression) == nil
}

// polls evaluates an expression until it is true; the error is that of the last time.
func (p *page) polls(limit time.Duration, expression string) error {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	quiet := "(() => { try { return !!(" + expression + ") } catch { return false } })()" // a page that is being left has no parts
	poll := chromedp.Poll[bool](quiet, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(limit))
	return acrossPages(ctx, func() error {
		_, err := chromedp.Run(ctx, poll)
		return err
	})
}

// acrossPages calls do again when it failed because the page was left: the next page
// answers.
func acrossPages(ctx context.Context, do func() error) error {
	for {
		err := do()
		if answer, ok := errors.AsType[*cdproto.Error](err); !ok || answer.Code != -32000 || ctx.Err() != nil {
			return err
		}
	}
}

func (p *page) untilText(testid, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(document.querySelector('[data-testid=%q]')?.textContent ?? "").includes(%q)`, testid, text))
}

func (p *page) eval(expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// fill replaces the value of an input as a person would.
func (p *page) fill(testid, value string) {
	p.t.Helper()
	p.do(chromedp.Focus(id(testid)), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.activeElement.select?.() ?? true, true`))
		return err
	}), chromedp.SendKeys(id(testid), value))
}

// choose sets the value of a select and fires its change event.
func (p *page) choose(testid, value string) {
	p.t.Helper()
	p.eval(fmt.Sprintf(`(() => { const s = document.querySelector('[data-testid=%q]'); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true})); return s.value })()`, testid, value))
}

func (p *page) dark(on bool) {
	p.t.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
		})
		return err
	}))
}

// inZone puts the browser into a time zone.
func (p *page) inZone(zone string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		return err
	}))
}

func (p *page) picture(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(path, png, 0o644)
	}
	if err != nil {
		p.t.Logf("picture %s: %v", path, err)
	}
}
