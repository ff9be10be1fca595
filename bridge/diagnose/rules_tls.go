package diagnose

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"duplex/bridge/target"
)

// schemeRules is about ws where wss is spoken, and the other way round.
var schemeRules = []rule{
	{"plain_to_tls_port", when(ActionSwitchToWSS, either(tlsAlert, plainRefused))},
	{"tls_to_plain_port", when(ActionSwitchToWS, plainPeer)},
}

// tlsRules is about certificates and what TLS could not agree on.
var tlsRules = []rule{
	{"not_yet_valid", when("", invalidCertificate, errorSays("is before"))},
	{"expired_certificate", when("", invalidCertificate, errorSays("is after"))},
	{"wrong_name", when("", fails[x509.HostnameError])},
	{"unknown_ca", when(ActionEditSettings, fails[x509.UnknownAuthorityError])},
	{"bad_certificate", when("", either(fails[*tls.CertificateVerificationError], fails[x509.CertificateInvalidError]))},
	{"client_certificate_required", when("", errorSays("tls: certificate required", "tls: bad certificate"))},
	{"tls_version", when("", errorSays("protocol version not supported", "selected unsupported protocol version"))},
	{"tls_unknown_name", when("", errorSays("tls: unrecognized name"))},
	{"tls_timeout", when(ActionReconnect, phase(target.PhaseTLS), timedOut)},
	{"tls_failure", when("", phase(target.PhaseTLS))},
}

// plainPeer is what OpenSSL, and with it Postman, calls WRONG_VERSION_NUMBER: the
// answer to our TLS greeting is no TLS record.
func plainPeer(c *clues) bool {
	if record, ok := errors.AsType[tls.RecordHeaderError](c.Err); ok {
		return strings.Contains(record.Msg, "first record does not look like a TLS handshake")
	}
	return errors.Is(c.Err, http.ErrSchemeMismatch)
}

// tlsAlert is an answer to our plain request that is a TLS record of type alert.
func tlsAlert(c *clues) bool {
	garbage, ok := errors.AsType[*target.NotHTTPError](c.Err)
	return ok && garbage.LooksLikeTLS
}

// plainRefused is how nginx, Go and Apache refuse a plain request to a TLS port.
func plainRefused(c *clues) bool {
	return status(400)(c) && says("plain http request was sent to https port",
		"http request to an https server", "speaking plain http to an ssl-enabled server")(c)
}

func invalidCertificate(c *clues) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](c.Err)
	return ok && invalid.Reason == x509.Expired
}
