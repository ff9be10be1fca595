//go:build e2e

package e2e

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/web/internal/canary"
)

// startMutual starts a service that wants a client certificate, and returns its address,
// its CA, and a certificate for it with the key, all in PEM. The key is one of the
// secrets that nothing may tell.
func startMutual(t *testing.T, ends time.Time) (address, ca, certificate, key string) {
	t.Helper()
	a, private := testkit.NewAuthority(t, testkit.Named("Acme CA")), testkit.NewKey(t)
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
		Certificates: []tls.Certificate{a.Issue(t)},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: a.Pool(), MinVersion: tls.VersionTLS12,
	}
	peer.StartTLS()
	t.Cleanup(peer.Close)
	key = testkit.KeyPEM(t, private)
	lines := strings.Split(key, "\n")
	// The line begins with private bytes; those of the public key behind them are in the
	// certificate too.
	canaries.Add(canary.Secret{Name: "client key", Value: lines[2][:26]})
	return strings.Replace(peer.URL, "https", "wss", 1), a.PEM(), a.IssueClient(t, &private.PublicKey, testkit.Ending(ends)), key
}

func TestClientCertificateIsEnteredOnThePage(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
	address, ca, certificate, key := startMutual(t, time.Now().Add(time.Hour))
	p.visit(s.URL + "/connect")
	p.ready()
	p.fill("address", address)
	p.click("tab-settings")
	p.put("setting-ca_pem", ca)
	p.click("connect")
	p.untilText("diagnosis", "asks for a client certificate")
	if problems := p.unexpected("502"); len(problems) > 0 {
		t.Errorf("the console says %v", problems)
	}

	// Certificate and key in one file.
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
	p.until(`document.querySelector("[data-testid=setting-client_key_pem]").placeholder.startsWith("stored")`)
	kept := p.eval(`JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + [...document.querySelectorAll("input, textarea")].map((input) => input.value).join("\n")`)
	p.watch.Search("the page and its storage, after it was saved", []byte(kept))
	p.connect()
	p.compose("text", "hello")
	p.sent(3)
	p.click("disconnect")
	p.untilStatus(closed)
}

func TestExpiredClientCertificateIsTold(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	p := browseOnDisk(t, 1440, 900)
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
