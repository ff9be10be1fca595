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

// Limits of one dial; the context bounds it as a whole.
const (
	dialTimeout     = 10 * time.Second // the name's resolution and TCP
	tlsTimeout      = 10 * time.Second
	answerTimeout   = 15 * time.Second // request written to header read
	maxAnswerHeader = 64 << 10         // bytes
)

// Request says what to dial and how.
type Request struct {
	URL           *url.URL // from ParseAddress, parameters appended
	Headers       []Pair   // see CheckHeaders
	Sealed        []Sealed // secret headers and parameters, beside those of Headers and URL
	Subprotocols  []string // in order of preference
	Credential    sign.Credential
	Compression   bool         // offer permessage-deflate, RFC 7692, without context takeover
	CAPEM         string       // certificates to trust beside the system's
	ClientCertPEM string       // shown to a target that asks for a client certificate, with its chain; "" is none
	ClientKey     vault.Secret // its private key, in PEM
	OtherCA       bool         // CAPEM is whoever dials' own, and not of those whose secrets are kept
	ReadLimit     int64        // of a message, in bytes, inflated; none when 0
	SkipVerify    bool         // take any certificate; IAM's is checked all the same
	RenewToken    bool         // ask IAM for a new token in place of a kept one

	// OnPing sees each ping; false leaves it without a pong. OnPong sees each pong.
	// Both may be nil and are called while reading.
	OnPing func(ctx context.Context, payload []byte) bool
	OnPong func(ctx context.Context, payload []byte)
}

// OptionError names an option of a Request that cannot be used, as the API names
// it: "tls.ca_pem", "subprotocols".
type OptionError struct{ Field string }

// Error implements error.
func (e *OptionError) Error() string { return "option " + e.Field + " cannot be used" }

// Error is a dial that failed. Neither Report nor the text of Err holds a secret.
type Error struct {
	Report *Report
	Err    error // an *AddressError, *BlockedError, *BoundError, *HeaderError, *OptionError, *ClientCertificateError, *sign.FieldError, *IAMError, *RefusalError, *NotHTTPError, *ProxyError, or of net, crypto or the protocol
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("dial target: %s: %v", e.Report.Phase, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Dialer opens connections to targets. It is safe for concurrent use.
type Dialer struct {
	Policy   *Policy          // required
	Egress   *Egress          // proxies that lead out; nil dials directly
	Resolver Resolver         // net.DefaultResolver when nil
	Now      func() time.Time // time.Now when nil
	Tokens   *Tokens          // nil asks IAM at every dial
	Log      *slog.Logger     // nil logs nothing

	control func(context.Context, string, string, syscall.RawConn) error // after the guard allowed an address; nil but in tests
}

// Dial performs the opening handshake, once: nothing is tried again by itself, and no
// redirect is followed. The Report is there on failure too; the error then is an *Error.
// The connection outlives ctx.
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
	client, err := clientCertificate(r.ClientCertPEM, r.ClientKey)
	if err != nil {
		return nil, err
	}
	if err := d.Policy.CheckURL(r.URL); err != nil {
		return nil, d.unreached(ctx, r.URL, err, a)
	}
	a.enter(PhaseCredential)
	if err := r.checkBound(); err != nil {
		d.log().WarnContext(ctx, "secret kept from a target it is not bound to", "host", r.URL.Host)
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

// check refuses what cannot be sent, and reads the certificates.
func (r *Request) check() (*x509.CertPool, error) {
	if err := CheckHeaders(r.headers()); err != nil {
		return nil, err
	}
	for _, subprotocol := range r.Subprotocols {
		if !httpguts.ValidHeaderFieldName(subprotocol) { // a token too, RFC 6455 section 4.1
			return nil, &OptionError{Field: "subprotocols"}
		}
	}
	return roots(r.CAPEM)
}

// checkBound says whether the kept secrets may go out as the request would send them.
func (r *Request) checkBound() error {
	if err := r.checkClientKey(); err != nil {
		return err
	}
	if err := r.checkSealed(); err != nil {
		return err
	}
	if err := CheckBound(r.URL, r.Credential, r.SkipVerify); err != nil || !r.OtherCA {
		return err
	}
	return checkOtherCA(r.URL, r.Credential)
}

// prepare makes the request, with the credential in it.
func (d *Dialer) prepare(ctx context.Context, r Request, pool *x509.CertPool, a *attempt) (*sign.Handshake, error) {
	u := *r.URL
	h := &sign.Handshake{URL: &u, Host: u.Host, Header: headerOf(r.headers()), Subprotocols: r.Subprotocols}
	sealed := r.unseal(h)
	credential, err := d.exchange(ctx, r, pool, a)
	if err != nil {
		return nil, err
	}
	applied, err := sign.Apply(h, credential, d.now())
	if err != nil {
		return nil, err
	}
	applied.Headers, applied.Query = append(applied.Headers, sealed.Headers...), append(applied.Query, sealed.Query...)
	setUserAgent(h.Header)
	a.signed(h, applied)
	return h, nil
}

// upgrade performs the handshake of RFC 6455 section 4.1 on conn, and closes conn
// when it fails.
func upgrade(ctx context.Context, conn net.Conn, h *sign.Handshake, r Request, a *attempt) (*Conn, error) {
	a.enter(PhaseUpgrade)
	compression := websocket.CompressionDisabled
	if r.Compression {
		compression = websocket.CompressionNoContextTakeover
	}
	answers := &answers{next: handshakeSpeller{transport(conn)}, attempt: a, conn: conn}
	ws, _, err := websocket.Dial(httptrace.WithClientTrace(ctx, a.trace()), h.URL.String(), &websocket.DialOptions{
		HTTPClient: newClient(answers),
		HTTPHeader: h.Header, Host: h.Host, Subprotocols: h.Subprotocols,
		CompressionMode: compression, OnPongReceived: r.OnPong,
		OnPingReceived: func(ctx context.Context, payload []byte) bool {
			return (r.OnPing == nil || r.OnPing(ctx, payload)) && answers.stream.TakesPong(ctx)
		},
	})
	if err != nil {
		_ = conn.Close()
		return nil, plainCause(err)
	}
	a.opened(ws.Subprotocol())
	answers.stream.Reason = a.redactor.reason
	return &Conn{Conn: answers.stream.Open(ws, answers.deflate, r.ReadLimit), secrets: &a.redactor}, nil
}

// newClient returns a client that follows nothing: a signature is for one address,
// and headers that carry credentials under names of their own would go along.
func newClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// transport sends one request over a connection that is already there, which may lead
// through a proxy. Its own Proxy stays nil: the environment's would be asked again.
func transport(conn net.Conn) *http.Transport {
	existing := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext: existing, DialTLSContext: existing, Protocols: protocols,
		DisableKeepAlives: true, DisableCompression: true, // a refusal is kept as it came
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
