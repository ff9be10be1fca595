package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// Authority issues certificates.
type Authority struct {
	Certificate *x509.Certificate
	Key         *ecdsa.PrivateKey
}

// Edit changes a certificate before it is signed; nil changes nothing.
type Edit func(*x509.Certificate)

// NewAuthority returns an authority that signs itself.
func NewAuthority(tb testing.TB, edits ...Edit) *Authority {
	tb.Helper()
	return newAuthority(tb, nil, edits)
}

// Intermediate returns an authority below a.
func (a *Authority) Intermediate(tb testing.TB, edits ...Edit) *Authority {
	tb.Helper()
	return newAuthority(tb, a, edits)
}

func newAuthority(tb testing.TB, above *Authority, edits []Edit) *Authority {
	tb.Helper()
	key := NewKey(tb)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if above == nil {
		above = &Authority{template, key}
	}
	certificate, err := x509.ParseCertificate(above.sign(tb, template, &key.PublicKey, edits))
	if err != nil {
		tb.Fatal(err)
	}
	return &Authority{certificate, key}
}

// PEM returns the certificate of a.
func (a *Authority) PEM() string { return PEM("CERTIFICATE", a.Certificate.Raw) }

// Pool returns a pool that trusts a alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate)
	return pool
}

// Issue returns the certificate of a server at 127.0.0.1.
func (a *Authority) Issue(tb testing.TB, edits ...Edit) tls.Certificate {
	tb.Helper()
	key := NewKey(tb)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "peer"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	return tls.Certificate{Certificate: [][]byte{a.sign(tb, template, &key.PublicKey, edits)}, PrivateKey: key}
}

// IssueClient returns the certificate of a client with this public key, in PEM.
func (a *Authority) IssueClient(tb testing.TB, public crypto.PublicKey, edits ...Edit) string {
	tb.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "duplex at acme"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	return PEM("CERTIFICATE", a.sign(tb, template, public, edits))
}

// sign signs a certificate that is valid for an hour, unless an edit says otherwise.
func (a *Authority) sign(tb testing.TB, template *x509.Certificate, public crypto.PublicKey, edits []Edit) []byte {
	tb.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	for _, edit := range edits {
		if edit != nil {
			edit(template)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, public, a.Key)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// Named is an edit that sets the common name.
func Named(name string) Edit { return func(c *x509.Certificate) { c.Subject.CommonName = name } }

// ValidFor is an edit that sets the DNS names, in place of addresses.
func ValidFor(names ...string) Edit {
	return func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = names, nil }
}

// Ending is an edit that sets the end, and the beginning two hours before it.
func Ending(at time.Time) Edit {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = at.Add(-2*time.Hour), at }
}

// NewKey returns a key for a certificate.
func NewKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// KeyPEM returns a private key in PKCS #8.
func KeyPEM(tb testing.TB, key crypto.PrivateKey) string {
	tb.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return PEM("PRIVATE KEY", der)
}

// PEM encodes a block of a kind such as "CERTIFICATE".
func PEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
