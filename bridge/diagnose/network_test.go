package diagnose_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// ownStories are refusals on our side: nothing reaches a target.
func ownStories() []story {
	return []story{
		{
			rule: "blocked_by_policy", want: map[string]string{"reason": "metadata"}, facts: []string{"reason.metadata"},
			happen: dialing(at("ws://169.254.169.254/")),
		},
		{
			rule: "blocked_by_policy", name: "by address after lookup", want: map[string]string{"reason": "link-local"}, facts: []string{"reason.link-local"},
			happen: dialing(at("ws://peer.example/"), resolving(resolver{address: netip.MustParseAddr("169.254.7.7")})),
		},
		{
			rule: "address_refused", facts: []string{"reason.scheme"},
			happen: dialing(at("ftp://peer.example/")),
		},
		{
			rule: "header_refused", action: diagnose.ActionEditHeaders, want: map[string]string{"header": "Connection"},
			happen: dialing(at("ws://127.0.0.1:1/"), header("Connection", "close")),
		},
		{
			rule: "credential_incomplete", action: diagnose.ActionEditAuth, want: map[string]string{"field": "secret_key"},
			happen: dialing(at("ws://127.0.0.1:1/"), credential("kind", "aksk", "access_key", "HWAKEXAMPLE")),
		},
		{
			rule: "secret_bound_elsewhere", action: diagnose.ActionEditAuth,
			want:   map[string]string{"field": "token", "bound_to": "wss://a.example", "refused": "ws://127.0.0.1:1"},
			happen: dialing(at("ws://127.0.0.1:1/"), boundTo(vault.Binding{Targets: []string{"a.example"}, TLS: true})),
		},
		{
			rule: "too_many_headers", action: diagnose.ActionEditHeaders,
			happen: dialing(at("ws://127.0.0.1:1/"), func(_ *testing.T, a *attempt) {
				a.request.Headers = make([]dial.Pair, dial.MaxHeaders+1)
			}),
		},
		{
			rule: "option_refused", action: diagnose.ActionEditSettings, want: map[string]string{"field": "tls.ca_pem"},
			happen: dialing(at("ws://127.0.0.1:1/"), func(_ *testing.T, a *attempt) { a.request.CAPEM = "no certificate" }),
		},
		iamStory("iam_wrong_password", diagnose.ActionEditAuth, 401, `{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}`),
		iamStory("iam_locked", diagnose.ActionEditAuth, 401, `{"error":{"code":401,"message":"The account is locked.","title":"Unauthorized"}}`),
		iamStory("iam_mfa", diagnose.ActionEditAuth, 401, `{"error":{"code":401,"message":"A virtual MFA device is needed.","title":"Unauthorized"}}`),
		iamStory("iam_wrong_project", diagnose.ActionEditAuth, 400, `{"error":{"code":400,"message":"The project is disabled or not found.","title":"Bad Request"}}`),
		iamStory("iam_forbidden", diagnose.ActionEditAuth, 403, `{"error":{"code":403,"message":"Programmatic access is off.","title":"Forbidden"}}`),
		iamStory("iam_unavailable", diagnose.ActionReconnect, 503, ""),
		iamStory("credential_failure", diagnose.ActionEditAuth, 418, ""),
		{
			rule: "iam_unreachable", action: diagnose.ActionEditAuth,
			happen: dialing(at("ws://127.0.0.1:1/"), iamAt(closedPort)),
		},
	}
}

// boundTo is a stored token that is bound to targets.
func boundTo(b vault.Binding) option {
	return func(_ *testing.T, a *attempt) {
		a.request.Credential = sign.Credential{Kind: sign.KindBearer, Secrets: map[string]vault.Secret{"token": vault.NewSecret(secret).Bind(b)}}
	}
}

// iamAt is a user of the IAM at an address.
func iamAt(endpoint place) option {
	return func(t *testing.T, a *attempt) {
		t.Helper()
		credential("kind", "iam_password", "iam_endpoint", strings.Replace(endpoint(t), "ws", "http", 1), "domain", "account",
			"user", "robot", "password", secret, "project", "cn-north-4")(t, a)
	}
}

// iamStory makes IAM answer the request for a token in one way.
func iamStory(rule string, action diagnose.Action, status int, body string) story {
	return story{rule: rule, action: action, happen: dialing(at("ws://127.0.0.1:1/"), iamAt(serving(answer(status, body))))}
}

// minting makes a request at a place before the handshake, and takes its answer by take.
func minting(endpoint place, take func(answer []byte) error) option {
	return func(t *testing.T, a *attempt) {
		t.Helper()
		a.request.Addition = &mint{url: strings.Replace(endpoint(t), "ws", "http", 1), take: take}
	}
}

// mint is a dial.Addition that only mints.
type mint struct {
	url  string
	take func([]byte) error
}

func (m *mint) Mint() (*dial.MintRequest, error) {
	return &dial.MintRequest{Method: http.MethodPost, URL: m.url, Header: http.Header{"X-Key": {secret}}, Masked: []vault.Secret{vault.NewSecret(secret)}}, nil
}

func (m *mint) Minted(answer []byte) (string, error) { return "", m.take(answer) }

func (m *mint) Sign(u *url.URL, _ time.Time) (dial.Added, error) { return dial.Added{URL: u}, nil }

// mintStories are requests for a token that give none.
func mintStories() []story {
	unusable := func([]byte) error { return &dial.MintError{Message: "the answer has no token at $.token"} }
	return []story{
		{
			rule: "mint_refused", action: diagnose.ActionEditAuth, want: map[string]string{"status_line": "401 Unauthorized"},
			happen: dialing(at("ws://127.0.0.1:1/"), minting(serving(answer(401, "no key "+secret)), unusable)),
		},
		{rule: "mint_unreachable", happen: dialing(at("ws://127.0.0.1:1/"), minting(at("ws://127.0.0.1:1/"), unusable))},
		{
			rule: "mint_unusable", want: map[string]string{"detail": "the answer has no token at $.token"},
			happen: dialing(at("ws://127.0.0.1:1/"), minting(serving(answer(200, "{}")), unusable)),
		},
	}
}

func networkStories() []story {
	handed := func(phase dial.Phase, err error) func(*testing.T) diagnose.Evidence {
		return func(*testing.T) diagnose.Evidence {
			return diagnose.Evidence{Report: &dial.Report{Host: "peer.example:443", Phase: phase}, Err: err}
		}
	}
	return []story{
		{
			rule: "dns_failure", want: map[string]string{"name": "no-such-name.example"},
			happen: dialing(at("wss://no-such-name.example/"), resolving(resolver{err: &net.DNSError{Err: "no such host", Name: "no-such-name.example", IsNotFound: true}})),
		},
		{
			rule: "dns_unavailable", action: diagnose.ActionReconnect,
			happen: dialing(at("wss://peer.example/"), resolving(resolver{err: &net.DNSError{Err: "i/o timeout", Name: "peer.example", IsTimeout: true}})),
		},
		{
			rule: "connection_refused", action: diagnose.ActionReconnect, facts: []string{"detail"},
			happen: dialing(closedPort),
		},
		{rule: "connect_timeout", action: diagnose.ActionReconnect, happen: dialing(fullPort, briefly)},
		{rule: "answer_timeout", action: diagnose.ActionReconnect, happen: dialing(listening(silent), briefly)},
		{rule: "cancelled", action: diagnose.ActionReconnect, happen: dialing(listening(silent), cancelled)},
		{rule: "closed_without_answer", action: diagnose.ActionReconnect, happen: dialing(listening(says("")))},
		{rule: "not_http", happen: dialing(listening(says("SSH-2.0-OpenSSH_9.9\r\n")))},
		{
			rule:   "answer_too_large",
			happen: dialing(serving(answer(403, "", "X-Large", strings.Repeat("x", 100<<10)))),
		},
		// Loopback has no lost routes, so these two pass the errors of the system.
		{
			rule: "no_route", want: map[string]string{"detail": "no route to host"},
			happen: handed(dial.PhaseTCP, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}),
		},
		{rule: "network_failure", action: diagnose.ActionReconnect, happen: handed(dial.PhaseTCP, errors.New("something new"))},
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "ws://" + l.Addr().String()
}

// fullPort returns a port with a full queue of connections, which answers none.
func fullPort(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		t.Fatalf("bound to %T", name)
	}
	address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port.Port)).String()
	for range 64 {
		ctx, cancel := context.WithTimeout(t.Context(), fillTime)
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		cancel()
		if err != nil {
			return "ws://" + address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue does not fill")
	return ""
}

// peerStories are responses of something else than a WebSocket service.
func peerStories() []story {
	return append(redirectStories(), []story{
		{rule: "socketio_peer", name: "engine", happen: refusal(400, `{"code":0,"message":"Transport unknown"}`)},
		{
			rule: "socketio_peer", name: "path",
			happen: dialing(serving(answer(400, `{"code":3,"message":"Bad request"}`)).path("/socket.io/")),
		},
		{
			rule: "subprotocol_unasked", action: diagnose.ActionEditSettings, want: map[string]string{"chosen": "chat.v9"},
			happen: dialing(serving(upgrade("Sec-WebSocket-Protocol", "chat.v9")), subprotocols("chat.v1")),
		},
		{rule: "broken_upgrade", happen: dialing(serving(upgrade("Sec-WebSocket-Accept", "wrong")))},
		{rule: "upgrade_headers_dropped", happen: dialing(serving(dropsUpgrade))},
		{rule: "upgrade_required_426", happen: refusal(426, "", "Sec-WebSocket-Version", "8")},
		{rule: "html_200", happen: refusal(200, "<!DOCTYPE html><title>Console</title>", "Content-Type", "text/html; charset=utf-8")},
		{rule: "no_websocket_here", happen: refusal(200, `{"status":"ok"}`, "Content-Type", "application/json")},
		{rule: "origin_refused", action: diagnose.ActionEditHeaders, happen: dialing(serving(acceptWebSocket), header("Origin", "https://console.example"))},
	}...)
}

func redirectStories() []story {
	to := func(location string, options ...option) func(*testing.T) diagnose.Evidence {
		return dialing(serving(answer(302, "", "Location", location)).path("/old?lang=en"), options...)
	}
	return []story{
		{rule: "redirect", action: diagnose.ActionSyncAddress, happen: to("https://new.example/ws?lang=en"), want: map[string]string{"location": "https://new.example/ws"}, facts: []string{"location"}},
		{
			rule: "redirect", name: "odd path", action: diagnose.ActionSyncAddress, happen: to("https://new.example/a%2Fb|c/{x}?q=%2F"),
			want: map[string]string{"location": "https://new.example/a%2Fb%7Cc/%7Bx%7D"},
		},
		{
			rule: "redirect", name: "credential in the query", action: diagnose.ActionSyncAddress,
			happen: to("https://new.example/ws?room="+secret+"&lang=en", credential("kind", "query", "name", "room", "value", secret)),
		},
		{rule: "redirect_to_login", action: diagnose.ActionEditAuth, happen: to("https://auth.huaweicloud.com/authui/login?service=x")},
		{rule: "redirect_elsewhere", happen: to("mailto:ops@peer.example")},
	}
}

// fillTime bounds a connection to a queue with room.
const fillTime = 200 * time.Millisecond

// dropsUpgrade is a WebSocket service behind a proxy that drops hop-by-hop headers.
func dropsUpgrade(w http.ResponseWriter, r *http.Request) {
	r.Header.Del("Upgrade")
	r.Header.Del("Connection")
	acceptWebSocket(w, r)
}

func acceptWebSocket(w http.ResponseWriter, r *http.Request) {
	if conn, err := websocket.Accept(w, r, nil); err == nil {
		_ = conn.CloseNow()
	}
}

func refusal(status int, body string, headers ...string) func(*testing.T) diagnose.Evidence {
	return dialing(serving(answer(status, body, headers...)))
}
