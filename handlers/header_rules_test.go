package handlers_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// forbiddenHeaders are headers of the connection, some in spellings that servers read
// as the same name.
var forbiddenHeaders = []string{
	"Host", "host", "HOST", "Connection", "connection", "Upgrade", "Keep-Alive", "TE", "te", "Trailer",
	"Transfer-Encoding", "transfer_encoding", "Content-Length", "content.length", "Expect", "HTTP2-Settings",
	"Forwarded", "X-Forwarded-For", "X-Forwarded-User", "x_forwarded_user", "X.Forwarded.Host", "X-FORWARDED-PROTO",
	"Proxy-Authorization", "proxy-connection", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "sec-websocket-version",
	"SEC_WEBSOCKET_EXTENSIONS", "Sec-WebSocket-Accept", "X-Duplex-Ticket",
	"X!Forwarded!For", "x~forwarded+user", "Content|Length", "sec*websocket'key",
}

// waysToSetAHeader lists every input that sets a handshake header, with the field that a
// refusal names.
var waysToSetAHeader = map[string]struct {
	field string
	body  func(name string) map[string]any
}{
	"headers": {"headers[1].name", func(name string) map[string]any {
		return map[string]any{"headers": []any{map[string]any{"name": "X-First", "value": "1"}, map[string]any{"name": name, "value": "forged"}}}
	}},
	"a header that is off": {"headers[0].name", func(name string) map[string]any {
		return map[string]any{"headers": []any{map[string]any{"name": name, "value": "forged", "enabled": false}}}
	}},
	"credential": {"credential.name", func(name string) map[string]any {
		return map[string]any{"credential": map[string]any{"kind": "header", "name": name, "value": "forged"}}
	}},
}

func TestNoWayOfSettingAHeaderTouchesTheConnection(t *testing.T) {
	c := start(t)
	for way, how := range waysToSetAHeader {
		for _, name := range forbiddenHeaders {
			for path, more := range map[string]map[string]any{
				"/api/sessions": {"address": c.address()},
				"/api/services": {"address": c.address(), "name": "mine"},
			} {
				body := how.body(name)
				maps.Copy(body, more)
				raw, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				res, answer := c.request(http.MethodPost, path, string(raw))
				code, field := fault(t, answer)
				if res.StatusCode != http.StatusBadRequest || code != "header_forbidden" || field != how.field || !strings.Contains(answer, name) {
					t.Errorf("%s: %s as %s: %d %s", path, name, way, res.StatusCode, answer)
				}
			}
		}
	}
	if c.memoryStore.saved.Load() != 0 || c.dials.Load() != 0 {
		t.Errorf("saved %d, dialled %d", c.memoryStore.saved.Load(), c.dials.Load())
	}
}

// A service that was saved before the rule existed is refused when it is used.
func TestAnOldServiceThatSetsAHeaderOfTheConnectionIsNotDialled(t *testing.T) {
	c := start(t)
	for _, name := range forbiddenHeaders {
		c.memoryStore.service.Credential = sign.Credential{
			Kind: sign.KindHeader, Plain: map[string]string{"name": name}, Secrets: map[string]vault.Secret{"value": vault.NewSecret("forged")},
		}
		upgrade := func(r *http.Request) {
			r.Header.Set("Origin", c.url)
			r.Header.Set("Connection", "Upgrade")
			r.Header.Set("Upgrade", "websocket")
		}
		_, relayed := c.request(http.MethodGet, "/relay/one/", "", upgrade)
		_, opened := c.request(http.MethodPost, "/api/sessions", `{"service":"one"}`)
		for _, answer := range []string{relayed, opened} {
			if code, field := fault(t, answer); code != "header_forbidden" || field != "credential.name" {
				t.Errorf("%s: %s", name, answer)
			}
		}
	}
	if c.dials.Load() != 0 {
		t.Errorf("dialled %d", c.dials.Load())
	}
}

func TestAServiceThatSetsSomethingTwiceIsNotSaved(t *testing.T) {
	c := start(t)
	tests := []struct{ body, code, field string }{
		{`"headers":[{"name":"authorization","value":"mine"}],"credential":{"kind":"bearer","token":"secret"}`, "header_conflict", "headers"},
		{`"headers":[{"name":"x-api-key","value":"mine"}],"credential":{"kind":"header","name":"X-Api-Key","value":"secret"}`, "header_conflict", "headers"},
		{`"params":[{"name":"key","value":"mine"}],"credential":{"kind":"query","name":"key","value":"secret"}`, "query_conflict", "params"},
	}
	for _, tt := range tests {
		for path, name := range map[string]string{"/api/services": `"name":"mine",`, "/api/sessions": ""} {
			res, answer := c.request(http.MethodPost, path, `{`+name+`"address":"`+c.address()+`",`+tt.body+`}`)
			if code, field := fault(t, answer); res.StatusCode != http.StatusBadRequest || code != tt.code || field != tt.field {
				t.Errorf("%s %s: %d %s", path, tt.body, res.StatusCode, answer)
			}
		}
	}
	res, answer := c.request(http.MethodPost, "/api/services", `{"name":"mine","address":"`+c.address()+`",
		"headers":[{"name":"authorization","value":"mine","enabled":false}],"credential":{"kind":"bearer","token":"secret"}}`)
	if res.StatusCode != http.StatusCreated {
		t.Errorf("a header that is off: %d %s", res.StatusCode, answer)
	}
}
