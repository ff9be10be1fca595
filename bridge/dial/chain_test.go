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

	"duplex/bridge/testkit"
)

// TestIntermediateOfATrustedRootIsMissing runs the test below with a root of its own
// among those of the system, which a process reads once.
func TestIntermediateOfATrustedRootIsMissing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root, file := testkit.NewAuthority(t, ofAcme("Root")), filepath.Join(t.TempDir(), "roots.pem")
	middle := root.Intermediate(t, ofAcme("Middle"))
	key, err := x509.MarshalECPrivateKey(middle.Key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(root.PEM()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".middle", []byte(middle.PEM()+testkit.PEM("EC PRIVATE KEY", key)), 0o600); err != nil {
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
	middle := &testkit.Authority{Certificate: certificate, Key: key}
	leaf := middle.Issue(t)
	report, _ := fail(t, local(), Request{URL: mustParse(t, serveTLS(t, leaf, echo(nil)))}, PhaseTLS)
	if report.TLS.MissingIssuer != "CN=Middle,O=Acme" {
		t.Errorf("missing %q", report.TLS.MissingIssuer)
	}
	leaf.Certificate = append(leaf.Certificate, certificate.Raw)
	open(t, local(), Request{URL: mustParse(t, serveTLS(t, leaf, echo(nil)))})
	unknown := testkit.NewAuthority(t).Issue(t)
	report, _ = fail(t, local(), Request{URL: mustParse(t, serveTLS(t, unknown, echo(nil)))}, PhaseTLS)
	if report.TLS.MissingIssuer != "" {
		t.Errorf("of an unknown authority: %q is said to be missing", report.TLS.MissingIssuer)
	}
}

// ofAcme is a CA of Acme.
func ofAcme(name string) testkit.Edit {
	return func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: name, Organization: []string{"Acme"}} }
}

// TestPastedCertificateOfTheServiceItself: the diagnosis advises it for a self-signed
// certificate.
func TestPastedCertificateOfTheServiceItself(t *testing.T) {
	key := testkit.NewKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "itself"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	address := serveTLS(t, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, echo(nil))
	open(t, local(), Request{URL: mustParse(t, address), CAPEM: testkit.PEM("CERTIFICATE", der)})
}
