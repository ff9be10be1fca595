package dial

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestIntermediateOfATrustedRootIsMissing runs the test below with a root of its own
// among those of the system, which a process reads once.
func TestIntermediateOfATrustedRootIsMissing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root, file := organized(t, nil, "Root"), filepath.Join(t.TempDir(), "roots.pem")
	middle := organized(t, root, "Middle")
	key, err := x509.MarshalECPrivateKey(middle.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(root.pem()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".middle", []byte(middle.pem()+pemOf("EC PRIVATE KEY", key)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	t.Setenv("SSL_CERT_DIR", filepath.Dir(file)+"/none")
	command := exec.CommandContext(t.Context(), self, "-test.run=^TestChildDialsBelowATrustedRoot$", "-test.count=1")
	if out, err := command.CombinedOutput(); err != nil || strings.Contains(string(out), "no tests to run") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestChildDialsBelowATrustedRoot(t *testing.T) {
	raw, err := os.ReadFile(os.Getenv("SSL_CERT_FILE") + ".middle") //nolint:forbidigo // of the process that tests
	if err != nil {
		t.Skip("runs as a child only")
	}
	block, rest := pem.Decode(raw)
	keyBlock, _ := pem.Decode(rest)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	middle := &authority{certificate, key}
	leaf := middle.issue(t, "", time.Now().Add(time.Hour))
	report, _ := fail(t, local(), Request{URL: mustParse(t, serveTLS(t, leaf, echo(nil)))}, PhaseTLS)
	if report.TLS.MissingIssuer != "CN=Middle,O=Acme" {
		t.Errorf("missing %q", report.TLS.MissingIssuer)
	}
	leaf.Certificate = append(leaf.Certificate, certificate.Raw)
	open(t, local(), Request{URL: mustParse(t, serveTLS(t, leaf, echo(nil)))})
	unknown := newAuthority(t).issue(t, "", time.Now().Add(time.Hour))
	report, _ = fail(t, local(), Request{URL: mustParse(t, serveTLS(t, unknown, echo(nil)))}, PhaseTLS)
	if report.TLS.MissingIssuer != "" {
		t.Errorf("of an unknown authority: %q is said to be missing", report.TLS.MissingIssuer)
	}
}

// organized is an authority of Acme, below another one or its own.
func organized(t *testing.T, above *authority, name string) *authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name, Organization: []string{"Acme"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if above == nil {
		above = &authority{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, above.certificate, &key.PublicKey, above.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, key}
}

// TestPastedCertificateOfTheServiceItself is what the diagnosis advises where one is
// signed by itself.
func TestPastedCertificateOfTheServiceItself(t *testing.T) {
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "itself"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	address := serveTLS(t, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, echo(nil))
	open(t, local(), Request{URL: mustParse(t, address), CAPEM: pemOf("CERTIFICATE", der)})
}
