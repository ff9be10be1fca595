package sign

import (
	"net/http"
	"time"
)

// applyHuawei signs a handshake with an access key or an app key. It signs Host,
// X-Sdk-Date and the headers of the credential. It does not sign headers of the
// handshake or of people: a proxy may change those, and the gateway requires only the
// date.
func applyHuawei(h *Handshake, c Credential, now time.Time) (Applied, error) {
	if err := unambiguous(h.URL); err != nil {
		return Applied{}, err
	}
	query, err := canonicalQuery(h.URL.RawQuery)
	if err != nil {
		return Applied{}, err
	}
	headers := []header{{name: "X-Sdk-Date", value: now.UTC().Format(sdkDateFormat), open: true}}
	if project := c.plain("project_id"); project != "" {
		headers = append(headers, header{name: "X-Project-Id", value: project, open: true})
	}
	if token := c.secret("security_token"); token != "" {
		headers = append(headers, header{name: "X-Security-Token", value: token})
	}
	signature, err := signerOf(c).Sign(http.MethodGet, h.URL, signedHeaders(h, headers))
	if err != nil {
		return Applied{}, err
	}
	applied, err := h.set(append(headers, header{name: "Authorization", value: signature.Authorization})...)
	if err != nil {
		return Applied{}, err
	}
	h.URL.RawQuery = query
	return applied, nil
}

// signedHeaders returns the headers to sign: Host and headers.
func signedHeaders(h *Handshake, headers []header) http.Header {
	signed := http.Header{"Host": {h.hostHeader()}}
	for _, add := range headers {
		signed[add.name] = []string{add.value}
	}
	return signed
}

func signerOf(c Credential) HMAC {
	s := HMAC{
		Algorithm: c.plain("algorithm"),
		Access:    c.plain("access_key"),
		Secret:    c.Secrets["secret_key"],
		Region:    c.plain("region"),
		Service:   c.plain("service"),
	}
	if c.Kind == KindAppSignature {
		s.Access, s.Secret = c.plain("app_key"), c.Secrets["app_secret"]
	}
	return s
}
