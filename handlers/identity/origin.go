package identity

import (
	"errors"
	"net/url"
	"strings"
)

// ParseOrigin reads the origin of a web page as a person writes it and returns it as
// browsers send it (RFC 6454 section 6.2): "https://app.example", in small letters and
// without the default port. Wildcards, paths and "null" are refused.
func ParseOrigin(raw string) (string, error) {
	wrong := errors.New("want an exact origin, such as https://app.example")
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", wrong
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(raw, "#") {
		return "", wrong
	}
	if strings.HasSuffix(u.Host, ":") || strings.ContainsFunc(u.Hostname(), notInHost) {
		return "", wrong
	}
	return OriginOf(u), nil
}

// OriginOf returns the origin of an address as browsers send it.
func OriginOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}

// notInHost reports characters that no host name or address has. Browsers send names
// outside ASCII as xn--.
func notInHost(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]", r)
}
