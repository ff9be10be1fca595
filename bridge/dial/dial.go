package dial

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/net/http/httpguts"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Limits of the parts of a dial. The context limits the whole.
const (
	dialTimeout     = 10 * time.Second // DNS and TCP
	tlsTimeout      = 10 * time.Second
	answerTimeout   = 15 * time.Second // from the request to the end of the response header
	maxAnswerHeader = 64 << 10         // bytes
)

// Request describes one dial.
type Request struct {
	URL           *url.URL                // from ParseAddress, with the parameters
	Headers       []Pair                  // see CheckHeaders
	Sealed        []Sealed                // secret headers and parameters, beside those of Headers and URL
	Secrets       map[string]vault.Secret // of an environment, by name: those that Sealed, Subprotocols and Addition contain
	Addition      Addition                // nil adds nothing
	Subprotocols  []string                // in order of preference
	Credential    sign.Credential
	Compression   bool         // offer permessage-deflate, RFC 7692, without context takeover
	CAPEM         string       // CA certificates to trust beside those of the system
	ClientCertPEM string       // client certificate and its chain, sent when the target asks; "" is none
	ClientKey     vault.Secret // its private key, in PEM
	OtherCA       bool         // CAPEM comes from the person who dials, not from an owner of stored secrets
	ReadLimit     int64        // bytes of an inflated message; 0 is no limit
	SkipVerify    bool         // accept any certificate of the target; IAM's is checked
	RenewToken    bool         // ask IAM for a new token even if one is cached

	// OnPhase is called when a phase begins, and with PhaseOpen at the end, each time with the
	// report so far: the phase before has ended. It may be nil, and should return soon.
	OnPhase func(soFar Report)
}

// OptionError says that an option of a Request cannot be used. Field is its name in the API:
// "tls.ca_pem", "subprotocols".
type OptionError struct{ Field string }

// Error implements error.
func (e *OptionError) Error() string { return "option " + e.Field + " cannot be used" }

// Error is the error of a failed dial. Neither Report nor the text of Err holds a secret.
type Error struct {
	Report *Report
	Err    error // an *AddressError, *BlockedError, *BoundError, *HeaderError, *OptionError, *ClientCertificateError, *sign.FieldError, *IAMError, *MintError, *RefusalError, *NotHTTPError, *ProxyError, or of net, crypto or the protocol
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("dial target: %s: %v", e.Report.Phase, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Dialer opens connections to targets. It is safe for concurrent use.
type Dialer struct {
	Policy   *Policy          // required
	Egress   *Egress          // proxies out of this network; nil dials directly
	Resolver Resolver         // net.DefaultResolver when nil
	Now      func() time.Time // time.Now when nil
	Tokens   *Tokens          // nil asks IAM at every dial
	Log      *slog.Logger     // nil logs nothing

	control func(context.Context, string, string, syscall.RawConn) error // called after the guard has allowed an address; for tests
}

// Dial performs the opening handshake once: it retries nothing and follows no redirect. It
// returns a Report on failure too; the error is an *Error. The connection outlives ctx.
func (d *Dialer) Dial(ctx context.Context, r Request) (*Conn, *Report, error) {
	a := newAttempt(r, d.now)
	conn, err := d.open(ctx, r, a)
	report := a.end()
	if err != nil {
		return nil, report, &Error{Report: report, Err: a.redactor.error(err)}
	}
	return conn, report, nil
}

func (d *Dialer) open(ctx context.Context, r Request, a *attempt) (*Conn, error) {
	pool, err := r.check()
	if err != nil {
		return nil, err
	}
	client, err := parseClientCertificate(r.ClientCertPEM, r.ClientKey)
	if err != nil {
		return nil, err
	}
	if err := d.Policy.CheckURL(r.URL); err != nil {
		return nil, d.logBlocked(ctx, r.URL, err, a)
	}
	a.enter(PhaseCredential)
	if err := r.checkBound(); err != nil {
		d.log().WarnContext(ctx, "secret kept from a target it is not bound to", "host", r.URL.Host)
		return nil, err
	}
	if r, err = d.mint(ctx, r, pool, a); err != nil {
		return nil, err
	}
	h, err := d.prepare(ctx, r, pool, a)
	if err != nil {
		return nil, err
	}
	conn, err := d.reach(ctx, h.URL, a)
	if err != nil {
		return nil, err
	}
	if h.URL.Scheme == "wss" {
		if r.SkipVerify {
			d.log().WarnContext(ctx, "certificate not checked", "host", h.URL.Host)
		}
		t := trust{pool: pool, pasted: parseCertificates(r.CAPEM), any: r.SkipVerify, client: client}
		if conn, err = secure(ctx, conn, h.URL, t, a); err != nil {
			return nil, err
		}
	}
	return upgrade(ctx, conn, h, r, a)
}

// check checks headers and subprotocols, and returns the CA certificates to trust.
func (r *Request) check() (*x509.CertPool, error) {
	if err := CheckHeaders(r.headers()); err != nil {
		return nil, err
	}
	for _, subprotocol := range r.Subprotocols {
		if !httpguts.ValidHeaderFieldName(subprotocol) { // a token, RFC 6455 section 4.1
			return nil, &OptionError{Field: "subprotocols"}
		}
	}
	return roots(r.CAPEM)
}

// checkBound checks the bindings of all stored secrets of the request.
func (r *Request) checkBound() error {
	if err := r.checkClientKey(); err != nil {
		return err
	}
	if err := r.checkSealed(); err != nil {
		return err
	}
	if err := r.checkEnvironment(); err != nil {
		return err
	}
	if err := CheckBound(r.URL, r.Credential, r.SkipVerify); err != nil || !r.OtherCA {
		return err
	}
	return checkOtherCA(r.URL, r.Credential)
}

// prepare returns the request with its credential.
func (d *Dialer) prepare(ctx context.Context, r Request, pool *x509.CertPool, a *attempt) (*sign.Handshake, error) {
	u := *r.URL
	h := &sign.Handshake{URL: &u, Host: u.Host, Header: headerOf(r.headers()), Subprotocols: r.Subprotocols}
	applied := r.unseal(h)
	added, err := d.addTo(h, r, a)
	if err != nil {
		return nil, err
	}
	credential, err := d.exchange(ctx, r, pool, a)
	if err != nil {
		return nil, err
	}
	signed, err := sign.Apply(h, credential, d.now())
	if err != nil {
		return nil, err
	}
	for _, more := range []sign.Applied{added, signed} {
		applied.Headers, applied.Query = append(applied.Headers, more.Headers...), append(applied.Query, more.Query...)
	}
	setUserAgent(h.Header)
	a.noteSigned(h, applied)
	return h, nil
}

// upgrade performs the handshake of RFC 6455 section 4.1 on conn. It closes conn on failure.
func upgrade(ctx context.Context, conn net.Conn, h *sign.Handshake, r Request, a *attempt) (*Conn, error) {
	a.enter(PhaseUpgrade)
	compression := websocket.CompressionDisabled
	if r.Compression {
		compression = websocket.CompressionNoContextTakeover
	}
	// The connection keeps neither the transport nor the attempt: that is 3 KiB.
	answers := &handshakeTransport{next: handshakeSpeller{transport(conn)}, attempt: a, conn: conn}
	ws, _, err := websocket.Dial(httptrace.WithClientTrace(ctx, a.trace()), h.URL.String(), &websocket.DialOptions{
		HTTPClient: newClient(answers),
		HTTPHeader: h.Header, Host: h.Host, Subprotocols: h.Subprotocols,
		CompressionMode: compression,
	})
	if err != nil {
		_ = conn.Close()
		return nil, plainCause(err)
	}
	a.noteOpen(ws.Subprotocol())
	link, secrets := answers.stream.Open(ws, answers.deflate, r.ReadLimit), a.redactor
	link.Reason = secrets.reason
	return &Conn{Link: link, secrets: &secrets}, nil
}

// newClient returns a client that follows no redirect: a signature is valid for one address,
// and headers with credentials would be sent to another host.
func newClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// transport sends one request over an existing connection, which may lead through a proxy.
// Its Proxy stays nil, so that it does not read the environment again.
func transport(conn net.Conn) *http.Transport {
	existing := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext: existing, DialTLSContext: existing, Protocols: protocols,
		DisableKeepAlives: true, DisableCompression: true, // so that a refusal keeps its bytes
		ResponseHeaderTimeout: answerTimeout, MaxResponseHeaderBytes: maxAnswerHeader,
	}
}

func (d *Dialer) now() time.Time {
	if d.Now == nil {
		return time.Now()
	}
	return d.Now()
}

func (d *Dialer) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}
