package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

// demandErrorShape wants an answer that is no failure of ours and, if it is a
// refusal, has the one shape.
func demandErrorShape(t *testing.T, what string, res *http.Response, raw []byte) {
	t.Helper()
	if res.StatusCode == http.StatusInternalServerError {
		t.Errorf("%s: 500 %.300s", what, raw)
	}
	if res.StatusCode < 400 {
		return
	}
	var answer struct{ Error *wire.Error }
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&answer); err != nil || answer.Error == nil || answer.Error.Code == "" || answer.Error.Message == "" {
		t.Errorf("%s: %d without the error's shape: %.300s", what, res.StatusCode, raw)
	}
}

func TestBadInputsAreRefusedInOneShape(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	live := p.echo()
	p.send(live.ID, "text", "", "hello")
	service := p.demo("echo", "none").ID
	ids := []string{
		live.ID, service, "nobody", "..%2f..", "%00", "%ff", "a%20b", "'%20or%201=1%20--", strings.Repeat("x", 3000), "%f0%9f%92%a9", "0", "-1",
	}
	numbers := []string{"", "0", "1", "-1", "1.5", "1e3", "0x10", "9223372036854775807", "9223372036854775808", "99999999999999999999", "NaN", "%00", "+1", "%201"}
	get := func(path string) {
		t.Helper()
		res, raw := p.do("GET", path, "", nil)
		demandErrorShape(t, "GET "+path, res, raw)
	}
	for _, id := range ids {
		for _, rest := range []string{"", "/messages", "/export", "/attach", "/messages/1", "/nothing", "/export?format=exe"} {
			get("/api/sessions/" + id + rest)
		}
		get("/api/services/" + id)
		get("/api/services/" + id + "/messages")
		get("/api/services/" + service + "/messages/" + id)
		get("/api/services/" + service + "/messages/" + id + "/body")
		get("/relay/" + id)
		get("/relay/" + id + "/rest?x=%zz")
	}
	for _, n := range numbers {
		get("/api/sessions/" + live.ID + "/messages/" + n)
		get("/api/sessions?limit=" + n)
		get("/api/sessions?before=" + n)
		for _, name := range []string{"after", "before", "limit", "latest", "regex", "fold", "direction", "q", "opcode", "event", "around", "at_us", "budget_ms"} {
			get("/api/sessions/" + live.ID + "/messages?" + name + "=" + n)
		}
		for _, name := range []string{"service", "state", "by", "from_us", "to_us", "after", "next", "with_running", "budget_ms"} {
			get("/api/sessions?" + name + "=" + n)
			get("/api/search?q=a&" + name + "=" + n)
		}
	}
	for _, q := range []string{"(", "[", "a{1001}", "(?P<", "\\", "(a{1000}){1000}", strings.Repeat("(", 999), "\xff", "\x00", strings.Repeat("a{1000}", 140), "(?i)[[:", "\\Qx", "\\pN", "x**"} {
		for _, more := range []string{"", "&regex=1", "&fold=1", "&regex=1&fold=1&latest=1"} {
			get("/api/sessions/" + live.ID + "/messages?q=" + url.QueryEscape(q) + more)
			get("/api/search?q=" + url.QueryEscape(q) + more)
		}
	}
	get("/api/sessions/" + live.ID + "/messages?q=%zz")
	get("/api/sessions/" + live.ID + "/messages?a=1;b=2")
	bodies := []string{
		"", "null", "[]", "1", `"x"`, "{", "{}{}", "{}x", `{"unknown":1}`, "\xff", "{\"address\":\"\xff\"}", `{"address":"\u0000"}`, `{"address":null}`, `{"address":1}`,
		`{"address":"ws://127.0.0.1:1/","name":"n\u0000"}`, `{"address":"ws://127.0.0.1:1/","name":"bad","headers":[{"name":"a\u0000","value":""}]}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","headers":[{"name":"A","value":"\u0000"}]}`, `{"address":"ws://127.0.0.1:1/","name":"bad","headers":{}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","params":[{"name":"a","value":"\u0000"}]}`, `{"address":"ws://127.0.0.1:1/","name":"bad","params":[null]}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","subprotocols":[""]}`, `{"address":"ws://127.0.0.1:1/","name":"bad","subprotocols":["a","a"]}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","credential":[]}`, `{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"none","kind":1}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"bearer","token":null}}`, `{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"bearer","token":"a\u0000b"}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"basic","username":"u\u0000","password":"p"}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"header","name":"a b","value":"p"}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"query","name":"","value":"p"}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","credential":{"kind":"iam_password","iam_endpoint":"ftp://\u0000","domain":"d","user":"u","password":"p","project":"x"}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","tls":{"ca_pem":"x"}}`, `{"address":"ws://127.0.0.1:1/","name":"bad","tls":{"ca_pem":"\u0000"}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","ping_interval":-1}`, `{"address":"ws://127.0.0.1:1/","name":"bad","ping_interval":1e300}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","ping_interval":"1000000h"}`, `{"address":"ws://127.0.0.1:1/","name":"bad","ping_interval":{}}`,
		`{"address":"ws://127.0.0.1:1/","name":"bad","limits":{"max_message_bytes":-1}}`, `{"address":"ws://127.0.0.1:1/","name":"bad","limits":{"max_message_bytes":1e19}}`,
		`{"service":"\u0000"}`, `{"service":"` + strings.Repeat("x", 5000) + `"}`, `{"service":"` + service + `","address":"ws://[::1%25x]/"}`,
		`{"code":0}`, `{"code":-1}`, `{"code":1005}`, `{"code":99999999999}`, `{"code":1e3}`, `{"reason":"` + strings.Repeat("x", 124) + `"}`, `{"reason":"\ud800"}`, `{"code":1005,"reason":"x"}`,
		`{"id":"` + strings.Repeat("9", 400) + `","name":"bad","address":"ws://127.0.0.1:1/"}`, strings.Repeat("[", 100000), `{"name":"` + strings.Repeat("n", 2<<20) + `"}`,
	}
	for _, body := range bodies {
		for _, call := range []string{
			"POST /api/sessions", "POST /api/services", "PUT /api/services/" + service, "PUT /api/services/nobody",
			"POST /api/sessions/nobody/close", "DELETE /api/services/nobody", "PATCH /api/services/" + service,
			"POST /api/services/" + service + "/messages?name=%00&type=text", "PUT /api/services/" + service + "/messages/nobody?name=a&type=text",
			"PATCH /api/services/" + service + "/messages/nobody", "DELETE /api/services/" + service + "/messages/" + strings.Repeat("x", 5000),
			"POST /api/sessions/" + live.ID + "/messages?opcode=exe", "POST /api/sessions/nobody/messages?opcode=text",
			"POST /api/sessions/" + live.ID + "/messages?opcode=text&client_id=%00",
			"POST /api/sessions/" + live.ID + "/messages?opcode=text&client_id=" + strings.Repeat("x", 10_000),
		} {
			method, path, _ := strings.Cut(call, " ")
			for _, kind := range []string{"application/json", "text/plain", ""} {
				res, raw := p.do(method, path, kind, strings.NewReader(body))
				demandErrorShape(t, fmt.Sprintf("%.120s %s %.120s", call, kind, body), res, raw)
			}
		}
	}
	for _, body := range []string{`{"code":1005}`, `{"code":0}`, `{"code":-1}`, `{"reason":"` + strings.Repeat("x", 124) + `"}`} {
		res, raw := p.do("POST", "/api/sessions/"+live.ID+"/close", "application/json", strings.NewReader(body))
		demandErrorShape(t, "close "+body, res, raw)
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("close with %s: %d", body, res.StatusCode)
		}
	}
	var after wire.State
	p.call("GET", "/api/sessions/"+live.ID, nil, http.StatusOK, &after)
	if after.State != "open" {
		t.Errorf("bad input ended the session: %+v", after)
	}
}

func TestRangesAtTheEdges(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	live := p.echo()
	for _, size := range []int{0, 1, 300, 5000, 3<<20 + 7} {
		payload := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		seq := p.send(live.ID, "binary", "", string(payload))
		path := fmt.Sprintf("/api/sessions/%s/messages/%d", live.ID, seq)
		for _, r := range []string{
			"bytes=0-0", "bytes=-1", "bytes=-0", "bytes=0-", "bytes=-99999999999", "bytes=999999999-", "bytes=5-2", "bytes=0-0,2-2", "bytes=1048570-1048590",
			"bytes=1048576-", "bytes=x", "items=0-1", "bytes=", "bytes=0-0,0-0,0-0", "bytes=" + strings.Repeat("0-,", 500) + "0-", "bytes=9223372036854775807-",
		} {
			res, raw := p.do("GET", path, "", nil, func(q *http.Request) { q.Header.Set("Range", r) })
			switch res.StatusCode {
			case http.StatusOK:
				if !bytes.Equal(raw, payload) {
					t.Errorf("%d %s: %d bytes differ", size, r, len(raw))
				}
			case http.StatusPartialContent:
				var from, to, all int
				n, _ := fmt.Sscanf(res.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &all)
				if n == 3 && (all != size || !bytes.Equal(raw, payload[from:to+1])) {
					t.Errorf("%d %s: %s with %d bytes", size, r, res.Header.Get("Content-Range"), len(raw))
				}
			case http.StatusRequestedRangeNotSatisfiable:
			default:
				t.Errorf("%d %s: %d %.200s", size, r, res.StatusCode, raw)
			}
		}
	}
}

func TestUploadWithoutLengthIsBounded(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.open(object{"service": p.demo("echo", "none").ID, "limits": object{"max_message_bytes": 1000}})
	path := "/api/sessions/" + s.ID + "/messages?opcode=binary"
	for size, want := range map[int]int{1000: http.StatusCreated, 1001: http.StatusRequestEntityTooLarge, 1 << 20: http.StatusRequestEntityTooLarge} {
		body := io.LimitReader(zeros{}, int64(size)) // net/http does not know its length
		res, raw := p.do("POST", path, "application/octet-stream", body)
		demandErrorShape(t, "upload", res, raw)
		if res.StatusCode != want {
			t.Errorf("%d bytes: %d %s", size, res.StatusCode, raw)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTwoClientsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	live := p.echo()
	const each = 200
	var tasks sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		v := p.attach(live.ID, 0)
		tasks.Go(func() {
			for i := range each {
				v.say(wire.ViewerEvent{Type: "send", ClientID: fmt.Sprintf("%s%d", name, i), Opcode: "text", Text: fmt.Sprintf("%s %d", name, i)})
			}
			done := 0
			v.await(func(e wire.ServerEvent) bool {
				if e.Type == "sent" {
					done++
				}
				return done == each
			})
		})
	}
	tasks.Wait()
	for _, direction := range []string{"sent", "received"} {
		next := map[string]int{}
		for after, more := int64(0), true; more; {
			page := p.rows(live.ID, fmt.Sprintf("direction=%s&after=%d", direction, after))
			for _, row := range page.Messages {
				name, n, _ := strings.Cut(row.Preview, " ")
				if n != fmt.Sprint(next[name]) {
					t.Fatalf("%s: %s came where %s %d was due", direction, row.Preview, name, next[name])
				}
				next[name]++
			}
			more, after = len(page.Messages) > 0, page.NextAfter
			if next["a"] == each && next["b"] == each {
				more = false
			}
			if direction == "received" && !more && next["a"]+next["b"] < 2*each {
				more = true // echoes are still coming
			}
		}
	}
}

func TestServiceChangesWhileSessionsOpen(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	address := p.demo("echo", "none").Address
	var tasks sync.WaitGroup
	for n := range 4 {
		tasks.Go(func() {
			name := fmt.Sprintf("racer %d", n%2)
			for i := range 25 {
				body, _ := json.Marshal(object{"name": name, "address": address, "credential": object{"kind": "bearer", "token": fmt.Sprint("secret-", i)}})
				for _, call := range []string{"POST /api/services", "PUT /api/services/" + url.PathEscape(name), "DELETE /api/services/" + url.PathEscape(name)} {
					method, path, _ := strings.Cut(call, " ")
					res, raw := p.do(method, path, "application/json", bytes.NewReader(body))
					demandErrorShape(t, call, res, raw)
					res, raw = p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+name+`"}`))
					demandErrorShape(t, "open", res, raw)
					var s wire.State
					if res.StatusCode == http.StatusCreated && json.Unmarshal(raw, &s) == nil {
						p.do("POST", "/api/sessions/"+s.ID+"/close", "application/json", strings.NewReader("{}"))
					}
				}
			}
		})
	}
	tasks.Wait()
}

func TestSecretsGoWithTheirKind(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	path := "/api/services/keeper"
	body := func(credential any) object {
		return object{"name": "keeper", "address": "ws://127.0.0.1:1/", "credential": credential}
	}
	p.call("POST", "/api/services", body(object{"kind": "bearer", "token": "first-token"}), http.StatusCreated, nil)
	kept := func() map[string]any {
		var s savedService
		p.call("GET", path, nil, http.StatusOK, &s)
		secrets, _ := s.Credential["secrets"].(map[string]any)
		return secrets
	}
	p.call("PUT", path, body(object{"kind": "bearer"}), http.StatusOK, nil)
	if len(kept()) != 1 {
		t.Errorf("left out: %v", kept())
	}
	if e := p.refused("PUT", path, body(object{"kind": "bearer", "token": nil}), http.StatusBadRequest); e.Code != "missing_secret" {
		t.Errorf("null: %+v", e)
	}
	if e := p.refused("PUT", path, body(object{"kind": "token"}), http.StatusBadRequest); e.Code != "missing_secret" {
		t.Errorf("another kind: %+v", e)
	}
	p.call("PUT", path, body(object{"kind": "basic", "username": "u", "password": "p-p-p-p"}), http.StatusOK, nil)
	if s := kept(); len(s) != 1 || s["password"] == nil {
		t.Errorf("after another kind: %v", s)
	}
	p.call("PUT", path, body(object{"kind": "bearer", "token": "second"}), http.StatusOK, nil)
	p.call("PUT", path, body(object{"kind": "none"}), http.StatusOK, nil)
	if s := kept(); len(s) != 0 {
		t.Errorf("after none: %v", s)
	}
}

// Hundreds of sessions, in full a thousand, leave no goroutine and no descriptor.
func TestAPISessionsLeaveNothingBehind(t *testing.T) {
	sessions := testkit.Pick(200, 1000, 1000)
	const figure = "leaks"
	p := startProgram(t, "--log-level", "warn")
	service := p.demo("echo", "none").ID
	cycle := func() {
		s := p.open(object{"service": service})
		seq := p.send(s.ID, "text", "", "x")
		v := p.attachUnkept(s.ID, 0)
		v.awaitRows(seq)
		_ = v.conn.CloseNow()
		p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, nil)
	}
	count := func() (goroutines, files int) {
		new(http.Client).CloseIdleConnections()
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("SKIPPED: descriptor count (needs /proc)")
		}
		return runtime.NumGoroutine(), len(entries)
	}
	for range 20 {
		cycle()
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	goroutines, files := count()
	heap := liveHeap()
	for range sessions {
		cycle()
	}
	var g, f int
	for range 1000 { // sessions that end by themselves get a moment
		if g, f = count(); g <= goroutines+2 && f <= files+2 {
			break
		}
		<-tick.C
	}
	testkit.AtMost(t, figure, fmt.Sprintf("goroutines more after %d sessions", sessions), float64(g-goroutines), 2, "")
	testkit.AtMost(t, figure, fmt.Sprintf("descriptors more after %d sessions", sessions), float64(f-files), 2, "")
	testkit.AtMost(t, figure, fmt.Sprintf("heap more after %d sessions", sessions), (float64(liveHeap())-float64(heap))/(1<<20), 1, "MiB")
}

// A browser that breaks off between two parts of a message has sent none.
func TestHalfAMessageIsNoMessageOfARelay(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.call("POST", "/api/services", object{"name": "taped", "address": p.demo("echo", "none").Address, "record_relay": true}, http.StatusCreated, nil)
	host := strings.TrimPrefix(p.url, "http://")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	handshake := "GET /relay/taped/ HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + p.url + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := io.WriteString(conn, handshake+"\x01\x84\x00\x00\x00\x00half"); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewReader(conn)
	if line, err := answer.ReadString('\n'); err != nil || !strings.Contains(line, " 101 ") {
		t.Fatalf("%q %v", line, err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, answer) // until the relay has ended
	var list struct{ Sessions []wire.State }
	for list.Sessions == nil || list.Sessions[0].State != "closed" {
		p.call("GET", "/api/sessions?limit=1", nil, http.StatusOK, &list)
	}
	if s := list.Sessions[0]; s.Kind != "relay" || s.Sent != 0 {
		t.Errorf("relay %+v", s)
	}
}
