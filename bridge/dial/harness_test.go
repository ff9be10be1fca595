package dial

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// local dials loopback.
func local() *Dialer { return &Dialer{Policy: &Policy{AllowLoopback: true}} }

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// echo accepts with the given options and echoes messages.
func echo(options *websocket.AcceptOptions) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, options)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		for {
			opcode, payload, err := conn.Read(r.Context())
			if err != nil || conn.Write(r.Context(), opcode, payload) != nil {
				return
			}
		}
	}
}

func refuse(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// raw accepts TCP connections one by one and passes each to f.
func raw(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return "ws://" + listener.Addr().String() + "/"
}

// open dials and closes at the end of the test.
func open(t *testing.T, d *Dialer, r Request) (*Conn, *Report) {
	t.Helper()
	conn, report, err := d.Dial(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn, report
}

// fail dials and expects that it fails in a phase.
func fail(t *testing.T, d *Dialer, r Request, want Phase) (*Report, error) {
	t.Helper()
	conn, report, err := d.Dial(t.Context(), r)
	if err == nil {
		_ = conn.CloseNow()
		t.Fatalf("dial succeeded, want a failure in phase %s", want)
	}
	if report.Phase != want {
		t.Errorf("phase %s, want %s (%v)", report.Phase, want, err)
	}
	return report, err
}

func credential(kind sign.Kind, plain, secrets map[string]string) sign.Credential {
	c := sign.Credential{Kind: kind, Plain: plain, Secrets: map[string]vault.Secret{}}
	for name, value := range secrets {
		c.Secrets[name] = vault.NewSecret(value)
	}
	return c
}

func valueOf(pairs []Pair, name string) string {
	var values []string
	for _, pair := range pairs {
		if strings.EqualFold(pair.Name, name) {
			values = append(values, pair.Value)
		}
	}
	return strings.Join(values, "|")
}

// serveTLS returns a wss address.
func serveTLS(t *testing.T, certificate tls.Certificate, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}
