package diagnose_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/testkit"
)

func tlsStories() []story {
	return append(slices.Concat(schemeStories(), chainStories(), clientCertificateStories()), []story{
		{rule: "unknown_ca", action: diagnose.ActionEditSettings, facts: []string{"certificate_issuer", "certificate_dates"}, happen: presenting(true, nil)},
		{rule: "wrong_name", want: map[string]string{"name": "127.0.0.1", "certificate_names": "other.example"}, happen: presenting(false, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.example"} })},
		{rule: "expired_certificate", want: map[string]string{"not_after": "2021-03-04 05:06 UTC"}, happen: presenting(false, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2021, 3, 4, 5, 6, 0, 0, time.UTC)
		})},
		{rule: "not_yet_valid", happen: presenting(false, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().AddDate(1, 0, 0), time.Now().AddDate(2, 0, 0)
		})},
		{rule: "bad_certificate", happen: presenting(false, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })},
		{rule: "tls_version", happen: configured(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })},
		{rule: "tls_unknown_name", happen: configured(func(c *tls.Config) {
			c.Certificates = nil
			c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil } //nolint:nilnil // "none for this name"
		})},
		{rule: "tls_failure", facts: []string{"detail"}, happen: configured(func(c *tls.Config) {
			c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no") }
		})},
		{rule: "tls_timeout", action: diagnose.ActionReconnect, happen: dialing(listening(silent).secure(), briefly)},
	}...)
}

func schemeStories() []story {
	return []story{
		{rule: "plain_to_tls_port", name: "answer", action: diagnose.ActionSwitchToWSS, happen: dialing(servingTLS(answer(404, "")))},
		{rule: "plain_to_tls_port", name: "nginx", action: diagnose.ActionSwitchToWSS, happen: refusal(400, "<center>The plain HTTP request was sent to HTTPS port</center>")},
		{rule: "plain_to_tls_port", name: "alert", action: diagnose.ActionSwitchToWSS, happen: dialing(listening(says("\x15\x03\x01\x00\x02\x02\x46")))},
		{rule: "tls_to_plain_port", name: "HTTP", action: diagnose.ActionSwitchToWS, happen: dialing(serving(answer(404, "")).secure())},
		{rule: "tls_to_plain_port", name: "banner", action: diagnose.ActionSwitchToWS, happen: dialing(listening(says("220 ready\r\n")).secure())},
	}
}

// presenting dials a target with a certificate of an authority that is trusted, or
// of one that is not.
func presenting(unknown bool, edit func(*x509.Certificate)) func(*testing.T) diagnose.Evidence {
	return func(t *testing.T) diagnose.Evidence {
		t.Helper()
		trusted := testkit.NewAuthority(t)
		issuer := trusted
		if unknown {
			issuer = testkit.NewAuthority(t)
		}
		return dialTLS(t, trusted, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{issuer.Issue(t, edit)}}, answer(404, ""))
	}
}

// configured dials a target with a trusted certificate and a TLS setting that fails.
func configured(edit func(*tls.Config)) func(*testing.T) diagnose.Evidence {
	return func(t *testing.T) diagnose.Evidence {
		t.Helper()
		a := testkit.NewAuthority(t)
		config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{a.Issue(t)}}
		edit(config)
		return dialTLS(t, a, config, answer(404, ""))
	}
}

// answeringTLS dials a trusted wss target with this answer.
func answeringTLS(h http.HandlerFunc) func(*testing.T) diagnose.Evidence {
	return func(t *testing.T) diagnose.Evidence {
		t.Helper()
		a := testkit.NewAuthority(t)
		return dialTLS(t, a, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{a.Issue(t)}}, h)
	}
}
