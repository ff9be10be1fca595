package dial

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
)

// missingIssuer returns the name of the intermediate CA that the peer should have sent (RFC
// 8446 section 4.4.2), or "" if the missing certificate is not known to be an intermediate
// one. Pasted holds the certificates that are trusted beside those of the system.
func missingIssuer(err error, shown, pasted []*x509.Certificate) string {
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown || len(shown) == 0 {
		return ""
	}
	top := topOf(shown)
	if bytes.Equal(top.RawIssuer, top.RawSubject) {
		return "" // self-signed
	}
	namesake := func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, top.RawIssuer) }
	if slices.ContainsFunc(pasted, namesake) {
		return "" // it has the same name and another key
	}
	// Signs of an intermediate CA: the certificate says where to download it (RFC 5280
	// section 4.2.2.1), a root was pasted, or the system trusts a root of its organization.
	if len(top.IssuingCertificateURL) > 0 || len(pasted) > 0 || ownsTrustedRoot(top.Issuer.Organization) {
		return top.Issuer.String()
	}
	return ""
}

// ownsTrustedRoot reports whether the system trusts a root of an organization. It reads all
// roots, which takes 20 ms, and is called for failed dials only.
func ownsTrustedRoot(organization []string) bool {
	pool, err := x509.SystemCertPool()
	if err != nil || len(organization) == 0 {
		return false
	}
	return slices.ContainsFunc(pool.Subjects(), func(raw []byte) bool { //nolint:staticcheck // on other systems it may be incomplete, which only makes the guess weaker
		var subject pkix.RDNSequence
		if _, err := asn1.Unmarshal(raw, &subject); err != nil {
			return false
		}
		var name pkix.Name
		name.FillFromRDNSequence(&subject)
		return slices.Equal(name.Organization, organization)
	})
}

// topOf follows the signatures from the peer's own certificate to the last one that it sent.
func topOf(shown []*x509.Certificate) *x509.Certificate {
	top := shown[0]
	for range shown { // bounds a cycle of cross-signed certificates
		next := slices.IndexFunc(shown, func(c *x509.Certificate) bool {
			return !c.Equal(top) && bytes.Equal(c.RawSubject, top.RawIssuer) && top.CheckSignatureFrom(c) == nil
		})
		if next < 0 {
			break
		}
		top = shown[next]
	}
	return top
}
