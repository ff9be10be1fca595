package dial

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/vault"
)

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// client makes a client certificate with its key, both in PEM.
func (a *authority) client(t *testing.T, ends time.Time) (certificate string, key vault.Secret) {
	t.Helper()
	private := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "duplex at acme"},
		NotBefore: ends.Add(-2 * time.Hour), NotAfter: ends, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &private.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("CERTIFICATE", der), vault.NewSecret(pemOf("EC PRIVATE KEY", raw))
}

// demanding serves echo to those who show a certificate of a, under one version of TLS.
func (a *authority) demanding(t *testing.T, version uint16) string {
	t.Helper()
	server := httptest.NewUnstartedServer(echo(nil))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{a.issue(t, "", time.Now().Add(time.Hour))},
		MinVersion:   version, MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestClientCertificateIsShown(t *testing.T) {
	a := newAuthority(t)
	certificate, key := a.client(t, time.Now().Add(time.Hour))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		r := Request{URL: mustParse(t, a.demanding(t, version)), CAPEM: a.pem(), ClientCertPEM: certificate, ClientKey: key}
		conn, report := open(t, local(), r)
		roundTrip(t, conn, websocket.MessageText, "hello")
		if report.TLS.Version != tls.VersionName(version) || !report.TLS.ClientAsked || report.TLS.ClientSubject != "CN=duplex at acme" {
			t.Errorf("%s: %+v", tls.VersionName(version), report.TLS)
		}
	}
}

// TestClientCertificateForNginx: nginx takes the handshake and answers 400 to who shows
// none.
func TestClientCertificateForNginx(t *testing.T) {
	a := newAuthority(t)
	peer := startPython(t)
	addr := startNginx(t, peer, a.issue(t, "", time.Now().Add(time.Hour)), a.pem())
	certificate, key := a.client(t, time.Now().Add(time.Hour))
	r := Request{URL: mustParse(t, "wss://"+addr+"/"), CAPEM: a.pem(), Subprotocols: []string{"duplex.test"}, ReadLimit: 1 << 20}
	report, _ := fail(t, local(), r, PhaseUpgrade)
	if report.Status != 400 || !strings.Contains(string(report.Body), "No required SSL certificate was sent") || !report.TLS.ClientAsked {
		t.Errorf("%d %s, %+v", report.Status, report.Body, report.TLS)
	}
	r.ClientCertPEM, r.ClientKey = certificate, key
	open(t, local(), r)
}

func TestClientCertificateOnlyWhereItIsAskedFor(t *testing.T) {
	a := newAuthority(t)
	certificate, key := a.client(t, time.Now().Add(time.Hour))
	address := serveTLS(t, a.issue(t, "", time.Now().Add(time.Hour)), echo(nil))
	_, report := open(t, local(), Request{URL: mustParse(t, address), CAPEM: a.pem(), ClientCertPEM: certificate, ClientKey: key})
	if report.TLS.ClientAsked || report.TLS.ClientSubject != "" {
		t.Errorf("%+v", report.TLS)
	}
}

// TestKeptClientKeyGoesWhereItMay: its signature is for those it was entered for, over
// a connection whose peer is checked against certificates that belong to the service.
func TestKeptClientKeyGoesWhereItMay(t *testing.T) {
	a := newAuthority(t)
	certificate, key := a.client(t, time.Now().Add(time.Hour))
	u := mustParse(t, a.demanding(t, tls.VersionTLS13))
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
		r := Request{URL: u, CAPEM: a.pem(), ClientCertPEM: certificate}
		test.edit(&r)
		_, err := fail(t, local(), r, PhaseCredential)
		if bound, ok := errors.AsType[*BoundError](err); !ok || bound.Field != ClientKeyField || !test.want(bound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	open(t, local(), Request{URL: u, CAPEM: a.pem(), ClientCertPEM: certificate, ClientKey: bind(here)})
}

func TestKeysOfEveryForm(t *testing.T) {
	a := newAuthority(t)
	ecKey := newKey(t)
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
	pkcs8 := func(key any) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return pemOf("PRIVATE KEY", der)
	}
	of := func(public any) string {
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, a.certificate, public, a.key)
		if err != nil {
			t.Fatal(err)
		}
		return pemOf("CERTIFICATE", der)
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
		{"SEC 1", ec, pemOf("EC PRIVATE KEY", sec1), ""},
		{"parameters first", ec, pemOf("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}) + pemOf("EC PRIVATE KEY", sec1), ""},
		{"PKCS #8", ec, pkcs8(ecKey), ""},
		{"PKCS #1", rsaCertificate, pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), ""},
		{"RSA in PKCS #8", rsaCertificate, pkcs8(rsaKey), ""},
		{"Ed25519", of(edKey.Public()), pkcs8(edKey), ""},
		{"with its chain", ec + a.pem(), pkcs8(ecKey), ""},
		{"key and certificate in one file", ec + pkcs8(ecKey), ec + pkcs8(ecKey), ""},
		{"key alone", "", pkcs8(ecKey), ReasonNoCertificate},
		{"certificate alone", ec, "", ReasonNoKey},
		{"of another", ec, pkcs8(other), ReasonOtherKey},
		{"of another algorithm", ec, pkcs8(rsaKey), ReasonOtherKey},
		{"of the authority", a.pem() + ec, pkcs8(ecKey), ReasonOtherKey}, // the own one comes first
		{"PKCS #8 encrypted", ec, pemOf("ENCRYPTED PRIVATE KEY", []byte("x")), ReasonEncryptedKey},
		{"encrypted the old way", ec, encrypted, ReasonEncryptedKey},
		{"no key", ec, ec, ReasonBadKey},
		{"broken key", ec, pemOf("PRIVATE KEY", []byte("x")), ReasonBadKey},
		{"no PEM", ec, "nonsense", ReasonBadKey},
		{"no certificate", pkcs8(ecKey), pkcs8(ecKey), ReasonBadCertificate},
		{"broken certificate", pemOf("CERTIFICATE", []byte("x")), pkcs8(ecKey), ReasonBadCertificate},
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
