//go:build e2e

package e2e

import (
	"testing"

	"duplex/bridge/demo/emulate"
)

// In a window as narrow as a phone the dialog of folders fits, and what it did can be undone
// while the side list lies over the page.
func TestServiceMovesAndMovesBackOnAPhone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	service := s.saves("Narrator", "Speech")
	p := browse(t, 390, 844)
	p.visit(s.URL + "/services/" + service)
	p.ready()
	p.opensSideList()
	p.chooseIn(service, "Move to folder…")
	p.until(`document.querySelector("[data-testid=move]")?.open`)
	if found := p.eval(sideways); found != "" {
		t.Errorf("scrolls sideways:\n%s", found)
	}
	if !p.is(`(() => {
		const dialog = document.querySelector("[data-testid=move]").getBoundingClientRect()
		return [...document.querySelectorAll("[data-testid=move] :is(button, input)")].every((e) => e.getBoundingClientRect().right < dialog.right - 8)
	})()`) {
		t.Error("parts of the dialog reach its edge")
	}
	p.eval(`document.querySelector("[data-testid=move] .choice[value=out]").click()`)
	p.until(`document.querySelector("[data-testid=toast-action]") !== null`)
	p.until(`((r) => document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2)?.dataset.testid)(document.querySelector("[data-testid=toast-action]").getBoundingClientRect()) === "toast-action"`)
	p.click("toast-action")
	p.until(entryOf(service) + `.closest(".folder")?.dataset.folder === "Speech"`)
}

// The name of a service keeps its room beside the long title of a dialect.
func TestNameOfAServiceIsWholeOnAPhone(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 390, 844)
	p.visit(s.URL + "/services/" + s.emulated("modelarts-chat", emulate.Options{}))
	p.until(`document.querySelector("#dialect-place select")?.checkVisibility()`)
	width := `document.querySelector("[data-testid=service-name]").getBoundingClientRect().width`
	beside := p.eval(width)
	p.eval(`document.querySelector("#dialect-place").style.display = "none"`)
	if alone := p.eval(width); alone != beside {
		t.Errorf("the name has %s px beside the dialect, and %s px alone", beside, alone)
	}
}
