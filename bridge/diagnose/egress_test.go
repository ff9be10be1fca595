package diagnose_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
)

// egressStories are dials through a proxy that refuses them, and dials without a proxy that
// need one.
func egressStories() []story {
	outside := at("wss://outside.example/")
	return []story{
		{
			rule: "egress_proxy_wants_password", want: map[string]string{"proxy_target": "outside.example:443"}, facts: []string{"proxy", "proxy_answer", "challenge"},
			happen: dialing(outside, through(listening(proxyAnswer("407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"corp\"")), nil)),
		},
		{
			rule:   "egress_proxy_refused_password",
			happen: dialing(outside, through(listening(proxyAnswer("407 Proxy Authentication Required")), url.UserPassword("ann", secret))),
		},
		{
			rule: "egress_proxy_refused", want: map[string]string{"proxy_status": "403 Forbidden"},
			happen: dialing(outside, through(listening(proxyAnswer("403 Filtered")), nil)),
		},
		{
			rule: "egress_proxy_refused", name: "a web server in place of a proxy", want: map[string]string{"proxy_status": "405 Method Not Allowed"},
			happen: dialing(outside, through(serving(answer(405, "")), nil)),
		},
		{
			rule: "egress_proxy_cannot_reach", action: diagnose.ActionReconnect, want: map[string]string{"proxy_target": "outside.example:8443"},
			happen: dialing(at("ws://outside.example:8443/"), through(listening(proxyAnswer("502 Bad Gateway")), nil)),
		},
		{rule: "egress_proxy_not_http", happen: dialing(outside, through(listening(says("SSH-2.0-OpenSSH_9.9\r\n")), nil))},
		{rule: "egress_proxy_not_http", name: "no TLS", happen: dialing(outside, through(listening(says("HTTP/1.1 400 Bad Request\r\n\r\n")).secure(), nil))},
		{rule: "egress_proxy_certificate", happen: dialing(outside, through(servingTLS(answer(200, "")).secure(), nil))},
		{rule: "egress_proxy_timeout", action: diagnose.ActionReconnect, happen: dialing(outside, through(listening(silent), nil), briefly)},
		{rule: "egress_proxy_cancelled", action: diagnose.ActionReconnect, happen: dialing(outside, through(listening(silent), nil), cancelled)},
		{
			rule: "egress_proxy_unreachable", action: diagnose.ActionReconnect, facts: []string{"proxy", "detail"},
			happen: dialing(outside, through(closedPort, nil)),
		},
		{
			rule: "egress_proxy_unreachable", name: "cut", action: diagnose.ActionReconnect,
			happen: dialing(outside, through(listening(says("")), nil)),
		},
		{
			rule: "egress_proxy_refused", name: "IAM", want: map[string]string{"proxy_target": "iam.example:443"},
			happen: dialing(at("ws://127.0.0.1:1/"), iamAt(at("wss://iam.example")), through(listening(proxyAnswer("403 Forbidden")), nil)),
		},
		{
			rule: "dns_failure", name: "no proxy is used", facts: []string{"no_proxy"},
			happen: dialing(outside, resolving(resolver{err: &net.DNSError{Err: "no such host", IsNotFound: true}})),
		},
		{
			rule: "dns_unavailable", name: "exempt", action: diagnose.ActionReconnect, facts: []string{"proxy_exempt"},
			happen: dialing(outside, through(closedPort, nil), exempt("outside.example"), resolving(resolver{err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}})),
		},
		{
			rule: "connect_timeout", name: "no proxy is used", action: diagnose.ActionReconnect, facts: []string{"no_proxy"},
			happen: dialing(place(fullPort).named("outside.example"), loopback, briefly),
		},
	}
}

// through dials by way of a proxy.
func through(proxy place, user *url.Userinfo) option {
	return func(t *testing.T, a *attempt) {
		t.Helper()
		u, err := dial.ParseProxy(strings.Replace(proxy(t), "ws", "http", 1))
		if err != nil {
			t.Fatal(err)
		}
		u.User = user
		a.dialer.Egress = dial.NewEgress(u, u, "")
	}
}

// exempt dials a host without the proxy.
func exempt(host string) option {
	return func(t *testing.T, a *attempt) {
		t.Helper()
		u := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
		a.dialer.Egress = dial.NewEgress(u, u, host)
	}
}

// proxyAnswer reads a request and answers it.
func proxyAnswer(status string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
		silent(conn)
	}
}
