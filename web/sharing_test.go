package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// teammate is somebody who comes through the proxy.
type teammate struct {
	*program

	name, groups string
}

func (p *program) teammate(name, groups string) *teammate { return &teammate{p, name, groups} }

// ask makes a request and returns the status with the body.
func (m *teammate) ask(method, path, body string) (int, string) {
	m.t.Helper()
	kind := "application/json"
	if method == "POST" && strings.Contains(path, "opcode=") {
		kind = "application/octet-stream"
	}
	res, raw := m.do(method, path, kind, strings.NewReader(body), as(m.name, m.groups))
	return res.StatusCode, string(raw)
}

// gets makes a request that must succeed and decodes the answer.
func (m *teammate) gets(method, path, body string, out any) {
	m.t.Helper()
	status, raw := m.ask(method, path, body)
	if status/100 != 2 {
		m.t.Fatalf("%s: %s %s: %d %s", m.name, method, path, status, raw)
	}
	if err := json.Unmarshal([]byte(raw), out); err != nil {
		m.t.Fatal(err)
	}
}

// saves saves a service and returns its id.
func (m *teammate) saves(name, address string, shared bool) string {
	m.t.Helper()
	var saved savedService
	m.gets("POST", "/api/services", fmt.Sprintf(`{"name":%q,"address":%q,"shared":%t,"credential":{"kind":"bearer","token":"token-of-theirs"}}`, name, address, shared), &saved)
	return saved.ID
}

// opens opens a session of a service and returns its id.
func (m *teammate) opens(service string) string {
	m.t.Helper()
	var opened wire.State
	m.gets("POST", "/api/sessions", `{"service":"`+service+`"}`, &opened)
	return opened.ID
}

func (m *teammate) watches(session string, after int64) *viewer {
	m.t.Helper()
	return m.attach(session, after, func(h http.Header) {
		r := &http.Request{Header: h}
		as(m.name, m.groups)(r)
	})
}

// call is a route of the API, as it is documented.
type call struct{ method, path string }

// callsOf returns every documented call that names a service or a session.
func callsOf(t *testing.T, p *program) []call {
	t.Helper()
	return slices.DeleteFunc(documented(t, p), func(c call) bool {
		return !strings.Contains(c.path, "{service}") && !strings.Contains(c.path, "{session}")
	})
}

// outcome holds the status of a call with a service of the team and a running session of
// it: for its owner and an admin, for another member, and for a viewer.
type outcome struct {
	body                  string
	owner, member, viewer string // "200", or the code of the error
}

var outcomes = map[call]outcome{
	{"GET", "/api/services/{service}"}:                         {"", "200", "200", "200"},
	{"PUT", "/api/services/{service}"}:                         {`{"name":"NAME","address":"ADDRESS"}`, "200", "owner_required", "role_required"},
	{"PATCH", "/api/services/{service}"}:                       {`{"folder":"Speech"}`, "200", "owner_required", "role_required"},
	{"DELETE", "/api/services/{service}"}:                      {"", "204", "owner_required", "role_required"},
	{"PUT", "/api/services/{service}/secrets/{field}"}:         {`{"tls":false}`, "200", "not_secret_owner", "role_required"},
	{"GET", "/api/services/{service}/messages"}:                {"", "200", "200", "200"},
	{"POST", "/api/services/{service}/messages"}:               {"hello", "201", "201", "role_required"},
	{"GET", "/api/services/{service}/messages/{message}"}:      {"", "200", "200", "200"},
	{"PUT", "/api/services/{service}/messages/{message}"}:      {"hello", "200", "200", "role_required"},
	{"PATCH", "/api/services/{service}/messages/{message}"}:    {`{"name":"other"}`, "200", "200", "role_required"},
	{"DELETE", "/api/services/{service}/messages/{message}"}:   {"", "204", "204", "role_required"},
	{"GET", "/api/services/{service}/messages/{message}/body"}: {"", "200", "200", "200"},
	{"GET", "/api/sessions/{session}"}:                         {"", "200", "200", "200"},
	{"DELETE", "/api/sessions/{session}"}:                      {"", "session_running", "owner_required", "role_required"},
	{"POST", "/api/sessions/{session}/close"}:                  {`{"code":1000}`, "200", "owner_required", "role_required"},
	{"PUT", "/api/sessions/{session}/pin"}:                     {`{"pinned":true}`, "200", "owner_required", "role_required"},
	{"PUT", "/api/sessions/{session}/name"}:                    {`{"name":"ours"}`, "200", "owner_required", "role_required"},
	{"PUT", "/api/sessions/{session}/access"}:                  {`{"rights":"send"}`, "200", "owner_required", "role_required"},
	{"POST", "/api/sessions/{session}/owner"}:                  {`{"viewer":"somebody"}`, "viewer_gone", "owner_required", "role_required"},
	{"GET", "/api/sessions/{session}/attach"}:                  {"", "101", "101", "101"},
	{"GET", "/api/sessions/{session}/export"}:                  {"", "200", "200", "200"},
	{"GET", "/api/sessions/{session}/messages"}:                {"", "200", "200", "200"},
	{"POST", "/api/sessions/{session}/messages"}:               {"hello", "201", "watch_only", "role_required"},
	{"GET", "/api/sessions/{session}/labels"}:                  {"", "200", "200", "200"},
	{"GET", "/api/sessions/{session}/messages/{seq}"}:          {"", "200", "200", "200"},
	{"POST", "/api/services/{service}/ask"}:                    {`{"text":"hi"}`, "no_dialect", "no_dialect", "role_required"},
	{"PUT", "/api/sessions/{session}/dialect"}:                 {`{"dialect":""}`, "200", "owner_required", "role_required"},
	{"GET", "/api/sessions/{session}/series"}:                  {"", "200", "200", "200"},
	{"GET", "/api/sessions/{session}/turns"}:                   {"", "200", "200", "200"},
	{"GET", "/api/sessions/{session}/turns/{turn}"}:            {"", "turn_not_found", "turn_not_found", "turn_not_found"},
	{"GET", "/api/sessions/{session}/turns/{turn}/pieces"}:     {"", "turn_not_found", "turn_not_found", "turn_not_found"},
	{"POST", "/api/sessions/{session}/answer/stop"}:            {"", "no_dialect", "watch_only", "role_required"},
	{"GET", "/api/sessions/{session}/turns/{turn}/audio"}:      {"", "turn_not_found", "turn_not_found", "turn_not_found"},
	{"GET", "/api/sessions/{session}/turns/{turn}/levels"}:     {"", "turn_not_found", "turn_not_found", "turn_not_found"},
	{"GET", "/api/sessions/{session}/turns/{turn}/growth"}:     {"", "turn_not_found", "turn_not_found", "turn_not_found"},
	{"POST", "/api/sessions/{session}/ask"}:                    {`{"text":"hi"}`, "no_dialect", "watch_only", "role_required"},
	{"POST", "/api/sessions/{session}/audio"}:                  {"x", "unsupported_media_type", "watch_only", "role_required"},
	{"PATCH", "/api/sessions/{session}/audio"}:                 {`{"paused":true}`, "audio_not_found", "watch_only", "role_required"},
	{"DELETE", "/api/sessions/{session}/audio"}:                {"", "audio_not_found", "watch_only", "role_required"},
	{"GET", "/relay/{service}"}:                                {"", "101", "101", "role_required"},
	{"GET", "/relay/{service}/{path}"}:                         {"", "101", "101", "role_required"},
}

// made is a service with a session of it, both of ada.
type made struct {
	service, session, message, address string
}

func (p *program) makes(t *testing.T, shared bool, name string) made {
	t.Helper()
	return p.teammate("ada", "dev").makes(startPeer(t).address(), shared, name)
}

// makes makes a service with the address, a session of it and a saved message.
func (m *teammate) makes(address string, shared bool, name string) made {
	m.t.Helper()
	out := made{address: address}
	out.service = m.saves(name, address, shared)
	out.session = m.opens(out.service)
	var kept savedMessage
	m.gets("POST", "/api/services/"+out.service+"/messages?name=one&type=text&opcode=", "hello", &kept)
	out.message = kept.ID
	until(m.t, "the session's first event is stored", func() bool {
		_, state := m.ask("GET", "/api/sessions/"+out.session, "")
		return strings.Contains(state, `"last_seq":1`)
	})
	return out
}

func (m *made) path(c call) string {
	path := strings.NewReplacer("{service}", m.service, "{session}", m.session, "{message}", m.message, "{field}", "token", "{seq}", "1", "{turn}", "1", "{path}", "").Replace(c.path)
	switch {
	case strings.HasPrefix(c.path, "/api/services") && strings.HasSuffix(c.path, "/messages") && c.method == "POST":
		return path + "?name=two&type=text&opcode="
	case strings.HasPrefix(c.path, "/api/services") && c.method == "PUT" && strings.HasSuffix(c.path, "{message}"):
		return path + "?name=one&type=text&opcode="
	case strings.HasPrefix(c.path, "/api/sessions") && c.method == "POST" && strings.HasSuffix(c.path, "/messages"):
		return path + "?opcode=text&client_id=c1"
	}
	return path
}

// tries makes a call and returns its outcome, with the body of a refusal.
func (m *teammate) tries(c call, path, body string) (came, raw string) {
	m.t.Helper()
	if strings.HasSuffix(c.path, "/attach") || strings.HasPrefix(c.path, "/relay/") {
		return m.dials(path)
	}
	status, raw := m.ask(c.method, path, body)
	if status/100 == 2 {
		return fmt.Sprint(status), raw
	}
	return codeOf(raw), raw
}

// withoutRequestID returns an answer without what differs in each.
func withoutRequestID(raw string) string {
	return regexp.MustCompile(`"request_id":"\w+"`).ReplaceAllString(raw, "")
}

func (m *teammate) dials(path string) (came, raw string) {
	m.t.Helper()
	r := &http.Request{Header: http.Header{"Origin": {m.url}}}
	as(m.name, m.groups)(r)
	conn, res, err := websocket.Dial(m.t.Context(), "ws"+strings.TrimPrefix(m.url, "http")+path,
		&websocket.DialOptions{Subprotocols: []string{wire.Subprotocol}, HTTPHeader: r.Header})
	if err != nil {
		var body bytes.Buffer
		if res == nil {
			m.t.Fatal(err)
		}
		_, _ = body.ReadFrom(res.Body)
		return codeOf(body.String()), body.String()
	}
	defer func() { _ = conn.CloseNow() }()
	if strings.HasPrefix(path, "/relay/") {
		return "101", ""
	}
	_, first, err := conn.Read(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	var e wire.ServerEvent
	if err := json.Unmarshal(first, &e); err != nil || e.Type != "bye" {
		return "101", ""
	}
	return e.Error.Code, string(first)
}

func TestEveryCallIsForThoseWhoMay(t *testing.T) {
	t.Parallel()
	p := startProxied(t, "--dials-per-minute=0") // each call has a session of its own
	calls := callsOf(t, p)
	if len(calls) != len(outcomes) {
		t.Fatalf("%d calls are documented, %d are known here: %v", len(calls), len(outcomes), calls)
	}
	people := []struct {
		*teammate

		of func(outcome) string
	}{
		{p.teammate("vic", "staff"), func(o outcome) string { return o.viewer }},
		{p.teammate("ben", "dev"), func(o outcome) string { return o.member }},
		{p.teammate("olga", "ops"), func(o outcome) string { return o.owner }},
		{p.teammate("ada", "dev"), func(o outcome) string { return o.owner }},
	}
	for i, c := range calls {
		o, known := outcomes[c]
		if !known {
			t.Errorf("%v is not known here", c)
			continue
		}
		for _, who := range people {
			name := fmt.Sprintf("service %d of %s", i, who.name)
			m := p.makes(t, true, name)
			body := strings.NewReplacer("NAME", name, "ADDRESS", m.address).Replace(o.body)
			if came, raw := who.tries(c, m.path(c), body); came != who.of(o) {
				t.Errorf("%s: %s %s: %s, want %s: %s", who.name, c.method, c.path, came, who.of(o), raw)
			}
		}
	}
}

// A private service does not exist for others: each answer equals the one for an unknown
// id.
func TestPrivateIsNotThereForOthers(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	m := p.makes(t, false, "of ada alone")
	nothing := made{service: "01a20000-0000-7000-8000-000000000000", session: "01a20000-0000-7000-8000-000000000000", message: m.message}
	for _, who := range []*teammate{p.teammate("ben", "dev"), p.teammate("vic", "staff")} {
		for _, c := range callsOf(t, p) {
			o := outcomes[c]
			body := strings.NewReplacer("NAME", "x", "ADDRESS", m.address).Replace(o.body)
			came, raw := who.tries(c, m.path(c), body)
			if _, never := who.tries(c, nothing.path(c), body); withoutRequestID(raw) != withoutRequestID(never) {
				t.Errorf("%s: %s %s: %s, and for nothing %s", who.name, c.method, c.path, raw, never)
			}
			if o.viewer == "role_required" && who.name == "vic" {
				continue
			}
			if !strings.HasSuffix(came, "_not_found") {
				t.Errorf("%s: %s %s: %s %s", who.name, c.method, c.path, came, raw)
			}
		}
		who.seesNothingOf(t, m, "of ada alone")
	}
	if came, raw := p.teammate("olga", "ops").tries(call{"GET", "/api/sessions/{session}"}, "/api/sessions/"+m.session, ""); came != "200" {
		t.Errorf("an admin: %s %s", came, raw)
	}
}

// A private service does not block its name for others: saving under the name must not
// reveal it. By name each person finds their own first.
func TestPrivateNameTellsNobody(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, false, "secret project")
	bens := ben.saves("Secret Project", m.address, false)
	var got, team savedService
	ben.gets("GET", "/api/services/secret%20project", "", &got)
	ada.gets("GET", "/api/services/secret%20project", "", &team)
	if got.ID != bens || team.ID != m.service {
		t.Errorf("ben finds %s, ada %s", got.ID, team.ID)
	}
	teams := ben.saves("SECRET project", m.address, true)
	for of, want := range map[*teammate]string{p.teammate("vic", "staff"): teams, ben: bens, ada: m.service} {
		if of.gets("GET", "/api/services/secret%20project", "", &got); got.ID != want {
			t.Errorf("%s finds %s", of.name, got.ID)
		}
	}
	if came, raw := ada.tries(call{"PUT", ""}, "/api/services/"+m.service, `{"name":"secret project","address":"`+m.address+`","shared":true}`); came != "name_taken" {
		t.Errorf("beside the team's: %s %s", came, raw)
	}
}

// A list that goes on from a session says nothing of one that is not there for them.
func TestListGoesOnFromNoSessionOfOthers(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ben := p.teammate("ben", "dev")
	_, of := p.makes(t, true, "of the team"), p.makes(t, false, "of ada alone")
	relayed := relayOf(t, p.teammate("ada", "dev"), of.service)
	p.makes(t, true, "of the team later")
	for _, session := range []string{of.session, relayed} {
		for _, query := range []string{"/api/sessions?before=", "/api/sessions?after="} {
			_, got := ben.ask("GET", query+session, "")
			if _, want := ben.ask("GET", query+"01a20000-0000-7000-8000-000000000000", ""); got != want {
				t.Errorf("%s%s: %s, and for nothing %s", query, session, got, want)
			}
		}
	}
}

// relayTo opens a relay to a service.
func relayTo(t *testing.T, m *teammate, service string) *websocket.Conn {
	t.Helper()
	r := &http.Request{Header: http.Header{"Origin": {m.url}}}
	as(m.name, m.groups)(r)
	conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(m.url, "http")+"/relay/"+service+"/", &websocket.DialOptions{HTTPHeader: r.Header})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// relayOf opens a relay that nobody records, and returns its id.
func relayOf(t *testing.T, m *teammate, service string) string {
	t.Helper()
	relayTo(t, m, service)
	var list struct{ Sessions []wire.State }
	m.gets("GET", "/api/sessions", "", &list)
	for _, s := range list.Sessions {
		if s.Kind == "relay" && s.Service == service {
			return s.ID
		}
	}
	t.Fatal("no relay")
	return ""
}

// Who may come to a relay is kept as for any session.
func TestRelayIsSharedAsItIsSaid(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, false, "relayed")
	relay := "/api/sessions/" + relayOf(t, ada, m.service)
	var said, kept wire.State
	ada.gets("PUT", relay+"/access", `{"shared":true}`, &said)
	ada.gets("GET", relay, "", &kept)
	if !said.Access.Shared || !kept.Access.Shared {
		t.Errorf("said %+v, kept %+v", said.Access, kept.Access)
	}
	if came, raw := ben.tries(call{"GET", ""}, relay, ""); came != "200" {
		t.Errorf("ben: %s %s", came, raw)
	}
}

// A slow message is judged when it has arrived.
func TestMessageUnderWayIsNotSentForWhoMayNoLonger(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, true, "revoked meanwhile")
	access := "/api/sessions/" + m.session + "/access"
	ada.gets("PUT", access, `{"rights":"send"}`, &wire.State{})
	body, rest := io.Pipe()
	answered := make(chan string, 1)
	go func() {
		_, raw := p.do("POST", "/api/sessions/"+m.session+"/messages?opcode=text&client_id=c1", "application/octet-stream", body, as(ben.name, ben.groups))
		answered <- codeOf(string(raw))
	}()
	if _, err := rest.Write([]byte(strings.Repeat("x", 1<<20))); err != nil { // it is being read
		t.Fatal(err)
	}
	ada.gets("PUT", access, `{"rights":"watch"}`, &wire.State{})
	_ = rest.Close()
	if code := <-answered; code != "watch_only" {
		t.Errorf("answered with %q", code)
	}
}

// The page of a session offers to connect again: with its own service, and with none
// that somebody has given its id for a name.
func TestPageOfASessionShowsNoServiceInPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, true, "deleted since")
	if came, raw := ada.tries(call{"DELETE", ""}, "/api/services/"+m.service, ""); came != "204" {
		t.Fatal(came, raw)
	}
	impostor := ben.saves(m.service, startPeer(t).address(), true)
	_, html := ada.ask("GET", "/sessions/"+m.session, "")
	_, boot, _ := strings.Cut(html, `id="boot"`)
	boot, _, _ = strings.Cut(boot, "</script>")
	if !strings.Contains(boot, m.session) || strings.Contains(boot, impostor) {
		t.Errorf("the page begins with %s", boot)
	}
}

// seesNothingOf looks for the private service of another person in every list and page.
func (m *teammate) seesNothingOf(t *testing.T, private made, name string) {
	t.Helper()
	for _, path := range []string{
		"/", "/services/new", "/history", "/history?service=ada", "/api/services", "/api/sessions", "/api/sessions?with_running=true",
		"/api/search?q=connected", "/api/search?q=.&regex=true", "/api/search?q=.&regex=true&in=answers", "/api/history/days?from_us=1",
		"/api/history/export?session=" + private.session, "/sessions/" + private.session, "/services/" + private.service,
	} {
		if _, body := m.ask("GET", path, ""); strings.Contains(body, private.session+`"`) || strings.Contains(body, name) {
			t.Errorf("%s sees it at %s", m.name, path)
		}
	}
	var found struct{ Total struct{ Sessions int64 } }
	m.gets("GET", "/api/search?q=x", "", &found)
	var counted struct{ Sessions int64 }
	m.gets("GET", "/api/history/days", "", &counted)
	if found.Total.Sessions+counted.Sessions != 0 {
		t.Errorf("%s is told of %d and %d sessions", m.name, found.Total.Sessions, counted.Sessions)
	}
	if came, raw := m.tries(call{"POST", ""}, "/api/sessions", `{"service":"`+name+`"}`); came != "service_not_found" && came != "role_required" {
		t.Errorf("%s opens it by its name: %s %s", m.name, came, raw)
	}
}

func TestLinkLetsAMemberJoinFromTheFirstMessage(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben, vic := p.teammate("ada", "dev"), p.teammate("ben", "dev"), p.teammate("vic", "staff")
	var opened wire.State
	ada.gets("POST", "/api/sessions", `{"address":"`+ada.tickerAddress()+`","params":[{"name":"rate","value":"200"},{"name":"count","value":"0"}]}`, &opened)
	if came, _ := ben.tries(call{"GET", ""}, "/api/sessions/"+opened.ID, ""); came != "session_not_found" {
		t.Fatalf("before it is shared: %s", came)
	}
	owner := ada.watches(opened.ID, 0)
	owner.awaitRows(50)
	ada.gets("PUT", "/api/sessions/"+opened.ID+"/access", `{"shared":true}`, &opened)
	joined, watching := ben.watches(opened.ID, 0), vic.watches(opened.ID, 0)
	joined.awaitRows(100) // each follows the one before it, from 1
	watching.awaitRows(100)
	owner.awaitState(func(s *wire.State) bool { return len(s.Viewers) == 3 })
	for _, v := range owner.state.Viewers {
		if want := v.Name == "ben"; v.MayOwn != want || v.You != (v.Name == "ada") {
			t.Errorf("%+v", v)
		}
	}

	say := wire.ViewerEvent{Type: wire.TypeSend, ClientID: "b1", Opcode: "text", Text: "hello"}
	joined.say(say)
	joined.await(func(e wire.ServerEvent) bool { return e.Type == "refused" && e.Error.Code == "watch_only" })
	joined.say(wire.ViewerEvent{Type: wire.TypeClose})
	joined.await(func(e wire.ServerEvent) bool { return e.Type == "refused" && e.Error.Code == "owner_required" })
	ada.gets("PUT", "/api/sessions/"+opened.ID+"/access", `{"rights":"send"}`, &opened)
	joined.awaitState(func(s *wire.State) bool { return s.Access.MaySend && !s.Access.MayManage })
	watching.awaitState(func(s *wire.State) bool { return s.Access.Rights == "send" && !s.Access.MaySend })
	joined.say(say)
	joined.await(func(e wire.ServerEvent) bool { return e.Type == "sent" && e.ClientID == "b1" })
	watching.say(say)
	watching.await(func(e wire.ServerEvent) bool { return e.Type == "refused" && e.Error.Code == "role_required" })

	ada.handsOver(t, opened.ID, owner, joined)
	gone := followed(joined)
	if status, body := ada.ask("PUT", "/api/sessions/"+opened.ID+"/access", `{"shared":false}`); status != http.StatusForbidden {
		t.Errorf("the owner before: %d %s", status, body)
	}
	leaves := followed(owner)
	ben.gets("PUT", "/api/sessions/"+opened.ID+"/access", `{"shared":false}`, &opened)
	if e := <-leaves; e.code != 4403 || e.bye == nil || e.bye.Code != "access_ended" || !strings.Contains(e.bye.Message, "ben") {
		t.Errorf("%+v", e)
	}
	ben.gets("POST", "/api/sessions/"+opened.ID+"/close", `{}`, &opened)
	_ = joined.conn.Close(websocket.StatusNormalClosure, "")
	<-gone
}

// A link is the only way to a session that is shared by link: for those who see it by
// nothing else it is in no list, page, search or count, whether it runs or has ended, and
// whether it is a session or a relay.
func TestSharedByLinkIsInNobodyElsesLists(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, false, "of ada alone")
	var opened, state wire.State
	ada.gets("POST", "/api/sessions", `{"address":"`+m.address+`"}`, &opened)
	relayed := relayOf(t, ada, m.service)
	ended := ada.opens(m.service)
	ada.gets("POST", "/api/sessions/"+ended+"/close", `{}`, &state)
	for _, id := range []string{m.session, opened.ID, relayed, ended} {
		ada.gets("PUT", "/api/sessions/"+id+"/access", `{"shared":true}`, &state)
		if came, raw := ben.tries(call{"GET", ""}, "/api/sessions/"+id, ""); came != "200" {
			t.Errorf("by its link: %s %s", came, raw)
		}
		if _, page := ben.ask("GET", "/sessions/"+id, ""); !strings.Contains(page, id) {
			t.Error("its page does not open")
		}
	}
	for _, id := range []string{m.session, opened.ID, relayed, ended} {
		for _, path := range []string{
			"/", "/services/new", "/history", "/history?by=ada", "/api/sessions", "/api/sessions?with_running=true", "/api/sessions?state=open",
			"/api/search?q=connected", "/api/search?q=.&regex=true", "/api/search?q=connected&next=1.0.0." + id, "/api/sessions?before=" + id,
			"/api/search?q=.&regex=true&in=answers",
		} {
			if _, body := ben.ask("GET", path, ""); strings.Contains(strings.ReplaceAll(body, path, ""), id) {
				t.Errorf("ben sees %s at %s", id, path)
			}
		}
	}
	var found struct{ Total struct{ Sessions int64 } }
	if ben.gets("GET", "/api/search?q=x", "", &found); found.Total.Sessions != 0 {
		t.Errorf("ben is told of %d sessions", found.Total.Sessions)
	}
	for _, who := range []*teammate{ada, p.teammate("olga", "ops")} {
		if _, body := who.ask("GET", "/api/sessions", ""); !strings.Contains(body, opened.ID) || !strings.Contains(body, relayed) {
			t.Errorf("%s lacks it: %s", who.name, body)
		}
	}
}

// tickerAddress is the demo's.
func (m *teammate) tickerAddress() string {
	m.t.Helper()
	var list struct{ Services []savedService }
	m.gets("GET", "/api/services", "", &list)
	for _, s := range list.Services {
		if s.Demo == "ticker" {
			return s.Address
		}
	}
	m.t.Fatal("no ticker")
	return ""
}

// handsOver makes the one who has joined the owner, and nobody else.
func (m *teammate) handsOver(t *testing.T, session string, owner, joined *viewer) {
	t.Helper()
	ids := map[string]string{}
	for _, v := range owner.state.Viewers {
		ids[v.Name] = v.ID
	}
	for name, code := range map[string]string{"vic": "viewer_cannot_own", "nobody": "viewer_gone"} {
		if came, raw := m.tries(call{"POST", ""}, "/api/sessions/"+session+"/owner", `{"viewer":"`+ids[name]+`x"}`); name == "nobody" && came != code {
			t.Errorf("%s: %s %s", name, came, raw)
		}
		if came, raw := m.tries(call{"POST", ""}, "/api/sessions/"+session+"/owner", `{"viewer":"`+ids[name]+`"}`); name == "vic" && came != code {
			t.Errorf("%s: %s %s", name, came, raw)
		}
	}
	var state wire.State
	m.gets("POST", "/api/sessions/"+session+"/owner", `{"viewer":"`+ids["ben"]+`"}`, &state)
	if state.Access.Mine || state.Access.Owner != "ben" || state.Access.MayManage {
		t.Errorf("%+v", state.Access)
	}
	joined.awaitState(func(s *wire.State) bool { return s.Access.Mine && s.Access.MayManage })
}

// Sessions and relays of others end with their access to the service, because they use its
// secrets. Those of its owner go on, and those of admins until it is deleted.
func TestServiceTakenAwayEndsWhatOthersHaveOpen(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben, olga := p.teammate("ada", "dev"), p.teammate("ben", "dev"), p.teammate("olga", "ops")
	for name, c := range map[string]struct {
		method, body string
		admin        string
	}{
		"made private": {"PUT", `{"name":"private","address":"ADDRESS","shared":false}`, "open"},
		"deleted":      {"DELETE", "", "closed"},
	} {
		m := p.makes(t, true, "taken away, "+name)
		bens, olgas := ben.opens(m.service), olga.opens(m.service)
		_, relay := relayTo(t, ben, m.service), relayTo(t, ben, m.service)
		_, adas := relayOf(t, ada, m.service), ada.watches(m.session, 0)
		began := time.Now()
		if came, raw := ada.tries(call{c.method, ""}, "/api/services/"+m.service, strings.ReplaceAll(c.body, "ADDRESS", m.address)); came[0] != '2' {
			t.Fatal(came, raw)
		}
		if _, _, err := relay.Read(t.Context()); websocket.CloseStatus(err) != 4403 || time.Since(began) > endTime {
			t.Errorf("%s: ben's relay ends with %v after %v", name, err, time.Since(began))
		}
		for of, want := range map[*teammate]struct{ session, state string }{ben: {bens, "closed"}, olga: {olgas, c.admin}, ada: {m.session, "open"}} {
			var state wire.State
			for of.gets("GET", "/api/sessions/"+want.session, "", &state); want.state == "closed" && state.State != "closed" && time.Since(began) < time.Minute; {
				of.gets("GET", "/api/sessions/"+want.session, "", &state)
			}
			if state.State != want.state {
				t.Errorf("%s: the session of %s is %s", name, of.name, state.State)
			}
		}
		adas.awaitState(func(s *wire.State) bool { return s.State == "open" })
		if _, log := olga.ask("GET", "/api/audit?format=jsonl&session="+bens, ""); !strings.Contains(log, "access_ended") {
			t.Errorf("%s: the audit log lacks it", name)
		}
	}
}

// A service that is taken away while its target is dialled is not opened.
func TestServiceTakenAwayWhileItsTargetIsDialled(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	asked, answer := make(chan struct{}, 2), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-answer
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_, _, _ = conn.Read(r.Context())
		_ = conn.CloseNow()
	}))
	t.Cleanup(slow.Close)
	address := "ws" + strings.TrimPrefix(slow.URL, "http")
	service := ada.saves("slow", address, true)
	came := make(chan string, 2)
	go func() {
		_, raw := ben.ask("POST", "/api/sessions", `{"service":"`+service+`"}`)
		came <- codeOf(raw)
	}()
	go func() {
		code, _ := ben.dials("/relay/" + service + "/")
		came <- code
	}()
	<-asked
	<-asked
	ada.gets("PUT", "/api/services/"+service, `{"name":"slow","address":"`+address+`","shared":false}`, &savedService{})
	close(answer)
	for range 2 {
		if code := <-came; code != "service_not_found" {
			t.Errorf("%q", code)
		}
	}
}

// Who is looking when a service becomes its owner's own looks no longer.
func TestServiceThatBecomesPrivateEndsWhatOthersWatch(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, true, "for a while")
	watching := ben.watches(m.session, 0)
	watching.awaitRows(1)
	ended := followed(watching)
	var saved struct {
		Shared, Mine bool
		Owner        string
	}
	ada.gets("PUT", "/api/services/"+m.service, `{"name":"for a while","address":"`+m.address+`","shared":false,"owner":"ben"}`, &saved)
	if saved.Shared || !saved.Mine || saved.Owner != "ada" {
		t.Errorf("%+v", saved)
	}
	if e := <-ended; e.code != 4403 || e.bye == nil || e.bye.Code != "access_ended" {
		t.Errorf("%+v", e)
	}
	if came, _ := ben.tries(call{"GET", ""}, "/api/sessions/"+m.session, ""); came != "session_not_found" {
		t.Errorf("ben still sees it: %s", came)
	}
	// The name of a service is not the id of another.
	_ = ben.saves(m.service, m.address, true)
	if came, _ := ben.tries(call{"GET", ""}, "/api/sessions/"+m.session, ""); came != "session_not_found" {
		t.Errorf("by a name that is an id: %s", came)
	}
}

// A log that has ended is shown batch by batch, to a reader who may take their time.
func TestLogOfTheEndedIsShownNoFurtherToWhoMayNoLonger(t *testing.T) {
	t.Parallel()
	const count = 50_000
	p := startProxied(t)
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	var opened, state wire.State
	ada.gets("POST", "/api/sessions", fmt.Sprintf(
		`{"address":%q,"params":[{"name":"rate","value":"0"},{"name":"size","value":"300"},{"name":"count","value":"%d"}]}`, ada.tickerAddress(), count), &opened)
	path := "/api/sessions/" + opened.ID
	eventually(t, time.Minute, "all is received", func() bool {
		ada.gets("GET", path, "", &state)
		return state.State == "closed"
	})
	ada.gets("PUT", path+"/access", `{"shared":true}`, &state)
	reader := ben.watches(opened.ID, 0)
	reader.awaitRows(1)
	ada.gets("PUT", path+"/access", `{"shared":false}`, &state)
	if e := <-followed(reader); e.code != 4403 || e.bye == nil || e.bye.Code != "access_ended" || reader.after >= count {
		t.Errorf("after row %d: %+v", reader.after, e)
	}
}

func TestSharingStandsInTheAuditLog(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada, olga := p.teammate("ada", "dev"), p.teammate("olga", "ops")
	m := p.makes(t, true, "audited")
	var state wire.State
	ada.gets("PUT", "/api/sessions/"+m.session+"/access", `{"shared":true,"rights":"send"}`, &state)
	v := olga.watches(m.session, 0)
	v.awaitRows(1)
	v.awaitState(func(s *wire.State) bool { return len(s.Viewers) == 1 })
	ada.gets("POST", "/api/sessions/"+m.session+"/owner", `{"viewer":"`+v.state.Viewers[0].ID+`"}`, &state)
	_, log := olga.ask("GET", "/api/audit?format=jsonl", "")
	for _, want := range []string{
		`"action":"session.share","session":"` + m.session, `"detail":"link, send"`,
		`"action":"session.handover","session":"` + m.session, `"detail":"headers|olga"`, `"action":"share","session":"` + m.session,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}
