// Package origin parses web origins, compares them with a request's Host, and keeps
// redirects inside the console.
package origin

import (
	"errors"
	"net/url"
	"strings"
)

// Parse returns the origin of a web page as browsers send it (RFC 6454 section 6.2):
// "https://app.example", in lower case and without the default port. Wildcards, paths and
// "null" are refused.
func Parse(raw string) (string, error) {
	wrong := errors.New("want an exact origin, such as https://app.example")
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", wrong
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(raw, "#") {
		return "", wrong
	}
	if strings.HasSuffix(u.Host, ":") || strings.ContainsFunc(u.Hostname(), isForeignToHosts) {
		return "", wrong
	}
	return Of(u), nil
}

// Of returns the origin of an address as browsers send it.
func Of(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}

// isForeignToHosts reports characters that occur in no host name or address. Browsers send
// names outside ASCII as xn--.
func isForeignToHosts(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]", r)
}
