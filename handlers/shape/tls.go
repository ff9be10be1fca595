package shape

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
)

// ClientCertificate holds the readable fields of a client certificate.
type ClientCertificate struct {
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	Fingerprint string `json:"fingerprint"` // SHA-256 of the certificate, in hex
	NotBeforeUS int64  `json:"not_before_us"`
	NotAfterUS  int64  `json:"not_after_us"`
}

// tlsOf maps the TLS settings of a service.
func tlsOf(ctx context.Context, s *bridge.Service) TLS {
	out := TLS{CAPEM: s.CAPEM, SkipVerify: s.SkipVerify, ClientCertPEM: s.ClientCertPEM}
	if certificates, err := dial.ParseClientCertificates(s.ClientCertPEM); err == nil {
		own := certificates[0]
		sum := sha256.Sum256(own.Raw)
		out.ClientCertificate = &ClientCertificate{
			Subject: own.Subject.String(), Issuer: own.Issuer.String(), Fingerprint: hex.EncodeToString(sum[:]),
			NotBeforeUS: wire.Micros(own.NotBefore), NotAfterUS: wire.Micros(own.NotAfter),
		}
	}
	if info, kept := s.Secrets[dial.ClientKeyField]; kept {
		person := identity.Of(ctx)
		shown := secretOf(&person, info, s.HasTemplate() || s.ClientKeyUsable(info))
		out.ClientKey = &shown
	}
	return out
}

// TLS holds the TLS settings of a service, without its private key.
type TLS struct {
	CAPEM             string             `json:"ca_pem"`
	SkipVerify        bool               `json:"skip_verify,omitempty"`
	ClientCertPEM     string             `json:"client_cert_pem,omitempty"`
	ClientCertificate *ClientCertificate `json:"client_certificate,omitempty"` // its fields
	ClientKey         *Secret            `json:"client_key,omitempty"`         // its private key, without the value
}
