package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/vault"
)

// tunnelTimeout limits TLS to an egress proxy and its answer to CONNECT. The proxy resolves
// the name and connects before it answers.
const tunnelTimeout = 25 * time.Second

// ProxyError says that the egress proxy could not be reached, or refused to connect. Nothing
// was sent to the target.
type ProxyError struct {
	Proxy      string // host:port
	Target     string // host:port
	Status     int    // of its answer to CONNECT; 0 for none
	Authorized bool   // user name and password were sent
	Challenge  string // its Proxy-Authenticate, RFC 9110 section 11.7.1
	Err        error  // nil when it answered
}

// Error implements error.
func (e *ProxyError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("egress proxy %s: %v", e.Proxy, e.Err)
	}
	return fmt.Sprintf("egress proxy %s answered %d to CONNECT %s", e.Proxy, e.Status, e.Target)
}

// Unwrap returns Err.
func (e *ProxyError) Unwrap() error { return e.Err }

// tunnel connects to the host of u through a proxy, RFC 9110 section 9.3.6. The policy judges
// the address or the name first: the proxy resolves the name, so no address can be judged
// later.
func (d *Dialer) tunnel(ctx context.Context, proxy, u *url.URL, a *attempt) (net.Conn, error) {
	host, port := hostPort(u)
	if err := d.Policy.CheckTunnel(host, port); err != nil {
		return nil, d.logBlocked(ctx, u, err, a)
	}
	fault := &ProxyError{Proxy: proxyHost(proxy), Target: HostOf(u), Authorized: proxy.User != nil}
	a.note(func(r *Report) { r.Proxy = fault.Proxy })
	conn, err := d.reachProxy(ctx, proxy, a)
	if err == nil {
		err = a.time(PhaseProxy, func(p *Phases) *time.Duration { return &p.Proxy }, func() (err error) {
			conn, err = connect(ctx, conn, proxy, fault)
			return err
		})
	}
	if err != nil || fault.Status/100 != 2 {
		if conn != nil {
			_ = conn.Close()
		}
		a.blame(PhaseProxy)
		fault.Err = err
		d.log().WarnContext(ctx, "no way through the egress proxy", "proxy", fault.Proxy, "host", fault.Target, "status", fault.Status, "error", err)
		return nil, fault
	}
	return conn, nil
}

// reachProxy connects to a proxy over TCP. The operator named it, so it may be anywhere.
func (d *Dialer) reachProxy(ctx context.Context, proxy *url.URL, a *attempt) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	host, port := hostPort(proxy)
	addrs, err := d.candidates(ctx, host, a)
	if err != nil {
		return nil, err
	}
	anywhere := func(netip.AddrPort) error { return nil }
	conn, err := d.connectAny(ctx, addrs, port, anywhere, a)
	if err != nil {
		return nil, err
	}
	a.noteConnected(conn)
	return conn, nil
}

// connect asks a proxy on conn for a connection to the target, over TLS if the scheme of the
// proxy is https, and returns that connection. It stores the answer in outcome.
func connect(ctx context.Context, conn net.Conn, proxy *url.URL, outcome *ProxyError) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, tunnelTimeout)
	defer cancel()
	if proxy.Scheme == "https" {
		secured := tls.Client(conn, &tls.Config{
			MinVersion: tls.VersionTLS12, ServerName: proxy.Hostname(), NextProtos: []string{"http/1.1"},
		})
		if err := secured.HandshakeContext(ctx); err != nil {
			return conn, fmt.Errorf("tls handshake: %w", err)
		}
		conn = secured
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err := askTunnel(conn, proxy, outcome)
	if !stop() {
		return conn, context.Cause(ctx)
	}
	return conn, err
}

// askTunnel writes CONNECT and reads the head of the answer. It reads no byte more, since the
// next bytes come from the target.
func askTunnel(conn net.Conn, proxy *url.URL, outcome *ProxyError) error {
	to := outcome.Target
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: to}, Host: to, Header: http.Header{"User-Agent": {"duplex"}}}
	if value := proxyAuthorization(proxy); value != "" {
		request.Header.Set("Proxy-Authorization", value)
	}
	if err := request.Write(conn); err != nil {
		return fmt.Errorf("write CONNECT: %w", err)
	}
	var hide redactor // a proxy may echo the request
	if password, set := proxy.User.Password(); set {
		hide.add(vault.NewSecret(password))
	}
	response, err := http.ReadResponse(bufio.NewReader(io.LimitReader(byteByByte{conn}, maxAnswerHeader)), request) //nolint:bodyclose // the body is the connection
	if err != nil {
		return fmt.Errorf("read answer to CONNECT: %w", hide.error(plainCause(err)))
	}
	outcome.Status, outcome.Challenge = response.StatusCode, hide.text(strings.Join(response.Header.Values("Proxy-Authenticate"), ", "))
	return nil
}

// byteByByte never reads ahead.
type byteByByte struct{ io.Reader }

// Read implements io.Reader.
func (b byteByByte) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return b.Reader.Read(p)
}
