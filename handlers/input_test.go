package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

// Each row is refused by both calls that take a connection; nothing is saved and nothing
// is dialled. TARGET is replaced by the address of a target that counts its connections.
func TestBadConnectionIsRefusedBeforeAnythingIsDone(t *testing.T) {
	c := start(t)
	tests := []struct{ name, body, code, field string }{
		{"unknown field", `{"address":"TARGET","speed":1}`, "bad_json", "speed"},
		{"unknown inner field", `{"address":"TARGET","tls":{"trust":true}}`, "bad_json", "trust"},
		{"wrong type", `{"address":7}`, "bad_json", "address"},
		{"not JSON", `{"address":`, "bad_json", ""},
		{"two values", `{"address":"TARGET"} {}`, "bad_json", ""},
		{"no address", `{}`, "missing_field", "address"},
		{"scheme", `{"address":"ftp://host/"}`, "address_refused", "address"},
		{"userinfo", `{"address":"ws://me:pass@host/"}`, "address_refused", "address"},
		{"fragment", `{"address":"ws://host/#x"}`, "address_refused", "address"},
		{"control character", `{"address":"ws://host/\u0001"}`, "address_refused", "address"},
		{"ambiguous number", `{"address":"ws://0177.0.0.1/"}`, "address_refused", "address"},
		{"long address", `{"address":"ws://host/` + strings.Repeat("a", 64<<10) + `"}`, "bad_value", "address"},
		{"address that its parameters make long", `{"address":"TARGET","params":[` + repeat(`{"name":"a","value":"`+strings.Repeat("a", 30<<10)+`"}`, 3) + `]}`, "bad_value", "params"},
		{"address whose parameter encodes to a long one", `{"address":"TARGET","params":[{"name":"a","value":"` + strings.Repeat("/", 30<<10) + `"}]}`, "bad_value", "params"},
		{"long parameter", `{"address":"TARGET","params":[{"name":"token","value":"` + strings.Repeat("a", 32<<10+1) + `"}]}`, "bad_value", "params[0].value"},
		{"long name of a parameter", `{"address":"TARGET","params":[{"name":"` + strings.Repeat("a", 32<<10+1) + `"}]}`, "bad_value", "params[0].name"},
		{"name in letters no IDNA knows", `{"address":"wss://a\u0338\u05d0b.example/"}`, "address_refused", "address"},
		{"percent sign in the path", `{"address":"wss://host/100%/x"}`, "address_refused", "address"},
		{"line break in header", `{"address":"TARGET","headers":[{"name":"A","value":"b"},{"name":"X","value":"a\r\nHost: evil"}]}`, "header_bad_value", "headers[1].value"},
		{"line break in header name", `{"address":"TARGET","headers":[{"name":"X\r\nY","value":"a"}]}`, "header_bad_name", "headers[0].name"},
		{"forbidden header", `{"address":"TARGET","headers":[{"name":"Host","value":"evil"}]}`, "header_forbidden", "headers[0].name"},
		{"forwarding header", `{"address":"TARGET","headers":[{"name":"X_Forwarded_For","value":"1"}]}`, "header_forbidden", "headers[0].name"},
		{"handshake header", `{"address":"TARGET","headers":[{"name":"Sec-WebSocket-Key","value":"1"}]}`, "header_forbidden", "headers[0].name"},
		{"header without a name", `{"address":"TARGET","headers":[{"name":"","value":"1"}]}`, "header_bad_name", "headers[0].name"},
		{"long header", `{"address":"TARGET","headers":[{"name":"A","value":"` + strings.Repeat("a", 32<<10) + `"}]}`, "header_too_long", "headers[0].value"},
		{"headers long together", `{"address":"TARGET","headers":[` + repeat(`{"name":"A","value":"`+strings.Repeat("a", 30<<10)+`"}`, 5) + `]}`, "header_too_long", "headers"},
		{"subprotocols as a header", `{"address":"TARGET","headers":[{"name":"sec-websocket-protocol","value":"mqtt, wamp"}]}`, "header_forbidden", "headers[0].name"},
		{"spelling of a header", `{"address":"TARGET","headers":[{"name":"A","raw":"a"}]}`, "bad_json", "raw"},
		{"many headers", `{"address":"TARGET","headers":[` + repeat(`{"name":"A"}`, 65) + `]}`, "header_too_many", "headers"},
		{"parameter without a name", `{"address":"TARGET","params":[{"value":"1"}]}`, "missing_field", "params[0].name"},
		{"two parameters as one", `{"address":"TARGET","params":[{"raw":"a=1&b=2"}]}`, "bad_value", "params[0].raw"},
		{"spelling without a parameter", `{"address":"TARGET","params":[{"raw":"&"}]}`, "bad_value", "params[0].raw"},
		{"control character in parameter", `{"address":"TARGET","params":[{"name":"a","value":"\u0000"}]}`, "bad_value", "params[0].value"},
		{"many parameters", `{"address":"TARGET","params":[` + repeat(`{"name":"a"}`, 101) + `]}`, "bad_value", "params"},
		{"subprotocol", `{"address":"TARGET","subprotocols":["ok","not ok"]}`, "bad_value", "subprotocols[1]"},
		{"subprotocol twice", `{"address":"TARGET","subprotocols":["a","a"]}`, "bad_value", "subprotocols[1]"},
		{"certificates", `{"address":"TARGET","tls":{"ca_pem":"none"}}`, "bad_value", "tls.ca_pem"},
		{"fast pings", `{"address":"TARGET","ping_interval":0.5}`, "bad_value", "ping_interval"},
		{"slow pings", `{"address":"TARGET","ping_interval":"11m"}`, "bad_value", "ping_interval"},
		{"pong before the next ping", `{"address":"TARGET","ping_interval":20,"pong_timeout":10}`, "bad_value", "pong_timeout"},
		{"pong without pings", `{"address":"TARGET","ping_interval":0,"pong_timeout":60}`, "bad_value", "pong_timeout"},
		{"slow pong", `{"address":"TARGET","pong_timeout":3601}`, "bad_value", "pong_timeout"},
		{"negative pings", `{"address":"TARGET","ping_interval":-1}`, "bad_value", "ping_interval"},
		{"pings in words", `{"address":"TARGET","ping_interval":"often"}`, "bad_value", "ping_interval"},
		{"no limit", `{"address":"TARGET","limits":{"max_message_bytes":0}}`, "bad_value", "limits.max_message_bytes"},
		{"high limit", `{"address":"TARGET","limits":{"max_message_bytes":67108865}}`, "bad_value", "limits.max_message_bytes"},
		{"unknown kind", `{"address":"TARGET","credential":{"kind":"magic"}}`, "credential_kind_unknown", "credential.kind"},
		{"unknown credential field", `{"address":"TARGET","credential":{"kind":"bearer","token":"t","user":"u"}}`, "credential_field_unknown", "credential.user"},
		{"missing secret", `{"address":"TARGET","credential":{"kind":"aksk","access_key":"AK"}}`, "missing_secret", "credential.secret_key"},
		{"missing field", `{"address":"TARGET","credential":{"kind":"basic","password":"p"}}`, "missing_field", "credential.username"},
		{"secret that is no text", `{"address":"TARGET","credential":{"kind":"bearer","token":7}}`, "bad_value", "credential.token"},
		{"line break in secret", `{"address":"TARGET","credential":{"kind":"bearer","token":"a\nb"}}`, "bad_value", "credential.token"},
		{"short secret", `{"address":"TARGET","credential":{"kind":"bearer","token":"short"}}`, "secret_too_short", "credential.token"},
		{"credential that is none", `{"address":"TARGET","credential":"bearer"}`, "bad_value", "credential"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := strings.ReplaceAll(tt.body, "TARGET", c.address())
			named := strings.Replace(body, "{", `{"name":"mine",`, 1)
			if body == "{}" {
				named = `{"name":"mine"}`
			}
			for path, body := range map[string]string{"/api/sessions": body, "/api/services": named} {
				res, answer := c.request(http.MethodPost, path, body)
				code, field := fault(t, answer)
				if res.StatusCode != http.StatusBadRequest || code != tt.code || field != tt.field {
					t.Errorf("%s: %d %s %q", path, res.StatusCode, code, field)
				}
			}
		})
	}
	if c.memoryStore.saved.Load() != 0 || c.dials.Load() != 0 {
		t.Errorf("saved %d, dialled %d", c.memoryStore.saved.Load(), c.dials.Load())
	}
}

// TestRefusalsOfSizesNameTheRule: the sentence and the answer have the number.
func TestRefusalsOfSizesNameTheRule(t *testing.T) {
	c := start(t)
	tests := []struct {
		body, field, rule string
		limit             int64
		words             []string
	}{
		{`{"address":"ws://host/` + strings.Repeat("a", 65_600) + `"}`, "address", "max_bytes", 65_536, []string{"65536", "65610", "32 KB"}},
		{`{"address":"TARGET","params":[{"name":"token","value":"` + strings.Repeat("t", 33_000) + `"}]}`, "params[0].value", "max_bytes", 32_768, []string{"params[0].value", "33000", "32768"}},
		{`{"address":"TARGET","params":[` + repeat(`{"name":"a","value":"`+strings.Repeat("t", 32_000)+`"}`, 3) + `]}`, "params", "max_bytes", 65_536, []string{"65536", "32 KB"}},
		{`{"address":"TARGET","params":[` + repeat(`{"name":"a"}`, 101) + `]}`, "params", "max_items", 100, []string{"101", "100"}},
		{`{"address":"TARGET","headers":[{"name":"X-Auth-Token","value":"` + strings.Repeat("t", 33_000) + `"}]}`, "headers[0].value", "max_bytes", 32_768, []string{"X-Auth-Token", "33012", "32768", "Auth"}},
		{`{"address":"TARGET","headers":[` + repeat(`{"name":"A","value":"`+strings.Repeat("t", 32_000)+`"}`, 5) + `]}`, "headers", "max_total_bytes", 131_072, []string{"160005", "131072"}},
		{`{"address":"TARGET","headers":[` + repeat(`{"name":"A"}`, 65) + `]}`, "headers", "max_items", 64, []string{"65", "64"}},
		{`{"address":"TARGET","subprotocols":[` + repeat(`"a"`, 33) + `]}`, "subprotocols", "max_items", 32, []string{"33", "32"}},
		{`{"address":"TARGET","tls":{"ca_pem":"` + strings.Repeat("a", 262_145) + `"}}`, "tls.ca_pem", "max_bytes", 262_144, []string{"262145", "262144"}},
		{`{"address":"TARGET","ping_interval":601}`, "ping_interval", "range", 600, []string{"1 to 600"}},
		{`{"address":"TARGET","ping_interval":30,"pong_timeout":10}`, "pong_timeout", "range", 3600, []string{"30 to 3600", "needs pings"}},
		{`{"address":"TARGET","limits":{"max_message_bytes":0}}`, "limits.max_message_bytes", "range", 67_108_864, []string{"1 to 67108864"}},
		{`{"address":"TARGET","headers":[{"name":"Sec-WebSocket-Protocol","value":"mqtt"}]}`, "headers[0].name", "of_subprotocol", 0, []string{"Subprotocols", "Sec-WebSocket-Protocol"}},
		{`{"address":"TARGET","subprotocols":["mqtt, wamp"]}`, "subprotocols[0]", "token", 0, []string{"subprotocols[0]", "apart"}},
		{`{"address":"TARGET","subprotocols":["a","b","a"]}`, "subprotocols[2]", "unique", 0, []string{"subprotocols[2]", "twice"}},
		{`{"address":"TARGET","params":[{"name":"a","value":"1\u0000"}]}`, "params[0].value", "no_controls", 0, []string{"params[0].value", "control character"}},
		{`{"address":"TARGET","params":[{"raw":"a=1&b=2"}]}`, "params[0].raw", "one_parameter", 0, []string{"params[0].raw", "%26"}},
		{`{"address":"TARGET","credential":{"kind":"header","name":"sec-websocket-protocol","value":"secret-value"}}`, "credential.name", "of_subprotocol", 0, []string{"sec-websocket-protocol", "Subprotocol", "Auth"}},
		{`{"address":"TARGET","headers":[{"name":"HOST","value":"a.example"}]}`, "headers[0].name", "of_address", 0, []string{"HOST", "address"}},
	}
	for _, tt := range tests {
		res, answer := c.request(http.MethodPost, "/api/sessions", strings.ReplaceAll(tt.body, "TARGET", c.address()))
		var got struct{ Error wire.Error }
		if err := json.Unmarshal([]byte(answer), &got); err != nil || res.StatusCode != http.StatusBadRequest {
			t.Fatalf("%d %s: %v", res.StatusCode, answer, err)
		}
		if got.Error.Field != tt.field || got.Error.Rule != tt.rule || got.Error.Limit != tt.limit {
			t.Errorf("%s %s %d, want %s %s %d", got.Error.Field, got.Error.Rule, got.Error.Limit, tt.field, tt.rule, tt.limit)
		}
		for _, word := range tt.words {
			if !strings.Contains(got.Error.Message, word) {
				t.Errorf("%s: %q does not say %s", tt.field, got.Error.Message, word)
			}
		}
	}
	if c.dials.Load() != 0 {
		t.Errorf("dialled %d", c.dials.Load())
	}
}

func repeat(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

func TestBadRequests(t *testing.T) {
	c := start(t)
	large := `{"address":"` + strings.Repeat("a", 1<<20) + `"}`
	tests := []struct {
		name, method, path, body string
		edit                     func(*http.Request)
		status                   int
		code, field              string
	}{
		{"form in place of JSON", "POST", "/api/sessions", "address=x", header("Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type", ""},
		{"no content type", "POST", "/api/services", "{}", header("Content-Type", ""), 415, "unsupported_media_type", ""},
		{"large JSON", "POST", "/api/services", large, nil, 413, "request_too_large", ""},
		{"no name", "POST", "/api/services", `{"address":"ws://host/"}`, nil, 400, "missing_field", "name"},
		{"long name", "POST", "/api/services", `{"name":"` + strings.Repeat("é", 101) + `"}`, nil, 400, "bad_value", "name"},
		{"control character in name", "POST", "/api/services", `{"name":"a\u0007"}`, nil, 400, "bad_value", "name"},
		{"name that is turned around", "POST", "/api/services", `{"name":"a\u202eb"}`, nil, 400, "bad_value", "name"},
		{"name taken", "POST", "/api/services", `{"name":"taken","address":"ws://host/"}`, nil, 409, "name_taken", "name"},
		{"unknown service", "GET", "/api/services/two", "", nil, 404, "service_not_found", ""},
		{"service that no name can be", "GET", "/api/services/" + strings.Repeat("x", 101), "", nil, 404, "service_not_found", "service"},
		{"unknown service to open", "POST", "/api/sessions", `{"service":"two"}`, nil, 404, "service_not_found", ""},
		{"unknown session", "GET", "/api/sessions/x", "", nil, 404, "session_not_found", ""},
		{"messages of an unknown session", "GET", "/api/sessions/x/messages", "", nil, 404, "session_not_found", ""},
		{"body of an unknown session", "GET", "/api/sessions/x/messages/1", "", nil, 404, "session_not_found", ""},
		{"seq that is none", "GET", "/api/sessions/x/messages/one", "", nil, 400, "bad_value", "seq"},
		{"limit", "GET", "/api/sessions/x/messages?limit=1001", "", nil, 400, "bad_value", "limit"},
		{"limit of nothing", "GET", "/api/sessions?limit=0", "", nil, 400, "bad_value", "limit"},
		{"direction", "GET", "/api/sessions/x/messages?direction=up", "", nil, 400, "bad_value", "direction"},
		{"switch", "GET", "/api/sessions/x/messages?regex=perhaps", "", nil, 400, "bad_value", "regex"},
		{"format", "GET", "/api/sessions/x/export?format=pdf", "", nil, 400, "bad_value", "format"},
		{"opcode", "POST", "/api/sessions/x/messages?opcode=ping", "hi", nil, 400, "bad_value", "opcode"},
		{"no opcode", "POST", "/api/sessions/x/messages", "hi", nil, 400, "bad_value", "opcode"},
		{"client id", "POST", "/api/sessions/x/messages?opcode=text&client_id=a%20b", "hi", nil, 400, "bad_value", "client_id"},
		{"send to an unknown session", "POST", "/api/sessions/x/messages?opcode=text", "hi", nil, 404, "session_not_found", ""},
		{"close an unknown session", "POST", "/api/sessions/x/close", "{}", nil, 404, "session_not_found", ""},
		{"unknown path", "GET", "/api/nothing", "", nil, 404, "not_found", ""},
		{"method", "PATCH", "/api/services", "", nil, 405, "method_not_allowed", ""},
		{"attach without a handshake", "GET", "/api/sessions/x/attach", "", header("Origin", c.url), 426, "upgrade_required", ""},
		{"relay without a handshake", "GET", "/relay/one/", "", header("Origin", c.url), 426, "upgrade_required", ""},
		{"blocked", "POST", "/api/sessions", `{"address":"ws://169.254.169.254/"}`, nil, 403, "target_blocked", "address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			edit := tt.edit
			if edit == nil {
				edit = func(*http.Request) {}
			}
			res, answer := c.request(tt.method, tt.path, tt.body, edit)
			if code, field := fault(t, answer); res.StatusCode != tt.status || code != tt.code || field != tt.field {
				t.Errorf("%d %s %q", res.StatusCode, code, field)
			}
		})
	}
}

func TestPathsThatReadTwoWaysAreRefused(t *testing.T) {
	c := start(t)
	for _, path := range []string{
		"/api//lease", "/api/services/%2f", "/api/services/a%2Fb", "/api/x/../lease", "/api/x/%2e%2e/lease",
		"/api/./lease", "/api/services/%00", "/api/services/%ff", "/api/services/a%5cb", "/relay/one/a/../b", "/relay/one//b",
		"/api/services/a%2Fb|c", "/api/services/图%2Fb", "/relay/a%2Fb|c", "/relay/one%2F|/x", "/relay/one/a%2F..%2Fb|c", "/relay/one/..%2f", "/relay/one/a%5c..", "/relay/one/%2e",
	} {
		res, answer := c.request(http.MethodGet, "/", "", func(r *http.Request) { r.URL.Opaque = path })
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, res.StatusCode, answer)
		}
	}
}

func TestRefusedHandshakeIsExplained(t *testing.T) {
	c := start(t)
	res, answer := c.request(http.MethodPost, "/api/sessions", `{"service":"one"}`)
	code, _ := fault(t, answer)
	if res.StatusCode != http.StatusBadGateway || code != "handshake_refused" {
		t.Errorf("%d %s", res.StatusCode, answer)
	}
	for _, part := range []string{`"status":418`, `"diagnosis":{`, `"handshake":{"status":418`, `"request_headers":[{`} {
		if !strings.Contains(answer, part) {
			t.Errorf("%s is not in %s", part, answer)
		}
	}
	res, answer = c.request(http.MethodPost, "/api/sessions", `{"address":"ws://127.0.0.1:1/"}`)
	if code, _ := fault(t, answer); res.StatusCode != http.StatusBadGateway || code != "target_unreachable" {
		t.Errorf("%d %s", res.StatusCode, answer)
	}
}
