//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/web/internal/store"
)

func foldersChangeWhole(t *testing.T, o store.Options) {
	s := open(t, o)
	chat, echo := bridge.Service{Name: "chat", Folder: "Speech"}, bridge.Service{Name: "echo"}
	save(t, s, &chat, secrets("token", "t0k3n"))
	save(t, s, &echo, nil)
	change := func(c bridge.FolderChange) {
		t.Helper()
		c.Person = "ann"
		if err := s.ChangeFolders(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	check := func(chatIn, echoIn string, made ...string) {
		t.Helper()
		got, err := s.Folders(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Services(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append([]string{chatIn, echoIn}, made...), append([]string{list[0].Folder, list[1].Folder}, got...)); diff != "" {
			t.Errorf("folders (-want +got):\n%s", diff)
		}
	}
	change(bridge.FolderChange{Keep: "Voice"})
	change(bridge.FolderChange{Keep: "VOICE"})
	check("Speech", "", "VOICE")
	change(bridge.FolderChange{Drop: "Speech", Keep: "Hearing", To: "Hearing", Services: []string{chat.ID, "gone"}})
	check("Hearing", "", "Hearing", "VOICE")
	change(bridge.FolderChange{Drop: "hearing", Services: []string{chat.ID}})
	check("", "", "VOICE")
	if others, err := s.Folders(t.Context(), "ben"); err != nil || len(others) != 0 {
		t.Errorf("ben has %v, %v", others, err)
	}
	wantErr(t, s.ChangeFolders(t.Context(), bridge.FolderChange{Person: "ann", Keep: "nul\x00"}), store.ErrBadText)

	name, folder := "Renamed", "Voice"
	if err := s.ChangeService(t.Context(), chat.ID, bridge.ServiceChange{Name: &name, Folder: &folder}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Service(t.Context(), "", "renamed")
	if err != nil || got.ID != chat.ID || got.Folder != folder || got.Secrets["token"].Fingerprint == "" {
		t.Errorf("changed: %+v, %v", got, err)
	}
	wantErr(t, s.ChangeService(t.Context(), echo.ID, bridge.ServiceChange{Name: &name}), store.ErrNameTaken)
	wantErr(t, s.ChangeService(t.Context(), "gone", bridge.ServiceChange{}), store.ErrNotFound)
}
