package bridge_test

import (
	"testing"

	"duplex/bridge"
)

// Viewers at the same place share the rows and their forms; others get their own.
func TestViewersAtTheSamePlaceShareRows(t *testing.T) {
	s := open(t, newHub(t, newMemory(), 0), peer(t, echo))
	watch := func(after int64) bridge.Update {
		t.Helper()
		c := s.Watch(bridge.Viewer{ID: "v"}, after)
		defer c.Close()
		for {
			u, err := c.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(u.Rows) > 0 {
				return u
			}
		}
	}
	made := 0
	form := func(u bridge.Update) string {
		t.Helper()
		raw, err := u.Forms.Form("f", func() ([]byte, error) {
			made++
			return []byte{byte(made)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	first, second := watch(0), watch(0)
	if &first.Rows[0] != &second.Rows[0] || form(first) != form(second) || made != 1 {
		t.Errorf("two viewers share nothing: %d forms", made)
	}
	if _, err := s.Send(t.Context(), text("more")); err != nil {
		t.Fatal(err)
	}
	longer, behind := watch(0), watch(1)
	if len(longer.Rows) <= len(first.Rows) || behind.Rows[0].Seq != 2 || form(longer) == form(first) || form(behind) == form(longer) {
		t.Errorf("rows from %d to %d, and from %d", longer.Rows[0].Seq, longer.Rows[len(longer.Rows)-1].Seq, behind.Rows[0].Seq)
	}
}
