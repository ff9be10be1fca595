package dial

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/bridge/vault"
)

// clientOf makes a client certificate with its key, both in PEM.
func clientOf(t *testing.T, a *testkit.Authority, ends time.Time) (certificate string, key vault.Secret) {
	t.Helper()
	private := testkit.NewKey(t)
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return a.IssueClient(t, &private.PublicKey, testkit.Ending(ends)), vault.NewSecret(testkit.PEM("EC PRIVATE KEY", raw))
}

// demanding serves echo to clients with a certificate of a, under one version of TLS.
func demanding(t *testing.T, a *testkit.Authority, version uint16) string {
	t.Helper()
	server := httptest.NewUnstartedServer(echo(nil))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{a.Issue(t)},
		MinVersion:   version, MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.Pool(),
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestClientCertificateIsShown(t *testing.T) {
	a := testkit.NewAuthority(t)
	certificate, key := clientOf(t, a, time.Now().Add(time.Hour))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		r := Request{URL: mustParse(t, demanding(t, a, version)), CAPEM: a.PEM(), ClientCertPEM: certificate, ClientKey: key}
		conn, report := open(t, local(), r)
		roundTrip(t, conn, websocket.MessageText, "hello")
		if report.TLS.Version != tls.VersionName(version) || !report.TLS.ClientAsked || report.TLS.ClientSubject != "CN=duplex at acme" {
			t.Errorf("%s: %+v", tls.VersionName(version), report.TLS)
		}
	}
}

// TestClientCertificateForNginx: nginx completes the handshake and answers 400 without a client
// certificate.
func TestClientCertificateForNginx(t *testing.T) {
	a := testkit.NewAuthority(t)
	peer := startPython(t)
	addr := startNginx(t, peer, a.Issue(t), a.PEM())
	certificate, key := clientOf(t, a, time.Now().Add(time.Hour))
	r := Request{URL: mustParse(t, "wss://"+addr+"/"), CAPEM: a.PEM(), Subprotocols: []string{"duplex.test"}, ReadLimit: 1 << 20}
	report, _ := fail(t, local(), r, PhaseUpgrade)
	if report.Status != 400 || !strings.Contains(string(report.Body), "No required SSL certificate was sent") || !report.TLS.ClientAsked {
		t.Errorf("%d %s, %+v", report.Status, report.Body, report.TLS)
	}
	r.ClientCertPEM, r.ClientKey = certificate, key
	open(t, local(), r)
}

func TestClientCertificateOnlyWhereItIsAskedFor(t *testing.T) {
	a := testkit.NewAuthority(t)
	certificate, key := clientOf(t, a, time.Now().Add(time.Hour))
	address := serveTLS(t, a.Issue(t), echo(nil))
	_, report := open(t, local(), Request{URL: mustParse(t, address), CAPEM: a.PEM(), ClientCertPEM: certificate, ClientKey: key})
	if report.TLS.ClientAsked || report.TLS.ClientSubject != "" {
		t.Errorf("%+v", report.TLS)
	}
}

// TestKeptClientKeyGoesWhereItMay: the key signs only for the targets it is bound to, with CA
// certificates that belong to the service.
func TestKeptClientKeyGoesWhereItMay(t *testing.T) {
	a := testkit.NewAuthority(t)
	certificate, key := clientOf(t, a, time.Now().Add(time.Hour))
	u := mustParse(t, demanding(t, a, tls.VersionTLS13))
	bind := func(b vault.Binding) vault.Secret { return key.Bind(b) }
	here := vault.Binding{Targets: []string{u.Host}, TLS: true}
	for name, test := range map[string]struct {
		edit func(*Request)
		want func(*BoundError) bool
	}{
		"elsewhere":       {func(r *Request) { r.ClientKey = bind(vault.Binding{Targets: []string{"a.example"}, TLS: true}) }, func(e *BoundError) bool { return !e.Unverified && !e.OtherCA }},
		"sealed long ago": {func(r *Request) { r.ClientKey = bind(vault.Binding{}) }, func(*BoundError) bool { return true }},
		"not checked":     {func(r *Request) { r.ClientKey, r.SkipVerify = bind(here), true }, func(e *BoundError) bool { return e.Unverified }},
		"other CA":        {func(r *Request) { r.ClientKey, r.OtherCA = bind(here), true }, func(e *BoundError) bool { return e.OtherCA }},
	} {
		r := Request{URL: u, CAPEM: a.PEM(), ClientCertPEM: certificate}
		test.edit(&r)
		_, err := fail(t, local(), r, PhaseCredential)
		if bound, ok := errors.AsType[*BoundError](err); !ok || bound.Field != ClientKeyField || !test.want(bound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	open(t, local(), Request{URL: u, CAPEM: a.PEM(), ClientCertPEM: certificate, ClientKey: bind(here)})
}

func TestKeysOfEveryForm(t *testing.T) {
	a := testkit.NewAuthority(t)
	ecKey := testkit.NewKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	of := func(public any) string {
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, a.Certificate, public, a.Key)
		if err != nil {
			t.Fatal(err)
		}
		return testkit.PEM("CERTIFICATE", der)
	}
	ec, rsaCertificate := of(&ecKey.PublicKey), of(&rsaKey.PublicKey)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
	for _, test := range []struct {
		name, certificate, key string
		want                   Reason
	}{
		{"none", "", "", ""},
		{"SEC 1", ec, testkit.PEM("EC PRIVATE KEY", sec1), ""},
		{"parameters first", ec, testkit.PEM("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}) + testkit.PEM("EC PRIVATE KEY", sec1), ""},
		{"PKCS #8", ec, testkit.KeyPEM(t, ecKey), ""},
		{"PKCS #1", rsaCertificate, testkit.PEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), ""},
		{"RSA in PKCS #8", rsaCertificate, testkit.KeyPEM(t, rsaKey), ""},
		{"Ed25519", of(edKey.Public()), testkit.KeyPEM(t, edKey), ""},
		{"with its chain", ec + a.PEM(), testkit.KeyPEM(t, ecKey), ""},
		{"key and certificate in one file", ec + testkit.KeyPEM(t, ecKey), ec + testkit.KeyPEM(t, ecKey), ""},
		{"key alone", "", testkit.KeyPEM(t, ecKey), ReasonNoCertificate},
		{"certificate alone", ec, "", ReasonNoKey},
		{"of another", ec, testkit.KeyPEM(t, other), ReasonOtherKey},
		{"of another algorithm", ec, testkit.KeyPEM(t, rsaKey), ReasonOtherKey},
		{"of the authority", a.PEM() + ec, testkit.KeyPEM(t, ecKey), ReasonOtherKey}, // the own one comes first
		{"PKCS #8 encrypted", ec, testkit.PEM("ENCRYPTED PRIVATE KEY", []byte("x")), ReasonEncryptedKey},
		{"encrypted the old way", ec, encrypted, ReasonEncryptedKey},
		{"no key", ec, ec, ReasonBadKey},
		{"broken key", ec, testkit.PEM("PRIVATE KEY", []byte("x")), ReasonBadKey},
		{"no PEM", ec, "nonsense", ReasonBadKey},
		{"no certificate", testkit.KeyPEM(t, ecKey), testkit.KeyPEM(t, ecKey), ReasonBadCertificate},
		{"broken certificate", testkit.PEM("CERTIFICATE", []byte("x")), testkit.KeyPEM(t, ecKey), ReasonBadCertificate},
	} {
		err := CheckClientCertificate(test.certificate, vault.NewSecret(test.key))
		refused, ok := errors.AsType[*ClientCertificateError](err)
		if (test.want == "") != (err == nil) || ok && refused.Reason != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	if !SameKey(ec, of(&ecKey.PublicKey)) || SameKey(ec, rsaCertificate) || SameKey(ec, "") {
		t.Error("certificates of one key are not told")
	}
}
