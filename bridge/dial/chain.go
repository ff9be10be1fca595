package dial

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
)

// missingIssuer names the authority whose certificate is missing between the shown ones
// and the trusted ones; "" where it is not known to be an intermediate one, which the
// peer should have sent (RFC 8446 section 4.4.2). Pasted are the certificates that
// are trusted beside the system's.
func missingIssuer(err error, shown, pasted []*x509.Certificate) string {
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown || len(shown) == 0 {
		return ""
	}
	top := topOf(shown)
	if bytes.Equal(top.RawIssuer, top.RawSubject) {
		return "" // it is signed by itself: there is nobody above
	}
	namesake := func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, top.RawIssuer) }
	if slices.ContainsFunc(pasted, namesake) {
		return "" // of the same name and with another key
	}
	// An authority that says where its certificate can be had (RFC 5280 section 4.2.2.1)
	// expects that somebody lacks it; with a root pasted, there is one in between; and one
	// of the same organization as a trusted root is most likely below that.
	if len(top.IssuingCertificateURL) > 0 || len(pasted) > 0 || ownsTrustedRoot(top.Issuer.Organization) {
		return top.Issuer.String()
	}
	return ""
}

// ownsTrustedRoot reports whether the system trusts a root of an organization. Reading
// the roots takes 20 ms, which only a failed dial spends.
func ownsTrustedRoot(organization []string) bool {
	pool, err := x509.SystemCertPool()
	if err != nil || len(organization) == 0 {
		return false
	}
	return slices.ContainsFunc(pool.Subjects(), func(raw []byte) bool { //nolint:staticcheck // what it leaves out on other systems is not needed
		var subject pkix.RDNSequence
		if _, err := asn1.Unmarshal(raw, &subject); err != nil {
			return false
		}
		var name pkix.Name
		name.FillFromRDNSequence(&subject)
		return slices.Equal(name.Organization, organization)
	})
}

// topOf follows the signatures from the peer's own certificate up, as far as those that
// it shows lead.
func topOf(shown []*x509.Certificate) *x509.Certificate {
	top := shown[0]
	for range shown { // bounds a circle of cross-signed ones
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
