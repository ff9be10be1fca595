package diagnose_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"testing"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/testkit"
	"duplex/bridge/vault"
)

// chainStories are about certificates without a chain to a trusted one: an intermediate one is
// missing, or the CA is unknown.
func chainStories() []story {
	incomplete := func(name string, happen func(*testing.T) diagnose.Evidence) story {
		return story{
			rule: "chain_incomplete", name: name, action: diagnose.ActionEditSettings, want: map[string]string{"missing_issuer": "CN=Middle CA"},
			facts: []string{"certificate_issuer"}, happen: happen,
		}
	}
	return []story{
		incomplete("its root is pasted", chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
			t.Helper()
			return root.Intermediate(t, testkit.Named("Middle CA")).Issue(t), root.PEM()
		})),
		incomplete("says where to get it", chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
			t.Helper()
			return root.Intermediate(t, testkit.Named("Middle CA")).Issue(t, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/middle.crt"} }), ""
		})),
		incomplete("another one is sent", chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
			t.Helper()
			certificate = root.Intermediate(t, testkit.Named("Middle CA")).Issue(t)
			certificate.Certificate = append(certificate.Certificate, root.Intermediate(t, testkit.Named("Other CA")).Certificate.Raw)
			return certificate, root.PEM()
		})),
		incomplete("two are missing but one", chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
			t.Helper()
			middle := root.Intermediate(t, testkit.Named("Middle CA"))
			lower := middle.Intermediate(t, testkit.Named("Lower CA"))
			certificate = lower.Issue(t)
			certificate.Certificate = append(certificate.Certificate, lower.Certificate.Raw)
			return certificate, root.PEM()
		})),
		{
			rule: "unknown_ca", name: "nothing is pasted", action: diagnose.ActionEditSettings,
			happen: chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
				t.Helper()
				return root.Issue(t), ""
			}),
		},
		{
			rule: "unknown_ca", name: "the whole chain is sent", action: diagnose.ActionEditSettings,
			happen: chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
				t.Helper()
				middle := root.Intermediate(t, testkit.Named("Middle CA"))
				certificate = middle.Issue(t)
				certificate.Certificate = append(certificate.Certificate, middle.Certificate.Raw, root.Certificate.Raw)
				return certificate, ""
			}),
		},
		{
			rule: "self_signed_certificate", action: diagnose.ActionEditSettings,
			happen: chained(func(t *testing.T, root *testkit.Authority) (certificate tls.Certificate, pasted string) {
				t.Helper()
				itself := *root.Certificate
				itself.IPAddresses, itself.IsCA = []net.IP{net.IPv4(127, 0, 0, 1)}, false
				der, err := x509.CreateCertificate(rand.Reader, &itself, &itself, &root.Key.PublicKey, root.Key)
				if err != nil {
					t.Fatal(err)
				}
				return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: root.Key}, testkit.NewAuthority(t).PEM()
			}),
		},
	}
}

// chained dials a target with a certificate, and trusts the pasted ones.
func chained(chain func(*testing.T, *testkit.Authority) (tls.Certificate, string)) func(*testing.T) diagnose.Evidence {
	return func(t *testing.T) diagnose.Evidence {
		t.Helper()
		certificate, pasted := chain(t, testkit.NewAuthority(t))
		config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
		return dialTLS(t, testkit.NewAuthority(t), config, answer(404, ""), func(_ *testing.T, a *attempt) { a.request.CAPEM = pasted })
	}
}

// clientCertificateStories are about targets that require a client certificate.
func clientCertificateStories() []story {
	wanting := func(rule, name string, facts string, version uint16, auth tls.ClientAuthType, h http.HandlerFunc, options ...option) story {
		return story{
			rule: rule, name: name, action: diagnose.ActionEditSettings, facts: []string{facts}, happen: func(t *testing.T) diagnose.Evidence {
				t.Helper()
				a := testkit.NewAuthority(t)
				pool := x509.NewCertPool()
				pool.AddCert(a.Certificate)
				config := &tls.Config{
					MinVersion: version, MaxVersion: version, Certificates: []tls.Certificate{a.Issue(t)}, ClientAuth: auth, ClientCAs: pool,
				}
				return dialTLS(t, a, config, h, options...)
			},
		}
	}
	const asked, sent = "client_certificate_asked", "client_certificate"
	demanded := tls.RequireAndVerifyClientCert
	nginx := "<html><head><title>400 No required SSL certificate was sent</title></head></html>"
	return []story{
		wanting("client_certificate_required", "TLS 1.2", asked, tls.VersionTLS12, demanded, answer(404, "")),
		wanting("client_certificate_required", "TLS 1.3", asked, tls.VersionTLS13, demanded, answer(404, "")),
		{
			rule: "client_certificate_required", name: "OpenSSL under TLS 1.2", action: diagnose.ActionEditSettings,
			happen: func(*testing.T) diagnose.Evidence {
				return diagnose.Evidence{
					Report: &dial.Report{Phase: dial.PhaseTLS, TLS: &dial.TLSInfo{ClientAsked: true}},
					Err:    &net.OpError{Op: "remote error", Err: tls.AlertError(40)}, // handshake_failure
				}
			},
		},
		wanting("client_certificate_required", "it hangs up", asked, tls.VersionTLS13, tls.RequestClientCert, func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		}),
		wanting("client_certificate_refused", "TLS 1.2", sent, tls.VersionTLS12, demanded, answer(404, ""), strangersCertificate),
		wanting("client_certificate_refused", "TLS 1.3", sent, tls.VersionTLS13, demanded, answer(404, ""), strangersCertificate),
		wanting("client_certificate_not_sent", "nginx", asked, tls.VersionTLS13, tls.RequestClientCert, answer(400, nginx)),
		wanting("client_certificate_not_sent", "a gateway's words", asked, tls.VersionTLS12, tls.RequestClientCert, answer(403, `{"error":"A client certificate is required"}`)),
		wanting("client_certificate_not_accepted", "nginx", sent, tls.VersionTLS13, tls.RequestClientCert, answer(400, "<title>400 The SSL certificate error</title>"), strangersCertificate),
		{
			rule: "client_certificate_unusable", action: diagnose.ActionEditSettings, facts: []string{"reason.client-key-missing"},
			happen: dialing(at("wss://127.0.0.1:1/"), func(t *testing.T, a *attempt) {
				t.Helper()
				a.request.ClientCertPEM = testkit.NewAuthority(t).PEM()
			}),
		},
	}
}

// strangersCertificate returns a client certificate of an unknown CA.
func strangersCertificate(t *testing.T, a *attempt) {
	t.Helper()
	certificate := testkit.NewAuthority(t).Issue(t, func(c *x509.Certificate) {
		c.ExtKeyUsage, c.NotAfter = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, time.Now().Add(time.Hour)
	})
	a.request.ClientCertPEM = testkit.PEM("CERTIFICATE", certificate.Certificate[0])
	a.request.ClientKey = vault.NewSecret(testkit.KeyPEM(t, certificate.PrivateKey))
}
