package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// roots returns the certificates to trust: the system's, and those of extra in PEM.
// It is nil, which is the system's too, where there are no others: reading them all
// again costs a dial 20 ms. The error is an *OptionError.
func roots(extra string) (*x509.CertPool, error) {
	if extra == "" {
		return nil, nil //nolint:nilnil // that is how crypto/tls says "the system's"
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(extra)) {
		return nil, &OptionError{Field: "tls.ca_pem"}
	}
	return pool, nil
}

// trust is which certificates will do.
type trust struct {
	pool *x509.CertPool // nil is the system's
	any  bool           // whatever the peer shows
}

// secure performs the TLS handshake on conn for the host of u, and closes conn when
// it fails.
func secure(ctx context.Context, conn net.Conn, u *url.URL, t trust, a *attempt) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, tlsTimeout)
	defer cancel()
	secured := tls.Client(conn, &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: u.Hostname(), RootCAs: t.pool,
		InsecureSkipVerify: t.any,                //nolint:gosec // G402: what a person asked for, and is told in red
		NextProtos:         []string{"http/1.1"}, // RFC 6455 upgrades HTTP/1.1 only
	})
	err := a.time(PhaseTLS, func(p *Phases) *time.Duration { return &p.TLS }, func() error {
		return secured.HandshakeContext(ctx)
	})
	state := secured.ConnectionState()
	shown := state.PeerCertificates
	if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		shown = untrusted.UnverifiedCertificates
	}
	a.secured(state, u.Hostname(), shown, t.any)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	return secured, nil
}
