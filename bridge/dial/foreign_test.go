package dial

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/sign"
	"duplex/bridge/testkit"
)

// startPython starts the peer of testdata/peer.py and returns its host and port.
func startPython(t *testing.T) string {
	t.Helper()
	python := testkit.NeedPython(t, "websockets", "apt-get install python3-websockets")
	addr := testkit.FreeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	testkit.Start(t, addr, python, "testdata/peer.py", port)
	return addr
}

// startNginx starts a gateway with TLS before peer and returns its host and port. With
// certificates of authorities it wants one of theirs from its clients.
func startNginx(t *testing.T, peer string, certificate tls.Certificate, clientCAs ...string) string {
	t.Helper()
	nginx := testkit.Need(t, "nginx", "apt-get install nginx-light")
	dir, addr := t.TempDir(), testkit.FreeAddr(t)
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile("testdata/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "peer.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
	write(t, dir, "peer.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	verify := ""
	if len(clientCAs) > 0 {
		write(t, dir, "client-ca.pem", []byte(strings.Join(clientCAs, "\n")))
		verify = "ssl_client_certificate " + dir + "/client-ca.pem; ssl_verify_client on;"
	}
	config := strings.NewReplacer("{verify}", verify, "{dir}", dir, "{listen}", addr, "{peer}", peer).Replace(string(template))
	write(t, dir, "nginx.conf", []byte(config))
	testkit.Start(t, addr, nginx, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	return addr
}

func write(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// seen is the request as the Python peer reports it.
type seen struct {
	Path    string
	Headers [][2]string
}

func (s seen) pairs() []Pair {
	var pairs []Pair
	for _, header := range s.Headers {
		pairs = append(pairs, Pair{header[0], header[1]})
	}
	return pairs
}

// TestSignatureArrivesThroughNginxAsItWasMade compares the signature that a Python peer behind
// nginx with TLS received with that of the signer.
func TestSignatureArrivesThroughNginxAsItWasMade(t *testing.T) {
	authority := testkit.NewAuthority(t)
	addr := startNginx(t, startPython(t), authority.Issue(t))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	dialer := local()
	dialer.Now = func() time.Time { return now }
	r := Request{
		URL:          mustParse(t, "https://"+addr+"/v1/infers/abc?text=你&b=x+y&a"),
		Subprotocols: []string{"duplex.test"}, CAPEM: authority.PEM(), ReadLimit: 1 << 20,
		Credential: credential(sign.KindAKSK, map[string]string{"access_key": "AK", "project_id": "p1"},
			map[string]string{"secret_key": "SK-secret", "security_token": strings.Repeat("t", 4_000)}),
	}
	u := *r.URL
	want := &sign.Handshake{URL: &u, Host: u.Host, Header: http.Header{}}
	if _, err := sign.Apply(want, r.Credential, now); err != nil {
		t.Fatal(err)
	}

	conn, report := open(t, dialer, r)
	var got seen
	_, payload, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatal(err)
	}
	for name, values := range want.Header {
		if found := valueOf(got.pairs(), name); found != values[0] {
			t.Errorf("%s: arrived as %q, signed as %q", name, found, values[0])
		}
	}
	if host := valueOf(got.pairs(), "Host"); host != addr || got.Path != want.URL.RequestURI() {
		t.Errorf("arrived at %s %s, want %s %s", host, got.Path, addr, want.URL.RequestURI())
	}
	if report.Subprotocol != "duplex.test" || report.TLS.Version == "" {
		t.Errorf("subprotocol %q over %+v", report.Subprotocol, report.TLS)
	}
	roundTrip(t, conn, websocket.MessageText, "你好")
	if err := conn.Close(websocket.StatusNormalClosure, "done"); err != nil {
		t.Errorf("close: %v", err)
	}
}

func roundTrip(t *testing.T, conn *Conn, opcode websocket.MessageType, payload string) {
	t.Helper()
	if err := conn.Write(opcode, []byte(payload)); err != nil {
		t.Fatal(err)
	}
	gotOpcode, got, err := conn.ReadMessage()
	if err != nil || gotOpcode != opcode || string(got) != payload {
		t.Errorf("echo %v %q, %v", gotOpcode, got, err)
	}
}

// TestGatewayWithoutItsTarget: nginx answers 502, and its page is kept.
func TestGatewayWithoutItsTarget(t *testing.T) {
	authority := testkit.NewAuthority(t)
	addr := startNginx(t, testkit.FreeAddr(t), authority.Issue(t))
	report, err := fail(t, local(), Request{URL: mustParse(t, "wss://"+addr), CAPEM: authority.PEM()}, PhaseUpgrade)
	if _, ok := errors.AsType[*RefusalError](err); !ok || report.Status != 502 || !bytes.Contains(report.Body, []byte("Bad Gateway")) {
		t.Errorf("%d %s: %v", report.Status, report.Body, err)
	}
}

// TestMQTTOverWebSocket talks MQTT 3.1.1 to mosquitto: binary messages under the
// subprotocol "mqtt" (section 6 of that standard).
//
//nolint:misspell // the broker's name
func TestMQTTOverWebSocket(t *testing.T) {
	mosquitto := testkit.Need(t, "mosquitto", "apt-get install mosquitto")
	dir, addr := t.TempDir(), testkit.FreeAddr(t)
	host, port, _ := net.SplitHostPort(addr)
	// Version 2.0.11 refuses to run with WebSocket listeners only.
	_, plainPort, _ := net.SplitHostPort(testkit.FreeAddr(t))
	write(t, dir, "mosquitto.conf", []byte("allow_anonymous true\nlistener "+plainPort+" "+host+
		"\nlistener "+port+" "+host+"\nprotocol websockets\n"))
	testkit.Start(t, addr, mosquitto, "-c", filepath.Join(dir, "mosquitto.conf"))

	conn, report := open(t, local(), Request{URL: mustParse(t, "ws://"+addr+"/mqtt"), Subprotocols: []string{"mqtt"}})
	if report.Subprotocol != "mqtt" {
		t.Errorf("subprotocol %q", report.Subprotocol)
	}
	stream := &packets{conn: conn} // which may be split over messages
	publish := "\x30\x0b\x00\x04room" + "hello"
	for _, step := range []struct{ name, send, want string }{
		{"CONNECT", "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test", "\x20\x02\x00\x00"},
		{"SUBSCRIBE", "\x82\x09\x00\x01\x00\x04room\x00", "\x90\x03\x00\x01\x00"},
		{"PUBLISH", publish, publish},
		{"PINGREQ", "\xc0\x00", "\xd0\x00"},
	} {
		if _, err := stream.Write([]byte(step.send)); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := readFull(t, stream, len(step.want)); got != step.want {
			t.Errorf("%s: answer %q, want %q", step.name, got, step.want)
		}
	}
}

// packets carries a stream of bytes in binary messages.
type packets struct {
	conn *Conn
	rest []byte // of the last message
}

func (p *packets) Write(b []byte) (int, error) {
	return len(b), p.conn.Write(websocket.MessageBinary, b)
}

func (p *packets) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		var err error
		if _, p.rest, err = p.conn.ReadMessage(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func readFull(t *testing.T, from io.Reader, n int) string {
	t.Helper()
	buffer := make([]byte, n)
	if _, err := io.ReadFull(from, buffer); err != nil {
		t.Fatal(err)
	}
	return string(buffer)
}
