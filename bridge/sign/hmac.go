package sign

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/vault"
)

// sdkDateFormat is the format of X-Sdk-Date, in UTC.
const sdkDateFormat = "20060102T150405Z"

// emptyHash is the SHA-256 of an empty body, which every handshake has.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// HMAC signs requests the way Huawei Cloud's API gateway checks them, by
// SDK-HMAC-SHA256 or V11-HMAC-SHA256.
//
// Sources: the guide "API request signing" for the former; the published SDKs
// (derived signer) for the latter, which has no page of its own.
type HMAC struct {
	Algorithm string // SDKHMACSHA256 or V11HMACSHA256
	Access    string // the access key, or the AppKey
	Secret    vault.Secret
	Region    string // of V11 only
	Service   string // of V11 only
}

// Signature is a signature with the steps that led to it, in the words of the
// guide. A gateway that refuses one answers with the canonical request it built;
// comparing the two shows the difference.
type Signature struct {
	CanonicalRequest string
	StringToSign     string
	SignedHeaders    string // "host;x-sdk-date"
	Authorization    string // the value of the header
}

// Sign signs a request without a body. It signs every header in h, with names in any
// case, except names with "_". h must hold X-Sdk-Date, and Host when Host is to be
// signed. The scheme of u is not signed.
func (s HMAC) Sign(method string, u *url.URL, h http.Header) (Signature, error) {
	date := lookup(h, "X-Sdk-Date")
	if _, err := time.Parse(sdkDateFormat, date); err != nil {
		return Signature{}, fmt.Errorf("sign: X-Sdk-Date: %w", err)
	}
	query, err := canonicalQuery(u.RawQuery)
	if err != nil {
		return Signature{}, fmt.Errorf("sign: %w", err)
	}
	block, names := canonicalHeaders(h)
	request := strings.Join([]string{method, canonicalPath(u), query, block, names, bodyHash(h)}, "\n")
	return s.seal(Signature{CanonicalRequest: request, SignedHeaders: names}, date)
}

// seal adds the string to sign and the header to a signature.
func (s HMAC) seal(out Signature, date string) (Signature, error) {
	sum := sha256.Sum256([]byte(out.CanonicalRequest))
	hash := hex.EncodeToString(sum[:])
	key, holder := s.Secret.Reveal(), "Access="+s.Access
	out.StringToSign = s.Algorithm + "\n" + date + "\n" + hash
	if s.Algorithm == V11HMACSHA256 {
		scope := date[:len("20060102")] + "/" + s.Region + "/" + s.Service
		derived, err := hkdf.Key(sha256.New, []byte(key), []byte(s.Access), scope, sha256.Size)
		if err != nil {
			return Signature{}, fmt.Errorf("sign: derive key: %w", err)
		}
		// The key is the hex text, not the decoded bytes.
		key, holder = hex.EncodeToString(derived), "Credential="+s.Access+"/"+scope
		out.StringToSign = s.Algorithm + "\n" + date + "\n" + scope + "\n" + hash
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(out.StringToSign))
	out.Authorization = s.Algorithm + " " + holder + ", SignedHeaders=" + out.SignedHeaders +
		", Signature=" + hex.EncodeToString(mac.Sum(nil))
	return out, nil
}

// bodyHash returns X-Sdk-Content-Sha256 when it is sent ("UNSIGNED-PAYLOAD"), otherwise
// the hash of an empty body.
func bodyHash(h http.Header) string {
	if hash := lookup(h, "X-Sdk-Content-Sha256"); hash != "" {
		return hash
	}
	return emptyHash
}

// lookup finds a header by its name in any case.
func lookup(h http.Header, name string) string {
	for key, values := range h {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return strings.TrimSpace(values[0])
		}
	}
	return ""
}
