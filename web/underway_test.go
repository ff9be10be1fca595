package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"duplex/bridge/wire"
	"duplex/web/internal/ssotest"
)

// endTime bounds the end of requests under way: two seconds, and one for a busy machine.
const endTime = 2*time.Second + time.Second

// documented is every route of the API by its document, which has the router's (the
// handlers test that).
func documented(t *testing.T, p *program) []call {
	t.Helper()
	_, doc := p.do("GET", "/api/openapi.yaml", "", nil, as("olga", "ops"))
	path, method := regexp.MustCompile(`^  (/\S+):$`), regexp.MustCompile(`^    (get|put|post|patch|delete):`)
	var calls []call
	at := ""
	for line := range strings.Lines(string(doc)) {
		if m := path.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			at = m[1]
		}
		if m := method.FindStringSubmatch(line); m != nil {
			calls = append(calls, call{strings.ToUpper(m[1]), at})
		}
	}
	return calls
}

// under is a request that is under way.
type under struct {
	net.Conn

	r *bufio.Reader
}

// begins sends the head of a request with a body of that length; the host is the
// program's when it is empty.
func (p *program) begins(t *testing.T, host, method, path string, length int, edit func(*http.Request), more ...string) *under {
	t.Helper()
	address := strings.TrimPrefix(p.url, "http://")
	host = cmp.Or(host, address)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := &http.Request{Header: http.Header{"Content-Type": {"application/json"}, "Origin": {p.url}}}
	edit(r)
	var head strings.Builder
	_ = r.Header.Write(&head)
	for _, line := range more {
		head.WriteString(line + "\r\n")
	}
	if length > 0 {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", length)
	}
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, path, host, head.String()); err != nil {
		t.Fatal(err)
	}
	return &under{conn, bufio.NewReader(conn)}
}

// waitsForItsBody returns when the request is known to be that: it was let in, and its
// body is being read.
func (u *under) waitsForItsBody(t *testing.T, name string) {
	t.Helper()
	_ = u.SetReadDeadline(time.Now().Add(time.Minute))
	line, err := u.r.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%s: it does not wait for its body: %s %v", name, line, err)
	}
	_, _ = u.r.ReadString('\n')
}

// answered reads the answer, and returns its status, the code of its error, and how it
// ended.
func (u *under) answered() (status int, code string, err error) {
	_ = u.SetReadDeadline(time.Now().Add(time.Minute))
	res, err := http.ReadResponse(u.r, nil)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, codeOf(string(raw)), err
}

// bodies holds the body of each call that reads one.
var bodies = map[call]string{
	{"POST", "/api/sign-out"}:                               `{"everywhere":true}`,
	{"POST", "/api/tokens"}:                                 `{"name":"late","scopes":["read"]}`,
	{"POST", "/api/people/sign-out"}:                        `{"person":"headers|zoe"}`,
	{"POST", "/api/services"}:                               `{"name":"late","address":"ws://127.0.0.1:9/"}`,
	{"PUT", "/api/services/{service}"}:                      `{"name":"renamed","address":"ws://127.0.0.1:9/"}`,
	{"PATCH", "/api/services/{service}"}:                    `{"folder":"late"}`,
	{"POST", "/api/folders"}:                                `{"name":"late"}`,
	{"PATCH", "/api/folders/{folder}"}:                      `{"name":"late"}`,
	{"PUT", "/api/services/{service}/secrets/{field}"}:      `{"tls":true}`,
	{"POST", "/api/services/{service}/messages"}:            "hello",
	{"PUT", "/api/services/{service}/messages/{message}"}:   "other",
	{"PATCH", "/api/services/{service}/messages/{message}"}: `{"name":"renamed"}`,
	{"POST", "/api/sessions"}:                               `{"service":"SERVICE"}`,
	{"POST", "/api/sessions/{session}/close"}:               `{"code":1000}`,
	{"PUT", "/api/sessions/{session}/access"}:               `{"rights":"send"}`,
	{"POST", "/api/sessions/{session}/owner"}:               `{"viewer":"nobody"}`,
	{"POST", "/api/sessions/{session}/messages"}:            "hello",
	{"PUT", "/api/sessions/{session}/pin"}:                  `{"pinned":true}`,
	{"PUT", "/api/sessions/{session}/name"}:                 `{"name":"late"}`,
	{"POST", "/api/history/deletions"}:                      `{"sessions":["SESSION"]}`,
	{"POST", "/api/relay-tickets"}:                          `{"service":"SERVICE"}`,
	{"POST", "/api/services/{service}/ask"}:                 `{"text":"late"}`,
	{"POST", "/api/sessions/{session}/ask"}:                 `{"text":"late"}`,
	{"POST", "/api/sessions/{session}/audio"}:               string(speechWAV(8000, 100)),
	{"PATCH", "/api/sessions/{session}/audio"}:              `{"paused":true}`,
	{"PUT", "/api/sessions/{session}/dialect"}:              `{"dialect":"vosk"}`,
	{"POST", "/api/dialects"}:                               `{"dialect":1,"name":"late","source":{"url":"example.com","checked":"2026-11-30"},"receive":{"envelope":"json"}}`,
	{"PUT", "/api/dialects/{dialect}"}:                      `{"dialect":1,"name":"late","source":{"url":"example.com","checked":"2026-11-30"},"receive":{"envelope":"json"}}`,
	{"POST", "/api/environments"}:                           `{"name":"late","values":{"a":"1"}}`,
	{"PUT", "/api/environments/{environment}"}:              `{"name":"late","values":{"a":"1"}}`,
	{"POST", "/api/resolve"}:                                `{"service":"SERVICE"}`,
	{"POST", "/api/test"}:                                   `{"service":"SERVICE"}`,
}

// withoutBody has the calls that change something and read no body.
var withoutBody = map[call]bool{{"POST", "/api/sessions/{session}/answer/stop"}: true}

// state returns a service and its session as an admin sees them.
func (p *program) state(m *made) string {
	var all strings.Builder
	service, session := "/api/services/"+m.service, "/api/sessions/"+m.session
	for _, path := range []string{service, service + "/messages", service + "/messages/" + m.message + "/body", session, session + "/messages"} {
		_, body := p.do("GET", path, "", nil, as("olga", "ops"))
		all.Write(body)
	}
	return regexp.MustCompile(`"(keep_until_us|last_used_at_us|last_used)":[^,}]*`).ReplaceAllString(all.String(), "")
}

// A request ends at once when its person loses the right to make it while the body is
// under way. It says why, and changes nothing.
func TestBodyUnderWayChangesNothingForWhoMayNoLonger(t *testing.T) {
	t.Parallel()
	p := startProxied(t, "--lease-seconds=2", "--grace-seconds=0")
	reading := 0
	for _, c := range documented(t, p) {
		_, reads := bodies[c]
		if c.method == "GET" || c.method == "DELETE" || withoutBody[c] {
			continue
		}
		if !reads {
			t.Errorf("%v is not known here", c)
			continue
		}
		reading++
	}
	if reading < 10 {
		t.Fatalf("%d calls read a body", reading)
	}
	ways := []struct {
		name, code string
		end        func(who string)
	}{
		{"signed out by an admin", "signed_out", func(who string) {
			if status, raw := p.teammate("olga", "ops").ask("POST", "/api/people/sign-out", `{"person":"headers|`+who+`"}`); status != http.StatusOK {
				t.Error(status, raw)
			}
		}},
		{"a lesser role", "lease_ended", func(who string) { p.teammate(who, "staff").ask("GET", "/api/lease", "") }},
		{"the lease ends", "lease_ended", func(string) {}},
	}
	peer := startPeer(t).address()
	ops := p.teammate("olga", "ops")
	for _, path := range []string{"/api/dialects", "/api/environments"} { // to be replaced
		if status, raw := ops.ask("POST", path, strings.ReplaceAll(bodies[call{"POST", path}], "late", "ours")); status != http.StatusCreated {
			t.Fatal(status, raw)
		}
	}
	ours := strings.NewReplacer("{dialect}", "ours", "{environment}", "ours")
	var all sync.WaitGroup
	for i, way := range ways {
		for at, c := range documented(t, p) {
			if _, reads := bodies[c]; !reads {
				continue
			}
			name := fmt.Sprintf("%s %s, %s", c.method, c.path, way.name)
			who := fmt.Sprintf("p%d-%02d", i, at)
			m := p.teammate(who, "dev").makes(peer, true, name)
			before := p.state(&m)
			body := strings.NewReplacer("SERVICE", m.service, "SESSION", m.session).Replace(bodies[c])
			groups := "dev"
			if strings.HasPrefix(c.path, "/api/people") {
				groups = "ops"
			}
			edit := as(who, groups)
			if strings.HasSuffix(c.path, "/audio") && c.method == "POST" {
				edit = func(r *http.Request) {
					as(who, groups)(r)
					r.Header.Set("Content-Type", "audio/wav")
				}
			}
			began := p.begins(t, "", c.method, ours.Replace(m.path(c)), len(body), edit, "Expect: 100-continue")
			began.waitsForItsBody(t, name)
			_, _ = began.Write([]byte(body[:len(body)/2]))
			ended := time.Now()
			way.end(who)
			if way.name == "the lease ends" {
				ended = ended.Add(2 * time.Second)
			}
			all.Go(func() {
				status, code, err := began.answered()
				if took := time.Since(ended); err != nil || status != http.StatusUnauthorized || code != way.code || took > endTime {
					t.Errorf("%s: %d %s after %v, %v", name, status, code, took, err)
				}
				_, _ = began.Write([]byte(body[len(body)/2:]))
				if diff := gocmp.Diff(before, p.state(&m)); diff != "" {
					t.Errorf("%s changed something (-before +after):\n%s", name, diff)
				}
				var tokens struct{ Tokens []any }
				var list struct{ Sessions []any }
				back := p.teammate(who, "dev") // the proxy vouches for them again
				back.gets("GET", "/api/tokens", "", &tokens)
				back.gets("GET", "/api/sessions?by="+who, "", &list)
				if len(tokens.Tokens) != 0 || len(list.Sessions) != 1 {
					t.Errorf("%s: %d tokens, %d sessions", name, len(tokens.Tokens), len(list.Sessions))
				}
			})
		}
	}
	all.Wait()
	if _, list := p.do("GET", "/api/services", "", nil, as("olga", "ops")); strings.Contains(string(list), `"late"`) {
		t.Error("a service was saved")
	}
}

// A revoked token changes nothing with a body that arrives later.
func TestBodyUnderWayChangesNothingOnceItsTokenIsRevoked(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{})
	ada := m.enter("ada")
	id, token := ada.token(`"sessions","services"`)
	script := func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Del("Origin")
	}
	const body = `{"name":"late","address":"ws://127.0.0.1:9/"}`
	began := m.begins(t, strings.TrimPrefix(m.public, "https://"), "POST", "/api/services", len(body), script, "Expect: 100-continue")
	began.waitsForItsBody(t, "a token's")
	ended := time.Now()
	if res, body := ada.ask("DELETE", "/api/tokens/"+id, ""); res.StatusCode != http.StatusNoContent {
		t.Fatal(res.StatusCode, body)
	}
	if status, code, err := began.answered(); err != nil || status != http.StatusUnauthorized || code != "token_refused" || time.Since(ended) > endTime {
		t.Errorf("%d %s after %v, %v", status, code, time.Since(ended), err)
	}
	if _, list := ada.ask("GET", "/api/services", ""); strings.Contains(list, `"late"`) {
		t.Error("the service was saved")
	}
}

// comesBack lets a person ask for something now and then, so that their lease goes on,
// until stop is called.
func (m *teammate) comesBack() (stop func()) {
	ended := make(chan struct{})
	var task sync.WaitGroup
	task.Go(func() {
		tick := time.NewTicker(300 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				m.ask("GET", "/api/lease", "")
			}
		}
	})
	return func() {
		close(ended)
		task.Wait()
	}
}

// reads begins to read the answer of each path, and reads no more of it than its head.
func (p *program) reads(t *testing.T, who string, paths ...string) []*under {
	t.Helper()
	var began []*under
	for _, path := range paths {
		u := p.begins(t, "", "GET", path, 0, as(who, "dev"))
		if line, err := u.r.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Fatalf("%s: %s %v", path, line, err)
		}
		began = append(began, u)
	}
	return began
}

// An answer that is under way when it may no longer be seen breaks off, and does not look
// whole.
func TestAnswerUnderWayBreaksOffForWhoMayNoLonger(t *testing.T) {
	t.Parallel()
	const lease = 8 // seconds: longer than it takes a busy machine to begin the answers
	p := startProxied(t, fmt.Sprintf("--lease-seconds=%d", lease), "--grace-seconds=0")
	ada := p.teammate("ada", "dev")
	stop := ada.comesBack()
	defer stop()
	large := strings.Repeat("0123456789abcdef", 2<<20) // 32 MiB, more than the buffers between hold
	echo := strings.Replace(ada.tickerAddress(), "ticker", "echo", 1)
	fill := func(m made) (saved, message, export string) {
		var sent struct{ Seq int64 }
		ada.gets("POST", "/api/sessions/"+m.session+"/messages?opcode=text&client_id=c1", large, &sent)
		ada.gets("PUT", "/api/services/"+m.service+"/messages/"+m.message+"?name=one&type=text&opcode=", large, &savedMessage{})
		return "/api/services/" + m.service + "/messages/" + m.message + "/body",
			fmt.Sprintf("/api/sessions/%s/messages/%d", m.session, sent.Seq), "/api/sessions/" + m.session + "/export"
	}
	team, own := ada.makes(echo, true, "of the team"), ada.makes(echo, false, "of ada")
	saved, message, export := fill(team)
	_, linked, linkedExport := fill(own)
	ada.gets("PUT", "/api/sessions/"+own.session+"/access", `{"shared":true}`, &wire.State{})

	// First the person's access ends, then the service or session.
	rounds := []map[string]func(who string){
		{
			"signed out by an admin": func(who string) {
				p.teammate("olga", "ops").ask("POST", "/api/people/sign-out", `{"person":"headers|`+who+`"}`)
			},
			"a lesser role":  func(who string) { p.teammate(who, "guests").ask("GET", "/api/lease", "") },
			"the lease ends": func(string) {},
		},
		{
			"the service is made private": func(string) {
				ada.gets("PUT", "/api/services/"+team.service, `{"name":"now private","address":"`+team.address+`","shared":false}`, &savedService{})
			},
			"the session is not shared any more": func(string) {
				ada.gets("PUT", "/api/sessions/"+own.session+"/access", `{"shared":false}`, &wire.State{})
			},
		},
	}
	for i, ways := range rounds {
		began := map[string][]*under{}
		for way := range ways {
			paths := []string{saved, message, export}
			if strings.HasPrefix(way, "the session") {
				paths = []string{linked, linkedExport}
			}
			began[way] = p.reads(t, way, paths...)
		}
		for way, end := range ways {
			end(way)
		}
		var stops []func()
		for way := range ways {
			if i == 1 { // it is not their lease that ends
				stops = append(stops, p.teammate(way, "dev").comesBack())
			}
		}
		<-time.After(lease*time.Second + endTime)
		for _, stop := range stops {
			stop()
		}
		for way, list := range began {
			for at, u := range list {
				_ = u.SetReadDeadline(time.Now().Add(time.Minute))
				if n, err := io.Copy(io.Discard, u.r); n >= int64(len(large)) {
					t.Errorf("%s: answer %d: %d bytes came, %v", way, at, n, err)
				}
			}
		}
	}
}
