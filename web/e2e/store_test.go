//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"duplex/bridge/wire"
)

// Every page shows a warning while the database file is gone.
func TestPageSaysWhatIsWrongWithTheStore(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := start(t, data)
	session := s.open(object{"service": s.demo("echo", "none").ID})
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/sessions/" + session)
	p.until(`document.querySelector("[data-testid=store]").hidden`)
	if err := os.Rename(data, data+".moved"); err != nil {
		t.Fatal(err)
	}
	p.untilText("store", "The database file is missing")
	if err := os.Rename(data+".moved", data); err != nil {
		t.Fatal(err)
	}
	p.until(`document.querySelector("[data-testid=store]").hidden`)
}

func TestSessionIsPinnedByItsMenu(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	id := s.said("none", "apple")
	s.end(id)
	p.visit(s.URL + "/history")
	for _, pinned := range []bool{true, false} {
		p.until(pastRow(id, "[data-testid=history-more]") + ` !== null`)
		p.eval(pastRow(id, "[data-testid=history-more]") + `.click()`)
		word := map[bool]string{true: "Pin", false: "Unpin"}[pinned]
		p.eval(fmt.Sprintf(`[...document.querySelectorAll("[data-testid=menu] [role=menuitem]")].find((item) => item.textContent === %q).click()`, word))
		p.until(fmt.Sprintf(`(%s !== null) === %t`, pastRow(id, "[data-testid=history-pin]"), pinned))
		var state wire.State
		s.call(http.MethodGet, "/api/sessions/"+id, nil, &state)
		if state.Pinned != pinned {
			t.Errorf("pinned is %v", state.Pinned)
		}
	}
}
