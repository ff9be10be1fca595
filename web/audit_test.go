package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // to tamper with the file

	"duplex/bridge/audit"
	"duplex/bridge/wire"
	"duplex/web/internal/config"
)

// auditLine holds the fields of an entry that these tests read.
type auditLine struct {
	PersonName  string `json:"person_name"`
	Action      string
	Session     string
	ServiceName string `json:"service_name"`
	Target      string
	Outcome     string
	Detail      string
}

func TestAuditLogTellsTheStoryOfASession(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	service := p.demo("echo", "aksk")
	state := p.open(object{"service": service.ID})
	p.rows(state.ID, "") // one's own, from just now: no news
	p.do("GET", "/api/sessions/"+state.ID+"/export?format=txt", "", nil)
	p.call("POST", "/api/sessions/"+state.ID+"/close", object{"code": 4000}, http.StatusOK, nil)
	p.refused("POST", "/api/sessions", object{"service": service.ID, "credential": object{"kind": "bearer", "token": "of-nobody"}}, http.StatusBadGateway)
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(p.url, "http")+"/relay/"+p.demo("echo", "bearer").ID+"/",
		&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {p.url}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	p.stop() // the relay is over then for sure
	want := []string{
		"admin.start ok identity none; targets loopback,private",
		"session.open ok", "secret.use ok secret_key", "export ok txt", "session.close ok code 4000",
		"session.open ok", "session.refused failed handshake_refused",
		"relay.open ok", "secret.use ok token", "relay.close ok sent 0, received 0",
		"admin.stop ok",
	}
	var got []string
	_, out := command(t, "audit", "export", "--data", p.data)
	for line := range strings.Lines(out) {
		var e auditLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		got = append(got, strings.TrimSpace(e.Action+" "+e.Outcome+" "+e.Detail))
		if e.Action == "export" && (e.Session != state.ID || e.ServiceName != service.Name || e.Target == "" || e.PersonName != "local") {
			t.Errorf("%+v", e)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("story (-want +got):\n%s", diff)
	}
}

// A person who lets a secret go elsewhere could read it there, and a deleted transcript
// can be read no more: both leave an entry.
func TestAuditLogTellsWhereSecretsMayGoAndWhatWasDeleted(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, olga := p.teammate("ada", "dev"), p.teammate("olga", "ops")
	m := p.makes(t, true, "bound elsewhere")
	var out object
	ada.gets("PUT", "/api/services/"+m.service+"/secrets/token", `{"targets":["elsewhere.example"],"tls":true}`, &out)
	p.teammate("ben", "dev").tries(call{"PUT", ""}, "/api/services/"+m.service+"/secrets/token", `{"tls":false}`)
	ada.gets("POST", "/api/sessions/"+m.session+"/close", `{}`, &out)
	if came, raw := ada.tries(call{"DELETE", ""}, "/api/sessions/"+m.session, ""); came != "204" {
		t.Fatal(came, raw)
	}
	for action, want := range map[string]auditLine{
		"secret.bind":    {PersonName: "ada", ServiceName: "bound elsewhere", Outcome: "ok", Detail: "token: wss://elsewhere.example"},
		"session.delete": {PersonName: "ada", ServiceName: "bound elsewhere", Outcome: "ok", Session: m.session},
	} {
		var log struct{ Entries []auditLine }
		olga.gets("GET", "/api/audit?action="+action, "", &log)
		want.Action = action
		for i := range log.Entries {
			log.Entries[i].Target = ""
		}
		if diff := cmp.Diff([]auditLine{want}, log.Entries); diff != "" {
			t.Errorf("%s (-want +got):\n%s", action, diff)
		}
	}
}

// read returns the readers of a session and the actions that the log has for them.
func (m *teammate) read(session string) (got []string) {
	m.t.Helper()
	for _, action := range []string{"share", "transcript.read"} {
		var log struct{ Entries []auditLine }
		m.gets("GET", "/api/audit?action="+action, "", &log)
		for _, e := range log.Entries {
			if e.Session == session {
				got = append(got, e.PersonName+" "+action)
			}
		}
	}
	return got
}

// A search shows its hits and the text around them.
func TestAuditLogTellsWhoReadsThroughASearch(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben, olga := p.teammate("ada", "dev"), p.teammate("ben", "dev"), p.teammate("olga", "ops")
	m := p.makes(t, true, "searched")
	ada.gets("POST", "/api/sessions/"+m.session+"/messages?opcode=text&client_id=c1", "needle", &object{})
	if _, raw := ben.ask("GET", "/api/search?q=nothing-like-it", ""); strings.Contains(raw, m.session) {
		t.Fatal(raw)
	}
	if got := olga.read(m.session); got != nil {
		t.Errorf("found nothing: %q", got)
	}
	for range 2 { // once an hour
		if _, raw := ben.ask("GET", "/api/search?q=needle", ""); !strings.Contains(raw, m.session) {
			t.Fatal(raw)
		}
	}
	if got := olga.read(m.session); !slices.Equal(got, []string{"ben share"}) {
		t.Errorf("found: %q", got)
	}
}

// Who has handed a session over reads another's from then on.
func TestAuditLogTellsWhoReadsWhatTheyHandedOver(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben, olga := p.teammate("ada", "dev"), p.teammate("ben", "dev"), p.teammate("olga", "ops")
	m := p.makes(t, true, "handed over")
	v := ben.watches(m.session, 0)
	v.awaitState(func(s *wire.State) bool { return len(s.Viewers) == 1 })
	ada.gets("POST", "/api/sessions/"+m.session+"/owner", `{"viewer":"`+v.state.Viewers[0].ID+`"}`, &object{})
	ada.gets("GET", "/api/sessions/"+m.session+"/messages", "", &object{})
	if got := olga.read(m.session); !slices.Equal(got, []string{"ada share", "ben share"}) {
		t.Errorf("read by %q", got)
	}
}

// Behind a proxy everybody has one address: who was refused is told apart by who it is.
func TestAuditLogTellsEverybodyWhoIsRefused(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	for _, name := range []string{"eve", "mallory", "eve"} {
		if came, raw := p.teammate(name, "staff").tries(call{"GET", ""}, "/api/people", ""); came != "role_required" {
			t.Fatal(came, raw)
		}
	}
	var log struct{ Entries []auditLine }
	p.teammate("olga", "ops").gets("GET", "/api/audit?action=signin.refused", "", &log)
	var got []string
	for _, e := range log.Entries {
		got = append(got, e.PersonName+" "+e.Detail)
	}
	if !slices.Equal(got, []string{"mallory role_required", "eve role_required"}) {
		t.Errorf("refused: %q", got)
	}
}

// Relays that are cut by the end of the program are told of before its own.
func TestAuditLogEndsWithTheStop(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	const relays = 40
	at := "ws" + strings.TrimPrefix(p.url, "http") + "/relay/" + p.demo("echo", "none").ID + "/"
	for range relays {
		conn, _, err := websocket.Dial(t.Context(), at, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {p.url}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.CloseNow() })
		go func() { _, _, _ = conn.Read(t.Context()) }() // answers the close frame
	}
	p.stop()
	_, out := command(t, "audit", "export", "--data", p.data)
	if n := strings.Count(out, `"relay.close"`); n != relays {
		t.Errorf("%d of %d relays ended", n, relays)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, `"admin.stop"`) {
		t.Errorf("the last entry is %s", last)
	}
}

func TestAuditLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	const canary = "canary-Zq8x7Xw2kR5tY1uN4"
	echo := p.demo("echo", "none").Address
	for _, credential := range []object{
		{"kind": "bearer", "token": canary},
		{"kind": "query", "name": "key", "value": canary},
		{"kind": "header", "name": "X-Key", "value": canary},
		{"kind": "aksk", "access_key": "AK", "secret_key": canary},
	} {
		var saved, opened struct{ ID string }
		service := object{
			"name": credential["kind"], "address": echo + "?token=" + canary, "credential": credential,
			"headers": []object{{"name": "X-Trace", "value": canary}},
		}
		p.call("POST", "/api/services", service, http.StatusCreated, &saved)
		p.call("POST", "/api/sessions", object{"service": saved.ID}, http.StatusCreated, &opened)
		p.send(opened.ID, "text", "", canary)
		p.call("POST", "/api/sessions/"+opened.ID+"/close", object{"reason": canary}, http.StatusOK, nil)
		p.call("PUT", "/api/services/"+saved.ID, service, http.StatusOK, nil)
		p.refused("POST", "/api/sessions", object{"service": saved.ID, "address": "ws://127.0.0.1:9/" + canary}, http.StatusForbidden) // it is bound to the service
		p.call("DELETE", "/api/services/"+saved.ID, nil, http.StatusNoContent, nil)
	}
	_, lines := p.do("GET", "/api/audit?format=jsonl", "", nil)
	_, page := p.do("GET", "/audit", "", nil)
	if n := bytes.Count(lines, []byte("secret.")); n < 8 {
		t.Errorf("only %d entries of secrets", n)
	}
	for place, raw := range map[string][]byte{"export": lines, "page": page} {
		if bytes.Contains(raw, []byte(canary)) {
			t.Errorf("the secret stands in the %s", place)
		}
	}
}

func TestAuditIsVerifiedBesideTheRunningServer(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	echo := p.echo()
	code, out := command(t, "audit", "verify", "--data", p.data)
	_, head, _ := strings.Cut(strings.TrimSpace(out), "head ")
	if code != 0 || !strings.HasPrefix(out, "audit log intact: entries 1 to 2, head 2:") {
		t.Fatalf("%d %s", code, out)
	}
	var state wire.State
	p.call("GET", "/api/sessions/"+echo.ID, nil, http.StatusOK, &state)
	if state.State != "open" {
		t.Errorf("verifying ended a session: %s", state.State)
	}
	p.echo()
	if code, out := command(t, "audit", "verify", "--since", head, "--data", p.data); code != 0 {
		t.Errorf("since a head of before: %d %s", code, out)
	}
	other := "2:" + strings.Repeat("0", 64)
	if code, out := command(t, "audit", "verify", "--since="+other, "--data", p.data); code != 1 || !strings.Contains(out, "entry 2 is not the one that was noted") {
		t.Errorf("since a head of elsewhere: %d %s", code, out)
	}
	if !strings.Contains(p.logs.String(), `"audit log" action=admin.start head=1:`) {
		t.Errorf("no head in the log at start:\n%s", p.logs)
	}
}

func TestServerNoticesABrokenLog(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.echo()
	p.stop()
	tamper(t, p.data, "update audit set person_name = 'somebody' where seq = 2")
	p = startProgram(t, "--data", p.data)
	var page struct {
		Chain struct {
			Intact bool
			Broken struct {
				Seq  int64
				Kind string
			}
		}
	}
	p.call("GET", "/api/audit", nil, http.StatusOK, &page)
	if c := page.Chain; c.Intact || c.Broken.Seq != 2 || c.Broken.Kind != "edited" {
		t.Errorf("%+v", c)
	}
	if _, html := p.do("GET", "/audit", "", nil); !bytes.Contains(html, []byte("Entry 2 was edited")) {
		t.Error("the page does not say so")
	}
	p.echo()                                                                            // the action is written all the same
	for !strings.Contains(p.logs.String(), `"audit log is broken" seq=2 kind=edited`) { // as it does in its own time
		p.do("GET", "/healthz", "", nil)
	}
}

// Entries are checked more than once: one may be edited after the first check.
func TestWholeLogIsCheckedAgain(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.echo()
	p.stop()
	ctx := t.Context()
	st, err := openLedger(ctx, config.Config{Data: p.data, KeyFile: filepath.Join(p.data, "keys")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	l := auditLog{Store: st, checker: new(atomic.Pointer[audit.Checker])}
	l.checker.Store(st.AuditChecker())
	if s := l.AuditStanding(ctx); s.Broken != nil || s.Checked.Seq != 3 {
		t.Fatalf("%+v", s)
	}
	tamper(t, p.data, "update audit set person_name = 'somebody' where seq = 2")
	if s := l.AuditStanding(ctx); s.Broken != nil {
		t.Errorf("read again what was checked: %+v", s)
	}
	if err := l.checkAll(ctx); err == nil || l.AuditStanding(ctx).Broken == nil {
		t.Errorf("checked again: %v, %+v", err, l.AuditStanding(ctx))
	}
}

func tamper(t *testing.T, data, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "duplex.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "pragma busy_timeout = 10000; "+statement); err != nil {
		t.Fatal(err)
	}
}

func TestAuditCommandSaysWhatItWants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"audit", 2, "duplex audit verify"},
		{"audit delete", 2, "duplex audit verify"},
		{"audit verify --since 12", 2, "want seq:hash"},
		{"audit verify --since", 2, "want seq:hash"},
		{"audit verify --nothing", 2, "nothing"},
		{"audit verify --data DIR", 1, "--data names"},
	} {
		code, out := command(t, strings.Fields(strings.ReplaceAll(c.args, "DIR", t.TempDir()))...)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: %d %s", c.args, code, out)
		}
	}
	empty := t.TempDir()
	if _, out := command(t, "audit", "export", "--data", empty); out == "" {
		t.Error("a directory without a key file was taken")
	}
	if names, _ := filepath.Glob(empty + "/*"); len(names) != 0 {
		t.Errorf("it made %s", fmt.Sprint(names))
	}
}
