//go:build e2e

package e2e

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/zoom.js
var zoomScript string

// A window of 1440 by 900 at 200 % has 720 by 450 px: nothing scrolls sideways, no control is
// cut off, and all are reached by the focus.
func TestEverythingIsReachedAt200Percent(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 720, 450)
	p.do(chromedp.EmulateViewport(720, 450, chromedp.EmulateScale(2)))
	for _, state := range shownStates(t) {
		t.Run(state.name, func(t *testing.T) {
			whole := p.t
			p.t, s.t = t, t
			defer func() { p.t, s.t = whole, whole }()
			state.set(p, s)
			p.settle()
			p.eval(zoomScript)
			if found := p.eval(sideways); found != "" {
				t.Errorf("scrolls sideways:\n%s", found)
			}
			for _, check := range []string{"cutOff", "crowded", "outOfReach"} {
				if found := p.eval(`zoom.` + check + `()`); found != "" {
					t.Errorf("%s:\n%s", check, found)
				}
			}
		})
	}
}

// The log keeps three rows above a long message in the composer.
func TestALongMessageLeavesRoomForTheLogAt200Percent(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 720, 450)
	p.do(chromedp.EmulateViewport(720, 450, chromedp.EmulateScale(2)))
	p.visit(s.URL + "/services/" + s.demo("echo", "none").ID)
	p.dial()
	p.compose("text", strings.Repeat("a line\n", 30))
	p.sent(3)
	p.openRow(3)
	p.settle()
	p.eval(zoomScript)
	if found := p.eval(`zoom.crowded()`) + p.eval(`zoom.cutOff()`); found != "" {
		t.Error(found)
	}
}
