package connection

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/vault"
	"duplex/handlers/reply"
)

// maxKeyPEM bounds a private key in PEM, in bytes.
const maxKeyPEM = 64 << 10

// aKeyInPEM is in every private key in PEM, whatever its kind.
const aKeyInPEM = "PRIVATE KEY-----"

// clientCertificate puts the certificate of the request into s: the certificates of the
// text and nothing else of it, since files of certificates often hold the key too, which
// is a secret.
func (in *Input) clientCertificate(s *bridge.Service) error {
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
func (in *Input) clientKey() (vault.Secret, error) {
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
func (c *Change) changeClientKey(in *Input, s, saved *bridge.Service) error {
	c.Keep = slices.DeleteFunc(c.Keep, func(name string) bool { return name == dial.ClientKeyField })
	key, err := in.clientKey()
	if err != nil {
		return err
	}
	_, kept := saved.Secrets[dial.ClientKeyField]
	if key.IsZero() && kept && dial.SameKey(s.ClientCertPEM, saved.ClientCertPEM) {
		c.Keep = append(c.Keep, dial.ClientKeyField)
		return nil
	}
	if err := dial.CheckClientCertificate(s.ClientCertPEM, key); err != nil {
		return err
	}
	if !key.IsZero() {
		c.Secrets[dial.ClientKeyField] = key
	}
	return nil
}

// UseClientCertificate puts the certificate of s into a dial, with the key that the
// request brings, or else the one that is kept. Without TLS nobody asks for it.
func UseClientCertificate(in *Input, s *bridge.Service, kept vault.Secret, to *dial.Request) error {
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

func (in *Input) tls(s *bridge.Service) error {
	if in.TLS == nil {
		return nil
	}
	if in.TLS.SkipVerify != nil {
		s.SkipVerify = *in.TLS.SkipVerify
	}
	if in.TLS.CAPEM == nil {
		return nil
	}
	pem := strings.TrimSpace(*in.TLS.CAPEM)
	if len(pem) > maxCAPEM {
		return reply.TooLong("tls.ca_pem", len(pem), maxCAPEM)
	}
	// A key would be kept and shown in plain.
	if pem != "" && (strings.Contains(pem, "\x00") || strings.Contains(pem, aKeyInPEM) || !x509.NewCertPool().AppendCertsFromPEM([]byte(pem))) {
		return reply.Bad(reply.CodeBadValue, "tls.ca_pem")
	}
	s.CAPEM = pem
	return nil
}
