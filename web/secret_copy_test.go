package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// bearerPeer is a service that keeps the Authorization of each handshake.
type bearerPeer struct {
	address string
	mu      sync.Mutex // guards heard
	heard   []string
}

func newBearerPeer(t *testing.T) *bearerPeer {
	t.Helper()
	peer := &bearerPeer{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer.mu.Lock()
		peer.heard = append(peer.heard, r.Header.Get("Authorization"))
		peer.mu.Unlock()
		if conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}); err == nil {
			_, _, _ = conn.Read(r.Context())
		}
	}))
	t.Cleanup(server.Close)
	peer.address = strings.Replace(server.URL, "http", "ws", 1)
	return peer
}

func (b *bearerPeer) last() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.heard) == 0 {
		return ""
	}
	return b.heard[len(b.heard)-1]
}

// A copy of a service has its secrets where the one who copies entered them and they may
// go there; in all other cases they are asked for.
func TestCopyOfAServiceHasItsSecretsForTheSameTargetAndOwner(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	peer, elsewhere := newBearerPeer(t), newBearerPeer(t)
	ada, ben, olga := p.teammate("ada", "dev"), p.teammate("ben", "dev"), p.teammate("olga", "ops")
	original := ada.saves("of ada", peer.address, true)
	private := ada.saves("of ada alone", peer.address, false)
	copies := func(m *teammate, from, address, credential string) (int, string) {
		return m.ask("POST", "/api/services", fmt.Sprintf(`{"name":%q,"address":%q,"credential":%s,"copy_secrets_from":%q}`,
			"copy by "+m.name+" "+address+credential, address, credential, from))
	}
	const bearer = `{"kind":"bearer"}`
	status, raw := copies(ada, original, peer.address+"/other/path", bearer)
	if status != http.StatusCreated || strings.Contains(raw, "token-of-theirs") {
		t.Fatalf("the copy: %d %s", status, raw)
	}
	var saved savedService
	if err := json.Unmarshal([]byte(raw), &saved); err != nil {
		t.Fatal(err)
	}
	ada.opens(saved.ID)
	if got := peer.last(); got != "Bearer token-of-theirs" {
		t.Errorf("the copy sends %q", got)
	}
	if status, raw := ada.ask("DELETE", "/api/services/"+original, ""); status != http.StatusNoContent {
		t.Fatalf("delete: %d %s", status, raw)
	}
	ada.opens(saved.ID) // the copy has a secret of its own
	if got := peer.last(); got != "Bearer token-of-theirs" {
		t.Errorf("without the original the copy sends %q", got)
	}
	const rows = `"headers":[{"name":"Authorization","value":%q,"secret":true}]`
	var withRow savedService
	ada.gets("POST", "/api/services", fmt.Sprintf(`{"name":"row of ada","address":%q,`+rows+`}`, peer.address, "Key row-of-ada"), &withRow)
	var rowCopy savedService
	ada.gets("POST", "/api/services", fmt.Sprintf(`{"name":"copied row","address":%q,`+rows+`,"copy_secrets_from":%q}`, peer.address, "", withRow.ID), &rowCopy)
	ada.opens(rowCopy.ID)
	if got := peer.last(); got != "Key row-of-ada" {
		t.Errorf("the copy of a secret header sends %q", got)
	}
	for _, c := range []struct {
		who     *teammate
		address string
	}{{ben, peer.address}, {ada, elsewhere.address}} {
		status, raw := c.who.ask("POST", "/api/services", fmt.Sprintf(`{"name":"no","address":%q,`+rows+`,"copy_secrets_from":%q}`, c.address, "", withRow.ID))
		if codeOf(raw) != "missing_secret" || !strings.Contains(raw, `"headers[0].value"`) {
			t.Errorf("%s copies a secret header to %s: %d %s", c.who.name, c.address, status, raw)
		}
	}
	original = ada.saves("of ada again", peer.address, true)
	for _, c := range []struct {
		who                       *teammate
		from, address, credential string
		want                      string
	}{
		{ada, original, elsewhere.address, bearer, "missing_secret"},
		{ada, original, peer.address, `{"kind":"api_key"}`, "missing_secret"},
		{ben, original, peer.address, bearer, "missing_secret"},
		{olga, original, peer.address, bearer, "missing_secret"}, // an admin did not enter it either
		{ben, private, peer.address, bearer, "service_not_found"},
		{ada, "01a20000-0000-7000-8000-000000000000", peer.address, bearer, "service_not_found"},
	} {
		if status, raw := copies(c.who, c.from, c.address, c.credential); codeOf(raw) != c.want {
			t.Errorf("%s copies to %s with %s: %d %s", c.who.name, c.address, c.credential, status, raw)
		}
	}
	if status, raw := copies(ben, original, peer.address, `{"kind":"bearer","token":"token-of-ben"}`); status != http.StatusCreated {
		t.Errorf("a copy with a token of its own: %d %s", status, raw)
	}
	if got := elsewhere.last(); got != "" {
		t.Errorf("elsewhere heard %q", got)
	}
}

// The secrets of the demo are everybody's; one that an admin put in their place is not.
func TestCopyOfADemoHasOnlyTheSecretsOfTheDemo(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	peer := newBearerPeer(t)
	ben, olga := p.teammate("ben", "dev"), p.teammate("olga", "ops")
	var list struct{ Services []savedService }
	ben.gets("GET", "/api/services", "", &list)
	i := slices.IndexFunc(list.Services, func(s savedService) bool { return s.Demo != "" && s.Credential["kind"] == "bearer" })
	if i < 0 {
		t.Fatal("no demo service with a bearer token")
	}
	demo := list.Services[i]
	copies := func(address string) (int, string) {
		return ben.ask("POST", "/api/services", fmt.Sprintf(
			`{"name":%q,"address":%q,"credential":{"kind":"bearer"},"copy_secrets_from":%q}`, "copy of "+address, address, demo.ID))
	}
	if status, raw := copies(demo.Address); status != http.StatusCreated {
		t.Errorf("a copy of the demo: %d %s", status, raw)
	}
	olga.gets("PUT", "/api/services/"+demo.ID, fmt.Sprintf(
		`{"name":%q,"address":%q,"shared":true,"credential":{"kind":"bearer","token":"token-of-olga"}}`, demo.Name, peer.address), &demo)
	if status, raw := copies(peer.address); codeOf(raw) != "missing_secret" {
		t.Errorf("a copy with the token of an admin: %d %s", status, raw)
	}
}
