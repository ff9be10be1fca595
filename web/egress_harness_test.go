package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/dial"
)

// outside holds servers behind a proxy: they listen on loopback, under names that the
// proxy alone can look up.
type outside struct {
	dir         string // with hosts, and the certificate of all of them as ca.pem
	certificate tls.Certificate
	chat        string // wss://chat.outside.example:port, an echo
	iam         string // https://iam.outside.example:port

	mu     sync.Mutex // guards tokens
	tokens []string   // X-Auth-Token of the handshakes that reached chat
}

const outsideHosts = "127.0.0.1 chat.outside.example iam.outside.example sso.outside.example plain.outside.example\n"

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{dir: t.TempDir(), certificate: outsideCertificate(t)}
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("hosts", outsideHosts)
	write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.certificate.Certificate[0]})))
	o.chat = o.serve(t, "wss://chat", http.HandlerFunc(o.echo))
	o.iam = o.serve(t, "https://iam", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", "MIItoken-of-outside")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"token":{"expires_at":%q}}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	return o
}

// serve starts a server with TLS and returns its address by name.
func (o *outside) serve(t *testing.T, name string, h http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{o.certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return name + ".outside.example:" + port
}

func (o *outside) echo(w http.ResponseWriter, r *http.Request) {
	if token := r.Header.Get("X-Auth-Token"); token != "" {
		o.mu.Lock()
		o.tokens = append(o.tokens, token)
		o.mu.Unlock()
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	for {
		kind, payload, err := conn.Read(r.Context())
		if err != nil || conn.Write(r.Context(), kind, payload) != nil {
			return
		}
	}
}

// needProgram finds a program of a Debian package of the same name. Where it is missing
// the test is skipped; with CI=true it fails.
func needProgram(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	missingPart(t, name)
	return ""
}

func missingPart(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("CI") == "true" { //nolint:forbidigo // CI says that every part is installed
		t.Fatalf("missing: %s (apt-get install %s)", name, name)
	}
	t.Skipf("SKIPPED: %s (apt-get install %s)", name, name)
}

// freeAddr is a loopback address with a port that was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// startPart runs a program until the test ends, and returns when it listens on addr.
func startPart(t *testing.T, addr, program string, args ...string) {
	t.Helper()
	output := &logs{}
	command := exec.CommandContext(t.Context(), program, args...)
	command.Stdout, command.Stderr = output, output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = command.Wait() // the context of the test kills it
	}()
	t.Cleanup(func() {
		<-exited
		if t.Failed() {
			t.Logf("%s printed:\n%s", program, output)
		}
	})
	for late := time.Now().Add(20 * time.Second); ; {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-exited:
			t.Fatalf("%s ended:\n%s", program, output)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(late) {
			t.Fatalf("nothing listens on %s", addr)
		}
	}
}

// outsideCertificate is its own authority, for every name outside and for loopback.
func outsideCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Outside"}, DNSNames: []string{"*.outside.example"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// startTinyproxy starts Debian's tinyproxy, which looks names up in the hosts of o, and
// returns its address and its log file.
func (o *outside) startTinyproxy(t *testing.T, lines ...string) (addr, log string) {
	t.Helper()
	program := needProgram(t, "tinyproxy")
	wrapper, err := filepath.Glob("/usr/lib/*/libnss_wrapper.so")
	if err != nil || len(wrapper) == 0 {
		missingPart(t, "libnss-wrapper")
	}
	dir := t.TempDir()
	addr, log = freeAddr(t), filepath.Join(dir, "log")
	host, port, _ := net.SplitHostPort(addr)
	config := append([]string{"Listen " + host, "Port " + port, "Timeout 600", "MaxClients 50", `LogFile "` + log + `"`, "LogLevel Info"}, lines...)
	file := filepath.Join(dir, "tinyproxy.conf")
	if err := os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	startPart(t, addr, "/usr/bin/env", "LD_PRELOAD="+wrapper[0], "NSS_WRAPPER_HOSTS="+filepath.Join(o.dir, "hosts"), program, "-d", "-c", file)
	return addr, log
}

// startSquid starts Debian's squid likewise.
func (o *outside) startSquid(t *testing.T) (addr, log string) {
	t.Helper()
	program := needProgram(t, "squid")
	dir, err := os.MkdirTemp("/tmp", "squid") //nolint:usetesting // its user may enter no directory of ours
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	addr, log = freeAddr(t), filepath.Join(dir, "access.log")
	hosts := filepath.Join(dir, "hosts")
	if err := os.WriteFile(hosts, []byte(outsideHosts), 0o644); err != nil {
		t.Fatal(err)
	}
	config := strings.NewReplacer("{addr}", addr, "{dir}", dir, "{hosts}", hosts).Replace(`http_port {addr}
http_access allow all
hosts_file {hosts}
dns_nameservers 127.0.0.1
dns_timeout 1 second
access_log stdio:{dir}/access.log
cache_log {dir}/cache.log
cache deny all
coredump_dir {dir}
pid_filename none
pinger_enable off
visible_hostname squid.test
buffered_logs off
`)
	file := filepath.Join(dir, "squid.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	startPart(t, addr, program, "-N", "-f", file)
	return addr, log
}

// startTLSBefore takes TLS connections and passes on what is inside.
func (o *outside) startTLSBefore(t *testing.T, to string) (addr string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{o.certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	var tasks sync.WaitGroup
	tasks.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			tasks.Go(func() {
				defer func() { _ = in.Close() }()
				out, err := new(net.Dialer).DialContext(context.Background(), "tcp", to)
				if err != nil {
					return
				}
				tasks.Go(func() {
					_, _ = io.Copy(out, in)
					_ = out.Close()
				})
				_, _ = io.Copy(in, out)
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); tasks.Wait() })
	return listener.Addr().String()
}

// ownAddress is an address of this machine that is not loopback and that a policy with
// private networks allows.
func ownAddress(t *testing.T) netip.Addr {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	policy := dial.Policy{AllowPrivate: true}
	for _, addr := range addrs {
		prefix, err := netip.ParsePrefix(addr.String())
		if err == nil && !prefix.Addr().IsLoopback() && policy.CheckAddr(netip.AddrPortFrom(prefix.Addr(), 8080)) == nil {
			return prefix.Addr()
		}
	}
	return netip.Addr{}
}
