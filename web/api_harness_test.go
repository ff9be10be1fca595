package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// program is the whole program on a data directory of its own, demo included, in
// this process.
type program struct {
	t    testing.TB
	url  string
	data string // directory
	stop func() // ends it as a signal does, and waits
	logs *logs
}

// logs gathers the output of the program.
type logs struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type object = map[string]any

func startProgram(tb testing.TB, args ...string) *program {
	tb.Helper()
	return startProgramOf(tb, process{}, args...)
}

// startProgramIn starts the program in an environment.
func startProgramIn(tb testing.TB, getenv func(string) string, args ...string) *program {
	tb.Helper()
	return startProgramOf(tb, process{getenv: getenv}, args...)
}

// startProgramOf starts the program in a process that has an environment or a clock.
func startProgramOf(tb testing.TB, of process, args ...string) *program {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	data := tb.TempDir() // first, because cleanups run in reverse
	if at := slices.Index(args, "--data"); at >= 0 {
		data = args[at+1]
	}
	out, in := io.Pipe()
	p := &program{t: tb, data: data, logs: &logs{}}
	ended := make(chan int, 1)
	go func() {
		of.args = append([]string{"--listen", "127.0.0.1:0", "--data", data, "--log-level", "debug"}, args...)
		of.stdout, of.stderr = in, p.logs
		if of.getenv == nil {
			of.getenv = func(string) string { return "" }
		}
		code := run(ctx, of)
		_ = in.Close()
		ended <- code
	}()
	p.stop = sync.OnceFunc(func() {
		cancel()
		if code := <-ended; code != 0 {
			tb.Errorf("the program ended with %d", code)
		}
		if tb.Failed() {
			tb.Logf("log:\n%s", p.logs)
		}
	})
	tb.Cleanup(p.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "Duplex is at "))
	return p
}

// do makes a request and returns the answer with its body.
func (p *program) do(method, path, kind string, body io.Reader, edit ...func(*http.Request)) (*http.Response, []byte) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, f := range edit {
		f(req)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res, raw
}

// call makes an API request, demands a status, and decodes the answer into out.
func (p *program) call(method, path string, body any, status int, out any) []byte {
	p.t.Helper()
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	res, raw := p.do(method, path, "application/json", payload)
	if res.StatusCode != status {
		p.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
	return raw
}

// refused makes an API request that must fail, and returns the error.
func (p *program) refused(method, path string, body any, status int) wire.Error {
	p.t.Helper()
	var answer struct{ Error wire.Error }
	p.call(method, path, body, status, &answer)
	return answer.Error
}

type savedService struct {
	ID, Name, Address, Demo string
	Credential              map[string]any
}

// demo finds the demo service of an endpoint and a kind of credential.
func (p *program) demo(endpoint, kind string) savedService {
	p.t.Helper()
	var list struct{ Services []savedService }
	p.call("GET", "/api/services", nil, http.StatusOK, &list)
	for _, s := range list.Services {
		if s.Demo == endpoint && s.Credential["kind"] == kind {
			return s
		}
	}
	p.t.Fatalf("no demo service %s with %s", endpoint, kind)
	return savedService{}
}

// demoOf returns the id of the demo service of an endpoint, without a credential, as a person
// of edit sees it.
func (p *program) demoOf(endpoint string, edit func(*http.Request)) string {
	p.t.Helper()
	var list struct{ Services []savedService }
	_, raw := p.do("GET", "/api/services", "", nil, edit)
	if err := json.Unmarshal(raw, &list); err != nil {
		p.t.Fatalf("%v: %s", err, raw)
	}
	at := slices.IndexFunc(list.Services, func(s savedService) bool { return s.Demo == endpoint && s.Credential["kind"] == "none" })
	if at < 0 {
		p.t.Fatalf("no demo service %s", endpoint)
	}
	return list.Services[at].ID
}

// open opens a session.
func (p *program) open(body object) wire.State {
	p.t.Helper()
	var state wire.State
	p.call("POST", "/api/sessions", body, http.StatusCreated, &state)
	return state
}

func (p *program) echo() wire.State {
	p.t.Helper()
	return p.open(object{"service": p.demo("echo", "none").ID})
}

// send sends a message and returns its seq.
func (p *program) send(session, opcode, clientID, payload string) int64 {
	p.t.Helper()
	path := fmt.Sprintf("/api/sessions/%s/messages?opcode=%s&client_id=%s", session, opcode, clientID)
	res, raw := p.do("POST", path, "application/octet-stream", strings.NewReader(payload))
	var sent struct{ Seq int64 }
	if err := json.Unmarshal(raw, &sent); err != nil || res.StatusCode != http.StatusCreated {
		p.t.Fatalf("send: %d %s", res.StatusCode, raw)
	}
	return sent.Seq
}

type rowPage struct {
	Messages  []wire.Row
	NextAfter int64 `json:"next_after"`
}

func (p *program) rows(session, query string) rowPage {
	p.t.Helper()
	var page rowPage
	p.call("GET", "/api/sessions/"+session+"/messages?"+query, nil, http.StatusOK, &page)
	return page
}

// viewer is a socket attached to a session.
type viewer struct {
	t     testing.TB
	conn  *websocket.Conn
	state *wire.State // the newest that came
	after int64       // seq of the newest row that came
	rows  []wire.Row
}

func (p *program) attach(session string, after int64, edit ...func(http.Header)) *viewer {
	p.t.Helper()
	v := p.attachUnkept(session, after, edit...)
	p.t.Cleanup(func() { _ = v.conn.CloseNow() })
	return v
}

// attachUnkept is attach where the caller closes the socket; the test does not hold it.
func (p *program) attachUnkept(session string, after int64, edit ...func(http.Header)) *viewer {
	p.t.Helper()
	address := fmt.Sprintf("ws%s/api/sessions/%s/attach?after=%d", strings.TrimPrefix(p.url, "http"), session, after)
	header := http.Header{"Origin": {p.url}}
	for _, f := range edit {
		f(header)
	}
	conn, _, err := websocket.Dial(p.t.Context(), address, &websocket.DialOptions{Subprotocols: []string{wire.Subprotocol}, HTTPHeader: header})
	if err != nil {
		p.t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	return &viewer{t: p.t, conn: conn, after: after}
}

// next reads an event. No row may be missing or come twice.
func (v *viewer) next() (e wire.ServerEvent, err error) {
	v.t.Helper()
	return v.read(v.t.Context())
}

// read is next until ctx ends.
func (v *viewer) read(ctx context.Context) (e wire.ServerEvent, err error) {
	v.t.Helper()
	_, raw, err := v.conn.Read(ctx)
	if err != nil {
		return e, err
	}
	err = json.Unmarshal(raw, &e)
	if e.State != nil {
		v.state = e.State
	}
	for _, row := range e.Rows {
		if row.Seq != v.after+1 {
			v.t.Errorf("row %d after %d", row.Seq, v.after)
		}
		v.after, v.rows = row.Seq, append(v.rows, row)
	}
	return e, err
}

// await reads events until done says so.
func (v *viewer) await(done func(wire.ServerEvent) bool) {
	v.t.Helper()
	for {
		e, err := v.next()
		if err != nil {
			v.t.Fatal(err)
		}
		if done(e) {
			return
		}
	}
}

// awaitState reads events until the newest state is as it should be.
func (v *viewer) awaitState(right func(*wire.State) bool) {
	v.t.Helper()
	for v.state == nil || !right(v.state) {
		if _, err := v.next(); err != nil {
			v.t.Fatal(err)
		}
	}
}

// awaitRows reads until the row with seq has come, and returns all rows so far.
func (v *viewer) awaitRows(seq int64) []wire.Row {
	v.t.Helper()
	for v.after < seq {
		if _, err := v.next(); err != nil {
			v.t.Fatal(err)
		}
	}
	return v.rows
}

func (v *viewer) say(e wire.ViewerEvent) {
	v.t.Helper()
	raw, err := json.Marshal(e)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.conn.Write(v.t.Context(), websocket.MessageText, raw); err != nil {
		v.t.Fatal(err)
	}
}
