package dial

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/testkit"
)

// proxy is a small HTTP proxy that stores the requests it gets. It resolves every name to one
// address.
type proxy struct {
	address string // http://127.0.0.1:port
	status  string // of its answers; "200 OK" connects
	to      string // host:port that every name leads to

	mu    sync.Mutex // guards asked
	asked []string   // request line and header, as they came
}

func startProxy(t *testing.T, status, to string) *proxy {
	t.Helper()
	p := &proxy{status: status, to: to}
	p.address = strings.Replace(strings.TrimSuffix(raw(t, p.serve), "/"), "ws", "http", 1)
	return p
}

func (p *proxy) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	var head strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == "\r\n" {
			break
		}
		head.WriteString(line)
	}
	p.mu.Lock()
	p.asked = append(p.asked, head.String())
	p.mu.Unlock()
	answer := "HTTP/1.1 " + p.status + "\r\nVia: 1.1 test\r\n\r\n"
	if p.status != "200 OK" {
		_, _ = io.WriteString(conn, answer)
		return
	}
	out, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.to)
	if err != nil {
		return
	}
	defer func() { _ = out.Close() }()
	// In one segment with the first bytes of a peer, which must not be lost.
	first := make([]byte, 1024)
	_ = out.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	n, _ := out.Read(first)
	_ = out.SetReadDeadline(time.Time{})
	_, _ = conn.Write(append([]byte(answer), first[:n]...))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(out, in)
		_ = out.Close()
	}()
	_, _ = io.Copy(conn, out)
	_ = conn.Close()
	<-done
}

func (p *proxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// by returns a Dialer with the proxy p and a policy, which resolves no name.
func by(t *testing.T, p *proxy, user *url.Userinfo, policy *Policy) *Dialer {
	t.Helper()
	u, err := ParseProxy(p.address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = user
	return &Dialer{Policy: policy, Egress: NewEgress(u, u, ""), Resolver: &turns{}}
}

func TestDialThroughAProxy(t *testing.T) {
	for _, secured := range []bool{false, true} {
		t.Run(fmt.Sprint("TLS ", secured), func(t *testing.T) {
			authority := testkit.NewAuthority(t)
			address := serve(t, echo(nil))
			scheme := "ws"
			if secured {
				address, scheme = serveTLS(t, authority.Issue(t, testkit.ValidFor("outside.example")), echo(nil)), "wss"
			}
			to := mustParse(t, address).Host
			p := startProxy(t, "200 OK", to)
			target := scheme + "://outside.example:8443/path?key=in-the-query"
			conn, report := open(t, by(t, p, url.UserPassword("ann", "pass:w0rd"), &Policy{}), Request{URL: mustParse(t, target), CAPEM: authority.PEM()})
			if err := conn.Write(1, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if _, got, err := conn.ReadMessage(); err != nil || string(got) != "hello" {
				t.Errorf("read %q, %v", got, err)
			}
			want := "CONNECT outside.example:8443 HTTP/1.1\r\nHost: outside.example:8443\r\nUser-Agent: duplex\r\nProxy-Authorization: Basic YW5uOnBhc3M6dzByZA==\r\n"
			if diff := cmp.Diff([]string{want}, p.requests()); diff != "" {
				t.Error("the proxy got", diff)
			}
			if report.Proxy != strings.TrimPrefix(p.address, "http://") || report.Phases.Proxy == 0 || report.Phases.TCP == 0 || report.Phases.DNS != 0 || len(report.Addresses) != 0 || report.Phase != PhaseOpen {
				t.Errorf("report %+v", report)
			}
			raw, err := json.Marshal(report)
			if err != nil || strings.Contains(string(raw), "w0rd") || strings.Contains(string(raw), "YW5u") {
				t.Errorf("%v, the report holds the password: %s", err, raw)
			}
		})
	}
}

// TestNothingIsReadAheadOfTheTarget: the first bytes of a target, in one segment with the
// proxy's answer, are left for the handshake.
func TestNothingIsReadAheadOfTheTarget(t *testing.T) {
	const banner = "SSH-2.0-OpenSSH_9.9\r\n"
	peer := raw(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, banner)
		_, _ = io.Copy(io.Discard, conn)
	})
	p := startProxy(t, "200 OK", mustParse(t, peer).Host)
	u := mustParse(t, "ws://outside.example/")
	dialer := by(t, p, nil, &Policy{})
	conn, err := dialer.reach(t.Context(), u, newAttempt(Request{URL: u}, dialer.now))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	got := make([]byte, len(banner))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != banner {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestProxyThatRefuses(t *testing.T) {
	for _, status := range []string{"407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"not pass:w0rd, nor YW5uOnBhc3M6dzByZA==\"", "403 Forbidden", "502 Bad Gateway", "302 Found"} {
		p := startProxy(t, status, "")
		report, err := fail(t, by(t, p, url.UserPassword("ann", "pass:w0rd"), &Policy{}), Request{URL: mustParse(t, "wss://outside.example/")}, PhaseProxy)
		refused, ok := errors.AsType[*ProxyError](err)
		if !ok || fmt.Sprint(refused.Status) != status[:3] || refused.Target != "outside.example:443" || !refused.Authorized || report.Status != 0 {
			t.Errorf("%s: %v, report %+v", status, err, report)
		}
		if said := err.Error() + refused.Challenge; strings.Contains(said, "w0rd") || strings.Contains(said, "Bhc3M6dzByZ") {
			t.Errorf("the error holds the password: %v", err)
		}
	}
}

// An unreadable answer of a proxy may quote the request.
func TestAnswerOfAProxyThatCannotBeRead(t *testing.T) {
	for _, status := range []string{"200 OK\r\nContent-Length: pass:w0rd", "403 Forbidden\r\nTransfer-Encoding: YW5uOnBhc3M6dzByZA==", "pass:w0rd"} {
		p := startProxy(t, status, "")
		_, err := fail(t, by(t, p, url.UserPassword("ann", "pass:w0rd"), &Policy{}), Request{URL: mustParse(t, "wss://outside.example/")}, PhaseProxy)
		if said := err.Error(); strings.Contains(said, "w0rd") || strings.Contains(said, "Bhc3M6dzByZ") {
			t.Errorf("the error holds the password: %v", err)
		}
	}
}

// TestVerdictsThroughAProxy: addresses are judged as without a proxy. Names are judged
// by host and port, since the proxy resolves them.
func TestVerdictsThroughAProxy(t *testing.T) {
	raw, err := os.ReadFile("testdata/ssrf-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file verdictCases
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, c := range file.Cases {
		u, err := ParseAddress(c.Input)
		if err != nil {
			continue // refused before, as without a proxy
		}
		_, literal := netip.ParseAddr(u.Hostname())
		if literal != nil {
			continue
		}
		for name, want := range c.Expect {
			policy := Policy(file.Policies[name])
			if got := proxiedVerdict(t, &policy, c.Input); got != want {
				t.Errorf("%s/%s (%s): %s, want %s", c.ID, name, c.Input, got, want)
			}
			checked++
		}
	}
	testkit.AtLeast(t, guardFigure, "verdicts through an egress proxy", float64(checked), 50, "")
	named := &Policy{HostAllow: []string{"*.corp.example", "localhost"}, HostDeny: []string{"hr.corp.example"}, Ports: []uint16{443, 8443}}
	for _, test := range []struct {
		policy      *Policy
		input, want string
	}{
		{&Policy{}, "wss://chat.example/", "allow"},
		{&Policy{}, "ws://chat.example:8080/", "allow"},
		{&Policy{}, "ws://chat.example:22/", "deny:port"},
		{&Policy{}, "ws://chat.example:6379/", "deny:port"},
		{&Policy{Ports: []uint16{6379}}, "ws://chat.example:6379/", "allow"},
		{&Policy{}, "ws://metadata.google.internal/", "deny:metadata"},
		{&Policy{}, "ws://Metadata.Google.Internal./", "deny:metadata"},
		{&Policy{AllowPrivate: true, AllowLoopback: true}, "ws://instance-data.ec2.internal/", "deny:metadata"},
		{named, "wss://a.corp.example/", "allow"},
		{named, "wss://a.corp.example:8443/", "allow"},
		{named, "wss://a.corp.example:9443/", "deny:port"},
		{named, "wss://hr.corp.example/", "deny:host-denied"},
		{named, "wss://other.example/", "deny:host-not-listed"},
		{named, "wss://localhost/", "deny:loopback"},
		{&Policy{}, "ws://localhost./", "deny:loopback"},
		{&Policy{}, "ws://a.b.localhost/", "deny:loopback"},
		{&Policy{}, "ws://ip6-localhost/", "deny:loopback"},
		{&Policy{AllowLoopback: true}, "ws://ip6-localhost/", "direct"},
		{&Policy{AllowLoopback: true}, "ws://127.9.9.9:8080/", "direct"},
		{&Policy{AllowLoopback: true}, "ws://[::ffff:127.0.0.1]:8080/", "direct"},
	} {
		if got := proxiedVerdict(t, test.policy, test.input); got != test.want && (test.want != "direct" || got != "allow") {
			t.Errorf("%s: %s, want %s", test.input, got, test.want)
		}
	}
}

// proxiedVerdict returns the verdict on an address with a proxy: this machine is dialled
// directly, everything else through the proxy.
func proxiedVerdict(t *testing.T, policy *Policy, input string) string {
	t.Helper()
	egress := &url.URL{Scheme: "http", Host: "192.0.2.1:3128"}
	dialer, dialled := stopped(policy, &turns{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}}})
	dialer.Egress = NewEgress(egress, egress, "")
	u := mustParse(t, input)
	_, report, err := dialer.Dial(t.Context(), Request{URL: u})
	if blocked, ok := errors.AsType[*BlockedError](err); ok && len(*dialled) == 0 && report.Phase == PhasePolicy {
		return "deny:" + string(blocked.Reason)
	}
	if !errors.Is(err, errAllowed) || len(*dialled) != 1 {
		return fmt.Sprint("error ", err)
	}
	viaProxy := (*dialled)[0].String() == egress.Host
	if viaProxy == IsLocalName(u.Hostname()) {
		t.Errorf("%s: dialled %v", input, *dialled)
	}
	return "allow"
}

func TestWhichTargetsGoThroughTheProxy(t *testing.T) {
	plain, secure := &url.URL{Scheme: "http", Host: "plain.example:3128"}, &url.URL{Scheme: "https", Host: "secure.example"}
	egress := NewEgress(plain, secure, "corp.example, .only-below.example,10.0.0.0/8,192.168.1.1:8443,::2")
	none := NewEgress(nil, secure, "*")
	for _, test := range []struct {
		egress        *Egress
		address, want string
	}{
		{egress, "ws://outside.example/", "plain.example:3128"},
		{egress, "wss://outside.example/", "secure.example"},
		{egress, "https://iam.example/", "secure.example"},
		{egress, "http://iam.example/", "plain.example:3128"},
		{egress, "wss://corp.example/", ""},
		{egress, "wss://CORP.example.:8443/", ""},
		{egress, "wss://a.corp.example/", ""},
		{egress, "wss://evilcorp.example/", "secure.example"},
		{egress, "wss://only-below.example/", "secure.example"},
		{egress, "wss://x.only-below.example/", ""},
		{egress, "wss://10.1.2.3/", ""},
		{egress, "wss://192.168.1.1:8443/", ""},
		{egress, "wss://192.168.1.1/", "secure.example"},
		{egress, "wss://[::2]/", ""},
		{egress, "wss://127.0.0.1/", ""},
		{egress, "ws://[::1]:8080/", ""},
		{egress, "ws://LOCALHOST:8080/", ""},
		{none, "wss://outside.example/", ""},
		{nil, "wss://outside.example/", ""},
	} {
		u, err := url.Parse(test.address)
		if err != nil {
			t.Fatal(err)
		}
		host := ""
		if proxy := test.egress.Proxy(u); proxy != nil {
			host = proxy.Host
		}
		if host != test.want {
			t.Errorf("%s goes through %q, want %q", test.address, host, test.want)
		}
	}
}

func TestParseProxy(t *testing.T) {
	for raw, want := range map[string]string{
		"http://proxy.example:3128":             "http://proxy.example:3128",
		"proxy.example:3128":                    "http://proxy.example:3128",
		"proxy.example":                         "http://proxy.example",
		"HTTPS://Proxy.example:443/":            "https://proxy.example",
		"http://ann:pa%40ss@proxy.example:3128": "http://ann:xxxxx@proxy.example:3128",
		"http://10.0.0.1:3128":                  "http://10.0.0.1:3128",
		"http://[fd00::1]:3128":                 "http://[fd00::1]:3128",
	} {
		u, err := ParseProxy(raw)
		if err != nil || u.Redacted() != want {
			t.Errorf("%s: %v, %v, want %s", raw, u, err, want)
		}
	}
	for _, raw := range []string{
		"", "http://", "ftp://proxy.example", "http://proxy.example:0", "http://proxy.example:99999", "http://proxy.example/path", "http://proxy.example?x",
		"http://ann:s3cr3t@", "http://ann:s3cr3t@proxy example", "socks5://ann:s3cr3t@proxy.example:1080", "socks5h://proxy.example", "http://2130706433:80",
	} {
		u, err := ParseProxy(raw)
		if err == nil {
			t.Errorf("%s: %v", raw, u)
		} else if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("the error holds the password: %v", err)
		}
	}
}

// TestProxiesOfPrograms: net/http asks Egress, and shows the password to the proxy alone.
func TestProxiesOfPrograms(t *testing.T) {
	p := startProxy(t, "403 Forbidden", "")
	u, err := ParseProxy(p.address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("ann", "pass:w0rd")
	client := &http.Client{Transport: &http.Transport{Proxy: NewEgress(u, u, "").OfRequest}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://outside.example/keys", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err == nil {
		_ = response.Body.Close()
		t.Fatal(response.Status)
	}
	if asked := p.requests(); len(asked) != 1 || !strings.Contains(asked[0], "Proxy-Authorization: Basic YW5uOnBhc3M6dzByZA==") || strings.Contains(err.Error(), "w0rd") {
		t.Errorf("asked %q, error %v", asked, err)
	}
}
