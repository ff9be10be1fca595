package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"duplex/handlers"
)

// raw sends text to c and returns the statuses of at most most answers.
func raw(c *console, most int, text string) (statuses []int) {
	c.t.Helper()
	conn, err := new(net.Dialer).DialContext(c.t.Context(), "tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil {
		c.t.Fatal(err)
	}
	if half, ok := conn.(*net.TCPConn); ok {
		_ = half.CloseWrite() // no more comes: nobody waits for it
	}
	answers := bufio.NewReader(conn)
	for len(statuses) < most {
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			break
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		statuses = append(statuses, res.StatusCode)
	}
	return statuses
}

// Handshakes from a page of another site, with the cookies that the person's browser
// would add.
func TestHandshakesOfOtherSitesReachNothing(t *testing.T) {
	c := start(t, func(o *handlers.Options) { o.RelayOrigins = []string{"https://app.example"} })
	host := strings.TrimPrefix(c.url, "http://")
	_, port, _ := strings.Cut(host, ":")
	const refused, misdirected, wrong = http.StatusForbidden, http.StatusMisdirectedRequest, http.StatusBadRequest
	for name, tt := range map[string]struct {
		host, lines string
		want        int
	}{
		"two own":              {host, "Origin: " + c.url + "\r\nOrigin: " + c.url, refused},
		"own and other":        {host, "Origin: " + c.url + "\r\nOrigin: https://evil.example", refused},
		"listed and own":       {host, "Origin: https://app.example\r\nOrigin: " + c.url, refused},
		"other case of a name": {host, "oRIGIN: https://evil.example", refused},
		"a list":               {host, "Origin: " + c.url + ", https://evil.example", refused},
		"a list with blanks":   {host, "Origin: " + c.url + " https://evil.example", refused},
		"empty":                {host, "Origin:", refused},
		"null":                 {host, "Origin: null", refused},
		"NULL":                 {host, "Origin: NULL", refused},
		"a path":               {host, "Origin: " + c.url + "/", refused},
		"a person":             {host, "Origin: http://" + host + "@evil.example", refused},
		"a person before":      {host, "Origin: http://evil.example@" + host, refused},
		"capitals":             {host, "Origin: HTTP://" + host, refused},
		"listed, subdomain":    {host, "Origin: https://x.app.example", refused},
		"listed, longer":       {host, "Origin: https://app.example.evil.example", refused},
		"listed, http":         {host, "Origin: http://app.example", refused},
		"listed, port":         {host, "Origin: https://app.example:8443", refused},
		"listed, default port": {host, "Origin: https://app.example:443", refused},
		"listed, absolute":     {host, "Origin: https://app.example.", refused},
		"listed, capitals":     {host, "Origin: https://APP.example", refused},
		"an extension":         {host, "Origin: chrome-extension://abcdefghijklmnop", refused},
		"a file":               {host, "Origin: file://", refused},
		"another loopback":     {host, "Origin: http://127.0.0.2:" + port, refused},
		"rebound, no origin":   {"evil.example:" + port, "X-Nothing: 1", misdirected},
		"rebound, looks alike": {"127.0.0.1.evil.example:" + port, "X-Nothing: 1", misdirected},
		"rebound localhost":    {"localhost.evil.example:" + port, "X-Nothing: 1", misdirected},
		"absolute localhost":   {"localhost.:" + port, "X-Nothing: 1", misdirected},
		"below localhost":      {"a.localhost:" + port, "X-Nothing: 1", misdirected},
		"short address":        {"127.1:" + port, "X-Nothing: 1", misdirected},
		"number":               {"2130706433:" + port, "X-Nothing: 1", misdirected},
		"any address":          {"0.0.0.0:" + port, "X-Nothing: 1", misdirected},
		"a person in Host":     {"127.0.0.1@evil.example", "X-Nothing: 1", misdirected},
		"a path in Host":       {"127.0.0.1:" + port + "/evil.example", "X-Nothing: 1", wrong},
		"two hosts":            {host + "\r\nHost: evil.example", "X-Nothing: 1", wrong},
		"behind a proxy":       {host, "X-Forwarded-Host: " + host, refused},
		"forwarded":            {host, "Forwarded: for=203.0.113.7", refused},
		"forwarded, as a CGI":  {host, "X_Forwarded_For: 203.0.113.7", refused},
		"real address":         {host, "X-Real-IP: 203.0.113.7", refused},
	} {
		for _, path := range []string{"/relay/one/", "/relay/one", "/api/sessions/x/attach"} {
			got := raw(c, 1, "GET "+path+" HTTP/1.1\r\nHost: "+tt.host+"\r\n"+tt.lines+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: duplex.v1\r\n\r\n")
			if len(got) != 1 || got[0] != tt.want && (tt.want != misdirected || got[0] != wrong) {
				t.Errorf("%s %s: %v, want %d", name, path, got, tt.want)
			}
		}
	}
	if n := c.dials.Load(); n != 0 {
		t.Errorf("the target was dialled %d times", n)
	}
}

// Requests with ambiguous framing end the connection: no part of a body is read as a
// request.
func TestFramingHidesNoRequest(t *testing.T) {
	c := start(t)
	host := strings.TrimPrefix(c.url, "http://")
	inner := "DELETE /api/services/one HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	head := "POST /api/services HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"two lengths":           head + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
		"a list of lengths":     head + "Content-Length: 0, 5\r\n\r\n",
		"a signed length":       head + "Content-Length: +0\r\n\r\n",
		"a negative length":     head + "Content-Length: -1\r\n\r\n",
		"a huge length":         head + "Content-Length: 18446744073709551616\r\n\r\n",
		"chunks twice":          head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"other encoding":        head + "Transfer-Encoding: xchunked\r\n\r\n",
		"a blank before colon":  head + "Content-Length : 0\r\n\r\n",
		"a huge chunk":          head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"a chunk with a sign":   head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
		"a chunk of no number":  head + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
		"a chunk that is short": head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
	} {
		got := raw(c, 2, text+inner)
		for i, status := range got {
			if status/100 == 2 || i > 0 && status != http.StatusBadRequest {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
	body := `{"name":"x","address":"` + c.address() + `"}` + inner
	if got := raw(c, 3, head+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)); len(got) != 1 || got[0] != http.StatusBadRequest {
		t.Errorf("a request behind the body: %v", got)
	}
	// A body that a handler does not read is not read as the next request.
	lies := "GET /api/lease HTTP/1.1\r\nHost: " + host + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", len(inner)) + inner + "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"
	if got := raw(c, 3, lies); len(got) != 2 || got[0] != 200 || got[1] != 200 {
		t.Errorf("a body that nobody reads: %v", got)
	}
	if got := raw(c, 1, "GET http://evil.example/api/services HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); len(got) != 1 || got[0] != http.StatusMisdirectedRequest {
		t.Errorf("an address in the request line: %v", got)
	}
	if got := raw(c, 1, "GET /api/services HTTP/1.0\r\n\r\n"); len(got) != 1 || got[0] != http.StatusMisdirectedRequest {
		t.Errorf("no host: %v", got)
	}
	if res, answer := c.request(http.MethodGet, "/api/services/one", ""); res.StatusCode != http.StatusOK {
		t.Errorf("the service is gone: %d %s", res.StatusCode, answer)
	}
}

// The path behind the service goes to the target as it is, unless it leads out of the
// service's path.
func TestRelayPathsThatLeadOutAreRefused(t *testing.T) {
	c := start(t)
	host := strings.TrimPrefix(c.url, "http://")
	for path, plain := range map[string]bool{
		"/relay/one/../x": false, "/relay/one/%2e%2e/x": false, "/relay/one/%2E./x": false, "/relay/one/..%2fx": false, "/relay/one/a/..": false,
		`/relay/one/..\x`: false, "/relay/one/..%5cx": false, "/relay/one/./x": false, "/relay/one//x": false, "/relay//one/x": false,
		"/relay/one%2fx": false, "/relay/one/..;/x": false, "/relay/one/..;a=b/x": false, "/relay/one/%2e%2e%3b/x": false, "/relay/one/.;/x": false,
		"/relay/one%00/x": false, "/relay/../api/services": false, "/relay/%2e%2e/api/services": false,
		"/relay/one/a%2Fb": true, "/relay/one/a..b/..c": true, "/relay/one/%252e%252e/x": true, "/relay/one/a;b/;c": true, "/relay/one/...": true,
	} {
		got := raw(c, 1, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		want := http.StatusUpgradeRequired
		if !plain {
			want = http.StatusBadRequest
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, want %d", path, got, want)
		}
	}
}
