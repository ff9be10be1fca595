package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge/testkit"
)

func TestDialReportsAnOpenConnection(t *testing.T) {
	var got http.Header
	var gotHost string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, gotHost = r.Header, r.Host
		w.Header().Set("X-Request-Id", "42")
		echo(&websocket.AcceptOptions{Subprotocols: []string{"b"}})(w, r)
	})
	u := mustParse(t, address+"/path?q=a+b")
	conn, report := open(t, local(), Request{
		URL: u, Subprotocols: []string{"a", "b"}, Headers: []Pair{{"x-one", "1"}, {"X-One", "2"}},
	})
	if err := conn.Write(websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, payload, err := conn.ReadMessage(); err != nil || string(payload) != "hello" {
		t.Fatalf("read %q, %v", payload, err)
	}
	want := &Report{
		URL: u.String(), Host: u.Host, Phase: PhaseOpen, RemoteAddr: u.Host,
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")},
		Offered:   []string{"a", "b"}, Subprotocol: "b", Status: 101,
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool {
		switch p.Last().String() {
		case ".Phases", ".RequestHeader", ".ResponseHeader", ".SentAt", ".AnsweredAt":
			return true
		}
		return false
	}, cmp.Ignore())
	if diff := cmp.Diff(want, report, ignore, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if report.Phases.TCP <= 0 || report.Phases.Upgrade <= 0 || report.Phases.Total < report.Phases.Upgrade || report.Phases.DNS != 0 {
		t.Errorf("phases %+v", report.Phases)
	}
	if valueOf(report.ResponseHeader, "X-Request-Id") != "42" || valueOf(report.RequestHeader, "Host") != gotHost {
		t.Errorf("headers %v, %v", report.RequestHeader, report.ResponseHeader)
	}
	if strings.Join(got["X-One"], "|") != "1|2" || got.Get("User-Agent") != "duplex" || got.Get("Sec-WebSocket-Extensions") != "" {
		t.Errorf("target got %v", got)
	}
	if len(report.RequestHeader) != len(got)+2 { // Host, and X-One twice
		t.Errorf("report has %v, target got %v", report.RequestHeader, got)
	}
}

func TestConnectionOutlivesTheContextOfTheDial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	conn, _, err := local().Dial(ctx, Request{URL: mustParse(t, serve(t, echo(nil)))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	cancel()
	if err := conn.Write(websocket.MessageText, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Fatal(err)
	}
}

func TestRedirectIsShownAndNotFollowed(t *testing.T) {
	var reached atomic.Bool
	other := serve(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	for _, location := range []string{other + "/x", "http://[", ""} {
		address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusMovedPermanently)
			_, _ = w.Write([]byte("moved"))
		})
		report, err := fail(t, local(), Request{URL: mustParse(t, address)}, PhaseUpgrade)
		if refused, ok := errors.AsType[*RefusalError](err); !ok || refused.Status != 301 || report.Status != 301 {
			t.Errorf("error %v, status %d", err, report.Status)
		}
		if valueOf(report.ResponseHeader, "Location") != location || string(report.Body) != "moved" {
			t.Errorf("report has %v and %q", report.ResponseHeader, report.Body)
		}
	}
	if reached.Load() {
		t.Error("the redirect was followed")
	}
}

func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	var asked atomic.Bool
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, proxy)
	}
	dialer, allowed := stopped(&Policy{}, nil)
	_, err := fail(t, dialer, Request{URL: mustParse(t, "ws://93.184.216.34/")}, PhaseTCP)
	if !errors.Is(err, errAllowed) || len(*allowed) != 1 || (*allowed)[0].Addr().String() != "93.184.216.34" || asked.Load() {
		t.Errorf("connected to %v (%v), proxy asked: %v", *allowed, err, asked.Load())
	}
}

// TestRebindingNameIsLookedUpOnce: a second lookup would return another address.
func TestRebindingNameIsLookedUpOnce(t *testing.T) {
	u := mustParse(t, serve(t, echo(nil)))
	resolver := &turns{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.1")}, {netip.MustParseAddr("169.254.169.254")}}}
	dialer := local()
	dialer.Resolver = resolver
	_, report := open(t, dialer, Request{URL: mustParse(t, "ws://rebind.example:"+u.Port()+"/")})
	if report.RemoteAddr != u.Host || resolver.lookups != 1 || report.Phases.DNS <= 0 {
		t.Errorf("connected to %s after %d lookups", report.RemoteAddr, resolver.lookups)
	}
}

func TestTheNextAddressIsTriedWhenOneFails(t *testing.T) {
	u := mustParse(t, serve(t, echo(nil)))
	dialer := local()
	// Nobody listens on 127.0.0.2 at that port: the server is bound to 127.0.0.1.
	dialer.Resolver = &turns{answers: [][]netip.Addr{{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")}}}
	if _, report := open(t, dialer, Request{URL: mustParse(t, "ws://two.example:"+u.Port()+"/")}); report.RemoteAddr != u.Host {
		t.Errorf("connected to %s", report.RemoteAddr)
	}
}

func TestPhaseOfAFailure(t *testing.T) {
	address := raw(t, func(net.Conn) {})
	closed := "ws://127.0.0.1:1/"
	gone := local()
	gone.Resolver = &turns{}
	t.Run("dns", func(t *testing.T) {
		_, err := fail(t, gone, Request{URL: mustParse(t, "ws://gone.example/")}, PhaseDNS)
		if _, ok := errors.AsType[*net.DNSError](err); !ok {
			t.Error(err)
		}
	})
	t.Run("policy", func(t *testing.T) {
		report, _ := fail(t, &Dialer{Policy: &Policy{}}, Request{URL: mustParse(t, address)}, PhasePolicy)
		if report.RemoteAddr != "" {
			t.Errorf("connected to %s", report.RemoteAddr)
		}
	})
	t.Run("tcp", func(t *testing.T) {
		if _, err := fail(t, local(), Request{URL: mustParse(t, closed)}, PhaseTCP); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
	})
	t.Run("tls", func(t *testing.T) {
		plain := serve(t, echo(nil))
		_, err := fail(t, local(), Request{URL: mustParse(t, strings.Replace(plain, "http", "wss", 1))}, PhaseTLS)
		if _, ok := errors.AsType[tls.RecordHeaderError](err); !ok {
			t.Error(err)
		}
	})
	t.Run("hung up", func(t *testing.T) {
		if report, _ := fail(t, local(), Request{URL: mustParse(t, address)}, PhaseUpgrade); report.Status != 0 {
			t.Errorf("status %d", report.Status)
		}
	})
	t.Run("options", func(t *testing.T) {
		_, _ = fail(t, local(), Request{URL: mustParse(t, address), Headers: []Pair{{"Host", "x"}}}, PhaseAddress)
		for field, r := range map[string]Request{"tls.ca_pem": {CAPEM: "no"}, "subprotocols": {Subprotocols: []string{"a b"}}} {
			r.URL = mustParse(t, address)
			_, err := fail(t, local(), r, PhaseAddress)
			if refused, ok := errors.AsType[*OptionError](err); !ok || refused.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func TestAnswerThatIsNotHTTP(t *testing.T) {
	for answer, looksLikeTLS := range map[string]bool{
		"SSH-2.0-OpenSSH_9.2\r\n":               false,
		"HTTP/1.1 101 OK\r\nno header line\r\n": false,
		"\x15\x03\x01\x00\x02\x02\x46":          true,
	} {
		address := raw(t, func(conn net.Conn) {
			request := make([]byte, 1<<10)
			_, _ = conn.Read(request)
			_, _ = conn.Write([]byte(answer))
		})
		_, err := fail(t, local(), Request{URL: mustParse(t, address)}, PhaseUpgrade)
		if refused, ok := errors.AsType[*NotHTTPError](err); !ok || refused.LooksLikeTLS != looksLikeTLS {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestPlainAddressOfATLSPeer(t *testing.T) {
	address := serveTLS(t, testkit.NewAuthority(t).Issue(t), echo(nil))
	// Go's server answers in plain HTTP, with a hint.
	report, _ := fail(t, local(), Request{URL: mustParse(t, strings.Replace(address, "https", "ws", 1))}, PhaseUpgrade)
	if report.Status != http.StatusBadRequest {
		t.Errorf("status %d", report.Status)
	}
}

func TestNoAnswerEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := raw(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<10))
		cancel()
		_, _ = conn.Read(make([]byte, 1)) // until the dialler hangs up
	})
	_, report, err := local().Dial(ctx, Request{URL: mustParse(t, address)})
	if !errors.Is(err, context.Canceled) || report.Phase != PhaseUpgrade || report.SentAt.IsZero() {
		t.Errorf("phase %s, sent at %v: %v", report.Phase, report.SentAt, err)
	}
}

func TestHugeAnswerHeaderIsRefused(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Huge", strings.Repeat("v", 2*maxAnswerHeader))
	})
	if report, _ := fail(t, local(), Request{URL: mustParse(t, address)}, PhaseUpgrade); report.Status != 0 {
		t.Errorf("status %d", report.Status)
	}
}

func TestUnaskedSubprotocolIsRefused(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Sec-WebSocket-Protocol", "other")
		echo(&websocket.AcceptOptions{Subprotocols: []string{"other"}})(w, r)
	})
	report, err := fail(t, local(), Request{URL: mustParse(t, address), Subprotocols: []string{"mine"}}, PhaseUpgrade)
	if report.Status != 101 || report.Subprotocol != "" {
		t.Errorf("status %d: %v", report.Status, err)
	}
}

func TestCompressionIsOfferedWhenAsked(t *testing.T) {
	address := serve(t, echo(&websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover}))
	conn, report := open(t, local(), Request{URL: mustParse(t, address), Compression: true, ReadLimit: 1 << 20})
	if offered := valueOf(report.RequestHeader, "Sec-WebSocket-Extensions"); !strings.Contains(offered, "permessage-deflate") {
		t.Errorf("offered %q", offered)
	}
	if chosen := valueOf(report.ResponseHeader, "Sec-WebSocket-Extensions"); !strings.Contains(chosen, "no_context_takeover") {
		t.Errorf("chosen %q", chosen)
	}
	text := strings.Repeat("again ", 5_000)
	if err := conn.Write(websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, payload, err := conn.ReadMessage(); err != nil || string(payload) != text {
		t.Errorf("read %d bytes, %v", len(payload), err)
	}
}

func TestReadLimit(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		_ = conn.Write(r.Context(), websocket.MessageBinary, make([]byte, 100_000))
		_ = conn.Write(r.Context(), websocket.MessageBinary, make([]byte, 100_001))
		_, _, _ = conn.Read(r.Context())
	})
	conn, _ := open(t, local(), Request{URL: mustParse(t, address), ReadLimit: 100_000})
	if _, payload, err := conn.ReadMessage(); err != nil || len(payload) != 100_000 {
		t.Errorf("read %d bytes, %v", len(payload), err)
	}
	if _, _, err := conn.ReadMessage(); !errors.Is(err, websocket.ErrMessageTooBig) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestPingsAreSeen(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		ctx := conn.CloseRead(r.Context())
		_ = conn.Ping(ctx)
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
	var pings atomic.Int32
	conn, _ := open(t, local(), Request{URL: mustParse(t, address)})
	conn.OnPing = func() bool {
		pings.Add(1)
		return true
	}
	if _, _, err := conn.ReadMessage(); websocket.CloseStatus(err) != websocket.StatusNormalClosure || pings.Load() != 1 {
		t.Errorf("%d pings, %v", pings.Load(), err)
	}
}

func TestTLS(t *testing.T) {
	authority, later := testkit.NewAuthority(t), time.Now().Add(time.Hour)
	good := serveTLS(t, authority.Issue(t, testkit.Ending(later)), echo(nil))
	expired := serveTLS(t, authority.Issue(t, testkit.Ending(time.Now().Add(-time.Hour))), echo(nil))
	wrongName := serveTLS(t, authority.Issue(t, testkit.ValidFor("other.example"), testkit.Ending(later)), echo(nil))

	_, report := open(t, local(), Request{URL: mustParse(t, good), CAPEM: authority.PEM()})
	info := report.TLS
	if info.Version != "TLS 1.3" || info.Subject != "CN=peer" || info.Issuer != "CN=Test CA" || info.ServerName != "127.0.0.1" ||
		strings.Join(info.DNSNames, "|") != "127.0.0.1" || !strings.HasPrefix(report.URL, "wss://") || report.Phases.TLS <= 0 {
		t.Errorf("report has %+v", info)
	}

	report, err := fail(t, local(), Request{URL: mustParse(t, good)}, PhaseTLS)
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok || report.TLS.Issuer != "CN=Test CA" || report.TLS.Version != "TLS 1.3" {
		t.Errorf("unknown CA: %v, report has %+v", err, report.TLS)
	}
	report, err = fail(t, local(), Request{URL: mustParse(t, expired), CAPEM: authority.PEM()}, PhaseTLS)
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); !ok || invalid.Reason != x509.Expired || report.TLS.NotAfter.IsZero() {
		t.Errorf("expired: %v, report has %+v", err, report.TLS)
	}
	report, err = fail(t, local(), Request{URL: mustParse(t, wrongName), CAPEM: authority.PEM()}, PhaseTLS)
	if _, ok := errors.AsType[x509.HostnameError](err); !ok || strings.Join(report.TLS.DNSNames, "|") != "other.example" {
		t.Errorf("wrong name: %v, report has %+v", err, report.TLS)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	authority := testkit.NewAuthority(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{authority.Issue(t)},
		MinVersion:   tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if conn, err := listener.Accept(); err == nil {
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	_, _ = fail(t, local(), Request{URL: mustParse(t, "wss://"+listener.Addr().String()+"/"), CAPEM: authority.PEM()}, PhaseTLS)
	_ = listener.Close()
	<-done
}
