package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"
)

// roots returns the certificates of the system and those of extra in PEM. Without extra it
// returns nil, which crypto/tls takes for those of the system: reading them takes 20 ms. The
// error is an *OptionError.
func roots(extra string) (*x509.CertPool, error) {
	if extra == "" {
		return nil, nil //nolint:nilnil // nil means the system's certificates
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

// trust holds the trusted certificates, and our client certificate.
type trust struct {
	pool   *x509.CertPool      // nil is the system's
	pasted []*x509.Certificate // those of pool that are not the system's
	any    bool                // accept any certificate
	client *tls.Certificate    // sent to a peer that asks for one; nil is none
}

// secure performs the TLS handshake on conn for the host of u. It closes conn on failure.
func secure(ctx context.Context, conn net.Conn, u *url.URL, t trust, a *attempt) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, tlsTimeout)
	defer cancel()
	var asked bool // for a client certificate; written during the handshake
	secured := tls.Client(conn, &tls.Config{
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			if t.client == nil {
				return &tls.Certificate{}, nil
			}
			return t.client, nil // even if the peer names other CAs: a person chose it
		},
		MinVersion: tls.VersionTLS12, ServerName: u.Hostname(), RootCAs: t.pool,
		InsecureSkipVerify: t.any,                //nolint:gosec // G402: a person asked for it, and the page warns
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
	info := tlsInfo(state, u.Hostname(), shown)
	info.Unverified, info.MissingIssuer = t.any, missingIssuer(err, shown, t.pasted)
	if info.ClientAsked = asked; asked && t.client != nil {
		info.ClientSubject, info.ClientNotAfter = t.client.Leaf.Subject.String(), t.client.Leaf.NotAfter
	}
	a.note(func(r *Report) { r.TLS = info })
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	return secured, nil
}

// tlsInfo describes the certificate of the peer, trusted or not.
func tlsInfo(state tls.ConnectionState, serverName string, shown []*x509.Certificate) *TLSInfo {
	info := &TLSInfo{ServerName: serverName}
	if state.Version != 0 {
		info.Version = tls.VersionName(state.Version)
	}
	if len(shown) > 0 {
		leaf := shown[0]
		info.Subject, info.Issuer, info.DNSNames = leaf.Subject.String(), leaf.Issuer.String(), slices.Clone(leaf.DNSNames)
		for _, ip := range leaf.IPAddresses {
			info.DNSNames = append(info.DNSNames, ip.String())
		}
		info.NotBefore, info.NotAfter = leaf.NotBefore, leaf.NotAfter
	}
	return info
}
