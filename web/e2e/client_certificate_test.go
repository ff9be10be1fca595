//go:build e2e

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/web/internal/canary"
)

// startMutual starts a service that wants a client certificate, and returns its address,
// its CA, and a certificate for it with the key, all in PEM. The key is one of the
// secrets that nothing may tell.
func startMutual(t *testing.T, ends time.Time) (address, ca, certificate, key string) {
	t.Helper()
	issue := func(template, by *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if by == nil {
			by, signer = template, own
		}
		der, err := x509.CreateCertificate(rand.Reader, template, by, &own.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return made, own
	}
	now := time.Now()
	root, rootKey := issue(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	server, serverKey := issue(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "service"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root, rootKey)
	client, clientKey := issue(&x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "duplex at acme"},
		NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, root, rootKey)
	pool := x509.NewCertPool()
	pool.AddCert(root)
	peer := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		for {
			kind, payload, err := conn.Read(r.Context())
			if err != nil || conn.Write(r.Context(), kind, payload) != nil {
				return
			}
		}
	}))
	peer.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: serverKey}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12,
	}
	peer.StartTLS()
	t.Cleanup(peer.Close)
	der, err := x509.MarshalPKCS8PrivateKey(clientKey)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, raw []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
	}
	key = text("PRIVATE KEY", der)
	lines := strings.Split(key, "\n")
	canaries.Add(canary.Secret{Name: "client key", Value: lines[2]}) // a line is enough to tell it
	return strings.Replace(peer.URL, "https", "wss", 1), text("CERTIFICATE", root.Raw), text("CERTIFICATE", client.Raw), key
}

func TestClientCertificateIsEnteredOnThePage(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	address, ca, certificate, key := startMutual(t, time.Now().Add(time.Hour))
	p.visit(s.URL + "/services/new")
	p.ready()
	p.fill("address", address)
	p.click("tab-settings")
	p.put("setting-ca_pem", ca)
	p.click("connect")
	p.untilText("diagnosis", "asks for a client certificate")
	if problems := p.unexpected("502"); len(problems) > 0 {
		t.Errorf("the console says %v", problems)
	}

	// In one file, as they are handed out.
	p.click("tab-settings")
	p.put("setting-client_cert_pem", certificate+key)
	p.until(`!document.querySelector("[data-testid=setting-client_cert_pem]").value.includes("KEY")`)
	p.until(`document.querySelector("[data-testid=setting-client_key_pem]").value.startsWith("-----BEGIN PRIVATE KEY")`)
	p.until(`getComputedStyle(document.querySelector("[data-testid=setting-client_key_pem]")).webkitTextSecurity === "disc"`)
	p.eval(`document.querySelector("[data-testid=setting-client_cert_pem]").scrollIntoView({block: "center"})`)
	p.shots("client-certificate")
	p.fill("service-name", "mutual")
	p.click("save")
	p.untilText("setting-client_cert_pem-about", "CN=duplex at acme, issued by CN=Acme CA")
	p.until(`document.querySelector("[data-testid=setting-client_key_pem]").value === ""`)
	p.until(`document.querySelector("[data-testid=setting-client_key_pem]").placeholder.startsWith("kept")`)
	kept := p.eval(`JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + [...document.querySelectorAll("input, textarea")].map((input) => input.value).join("\n")`)
	p.watch.Search("the page and its storage, after it was saved", []byte(kept))
	p.connect()
	p.compose("text", "hello")
	p.sent(3)
	p.click("disconnect")
	p.untilStatus(closed)
}

func TestExpiredClientCertificateIsTold(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	address, ca, certificate, key := startMutual(t, time.Now().Add(-time.Hour))
	var saved service
	s.call(http.MethodPost, "/api/services", object{"name": "expired", "address": address, "tls": object{"ca_pem": ca, "client_cert_pem": certificate, "client_key_pem": key}}, &saved)
	p.visit(s.URL + "/services/" + saved.ID)
	p.ready()
	p.click("tab-settings")
	p.untilText("setting-client_cert_pem-about", "it has expired")
	p.eval(`document.querySelector("[data-testid=setting-client_cert_pem]").scrollIntoView({block: "center"})`)
	p.shots("client-certificate-expired")
	p.click("connect")
	p.untilText("diagnosis", "does not accept the client certificate CN=duplex at acme")
	p.unexpected("502")
}
