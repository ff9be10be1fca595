package diagnose

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"duplex/bridge/dial"
)

// maxNames is the number of names of a certificate that are shown.
const maxNames = 5

// certificate returns the values of the certificates: the untrusted one of the target, and
// our client certificate.
func (c *clues) certificate() map[string]string {
	t := c.Report.TLS
	if t == nil {
		t = &dial.TLSInfo{}
	}
	values := map[string]string{"tls_version": t.Version, "missing_issuer": redact(t.MissingIssuer)}
	if t.ClientSubject != "" {
		values["client_subject"], values["client_not_after"] = redact(t.ClientSubject), date(t.ClientNotAfter)
	} else if t.ClientAsked && c.failed() {
		values["client_asked"] = "1"
	}
	untrusted, ok := errors.AsType[*tls.CertificateVerificationError](c.Err)
	if !ok || len(untrusted.UnverifiedCertificates) == 0 {
		return values
	}
	cert := untrusted.UnverifiedCertificates[0]
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](untrusted.Err); ok && invalid.Cert != nil {
		cert = invalid.Cert // may be one of a CA
	}
	values["server_name"] = t.ServerName
	values["certificate_names"] = redact(strings.Join(names(cert), ", "))
	values["issuer"] = redact(cert.Issuer.String())
	values["not_before"], values["not_after"] = date(cert.NotBefore), date(cert.NotAfter)
	return values
}

func names(cert *x509.Certificate) []string {
	all := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) > maxNames {
		all = append(all[:maxNames], "…")
	}
	return all
}
