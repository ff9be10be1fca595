package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"duplex/web/internal/wirepeer"
)

// spellings are targets that go out unchanged, and targets that are spelled as browsers
// spell them.
var spellings = []struct{ typed, want string }{
	{"/lool/https%3A%2F%2Foffice%2Ffile|9/ws", "/lool/https%3A%2F%2Foffice%2Ffile%7C9/ws"},
	{"/v1/模型%2Fa/x", "/v1/%E6%A8%A1%E5%9E%8B%2Fa/x"},
	{"/convai?conversation_signature=a%2Bb/c=&exp=2026-01-01T00:00:00Z&scope=x,y", ""},
	{"/p?debug&x=", ""},
	{"/p?a=1&&b=2&", ""},
	{"/p?=v&a;b=1;c", ""},
	{"/p?q=a+b&r=a%20b", ""},
	{"/p?q=%C4%E3&r=%b5%C4", ""},
	{"/p?a0=%&a1%a&a2=%aa", ""},
	{"/p?", ""},
	{"/p?&&", ""},
	{"/%7Euser/%2e%2E/?X-Amz-Credential=AK/2026/x&X-Amz-Date=1", ""},
}

// TestWhatIsTypedGoesOut compares the request line for an address that is opened, one
// that is saved and opened by name, and one that was read from the API and saved again,
// as the console does when it duplicates a service.
func TestWhatIsTypedGoesOut(t *testing.T) {
	t.Parallel()
	p, peer := startProgram(t), wirepeer.Start(t)
	for i, s := range spellings {
		want := s.want
		if want == "" {
			want = s.typed
		}
		sent := func(way string) {
			t.Helper()
			if got := peer.Next().Target; got != want {
				t.Errorf("%s, %s: sent as %s, want %s", s.typed, way, got, want)
			}
		}
		name := fmt.Sprintf("spelled %d", i)
		p.open(object{"address": "ws://" + peer.Addr + s.typed})
		sent("session")
		var saved object
		p.call("POST", "/api/services", object{"name": name, "address": "ws://" + peer.Addr + s.typed}, http.StatusCreated, &saved)
		p.open(object{"service": name})
		sent("saved")
		p.open(object{"service": name, "params": saved["params"]})
		sent("parameters sent back")
		p.call("GET", "/api/services/"+url.PathEscape(name), nil, http.StatusOK, &saved)
		saved["name"] = name + " copy"
		delete(saved, "credential")
		p.call("POST", "/api/services", saved, http.StatusCreated, nil)
		p.open(object{"service": name + " copy"})
		sent("duplicate")
	}
}

// TestAParameterThatChangesIsSpelledAnew: its neighbours are left alone, and one that is
// saved without a spelling goes out as ever.
func TestAParameterThatChangesIsSpelledAnew(t *testing.T) {
	t.Parallel()
	p, peer := startProgram(t), wirepeer.Start(t)
	type parameter struct {
		Name    string `json:"name"`
		Value   string `json:"value"`
		Enabled bool   `json:"enabled"`
		Raw     string `json:"raw,omitempty"`
	}
	var saved struct {
		Address string      `json:"address"`
		Params  []parameter `json:"params"`
	}
	body := object{"name": "signed", "address": "ws://" + peer.Addr + "/p?sig=a%2Bb/c=&t=00:00&&flag", "params": []object{{"name": "plain", "value": "a/b c"}}}
	p.call("POST", "/api/services", body, http.StatusCreated, &saved)
	p.open(object{"service": "signed"})
	if got, want := peer.Next().Target, "/p?sig=a%2Bb/c=&t=00:00&&flag&plain=a%2Fb%20c"; got != want {
		t.Errorf("sent as %s, want %s", got, want)
	}
	saved.Params[1].Value = "01:00" // as a program would: the old spelling is still beside it
	saved.Params[2].Enabled = false
	p.open(object{"service": "signed", "params": saved.Params})
	if got, want := peer.Next().Target, "/p?sig=a%2Bb/c=&t=01%3A00&plain=a%2Fb%20c"; got != want {
		t.Errorf("sent as %s, want %s", got, want)
	}
}

// TestSignaturesHoldForOddSpellings: the demo's gateway reads the query that it gets,
// and recomputes the signature from that.
func TestSignaturesHoldForOddSpellings(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for _, kind := range []string{"aksk", "app_signature"} {
		for _, query := range []string{"flag&&t=00:00/x=", "sig=a%2Bb/c=&sig=%2f+&=v", "q=%C4%E3&f={a|b}[0]^'", "é=ü&a==&&"} {
			state := p.open(object{"service": p.demo("echo", kind).ID, "address": p.demo("echo", kind).Address + "?" + query})
			if state.State != "open" {
				t.Errorf("%s, %s: %s", kind, query, state.State)
			}
		}
		refusal := p.refused("POST", "/api/sessions", object{"service": p.demo("echo", kind).ID, "address": p.demo("echo", kind).Address + "?a=1;b=%"}, http.StatusBadRequest)
		if refusal.Code != "query_ambiguous" {
			t.Errorf("%s: %+v", kind, refusal)
		}
	}
}

// TestLongTokensArrive: an IAM token has up to 32 KiB.
func TestLongTokensArrive(t *testing.T) {
	t.Parallel()
	p, peer := startProgram(t), wirepeer.Start(t)
	token := strings.Repeat("MIIF+t/k=", 3_500)
	p.open(object{"address": "ws://" + peer.Addr + "/p", "params": []object{{"name": "token", "value": token}}})
	if got := peer.Next().Target; got != "/p?token="+url.QueryEscape(token) {
		t.Errorf("%d bytes arrived as a parameter", len(got))
	}
	p.open(object{"address": "ws://" + peer.Addr + "/p", "headers": []object{{"name": "X-Auth-Token", "value": token}, {"name": "X-Other", "value": token}}})
	if r := peer.Next(); !r.Has("X-Auth-Token: "+token) || !r.Has("X-Other: "+token) {
		t.Error("the headers did not arrive")
	}
}

// TestHeaderNamesGoOutAsTyped also checks the headers in the report.
func TestHeaderNamesGoOutAsTyped(t *testing.T) {
	t.Parallel()
	p, peer := startProgram(t), wirepeer.Start(t)
	headers := []object{{"name": "X-API-KEY", "value": "k1"}, {"name": "SOAPAction", "value": "urn"}, {"name": "x-lower", "value": "1"}}
	p.call("POST", "/api/services", object{
		"name": "headers", "address": "ws://" + peer.Addr, "headers": headers, "subprotocols": []string{},
		"credential": object{"kind": "header", "name": "API-key-ID", "value": "secret-value"},
	}, http.StatusCreated, nil)
	state := p.open(object{"service": "headers"})
	r := peer.Next()
	for _, line := range []string{"X-API-KEY: k1", "SOAPAction: urn", "x-lower: 1", "API-key-ID: secret-value", "Sec-WebSocket-Version: 13"} {
		if !r.Has(line) {
			t.Errorf("%q is not in %q", line, r.Lines)
		}
	}
	if len(r.Lines) != len(state.Handshake.RequestHeaders) {
		t.Errorf("the report has %v for %q", state.Handshake.RequestHeaders, r.Lines)
	}
	for i, shown := range state.Handshake.RequestHeaders {
		if name, _, _ := strings.Cut(r.Lines[i], ":"); name != shown.Name {
			t.Errorf("sent %s, shown %s", r.Lines[i], shown.Name)
		}
	}
}

// TestRelayPassesSpellingOn sends the request line as bytes: a library would mend it.
func TestRelayPassesSpellingOn(t *testing.T) {
	t.Parallel()
	p, peer := startProgram(t), wirepeer.Start(t)
	for name, address := range map[string]string{"plain": "/e", "signed": "/e%2Ff/?sig=a%2Bb/c=&flag&&q=%C4%E3", "bare": ""} {
		p.call("POST", "/api/services", object{"name": name, "address": "ws://" + peer.Addr + address}, http.StatusCreated, nil)
	}
	tests := []struct{ asked, want string }{
		{"/relay/plain", "/e"},
		{"/relay/plain/", "/e"},
		{"/relay/bare", "/"},
		{"/relay/plain?x=1&y", "/e?x=1&y"},
		{"/relay/plain/a%2Fb", "/e/a%2Fb"},
		{"/relay/plain/a%2Fb|c", "/e/a%2Fb%7Cc"},
		{"/relay/plain/https%3A%2F%2Foffice%2Ffile|9/{ws}", "/e/https%3A%2F%2Foffice%2Ffile%7C9/%7Bws%7D"},
		{"/relay/plain/%C4%E3%0A?q=%C4%E3", "/e/%C4%E3%0A?q=%C4%E3"},
		{"/relay/plain/x?sig=a%2Bb/c=&t=00:00&flag&&=v;w&p=%", "/e/x?sig=a%2Bb/c=&t=00:00&flag&&=v;w&p=%"},
		{"/relay/plain/x?", "/e/x?"},
		{"/relay/signed", "/e%2Ff/?sig=a%2Bb/c=&flag&&q=%C4%E3"},
		{"/relay/signed/g%2fh?t=+%20", "/e%2Ff/g%2fh?sig=a%2Bb/c=&flag&&q=%C4%E3&t=+%20"},
	}
	for _, tt := range tests {
		if status := p.relayLine(tt.asked); status != "HTTP/1.1 101 Switching Protocols" {
			t.Errorf("%s: answered %q", tt.asked, status)
			continue
		}
		if got := peer.Next().Target; got != tt.want {
			t.Errorf("%s: sent as %s, want %s", tt.asked, got, tt.want)
		}
	}
	for _, asked := range []string{
		"/relay/plain/../x", "/relay/plain/a%2F..%2Fx", "/relay/plain/a%2F..%2Fx|", "/relay/plain/%2e%2e", "/relay/plain//x", "/relay/plain%2F/x",
	} {
		if status := p.relayLine(asked); !strings.HasPrefix(status, "HTTP/1.1 400 ") {
			t.Errorf("%s: answered %q", asked, status)
		}
	}
}

// TestAnswersOfHandshakesAreSpelledAsInTheRFC: some programs read the names as bytes.
func TestAnswersOfHandshakesAreSpelledAsInTheRFC(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	offer := "Sec-WebSocket-Protocol: duplex.demo, duplex.v1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
	for target, want := range map[string][]string{
		"/relay/" + p.demo("stream", "none").ID:            {"Sec-WebSocket-Accept: ", "Sec-WebSocket-Protocol: duplex.demo", "Sec-WebSocket-Extensions: permessage-deflate"},
		"/api/sessions/" + p.echo().ID + "/attach?after=0": {"Sec-WebSocket-Accept: ", "Sec-WebSocket-Protocol: duplex.v1"},
	} {
		head := p.handshakeLines(target, offer)
		for _, start := range want {
			if !slices.ContainsFunc(head, func(line string) bool { return strings.HasPrefix(line, start) }) {
				t.Errorf("%s: %q is not in %q", target, start, head)
			}
		}
		if strings.Contains(strings.Join(head, "\n"), "Websocket-") {
			t.Errorf("%s: %q", target, head)
		}
	}
}

// relayLine asks for a relay with this target in the request line, and returns the
// status line of the answer.
func (p *program) relayLine(target string) string {
	p.t.Helper()
	return p.handshakeLines(target, "")[0]
}

// handshakeLines sends a handshake as bytes, with more header lines, and returns the
// lines of the answer down to the blank one.
func (p *program) handshakeLines(target, more string) []string {
	p.t.Helper()
	host := strings.TrimPrefix(p.url, "http://")
	conn, err := new(net.Dialer).DialContext(p.t.Context(), "tcp", host)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n", target, host, p.url, more)
	if err != nil {
		p.t.Fatal(err)
	}
	var head []string
	for in := bufio.NewReader(conn); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			p.t.Fatal(err)
		}
		if line = strings.TrimSpace(line); line == "" {
			return head
		}
		head = append(head, line)
	}
}
