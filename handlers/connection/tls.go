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

// aKeyInPEM is contained in every private key in PEM, of any kind.
const aKeyInPEM = "PRIVATE KEY-----"

// readClientCertificate sets the client certificate of s. It takes only the certificates from
// the text, because such files often hold the private key too.
func (in *Input) readClientCertificate(s *bridge.Service) error {
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

// readClientKey returns the private key of the request, from its own field or from the text
// of the certificate; zero without one.
func (in *Input) readClientKey() (vault.Secret, error) {
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

// changeClientKey adds the client key to c: a new key replaces the saved one, which stays
// with a certificate of the same key, and is deleted with the certificate.
func (c *Change) changeClientKey(in *Input, s, saved *bridge.Service) error {
	c.Keep = slices.DeleteFunc(c.Keep, func(name string) bool { return name == dial.ClientKeyField })
	key, err := in.readClientKey()
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

// UseClientCertificate adds the client certificate of s to a dial, with the key of the
// request or else the saved one. It does nothing for a target without TLS.
func UseClientCertificate(in *Input, s *bridge.Service, kept vault.Secret, to *dial.Request) error {
	key, err := in.readClientKey()
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

func (in *Input) readTLS(s *bridge.Service) error {
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
