package sign

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/vault"
)

// ErrNotExchanged is the error of Apply for KindIAMPassword: exchange the password for
// a token first, and apply the token as KindToken.
var ErrNotExchanged = errors.New("sign: an IAM password is exchanged for a token before it is applied")

// Applied names the headers and query parameters, as sent, that carry the credential
// and must not be shown. Show headers through Mask and the address through MaskQuery.
type Applied struct{ Headers, Query []string }

// Apply adds c to h. A signature is good for one dial: its date, now, must be within 15
// minutes of the gateway's clock. The Huawei and SigV4 kinds put the query into
// canonical order, so that the query is sent as it was signed.
//
// The error is a *FieldError (a field that Validate refuses, a header or parameter
// that is set by hand too, an address that cannot be signed) or ErrNotExchanged;
// then h is as it was.
func Apply(h *Handshake, c Credential, now time.Time) (Applied, error) {
	if err := c.Validate(); err != nil {
		return Applied{}, err
	}
	scheme, ok := SchemeOf(c.Kind)
	if !ok { // the zero Credential
		return Applied{}, nil
	}
	return scheme.apply(h, c, now)
}

// CheckConflict reports a header or parameter of h that c would set too. It is for saving
// a service: it needs no secrets and does not change h. The error is a *FieldError.
func CheckConflict(h *Handshake, c Credential) error {
	scheme, _ := SchemeOf(c.Kind)
	c.Secrets = map[string]vault.Secret{}
	for _, field := range scheme.Fields {
		if field.Secret && field.Required {
			c.Secrets[field.Name] = vault.NewSecret("stand-in")
		}
	}
	if c.Kind == KindIAMPassword {
		c = Credential{Kind: KindToken, Secrets: map[string]vault.Secret{"token": c.Secrets["password"]}}
	}
	u := *h.URL
	_, err := Apply(&Handshake{URL: &u, Host: h.Host, Header: h.Header.Clone()}, c, time.Time{})
	wrong, ok := errors.AsType[*FieldError](err)
	if ok && (wrong.Code == CodeHeaderConflict || wrong.Code == CodeQueryConflict) {
		return wrong
	}
	return nil // other errors have their own checks
}

// header is a header that a credential sets.
type header struct {
	name, value string
	open        bool // may be shown: it is no credential
}

// set adds headers under exactly these names: http.Header.Set would write
// X-Apig-Appcode for X-Apig-AppCode, and some gateways are said to mind.
func (h *Handshake) set(headers ...header) (Applied, error) {
	for _, add := range headers {
		switch {
		case IsForbidden(add.name):
			return Applied{}, &FieldError{Field: "name", Code: CodeHeaderForbidden, Header: add.name}
		case h.has(add.name):
			return Applied{}, &FieldError{Field: "headers", Code: CodeHeaderConflict, Header: add.name}
		}
	}
	if h.Header == nil {
		h.Header = http.Header{}
	}
	var applied Applied
	for _, add := range headers {
		h.Header[add.name] = []string{add.value}
		if !add.open {
			applied.Headers = append(applied.Headers, add.name)
		}
	}
	return applied, nil
}

func (h *Handshake) has(name string) bool {
	for existing := range h.Header {
		if strings.EqualFold(existing, name) {
			return true
		}
	}
	return false
}

// hostHeader is the Host that will be sent.
func (h *Handshake) hostHeader() string {
	if h.Host != "" {
		return h.Host
	}
	return h.URL.Host
}

// QueryNames returns the decoded names in a query, of broken pairs too.
func QueryNames(rawQuery string) []string {
	var names []string
	for pair := range strings.SplitSeq(rawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		names = append(names, name)
	}
	return names
}

func appendQuery(rawQuery, name, value string) string {
	pair := escape(name) + "=" + escape(value)
	if rawQuery == "" {
		return pair
	}
	return rawQuery + "&" + pair
}
