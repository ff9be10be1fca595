package dial

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"strings"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// ClientKeyField names the private key of a client certificate among the secrets: in the
// vault, in the audit log, and in the API as "tls.client_key_pem".
const ClientKeyField = "client_key_pem"

// ClientCertificateError is the reason that a client certificate or its key cannot be
// used. It holds no part of them.
type ClientCertificateError struct {
	Field  string // "tls.client_cert_pem" or "tls.client_key_pem"
	Reason Reason
}

// Error implements error.
func (e *ClientCertificateError) Error() string { return e.Field + ": " + string(e.Reason) }

func badCertificate(reason Reason) error {
	return &ClientCertificateError{"tls.client_cert_pem", reason}
}

func badKey(reason Reason) error { return &ClientCertificateError{"tls." + ClientKeyField, reason} }

// ParseClientCertificates reads a certificate and its chain in PEM. It returns at least one
// certificate, or a *ClientCertificateError.
func ParseClientCertificates(text string) ([]*x509.Certificate, error) {
	certificates := parseCertificates(text)
	if len(certificates) == 0 {
		return nil, badCertificate(ReasonBadCertificate)
	}
	return certificates, nil
}

// parseCertificates reads the certificates of a PEM text. It returns none if one of them
// cannot be read.
func parseCertificates(text string) (out []*x509.Certificate) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return out
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil
		}
		out = append(out, certificate)
	}
}

// CheckClientCertificate checks that a certificate in PEM and a private key in PEM (PKCS #8,
// PKCS #1 or SEC 1) belong together. Both may be empty. The error is a
// *ClientCertificateError.
func CheckClientCertificate(certificate string, key vault.Secret) error {
	_, err := parseClientCertificate(certificate, key)
	return err
}

// parseClientCertificate returns nil when both are empty.
func parseClientCertificate(certificate string, key vault.Secret) (*tls.Certificate, error) {
	switch {
	case certificate == "" && key.IsZero():
		return nil, nil //nolint:nilnil // there is no client certificate
	case certificate == "":
		return nil, badCertificate(ReasonNoCertificate)
	}
	chain, err := ParseClientCertificates(certificate)
	if err != nil {
		return nil, err
	}
	if key.IsZero() {
		return nil, badKey(ReasonNoKey)
	}
	private, err := parseKey(key.Reveal())
	if err != nil {
		return nil, err
	}
	if !samePublicKey(chain[0].PublicKey, private.Public()) {
		return nil, badKey(ReasonOtherKey)
	}
	out := &tls.Certificate{PrivateKey: private, Leaf: chain[0]}
	for _, c := range chain {
		out.Certificate = append(out.Certificate, c.Raw)
	}
	return out, nil
}

// parseKey reads the first private key of a PEM text.
func parseKey(text string) (crypto.Signer, error) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, badKey(ReasonBadKey)
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return nil, badKey(ReasonEncryptedKey)
		}
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue // openssl writes the parameters of a curve before the key
		}
		if key := parseKeyBytes(block.Bytes); key != nil {
			return key, nil
		}
		return nil, badKey(ReasonBadKey)
	}
}

func parseKeyBytes(der []byte) crypto.Signer {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		signer, _ := key.(crypto.Signer)
		return signer
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key
	}
	return nil
}

// SameKey reports whether two certificates in PEM have the same key, as a renewed one may
// have.
func SameKey(a, b string) bool {
	first, second := parseCertificates(a), parseCertificates(b)
	return len(first) > 0 && len(second) > 0 && samePublicKey(first[0].PublicKey, second[0].PublicKey)
}

func samePublicKey(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}

// checkClientKey checks that a stored client key may be used for the host of the request. The
// key is never sent, but it authenticates us, so its binding holds too.
func (r *Request) checkClientKey() error {
	b, bound := r.ClientKey.Binding()
	if !bound || r.URL.Scheme != "wss" { // without TLS it is not used
		return nil
	}
	if err := checkBinding(r.URL, sign.Credential{}, b, r.SkipVerify); err != nil {
		err.Field, err.Owner = ClientKeyField, b.Owner
		return err
	}
	if r.OtherCA {
		return &BoundError{Field: ClientKeyField, Targets: Shown(b), Refused: originOf(r.URL), Owner: b.Owner, OtherCA: true}
	}
	return nil
}
