package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/goccy/go-yaml"

	"duplex/bridge/transcript"
	"duplex/bridge/wire"
)

// strictDocument is the API document with closed answers: a field that no schema names
// is an error. Clients may not rely on that, so the document itself leaves them open.
func strictDocument(t *testing.T) *openapi3.T {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal(readAPIDocument(t), &doc); err != nil {
		t.Fatal(err)
	}
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	for name, schema := range schemas {
		if name != "Connection" { // a part of two requests
			closeObjects(schema)
		}
	}
	closeObjects(doc["paths"])
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	strict, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	return strict
}

// closeObjects forbids further fields in every object with properties, but for the parts
// of an allOf, each of which sees the fields of all.
func closeObjects(node any) {
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			closeObjects(item)
		}
	case map[string]any:
		_, named := node["properties"].(map[string]any)
		if _, said := node["additionalProperties"]; named && !said {
			node["additionalProperties"] = false
		}
		for key, item := range node {
			if key != "allOf" && key != "example" {
				closeObjects(item)
			}
		}
	}
}

// apiTest makes documented calls, and notes which statuses came.
type apiTest struct {
	*program

	doc    *openapi3.T
	routes map[string]*routers.Route // by operationId
	came   map[string]map[int]bool   // by operationId
}

func newAPITest(t *testing.T, p *program) *apiTest {
	t.Helper()
	a := &apiTest{program: p, doc: strictDocument(t), routes: map[string]*routers.Route{}, came: map[string]map[int]bool{}}
	for path, item := range a.doc.Paths.Map() {
		for method, op := range item.Operations() {
			a.routes[op.OperationID] = &routers.Route{Spec: a.doc, Path: path, PathItem: item, Method: method, Operation: op}
			a.came[op.OperationID] = map[int]bool{}
		}
	}
	return a
}

// attempt is a call of an operation.
type attempt struct {
	op     string
	path   string // values of the path's parameters in order, separated by spaces
	query  string
	body   string              // JSON when it begins with "{"
	edit   func(*http.Request) // nil is ada, a member
	status int
}

// try makes a call and returns the answer's body. Request and answer must be as the
// document says; the request of a refused call may be wrong in any way.
func (a *apiTest) try(c attempt) []byte {
	a.t.Helper()
	route := a.routes[c.op]
	if route == nil {
		a.t.Errorf("%s is not documented", c.op)
		return nil
	}
	req, params := a.request(route, c)
	if c.status < 400 {
		a.checkRequest(route, req, params, c.body)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var raw []byte
	if res.StatusCode != http.StatusSwitchingProtocols {
		if raw, err = io.ReadAll(res.Body); err != nil {
			a.t.Fatal(err)
		}
	}
	if res.StatusCode != c.status {
		a.t.Errorf("%s: %d, want %d: %s", c.op, res.StatusCode, c.status, raw)
	}
	a.checkAnswer(route, req, params, res, raw)
	return raw
}

func (a *apiTest) request(route *routers.Route, c attempt) (*http.Request, map[string]string) {
	a.t.Helper()
	path, params := route.Path, map[string]string{}
	for value := range strings.FieldsSeq(c.path) {
		before, rest, _ := strings.Cut(path, "{")
		name, after, _ := strings.Cut(rest, "}")
		params[name], path = value, before+url.PathEscape(value)+after
	}
	if before, empty := strings.CutSuffix(path, "{path}"); empty { // which OpenAPI cannot say
		path, params["path"] = before, "."
	}
	req, err := http.NewRequestWithContext(a.t.Context(), route.Method, a.url+path, strings.NewReader(c.body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.URL.RawQuery = c.query
	if strings.HasPrefix(c.body, "{") {
		req.Header.Set("Content-Type", "application/json")
	} else if c.body != "" {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	if c.edit == nil {
		as("ada", "dev")(req)
	} else {
		c.edit(req)
	}
	return req, params
}

func (a *apiTest) checkRequest(route *routers.Route, req *http.Request, params map[string]string, body string) {
	a.t.Helper()
	copied := req.Clone(context.WithoutCancel(a.t.Context()))
	copied.Body = io.NopCloser(strings.NewReader(body))
	if err := openapi3filter.ValidateRequest(a.t.Context(), a.input(route, copied, params)); err != nil {
		a.t.Errorf("%s: the request is not as documented: %v", route.Operation.OperationID, err)
	}
}

func (a *apiTest) input(route *routers.Route, req *http.Request, params map[string]string) *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true, MultiError: true},
	}
}

func (a *apiTest) checkAnswer(route *routers.Route, req *http.Request, params map[string]string, res *http.Response, raw []byte) {
	a.t.Helper()
	op := route.Operation
	a.came[op.OperationID][res.StatusCode] = true
	if res.StatusCode < 400 && op.Responses.Status(res.StatusCode) == nil {
		a.t.Errorf("%s: the status %d is not documented", op.OperationID, res.StatusCode)
	}
	err := openapi3filter.ValidateResponse(a.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: a.input(route, req, params), Status: res.StatusCode, Header: res.Header,
		Body: io.NopCloser(bytes.NewReader(raw)), Options: &openapi3filter.Options{MultiError: true},
	})
	if err != nil {
		a.t.Errorf("%s: the answer %d is not as documented: %v\n%s", op.OperationID, res.StatusCode, err, raw)
	}
}

// checkAll fails for each operation that was not tried, each documented status that did
// not come, and each operation without an error.
func (a *apiTest) checkAll(withoutError map[string]string) {
	a.t.Helper()
	for id, route := range a.routes {
		refused := false
		for status := range a.came[id] {
			refused = refused || status >= 400 && route.Operation.Responses.Status(status) == nil
		}
		for code := range route.Operation.Responses.Map() {
			status := 0
			_, _ = fmt.Sscan(code, &status)
			if code == "default" && !refused && withoutError[id] == "" || code != "default" && !a.came[id][status] {
				a.t.Errorf("%s: no call was answered with %s", id, code)
			}
		}
	}
}

// matches fails when a JSON value is not as a schema says.
func (a *apiTest) matches(schema string, raw []byte) {
	a.t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		a.t.Fatalf("%v: %s", err, raw)
	}
	if err := a.doc.Components.Schemas[schema].Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
		a.t.Errorf("not a %s: %v\n%s", schema, err, raw)
	}
}

// upgrades makes a request the handshake of a WebSocket.
func upgrades(r *http.Request) {
	as("ada", "dev")(r)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol": wire.Subprotocol, "Origin": "http://" + r.URL.Host,
	} {
		r.Header.Set(name, value)
	}
}

func withHeader(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		as("ada", "dev")(r)
		r.Header.Set(name, value)
	}
}

func idOf(tb testing.TB, raw []byte) string {
	tb.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal(raw, &made); err != nil || made.ID == "" {
		tb.Fatalf("no id in %s: %v", raw, err)
	}
	return made.ID
}

// Every documented call is made, with its errors, and is as documented.
func TestEveryCallIsAsDocumented(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"application/x-ndjson", "application/yaml", "audio/wav", "audio/ogg", "text/event-stream"} { // texts to their schemas
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.PlainBodyDecoder)
	}
	openapi3filter.RegisterBodyDecoder("application/schema+json", openapi3filter.RegisteredBodyDecoder("application/json"))
	p := startProxied(t)
	a := newAPITest(t, p)
	stranger, admin := as("eve", "guests"), as("olga", "ops")

	a.try(attempt{op: "checkHealth", status: 200})
	a.try(attempt{op: "checkReadiness", status: 200})
	a.try(attempt{op: "readMetrics", status: 200})
	a.try(attempt{op: "readMetrics", edit: func(r *http.Request) { r.Host = "rebound.example" }, status: 421})
	a.try(attempt{op: "readVersion", status: 200})
	a.try(attempt{op: "readVersion", edit: func(r *http.Request) { r.Host = "rebound.example" }, status: 421})
	a.try(attempt{op: "readDocument", status: 200})
	a.try(attempt{op: "readLease", status: 200})
	for _, op := range []string{"readDocument", "readLease", "listTokens", "listPeople", "listServices", "listSessions", "listAuditEntries"} {
		a.try(attempt{op: op, edit: stranger, status: 403})
	}
	var list struct{ Services []savedService }
	if err := json.Unmarshal(a.try(attempt{op: "listServices", status: 200}), &list); err != nil {
		t.Fatal(err)
	}
	echo := slices.IndexFunc(list.Services, func(s savedService) bool { return s.Demo == "echo" && s.Credential["kind"] == "none" })
	a.tryServices(list.Services[echo].Address)
	a.tryFolders(list.Services[echo].Address)
	a.tryEnvironments(list.Services[echo].Address)
	a.tryDialects(list.Services[echo].Address)
	a.tryPeople(admin)
	a.checkAll(map[string]string{"checkReadiness": "fails while the process ends, see drain_test.go"})
}

func (a *apiTest) tryServices(target string) {
	a.t.Helper()
	nobody := "01a20000-0000-7000-8000-000000000000"
	host, _, _ := strings.Cut(strings.TrimPrefix(target, "ws://"), "/")
	service := idOf(a.t, a.try(attempt{op: "createService", status: 201, body: `{"name":"first","address":"` + target + `?a=1",
		"headers":[{"name":"X-Api-Key","value":"secret-key","secret":true},{"name":"X-Plain","value":"1"}],"params":[{"raw":"b=%2F"}],
		"credential":{"kind":"none"},"ping_interval":"20s","limits":{"max_message_bytes":1000000}}`}))
	a.try(attempt{op: "createService", body: `{"name":"first"}`, status: 400})
	a.try(attempt{op: "createService", body: `{"name":"first","address":"ws://127.0.0.1:1","unknown":1}`, status: 400})
	read := a.try(attempt{op: "readService", path: service, status: 200})
	a.try(attempt{op: "readService", path: nobody, status: 404})
	a.try(attempt{op: "replaceService", path: service, body: string(read), status: 200})
	a.try(attempt{op: "replaceService", path: nobody, body: string(read), status: 404})
	a.try(attempt{op: "bindSecret", path: service + " headers[X-Api-Key]", body: `{"targets":["` + host + `","*.gateway.example"]}`, status: 200})
	a.try(attempt{op: "bindSecret", path: service + " nothing", body: `{"tls":false}`, status: 404})
	a.trySaved(service)
	a.trySessions(service)
	a.tryRelay(service)
	a.try(attempt{op: "deleteService", path: service, status: 204})
	a.try(attempt{op: "deleteService", path: service, status: 404})
}

func (a *apiTest) tryDialects(target string) {
	a.t.Helper()
	yaml := withHeader("Content-Type", "application/yaml")
	a.try(attempt{op: "readDialectSchema", status: 200})
	a.try(attempt{op: "readDialectSchema", edit: as("eve", "guests"), status: 403})
	a.try(attempt{op: "createDialect", body: echoDialect, edit: yaml, status: 201})
	a.try(attempt{op: "createDialect", body: echoDialect, edit: yaml, status: 409})
	a.try(attempt{op: "createDialect", body: "dialect: 1\nnaem: x\n", edit: yaml, status: 400})
	a.try(attempt{op: "listDialects", query: "address=wss://api.openai.com/v1/realtime", status: 200})
	a.try(attempt{op: "listDialects", edit: as("eve", "guests"), status: 403})
	a.try(attempt{op: "readDialect", path: "our-echo", status: 200})
	a.try(attempt{op: "readDialect", path: "openai-realtime", status: 200})
	a.try(attempt{op: "readDialect", path: "nothing", status: 404})
	a.try(attempt{op: "replaceDialect", path: "our-echo", body: echoDialect + "ignore: []\n", edit: yaml, status: 200})
	a.try(attempt{op: "replaceDialect", path: "openai-realtime", body: echoDialect, edit: yaml, status: 409})
	a.tryTurns(target)
	a.try(attempt{op: "deleteDialect", path: "our-echo", status: 204})
	a.try(attempt{op: "deleteDialect", path: "our-echo", status: 404})
}

func (a *apiTest) tryTurns(target string) {
	a.t.Helper()
	wav := withHeader("Content-Type", "audio/wav")
	service := idOf(a.t, a.try(attempt{op: "createService", status: 201, body: `{"name":"spoken","address":"` + target + `","dialect":"our-echo"}`}))
	a.try(attempt{op: "askService", path: service, body: `{"text":"hello"}`, status: 200})
	a.try(attempt{op: "askService", path: service, body: `{"words":"hello"}`, status: 400})
	session := idOf(a.t, a.try(attempt{op: "openSession", body: `{"service":"` + service + `"}`, status: 201}))
	a.try(attempt{op: "askSession", path: session, query: "timeout=20s", body: `{"text":"hello"}`, status: 200})
	a.try(attempt{op: "askSession", path: session, query: "timeout=never", body: `{"text":"hello"}`, status: 400})
	a.try(attempt{op: "listTurns", path: session, status: 200})
	a.try(attempt{op: "listTurns", path: session, query: "dialect=nothing", status: 404})
	a.try(attempt{op: "readTurn", path: session + " 1", status: 200})
	a.try(attempt{op: "readTurn", path: session + " 99", status: 404})
	a.try(attempt{op: "listTurns", path: session, query: "before=2&limit=1", status: 200})
	a.try(attempt{op: "listTurns", path: session, query: "limit=1001", status: 400})
	a.try(attempt{op: "readPieces", path: session + " 1", status: 200})
	a.try(attempt{op: "readPieces", path: session + " 1", query: "stream=both", status: 400})
	a.try(attempt{op: "readPieces", path: session + " 99", status: 404})
	a.try(attempt{op: "playAudio", path: session, query: "pace=0", body: string(speechWAV(16000, 200)), edit: wav, status: 201})
	a.try(attempt{op: "playAudio", path: session, body: "no wav", edit: wav, status: 400})
	until(a.t, "the speech is answered", func() bool {
		return strings.Count(string(a.try(attempt{op: "listTurns", path: session, status: 200})), `"state":"done"`) == 2
	})
	a.try(attempt{op: "readSeries", path: session, status: 200})
	a.try(attempt{op: "readSeries", path: session, query: "from_us=1&to_us=2&points=1", status: 200})
	a.try(attempt{op: "readSeries", path: session, query: "points=0", status: 400})
	a.try(attempt{op: "readTurnAudio", path: session + " 2", status: 200})
	a.try(attempt{op: "readTurnAudio", path: session + " 2", query: "stream=user", edit: withHeader("Range", "bytes=0-3"), status: 206})
	a.try(attempt{op: "readTurnAudio", path: session + " 2", edit: withHeader("Range", "bytes=99999999-"), status: 416})
	a.try(attempt{op: "readTurnAudio", path: session + " 2", query: "stream=user&from_seq=2&from_ms=20&to_ms=60", status: 200})
	a.try(attempt{op: "readTurnAudio", path: session + " 1", status: 404})
	a.try(attempt{op: "readTurnLevels", path: session + " 2", query: "stream=user", status: 200})
	a.try(attempt{op: "readTurnLevels", path: session + " 2", query: "after=-1", status: 400})
	a.try(attempt{op: "readTurnGrowth", path: session + " 2", query: "stream=user", status: 200})
	a.try(attempt{op: "readTurnGrowth", path: session + " 99", status: 404})
	a.try(attempt{op: "stopAudio", path: session, status: 404})
	a.try(attempt{op: "stopAnswer", path: session, status: 200})
	a.try(attempt{op: "stopAnswer", path: "nowhere", status: 404})
	a.try(attempt{op: "playAudio", path: session, query: "pace=1", body: string(speechWAV(16000, 60000)), edit: wav, status: 201})
	a.try(attempt{op: "pauseAudio", path: session, body: `{"paused":true}`, status: 200})
	a.try(attempt{op: "stopAudio", path: session, status: 204})
	a.try(attempt{op: "pauseAudio", path: session, body: `{}`, status: 400})
	a.try(attempt{op: "chooseDialect", path: session, body: `{"dialect":"openai-realtime"}`, status: 200})
	a.try(attempt{op: "chooseDialect", path: session, body: `{"dialect":"nothing"}`, status: 404})
	a.try(attempt{op: "closeSession", path: session, body: `{"code":1000}`, status: 200})
	a.try(attempt{op: "deleteService", path: service, status: 204})
}

func (a *apiTest) trySaved(service string) {
	a.t.Helper()
	message := service + " " + idOf(a.t, a.try(attempt{op: "createSavedMessage", path: service, query: "name=one&folder=f&type=text", body: "hello", status: 201}))
	a.try(attempt{op: "createSavedMessage", path: service, query: "name=one&type=poem", body: "hello", status: 400})
	a.try(attempt{op: "listSavedMessages", path: service, status: 200})
	a.try(attempt{op: "listSavedMessages", path: "nothing", status: 404})
	a.try(attempt{op: "readSavedMessage", path: message, status: 200})
	a.try(attempt{op: "readSavedMessage", path: service + " nothing", status: 404})
	a.try(attempt{op: "replaceSavedMessage", path: message, query: "name=two&type=file", body: "hello again", status: 200})
	a.try(attempt{op: "replaceSavedMessage", path: service + " nothing", query: "name=two&type=file", body: "x", status: 404})
	a.try(attempt{op: "changeSavedMessage", path: message, body: `{"folder":"g","position":0}`, status: 200})
	a.try(attempt{op: "changeSavedMessage", path: message, body: `{"position":-1}`, status: 400})
	a.tryBytes("readSavedBody", message)
	a.try(attempt{op: "readSavedBody", path: service + " nothing", status: 404})
	a.try(attempt{op: "deleteSavedMessage", path: message, status: 204})
	a.try(attempt{op: "deleteSavedMessage", path: message, status: 404})
}

// tryBytes reads bytes, a range, a range beyond the end, and unchanged bytes.
func (a *apiTest) tryBytes(op, path string) {
	a.t.Helper()
	a.try(attempt{op: op, path: path, status: 200})
	a.try(attempt{op: op, path: path, edit: withHeader("Range", "bytes=0-1"), status: 206})
	a.try(attempt{op: op, path: path, edit: withHeader("Range", "bytes=900-"), status: 416})
	a.try(attempt{op: op, path: path, edit: withHeader("If-None-Match", "*"), status: 304})
}

func (a *apiTest) trySessions(service string) {
	a.t.Helper()
	session := idOf(a.t, a.try(attempt{op: "openSession", body: `{"service":"` + service + `"}`, status: 201}))
	a.try(attempt{op: "openSession", body: `{"service":"` + service + `"}`, edit: withHeader("Accept", "text/event-stream"), status: 200})
	a.try(attempt{op: "openSession", body: `{"address":"ws://127.0.0.1:1/"}`, status: 502})
	a.try(attempt{op: "testConnection", body: `{"service":"` + service + `"}`, status: 200})
	a.try(attempt{op: "testConnection", body: `{"address":"ws://127.0.0.1:1/"}`, status: 502})
	a.try(attempt{op: "openSession", body: `{}`, status: 400})
	a.try(attempt{op: "listSessions", query: "limit=5&with_running=true", status: 200})
	a.try(attempt{op: "readSession", path: session, status: 200})
	a.try(attempt{op: "readSession", path: "nothing", status: 404})
	a.try(attempt{op: "sendMessage", path: session, query: "opcode=text&client_id=c1", body: "hello", status: 201})
	a.try(attempt{op: "sendMessage", path: session, query: "opcode=ping", body: "hello", status: 400})
	a.try(attempt{op: "listMessages", path: session, query: "limit=10", status: 200})
	a.try(attempt{op: "listMessages", path: session, query: "q=hello&direction=sent&latest=true", status: 200})
	a.try(attempt{op: "listMessages", path: session, query: "q=(&regex=true", status: 400})
	a.try(attempt{op: "listMessages", path: session, query: "label=delta&label=", status: 200})
	a.try(attempt{op: "countLabels", path: session, query: "after=0&budget_ms=200", status: 200})
	a.try(attempt{op: "countLabels", path: session, query: "after=x", status: 400})
	a.tryBytes("readMessage", session+" 2")
	a.try(attempt{op: "readMessage", path: session + " 999", status: 404})
	a.try(attempt{op: "searchMessages", query: "q=hello&budget_ms=1000", status: 200})
	a.try(attempt{op: "searchMessages", query: "q=", status: 400})
	a.try(attempt{op: "searchMessages", query: "q=hello&in=answers", status: 200})
	a.try(attempt{op: "countDays", query: "zone=Asia/Shanghai&state=open", status: 200})
	a.try(attempt{op: "countDays", query: "zone=Local", status: 400})
	a.try(attempt{op: "exportSessions", query: "format=har&session=" + session, status: 200})
	a.try(attempt{op: "exportSessions", query: "format=wav&session=" + session, status: 400})
	a.try(attempt{op: "exportSessions", query: "session=nothing", status: 404})
	a.try(attempt{op: "deleteSessions", body: `{"sessions":["` + session + `","nothing"]}`, status: 202})
	a.try(attempt{op: "deleteSessions", body: `{"sessions":[]}`, status: 400})
	a.try(attempt{op: "undoDeletion", path: "nothing", status: 404})
	for _, format := range transcript.Formats() {
		a.try(attempt{op: "exportSession", path: session, query: "format=" + format.Name, status: 200})
	}
	a.try(attempt{op: "exportSession", path: session, query: "format=papyrus", status: 400})
	a.try(attempt{op: "pinSession", path: session, body: `{"pinned":true}`, status: 200})
	a.try(attempt{op: "pinSession", path: session, body: `{}`, status: 400})
	a.try(attempt{op: "nameSession", path: session, body: `{"name":" Before the update "}`, status: 200})
	a.try(attempt{op: "nameSession", path: session, body: `{}`, status: 400})
	a.try(attempt{op: "shareSession", path: session, body: `{"shared":true,"rights":"send"}`, status: 200})
	a.try(attempt{op: "shareSession", path: session, body: `{"rights":"all"}`, status: 400})
	a.trySocket(session)
	a.try(attempt{op: "deleteSession", path: session, edit: as("olga", "ops"), status: 409})
	a.try(attempt{op: "closeSession", path: session, edit: as("olga", "ops"), body: `{"code":1}`, status: 400})
	a.try(attempt{op: "closeSession", path: session, edit: as("olga", "ops"), body: `{"code":1000,"reason":"done"}`, status: 200})
	a.try(attempt{op: "pinSession", path: session, edit: as("olga", "ops"), body: `{"pinned":false}`, status: 200})
	planned := idOf(a.t, a.try(attempt{op: "deleteSessions", edit: as("olga", "ops"), body: `{"sessions":["` + session + `"]}`, status: 202}))
	a.try(attempt{op: "undoDeletion", path: planned, status: 404}) // of another person
	a.try(attempt{op: "undoDeletion", path: planned, edit: as("olga", "ops"), status: 204})
	a.try(attempt{op: "deleteSession", path: session, edit: as("olga", "ops"), status: 204})
}

// trySocket attaches a viewer, reads every type of event and hands the session over.
func (a *apiTest) trySocket(session string) {
	a.t.Helper()
	a.try(attempt{op: "attachViewer", path: session, status: 403}) // no Origin
	a.try(attempt{op: "attachViewer", path: session, query: "after=0", edit: upgrades, status: 101})
	ben := a.attach(session, 0, func(h http.Header) { as("ben", "dev")(&http.Request{Header: h}) })
	seen := map[string]wire.ServerEvent{}
	read := func(v *viewer, kind string) {
		ctx, cancel := context.WithTimeout(a.t.Context(), 20*time.Second)
		defer cancel()
		for seen[kind].Type == "" {
			_, raw, err := v.conn.Read(ctx)
			if err != nil {
				a.t.Fatalf("no %s, and %+v: %v", kind, seen, err)
			}
			a.matches("ServerEvent", raw)
			var e wire.ServerEvent
			if err := json.Unmarshal(raw, &e); err != nil {
				a.t.Fatal(err)
			}
			seen[string(e.Type)] = e
		}
	}
	say := func(raw string) {
		a.matches("ViewerEvent", []byte(raw))
		if err := ben.conn.Write(a.t.Context(), websocket.MessageText, []byte(raw)); err != nil {
			a.t.Fatal(err)
		}
	}
	read(ben, "state")
	read(ben, "rows")
	say(`{"type":"send","client_id":"b1","opcode":"binary","base64":"AP8="}`)
	read(ben, "sent")
	say(`{"type":"close","code":1000,"reason":"mine?"}`)
	read(ben, "refused")
	var state struct{ Viewers []wire.Viewer }
	if err := json.Unmarshal(a.try(attempt{op: "readSession", path: session, status: 200}), &state); err != nil || len(state.Viewers) == 0 {
		a.t.Fatal(err, state)
	}
	a.try(attempt{op: "handOverSession", path: session, body: `{"viewer":"nobody"}`, status: 409})
	a.try(attempt{op: "handOverSession", path: session, body: `{"viewer":"` + state.Viewers[len(state.Viewers)-1].ID + `"}`, status: 200})
	late := a.attach("nothing", 0, func(h http.Header) { as("ben", "dev")(&http.Request{Header: h}) })
	read(late, "bye")
}

func (a *apiTest) tryRelay(service string) {
	a.t.Helper()
	a.try(attempt{op: "createRelayTicket", body: `{"service":"` + service + `"}`, status: 201})
	a.try(attempt{op: "createRelayTicket", body: `{"service":"nothing"}`, status: 404})
	for _, op := range []string{"openRelay", "openRelayPath"} {
		a.try(attempt{op: op, path: service, edit: upgrades, status: 101})
		a.try(attempt{op: op, path: service, status: 426})
	}
}

func (a *apiTest) tryPeople(admin func(*http.Request)) {
	a.t.Helper()
	token := idOf(a.t, a.try(attempt{op: "createToken", body: `{"name":"nightly","scopes":["read","relay"],"days":7}`, status: 201}))
	a.try(attempt{op: "createToken", body: `{"name":"nightly","scopes":[]}`, status: 400})
	a.try(attempt{op: "listTokens", status: 200})
	a.try(attempt{op: "revokeToken", path: token, status: 204})
	a.try(attempt{op: "revokeToken", path: "nothing", status: 404})
	a.try(attempt{op: "listPeople", edit: admin, status: 200})
	a.try(attempt{op: "listAuditEntries", edit: admin, query: "limit=5&outcome=ok", status: 200})
	a.try(attempt{op: "listAuditEntries", edit: admin, query: "format=jsonl", status: 200})
	a.try(attempt{op: "signOutPerson", edit: admin, body: `{"person":"headers|ben"}`, status: 200})
	a.try(attempt{op: "signOutPerson", edit: admin, body: `{}`, status: 400})
	a.try(attempt{op: "signOut", body: `{"nowhere":true}`, status: 400})
	a.try(attempt{op: "signOut", body: `{"everywhere":false}`, status: 200})
}
