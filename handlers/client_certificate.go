package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/vault"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// maxKeyPEM bounds a private key in PEM, in bytes.
const maxKeyPEM = 64 << 10

// aKeyInPEM is in every private key in PEM, whatever its kind.
const aKeyInPEM = "PRIVATE KEY-----"

// clientCertificateJSON holds the readable fields of a client certificate.
type clientCertificateJSON struct {
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	Fingerprint string `json:"fingerprint"` // SHA-256 of the certificate, in hex
	NotBeforeUS int64  `json:"not_before_us"`
	NotAfterUS  int64  `json:"not_after_us"`
}

// clientCertificate puts the certificate of the request into s: the certificates of the
// text and nothing else of it, since files of certificates often hold the key too, which
// is a secret.
func (in *connectionInput) clientCertificate(s *bridge.Service) error {
	if in.TLS == nil || in.TLS.ClientCertPEM == nil {
		return nil
	}
	text := strings.TrimSpace(*in.TLS.ClientCertPEM)
	s.ClientCertPEM = ""
	if text == "" {
		return nil
	}
	if len(text) > maxCAPEM {
		return reply.TooLong("tls.client_cert_pem", len(text), maxCAPEM)
	}
	certificates, err := dial.ParseClientCertificates(text)
	if err != nil {
		return err
	}
	for _, c := range certificates {
		s.ClientCertPEM += string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return nil
}

// clientKey is the private key that the request brings, in its own field or behind the
// certificate; zero when it brings none.
func (in *connectionInput) clientKey() (vault.Secret, error) {
	switch {
	case in.TLS == nil:
		return vault.Secret{}, nil
	case in.TLS.ClientKeyPEM != nil && strings.TrimSpace(*in.TLS.ClientKeyPEM) != "":
		if n := len(*in.TLS.ClientKeyPEM); n > maxKeyPEM {
			return vault.Secret{}, reply.TooLong("tls."+dial.ClientKeyField, n, maxKeyPEM)
		}
		return vault.NewSecret(strings.TrimSpace(*in.TLS.ClientKeyPEM)), nil
	case in.TLS.ClientCertPEM != nil && strings.Contains(*in.TLS.ClientCertPEM, aKeyInPEM):
		return vault.NewSecret(strings.TrimSpace(*in.TLS.ClientCertPEM)), nil
	}
	return vault.Secret{}, nil
}

// changeClientKey adds the fate of the saved key to c: a new one replaces it, it stays
// with a certificate of the same key, and it is deleted with the certificate.
func (c *change) changeClientKey(in *connectionInput, s, saved *bridge.Service) error {
	c.keep = slices.DeleteFunc(c.keep, func(name string) bool { return name == dial.ClientKeyField })
	key, err := in.clientKey()
	if err != nil {
		return err
	}
	_, kept := saved.Secrets[dial.ClientKeyField]
	if key.IsZero() && kept && dial.SameKey(s.ClientCertPEM, saved.ClientCertPEM) {
		c.keep = append(c.keep, dial.ClientKeyField)
		return nil
	}
	if err := dial.CheckClientCertificate(s.ClientCertPEM, key); err != nil {
		return err
	}
	if !key.IsZero() {
		c.secrets[dial.ClientKeyField] = key
	}
	return nil
}

// useClientCertificate puts the certificate of s into a dial, with the key that the
// request brings, or else the one that is kept. Without TLS nobody asks for it.
func useClientCertificate(in *connectionInput, s *bridge.Service, kept vault.Secret, to *dial.Request) error {
	key, err := in.clientKey()
	if err != nil {
		return err
	}
	if key.IsZero() && s.ClientCertPEM != "" {
		key = kept
	}
	if err := dial.CheckClientCertificate(s.ClientCertPEM, key); err != nil || to.URL.Scheme != "wss" {
		return err
	}
	to.ClientCertPEM, to.ClientKey = s.ClientCertPEM, key
	return nil
}

// tlsOf is the TLS part of a service as the API shows it.
func tlsOf(ctx context.Context, s *bridge.Service) tlsJSON {
	out := tlsJSON{CAPEM: s.CAPEM, SkipVerify: s.SkipVerify, ClientCertPEM: s.ClientCertPEM}
	if certificates, err := dial.ParseClientCertificates(s.ClientCertPEM); err == nil {
		own := certificates[0]
		sum := sha256.Sum256(own.Raw)
		out.ClientCertificate = &clientCertificateJSON{
			Subject: own.Subject.String(), Issuer: own.Issuer.String(), Fingerprint: hex.EncodeToString(sum[:]),
			NotBeforeUS: wire.Micros(own.NotBefore), NotAfterUS: wire.Micros(own.NotAfter),
		}
	}
	if info, kept := s.Secrets[dial.ClientKeyField]; kept {
		person := identity.Of(ctx)
		shown := secretOf(&person, info, s.ClientKeyUsable(info))
		out.ClientKey = &shown
	}
	return out
}
