package dial

import (
	"slices"
	"strings"
	"testing"

	"duplex/bridge/sign"
)

// TestHeadersAreSpelledAsTyped: header names of people and credentials keep their spelling,
// those of the handshake have that of RFC 6455, and each is there once.
func TestHeadersAreSpelledAsTyped(t *testing.T) {
	r := Request{
		Subprotocols: []string{"realtime", "v1"}, Compression: true,
		Headers: []Pair{
			{"X-API-KEY", "k"},
			{"SOAPAction", "\"urn:x\""},
			{"x-lower", "1"},
			{"user-agent", "mine"},
			{"DNT", "1"},
			{"X-Twice", "1"},
			{"x-TWICE", "2"},
			{"cookie", "a=b"},
			{"ORIGIN", "https://a.example"},
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
