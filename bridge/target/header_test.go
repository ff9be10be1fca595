package target

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/sign"
)

func TestCheckHeader(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"Authorization", "Bearer x", ""},
		{"Cookie", "a=b; c=d", ""},
		{"Origin", "https://a.example", ""},
		{"X-Api-Key", "", ""},
		{"X-Name", "é\ttab", ""},
		{"X-Long", strings.Repeat("v", MaxHeaderSize-len("X-Long")), ""},
		{"X-Long", strings.Repeat("v", MaxHeaderSize), "too_long"},
		{"", "v", "bad_name"},
		{"X Name", "v", "bad_name"},
		{"X:Name", "v", "bad_name"},
		{"X-Näme", "v", "bad_name"},
		{"X-Name\r\nX-Evil", "v", "bad_name"},
		{"X-Name", "a\r\nX-Evil: 1", "bad_value"},
		{"X-Name", "a\x00b", "bad_value"},
		{"hOst", "evil.example", "host_header"},
		{"X_HOST", "evil.example", ""},
		{"ho.st", "evil.example", ""},
		{"connection", "close", "forbidden"},
		{"Upgrade", "h2c", "forbidden"},
		{"HTTP2-Settings", "x", "forbidden"},
		{"Keep-Alive", "1", "forbidden"},
		{"Proxy-Authorization", "Basic x", "forbidden"},
		{"TE", "trailers", "forbidden"},
		{"Trailer", "X", "forbidden"},
		{"Transfer-Encoding", "chunked", "forbidden"},
		{"Transfer_Encoding", "chunked", "forbidden"},
		{"Content-Length", "1", "forbidden"},
		{"Expect", "100-continue", "forbidden"},
		{"sec-websocket-key", "x", "forbidden"},
		{"SEC-websocket-protocol", "x", "subprotocol"},
		{"sec_websocket_protocol", "x", "forbidden"},
		{"X-Forwarded-For", "127.0.0.1", "forbidden"},
		{"X_Forwarded.User", "admin", "forbidden"},
		{"Forwarded", "for=127.0.0.1", "forbidden"},
		{"X-Duplex-Ticket", "x", "forbidden"},
	}
	for _, test := range tests {
		err := CheckHeader(Pair{test.name, test.value})
		refused, _ := errors.AsType[*HeaderError](err)
		if got := reasonOf(refused); got != test.want {
			t.Errorf("%q: %q: got %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

func reasonOf(e *HeaderError) string {
	if e == nil {
		return ""
	}
	return e.Reason
}

func TestCheckHeadersCountsThem(t *testing.T) {
	headers := slices.Repeat([]Pair{{"X-Name", "v"}}, MaxHeaders)
	if err := CheckHeaders(headers); err != nil {
		t.Errorf("%d headers: %v", len(headers), err)
	}
	err := CheckHeaders(append(headers, Pair{"X-Name", "v"}))
	if refused, ok := errors.AsType[*HeaderError](err); !ok || refused.Reason != ReasonTooMany {
		t.Errorf("one more: %v", err)
	}
}

func TestCheckHeadersMeasuresThemTogether(t *testing.T) {
	large := Pair{"X-Name", strings.Repeat("v", MaxHeaderSize-len("X-Name"))}
	headers := slices.Repeat([]Pair{large}, MaxHeaderSum/MaxHeaderSize)
	if err := CheckHeaders(headers); err != nil {
		t.Errorf("128 KiB: %v", err)
	}
	err := CheckHeaders(append(headers, Pair{"A", ""}))
	want := HeaderError{Reason: ReasonTooLarge, Size: MaxHeaderSum + 1, Limit: MaxHeaderSum}
	if refused, ok := errors.AsType[*HeaderError](err); !ok || *refused != want {
		t.Errorf("one byte more: %+v, want %+v", err, want)
	}
}

// TestHeadersAreSpelledAsTyped: names of people and of credentials keep their spelling,
// those of the handshake have that of RFC 6455, and each is there once.
func TestHeadersAreSpelledAsTyped(t *testing.T) {
	r := Request{
		Subprotocols: []string{"realtime", "v1"}, Compression: true,
		Headers: []Pair{
			{"X-API-KEY", "k"}, {"SOAPAction", "\"urn:x\""}, {"x-lower", "1"}, {"user-agent", "mine"}, {"DNT", "1"},
			{"X-Twice", "1"}, {"x-TWICE", "2"}, {"cookie", "a=b"}, {"ORIGIN", "https://a.example"},
		},
		Credential: credential(sign.KindAppCode, nil, map[string]string{"app_code": "code123"}),
	}
	_, lines := wireOf(t, "ws://AT/", r)
	var names []string
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ": ")
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"Connection", "DNT", "Host", "ORIGIN", "SOAPAction", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
		"Sec-WebSocket-Version", "Upgrade", "X-API-KEY", "X-Apig-AppCode", "X-Twice", "X-Twice", "cookie", "user-agent", "x-lower",
	}
	if !slices.Equal(names, want) {
		t.Errorf("sent %q,\nwant %q", names, want)
	}
	for _, line := range []string{"X-Twice: 1", "X-Twice: 2", "user-agent: mine", "X-Apig-AppCode: code123", "Sec-WebSocket-Protocol: realtime,v1"} {
		if !slices.Contains(lines, line) {
			t.Errorf("%q is not in %q", line, lines)
		}
	}
	if _, lines := wireOf(t, "ws://AT/", Request{Headers: []Pair{{"User-Agent", "curl/8"}}}); !slices.Contains(lines, "User-Agent: curl/8") {
		t.Errorf("no User-Agent in %q", lines)
	}
	if _, lines := wireOf(t, "ws://AT/", Request{}); !slices.Contains(lines, "User-Agent: duplex") {
		t.Errorf("no User-Agent in %q", lines)
	}
}

// TestCredentialHeaderKeepsItsSpelling: kind header is spelled by a person, and the
// others as their documentation does.
func TestCredentialHeaderKeepsItsSpelling(t *testing.T) {
	for want, c := range map[string]sign.Credential{
		"x-api-KEY: secret1":    credential(sign.KindHeader, map[string]string{"name": "x-api-KEY"}, map[string]string{"value": "secret1"}),
		"X-Auth-Token: secret2": credential(sign.KindToken, nil, map[string]string{"token": "secret2"}),
		"USER-agent: mine123":   credential(sign.KindHeader, map[string]string{"name": "USER-agent"}, map[string]string{"value": "mine123"}),
		"apikey: secret3":       credential(sign.KindAppKey, nil, map[string]string{"app_key": "secret3"}),
	} {
		if _, lines := wireOf(t, "ws://AT/", Request{Credential: c}); !slices.Contains(lines, want) {
			t.Errorf("%q is not in %q", want, lines)
		}
	}
}
