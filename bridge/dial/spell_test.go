package dial

import (
	"bufio"
	"net"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/sign"
)

// wireOf dials a peer that reads the request as bytes and hangs up. It returns the
// request line's target, and the header lines in order. AT in address is the peer's
// host and port.
func wireOf(t *testing.T, address string, r Request) (target string, lines []string) {
	t.Helper()
	request := make(chan []string, 1)
	at := raw(t, func(conn net.Conn) {
		var read []string
		for in := bufio.NewReader(conn); ; {
			line, err := in.ReadString('\n')
			if err != nil || line == "\r\n" {
				break
			}
			read = append(read, strings.TrimSuffix(line, "\r\n"))
		}
		request <- read
	})
	r.URL = mustParse(t, strings.ReplaceAll(address, "AT", strings.Trim(at, "ws:/")))
	report, _ := fail(t, local(), r, PhaseUpgrade)
	read := <-request
	target, found := strings.CutPrefix(read[0], "GET ")
	target, proto := strings.CutSuffix(target, " HTTP/1.1")
	if !found || !proto {
		t.Fatalf("request line %q", read[0])
	}
	for _, header := range report.RequestHeader {
		if !slices.Contains(read[1:], header.Name+": "+header.Value) && !strings.Contains(header.Value, sign.Masked) {
			t.Errorf("the report has %s: %s, which is not in %q", header.Name, header.Value, read)
		}
	}
	return target, read[1:]
}

// TestTargetIsSentAsItIsTyped: every byte that a request line may hold arrives, and
// the others are percent-encoded as browsers do.
func TestTargetIsSentAsItIsTyped(t *testing.T) {
	tests := []struct{ typed, want string }{ // want is "" if it equals typed
		{"/lool/https%3A%2F%2Foffice%2Ffile|9/ws", "/lool/https%3A%2F%2Foffice%2Ffile%7C9/ws"},
		{"/a%2Fb/图片%2f%e5/x", "/a%2Fb/%E5%9B%BE%E7%89%87%2f%e5/x"},
		{"/a%2Fb/{id}/<x>/\"q\"/`^`", "/a%2Fb/%7Bid%7D/%3Cx%3E/%22q%22/%60%5E%60"},
		{"/%41%7E~/a;b=c,d/(e)!*'$&@:+[0]", ""},
		{"/a//b/./c/../d/%2E%2e/", ""},
		{"/%C4%E3%00%0a%5C", ""},
		{"/p?", ""},
		{"/p?&", ""},
		{"/p?debug&x=", ""},
		{"/p?a=1&&b=2&", ""},
		{"/p?=v&=&==", ""},
		{"/p?a=1;b=2;&c", ""},
		{"/p?q=a+b%20c&q=a%2Bb", ""},
		{"/p?q=%C4%E3&%b5%e7=1", ""},
		{"/p?a0=%&a1%a&a2=%aa&%", ""},
		{"/p?sig=a%2Bb/c=&t=00:00&scope=x,y&u=https://h/?a=b", ""},
		{"/p?filter={a|b}[0]^`'()*!~$@", ""},
		{"/p?q=\"你\"<b>", "/p?q=%22%E4%BD%A0%22%3Cb%3E"},
		{"?conversation_signature=x%3D%3d", "/?conversation_signature=x%3D%3d"},
	}
	for _, test := range tests {
		want := test.want
		if want == "" {
			want = test.typed
		}
		if got, _ := wireOf(t, "ws://AT"+test.typed, Request{}); got != want {
			t.Errorf("%s: sent as %s, want %s", test.typed, got, want)
		}
	}
}

// TestQueryCredentialLeavesTheRestAlone: the query before it keeps its bytes.
func TestQueryCredentialLeavesTheRestAlone(t *testing.T) {
	c := credential(sign.KindQuery, map[string]string{"name": "api key"}, map[string]string{"value": "a/b+c=="})
	for typed, want := range map[string]string{
		"/p?sig=a%2Bb/c=&flag&&x=%zz;y": "/p?sig=a%2Bb/c=&flag&&x=%zz;y&api%20key=a%2Fb%2Bc%3D%3D",
		"/a%2Fb|c?":                     "/a%2Fb%7Cc?api%20key=a%2Fb%2Bc%3D%3D",
	} {
		if got, _ := wireOf(t, "ws://AT"+typed, Request{Credential: c}); got != want {
			t.Errorf("%s: sent as %s, want %s", typed, got, want)
		}
	}
}
