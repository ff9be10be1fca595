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

func TestSessionIsPinnedInHistory(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	id := s.said("none", "apple")
	s.end(id)
	p.visit(s.URL + "/history")
	button := fmt.Sprintf(`document.querySelector('[data-testid=history-row][data-id="%s"] [data-testid=history-pin]')`, id)
	for _, pinned := range []bool{true, false} {
		p.until(button + `?.hidden === false && !` + button + `.disabled`)
		p.eval(button + `.click()`)
		p.until(fmt.Sprintf(`%s.getAttribute("aria-pressed") === "%t"`, button, pinned))
		var state wire.State
		s.call(http.MethodGet, "/api/sessions/"+id, nil, &state)
		if state.Pinned != pinned {
			t.Errorf("pinned is %v", state.Pinned)
		}
	}
}
