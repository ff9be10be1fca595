//go:build e2e

package e2e

import (
	"context"
	_ "embed"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"duplex/bridge/testkit"
)

// shownStates returns the states of the page that are looked at in other colours and sizes.
func shownStates(t *testing.T) []scene {
	t.Helper()
	names := []string{
		"home", "turns", "turns read", "live session", "timing", "transcript", "voice agent", "failed connect", "failed turn", "history", "history selected",
		"new service", "tab auth", "tab settings", "settings page", "account", "menu of a session", "commands",
	}
	var out []scene
	for _, state := range states() {
		if slices.Contains(names, state.name) {
			out = append(out, state)
		}
	}
	if len(out) != len(names) {
		t.Fatalf("%d states of %d", len(out), len(names))
	}
	return out
}

//go:embed testdata/forced_colors.js
var forcedColorsScript string

// Where the system chooses the colours, backgrounds are gone: marks, boxes, icons, what is
// chosen and what has the focus are seen all the same, on light ground and, in full, on dark.
func TestNothingIsLostWhereTheSystemChoosesTheColours(t *testing.T) {
	t.Parallel()
	schemes := []string{"light"}
	if testkit.Full() {
		schemes = append(schemes, "dark")
	}
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			s := start(t, t.TempDir())
			p := browse(t, 1440, 900)
			for _, state := range shownStates(t) {
				t.Run(state.name, func(t *testing.T) {
					whole := p.t
					p.t, s.t = t, t
					defer func() { p.t, s.t = whole, whole }()
					p.emulates(scheme, "none")
					state.set(p, s)
					p.settle()
					p.eval(forcedColorsScript)
					t.Log(p.eval(`seen.ordinary()`))
					p.emulates(scheme, "active")
					p.settle()
					for _, check := range []string{"lost", "unmarked", "unfocused"} {
						if found := p.eval(`seen.` + check + `()`); found != "" {
							t.Errorf("%s:\n%s", check, found)
						}
					}
				})
			}
		})
	}
}

// emulates lets the page have a colour scheme, and the colours of the system or its own.
func (p *page) emulates(scheme, forced string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "forced-colors", Value: forced}},
		})
		return err
	}))
}
