package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func (a *apiTest) tryFolders(target string) {
	a.t.Helper()
	viewer := as("vera", "staff")
	a.try(attempt{op: "createFolder", body: `{"name":" Speech "}`, status: 201})
	a.try(attempt{op: "createFolder", body: `{"name":"SPEECH"}`, status: 409})
	a.try(attempt{op: "createFolder", body: `{"name":""}`, status: 400})
	a.try(attempt{op: "createFolder", body: `{"name":"b"}`, edit: viewer, status: 403})
	a.try(attempt{op: "listFolders", status: 200})
	a.try(attempt{op: "listFolders", edit: as("eve", "guests"), status: 403})
	service := idOf(a.t, a.try(attempt{op: "createService", body: `{"name":"in a folder","address":"` + target + `","folder":"speech"}`, status: 201}))
	a.try(attempt{op: "changeService", path: service, body: `{"name":"renamed","folder":"Voice"}`, status: 200})
	a.try(attempt{op: "changeService", path: service, body: `{"name":""}`, status: 400})
	a.try(attempt{op: "changeService", path: "nothing", body: `{"folder":""}`, status: 404})
	a.try(attempt{op: "renameFolder", path: "voice", body: `{"name":"Agents"}`, status: 200})
	a.try(attempt{op: "renameFolder", path: "voice", body: `{"name":"x"}`, status: 404})
	a.try(attempt{op: "renameFolder", path: "Speech", body: `{"name":"AGENTS"}`, status: 409})
	a.try(attempt{op: "emptyFolder", path: "Agents", status: 204})
	a.try(attempt{op: "emptyFolder", path: "nothing", status: 404})
	a.try(attempt{op: "deleteFolder", path: "Agents", status: 204})
	a.try(attempt{op: "deleteFolder", path: "Agents", status: 404})
	a.try(attempt{op: "deleteService", path: service, status: 204})
}

// folders returns the folders that a person sees.
func (m *teammate) folders() []folderSeen {
	m.t.Helper()
	_, raw := m.ask("GET", "/api/folders", "")
	var list struct{ Folders []folderSeen }
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		m.t.Fatal(err)
	}
	return list.Folders
}

type folderSeen struct {
	Name      string `json:"name"`
	Services  int    `json:"services"`
	MayChange bool   `json:"may_change"`
}

// A folder is seen by people who see a service in it, and changed by those who may change
// all of them. Others' private services neither show it nor follow it.
func TestFoldersFollowTheRightsToServices(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben, olga := p.teammate("ada", "dev"), p.teammate("ben", "dev"), p.teammate("olga", "ops")
	address := startPeer(t).address()
	shared, private := ada.saves("shared", address, true), ada.saves("private", address, false)
	moves := func(m *teammate, service, folder, want string) {
		t.Helper()
		status, raw := m.ask("PATCH", "/api/services/"+service, `{"folder":"`+folder+`"}`)
		if got := codeOf(raw); status != http.StatusOK && got != want || status == http.StatusOK && want != "" {
			t.Errorf("%s moves to %q: %d %s", m.name, folder, status, raw)
		}
	}
	moves(ben, shared, "Mine", "owner_required")
	moves(ada, private, "Secret", "")
	sees := func(m *teammate, want ...folderSeen) {
		t.Helper()
		if diff := cmp.Diff(want, m.folders(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", m.name, diff)
		}
	}
	sees(ada, folderSeen{"Secret", 1, true})
	if got := ben.folders(); len(got) != 0 {
		t.Errorf("ben sees %v", got)
	}
	moves(ada, shared, "secret", "") // the folder keeps its spelling
	sees(ada, folderSeen{"Secret", 2, true})
	sees(ben, folderSeen{"Secret", 1, false})
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", "/api/folders/Secret", `{"name":"Open"}`}, {"DELETE", "/api/folders/Secret/services", ""}, {"DELETE", "/api/folders/Secret", ""},
	} {
		if status, raw := ben.ask(c.method, c.path, c.body); codeOf(raw) != "owner_required" {
			t.Errorf("ben: %v: %d %s", c, status, raw)
		}
	}
	if status, raw := olga.ask("PATCH", "/api/folders/Secret", `{"name":"Open"}`); status != http.StatusOK {
		t.Error(status, raw)
	}
	sees(ben, folderSeen{"Open", 1, false})
	if status, raw := ada.ask("DELETE", "/api/folders/open", ""); status != http.StatusNoContent {
		t.Error(status, raw)
	}
	sees(ada)
	var back savedService
	ada.gets("GET", "/api/services/"+shared, "", &back)
	if back.Name != "shared" {
		t.Error("a service went with its folder")
	}
}
