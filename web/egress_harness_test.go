package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/dial"
	"duplex/bridge/testkit"
)

// outside holds servers behind a proxy: they listen on loopback, under names that the
// proxy alone can look up.
type outside struct {
	dir         string // with hosts, and the certificate of all of them as ca.pem
	authority   *testkit.Authority
	certificate tls.Certificate
	chat        string // wss://chat.outside.example:port, an echo
	iam         string // https://iam.outside.example:port

	mu     sync.Mutex // guards tokens
	tokens []string   // X-Auth-Token of the handshakes that reached chat
}

const outsideHosts = "127.0.0.1 chat.outside.example iam.outside.example sso.outside.example plain.outside.example\n"

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{dir: t.TempDir(), authority: testkit.NewAuthority(t)}
	o.certificate = o.issue(t)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("hosts", outsideHosts)
	write("ca.pem", o.authority.PEM())
	o.chat = o.serve(t, "wss://chat", http.HandlerFunc(o.echo))
	o.iam = o.serve(t, "https://iam", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", "MIItoken-of-outside")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"token":{"expires_at":%q}}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	return o
}

// issue makes the certificate of every name outside, and of loopback.
func (o *outside) issue(t *testing.T) tls.Certificate {
	t.Helper()
	return o.authority.Issue(t, func(c *x509.Certificate) { c.DNSNames = []string{"*.outside.example"} })
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

// startTinyproxy starts Debian's tinyproxy, which looks names up in the hosts of o, and
// returns its address and its log file.
func (o *outside) startTinyproxy(t *testing.T, lines ...string) (addr, log string) {
	t.Helper()
	program := testkit.Need(t, "tinyproxy", "apt-get install tinyproxy")
	wrapper, err := filepath.Glob("/usr/lib/*/libnss_wrapper.so")
	if err != nil || len(wrapper) == 0 {
		testkit.Missing(t, "libnss-wrapper", "apt-get install libnss-wrapper")
	}
	dir := t.TempDir()
	addr, log = testkit.FreeAddr(t), filepath.Join(dir, "log")
	host, port, _ := net.SplitHostPort(addr)
	config := append([]string{"Listen " + host, "Port " + port, "Timeout 600", "MaxClients 50", `LogFile "` + log + `"`, "LogLevel Info"}, lines...)
	file := filepath.Join(dir, "tinyproxy.conf")
	if err := os.WriteFile(file, []byte(strings.Join(config, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.Start(t, addr, "/usr/bin/env", "LD_PRELOAD="+wrapper[0], "NSS_WRAPPER_HOSTS="+filepath.Join(o.dir, "hosts"), program, "-d", "-c", file)
	return addr, log
}

// startSquid starts Debian's squid likewise.
func (o *outside) startSquid(t *testing.T) (addr, log string) {
	t.Helper()
	program := testkit.Need(t, "squid", "apt-get install squid")
	dir, err := os.MkdirTemp("/tmp", "squid") //nolint:usetesting // its user may enter no directory of ours
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	addr, log = testkit.FreeAddr(t), filepath.Join(dir, "access.log")
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
	testkit.Start(t, addr, program, "-N", "-f", file)
	return addr, log
}

// startTLSBefore accepts TLS connections and forwards their content to another address.
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
