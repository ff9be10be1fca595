package diagnose_test

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log" //nolint:depguard // the type that http.Server takes
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/testkit"
)

// attempt is a dial: the defaults of newAttempt, changed by options.
type attempt struct {
	ctx     context.Context //nolint:containedctx // one dial's options
	dialer  dial.Dialer
	request dial.Request
}

type option func(*testing.T, *attempt)

func open(t *testing.T, address string, options ...option) (*dial.Conn, diagnose.Evidence) {
	t.Helper()
	u, err := dial.ParseAddress(address)
	if err != nil {
		return nil, diagnose.Evidence{Report: &dial.Report{URL: address, Phase: dial.PhaseAddress}, Err: err}
	}
	a := &attempt{
		ctx:     t.Context(),
		dialer:  dial.Dialer{Policy: &dial.Policy{AllowLoopback: true, AllowPrivate: true}, Log: slog.New(slog.DiscardHandler), Now: time.Now},
		request: dial.Request{URL: u, ReadLimit: 1 << 20},
	}
	for _, o := range options {
		o(t, a)
	}
	conn, report, err := a.dialer.Dial(a.ctx, a.request)
	return conn, diagnose.Evidence{Report: report, Err: err}
}

// dialRefused expects to be refused.
func dialRefused(t *testing.T, address string, options ...option) diagnose.Evidence {
	t.Helper()
	conn, evidence := open(t, address, options...)
	if conn != nil {
		_ = conn.CloseNow()
		t.Fatal("the connection opened")
	}
	return evidence
}

func credential(fields ...string) option {
	return func(t *testing.T, a *attempt) {
		t.Helper()
		object := map[string]string{}
		for i := 0; i < len(fields); i += 2 {
			object[fields[i]] = fields[i+1]
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if a.request.Credential, err = sign.Parse(raw); err != nil {
			t.Fatal(err)
		}
	}
}

// secret is in every credential of these tests and must be in no finding.
const secret = "s3cr3t-Value-of-the-tests"

var (
	token  = credential("kind", "token", "token", secret)
	aksk   = credential("kind", "aksk", "access_key", "HWAKEXAMPLE", "secret_key", secret)
	code   = credential("kind", "app_code", "app_code", secret)
	apiKey = credential("kind", "api_key", "key", secret)
	bearer = credential("kind", "bearer", "token", secret)
	appKS  = credential("kind", "app_signature", "app_key", "appkey", "app_secret", secret)
)

func subprotocols(names ...string) option {
	return func(_ *testing.T, a *attempt) { a.request.Subprotocols = names }
}

func header(name, value string) option {
	return func(_ *testing.T, a *attempt) {
		a.request.Headers = append(a.request.Headers, dial.Pair{Name: name, Value: value})
	}
}

func clock(at time.Time) option {
	return func(_ *testing.T, a *attempt) { a.dialer.Now = func() time.Time { return at } }
}

// briefly gives the dial so little time that it gives up a silent peer.
func briefly(t *testing.T, a *attempt) {
	t.Helper()
	ctx, cancel := context.WithTimeout(a.ctx, 100*time.Millisecond)
	t.Cleanup(cancel)
	a.ctx = ctx
}

func cancelled(t *testing.T, a *attempt) {
	t.Helper()
	ctx, cancel := context.WithCancel(a.ctx)
	cancel()
	a.ctx = ctx
}

// resolver answers every name with one address, or with an error.
type resolver struct {
	address netip.Addr
	err     error
}

func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.err != nil {
		return nil, r.err
	}
	return []netip.Addr{r.address}, nil
}

func resolving(r resolver) option {
	return func(_ *testing.T, a *attempt) { a.dialer.Resolver = r }
}

var loopback = resolving(resolver{address: netip.MustParseAddr("127.0.0.1")})

// place starts a target for the time of a test and returns its address.
type place func(*testing.T) string

// dialing makes a story of a dial that is refused.
func dialing(to place, options ...option) func(*testing.T) diagnose.Evidence {
	return func(t *testing.T) diagnose.Evidence {
		t.Helper()
		return dialRefused(t, to(t), options...)
	}
}

func at(address string) place {
	return func(*testing.T) string { return address }
}

// path is p with a path behind its address.
func (p place) path(path string) place {
	return func(t *testing.T) string {
		t.Helper()
		return p(t) + path
	}
}

// secure is p dialled by wss.
func (p place) secure() place {
	return func(t *testing.T) string {
		t.Helper()
		return strings.Replace(p(t), "ws:", "wss:", 1)
	}
}

// named is p dialled by a name.
func (p place) named(host string) place {
	return func(t *testing.T) string {
		t.Helper()
		return strings.Replace(p(t), "127.0.0.1", host, 1)
	}
}

// serving is a target that answers HTTP requests.
func serving(h http.HandlerFunc) place {
	return func(t *testing.T) string {
		t.Helper()
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return strings.Replace(s.URL, "http", "ws", 1)
	}
}

// servingTLS is a target that answers HTTPS requests, dialled by ws.
func servingTLS(h http.HandlerFunc) place {
	return func(t *testing.T) string {
		t.Helper()
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = quietLog()
		s.StartTLS()
		t.Cleanup(s.Close)
		return "ws://" + s.Listener.Addr().String()
	}
}

// answer is a target that refuses in one way.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// gatewayBody is a refusal in the words of API gateway and ModelArts.
func gatewayBody(code, message string) string {
	return fmt.Sprintf(`{"error_msg":%q,"error_code":%q,"request_id":"5f3b0c1d2e"}`, message, code)
}

// listening is a target that speaks bytes: talk gets each connection.
func listening(talk func(net.Conn)) place {
	return func(t *testing.T) string {
		t.Helper()
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go accept(l, talk)
		return "ws://" + l.Addr().String()
	}
}

func accept(l net.Listener, talk func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			talk(conn)
		}()
	}
}

func says(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, text)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite() // a reset would overtake the text
		}
		_, _ = io.Copy(io.Discard, conn)
	}
}

func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// quietLog keeps net/http from logging handshakes that shall fail.
func quietLog() *log.Logger { return slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) }

// dialTLS dials a wss target with this TLS configuration, trusting its authority.
func dialTLS(t *testing.T, a *testkit.Authority, config *tls.Config, h http.HandlerFunc, options ...option) diagnose.Evidence {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = quietLog()
	l := tls.NewListener(s.Listener, config)
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	trusting := func(_ *testing.T, at *attempt) { at.request.CAPEM = a.PEM() }
	return dialRefused(t, "wss://"+l.Addr().String(), append([]option{trusting}, options...)...)
}

// upgrade answers 101 by hand, with a header that a correct target would not send.
func upgrade(name, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sec-WebSocket-Accept", acceptKey(r))
		w.Header().Set(name, value)
		switchProtocols(w, nil)
	}
}

// upgradeThen answers a correct 101, and then writes bytes.
func upgradeThen(then []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sec-WebSocket-Accept", acceptKey(r))
		switchProtocols(w, then)
	}
}

func switchProtocols(w http.ResponseWriter, then []byte) {
	w.Header().Set("Upgrade", "websocket")
	w.Header().Set("Connection", "Upgrade")
	w.WriteHeader(http.StatusSwitchingProtocols)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write(then)
	silent(conn)
}

// acceptKey is the answer to a handshake's key, RFC 6455 section 1.3.
func acceptKey(r *http.Request) string {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// report is a refusal as the dialler reports it.
func report(status int, body, name, value string) *dial.Report {
	return &dial.Report{
		URL: "wss://peer.example/ws", Host: "peer.example:443", Phase: dial.PhaseUpgrade, Status: status,
		ResponseHeader: []dial.Pair{{Name: name, Value: value}}, Body: []byte(body), SentAt: time.Unix(1_800_000_000, 0),
	}
}
