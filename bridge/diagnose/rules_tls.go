package diagnose

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"duplex/bridge/dial"
)

// schemeRules explain ws to a port that speaks wss, and the reverse.
var schemeRules = []rule{
	{"plain_to_tls_port", when(ActionSwitchToWSS, either(tlsAlert, plainRefused))},
	{"tls_to_plain_port", when(ActionSwitchToWS, plainPeer)},
}

// tlsRules explain certificates that are not trusted, and failures of the TLS handshake.
var tlsRules = []rule{
	{"not_yet_valid", when("", invalidCertificate, errorSays("is before"))},
	{"expired_certificate", when("", invalidCertificate, errorSays("is after"))},
	{"wrong_name", when("", fails[x509.HostnameError])},
	{"chain_incomplete", when(ActionEditSettings, fails[x509.UnknownAuthorityError], known("missing_issuer"))},
	{"self_signed_certificate", when(ActionEditSettings, fails[x509.UnknownAuthorityError], selfSigned)},
	{"unknown_ca", when(ActionEditSettings, fails[x509.UnknownAuthorityError])},
	{"bad_certificate", when("", either(fails[*tls.CertificateVerificationError], fails[x509.CertificateInvalidError]))},
	{"client_certificate_required", when(ActionEditSettings, withoutClientCertificate, either(alerted, errorSays("tls: certificate required"), brokenOff))},
	{"client_certificate_refused", when(ActionEditSettings, known("client_subject"), alerted)},
	{"tls_version", when("", errorSays("protocol version not supported", "selected unsupported protocol version"))},
	{"tls_unknown_name", when("", errorSays("tls: unrecognized name"))},
	{"tls_timeout", when(ActionReconnect, phase(dial.PhaseTLS), timedOut)},
	{"tls_failure", when("", phase(dial.PhaseTLS))},
}

// clientCertificateRules explain refusals of a request without an acceptable client
// certificate: some servers complete the TLS handshake and refuse the request.
var clientCertificateRules = []rule{
	{"client_certificate_not_accepted", when(ActionEditSettings, status(400, 401, 403, 495), known("client_subject"), says("ssl certificate error", "client certificate"))},
	{"client_certificate_not_sent", when(ActionEditSettings, status(400, 401, 403, 496), withoutClientCertificate, says(
		"no required ssl certificate was sent", // nginx
		"post-handshake authentication",        // Apache, for a path of its own
		"client certificate", "ssl certificate required"))},
}

// withoutClientCertificate reports whether the target asked for a client certificate and got
// none. With TLS 1.2 it then breaks off the handshake (RFC 5246 section 7.4.6), with TLS 1.3
// the connection after it (RFC 8446 section 4.4.2.4).
func withoutClientCertificate(c *clues) bool {
	return c.Report.TLS != nil && c.Report.TLS.ClientAsked && c.Report.TLS.ClientSubject == ""
}

// alerted reports whether the target sent a TLS alert.
func alerted(c *clues) bool {
	alert, ok := errors.AsType[*net.OpError](c.Err)
	return ok && alert.Op == "remote error"
}

func brokenOff(c *clues) bool {
	return failsWith(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE)(c)
}

// known holds if a value is known.
func known(name string) condition {
	return func(c *clues) bool { return c.values[name] != "" }
}

func selfSigned(c *clues) bool {
	untrusted, ok := errors.AsType[*tls.CertificateVerificationError](c.Err)
	if !ok || len(untrusted.UnverifiedCertificates) == 0 {
		return false
	}
	shown := untrusted.UnverifiedCertificates[0]
	return bytes.Equal(shown.RawSubject, shown.RawIssuer) && shown.CheckSignature(shown.SignatureAlgorithm, shown.RawTBSCertificate, shown.Signature) == nil
}

// plainPeer holds if the answer to our TLS ClientHello is not a TLS record. OpenSSL, and with
// it Postman, calls that WRONG_VERSION_NUMBER.
func plainPeer(c *clues) bool {
	if record, ok := errors.AsType[tls.RecordHeaderError](c.Err); ok {
		return strings.Contains(record.Msg, "first record does not look like a TLS handshake")
	}
	return errors.Is(c.Err, http.ErrSchemeMismatch)
}

// tlsAlert holds if the answer to our plain request is a TLS alert.
func tlsAlert(c *clues) bool {
	garbage, ok := errors.AsType[*dial.NotHTTPError](c.Err)
	return ok && garbage.LooksLikeTLS
}

// plainRefused recognizes how nginx, Go and Apache refuse a plain request to a TLS port.
func plainRefused(c *clues) bool {
	return status(400)(c) && says("plain http request was sent to https port",
		"http request to an https server", "speaking plain http to an ssl-enabled server")(c)
}

func invalidCertificate(c *clues) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](c.Err)
	return ok && invalid.Reason == x509.Expired
}
