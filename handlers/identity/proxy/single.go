package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"duplex/handlers/identity/principal"
)

// CheckSingle refuses a request with two values for one of the names, or with a name that
// some servers read as one of them: the value that the proxy wrote could not be told
// apart from a stranger's.
func CheckSingle(h http.Header, names []string) error {
	for name, values := range h {
		for _, own := range names {
			switch same := strings.EqualFold(name, own); {
			case same && len(values) > 1:
				return principal.Refuse(principal.RefusedAmbiguous, fmt.Errorf("%s came %d times", own, len(values)))
			case !same && foldName(name) == foldName(own):
				return principal.Refuse(principal.RefusedAmbiguous, fmt.Errorf("%q is another spelling of %s", name, own))
			}
		}
	}
	return nil
}

// TakeHeaders removes the names from h and returns their values.
func TakeHeaders(h http.Header, names []string) map[string]string {
	values := map[string]string{}
	for name, list := range h {
		for _, own := range names {
			if strings.EqualFold(name, own) && len(list) > 0 {
				values[own] = strings.TrimSpace(list[0])
				delete(h, name)
			}
		}
	}
	return values
}

// IsForwarding reports whether a header shows that a proxy forwarded the request. Some
// servers read "X_Forwarded_For" and "X.Forwarded.For" as X-Forwarded-For, so some proxies
// write them.
func IsForwarding(name string) bool {
	name = foldName(name)
	return strings.HasPrefix(name, "x-forwarded-") || slices.Contains([]string{"forwarded", "x-real-ip", "via"}, name)
}

// foldName maps spellings of a header name that servers confuse to one: CGI and its successors
// turn every character that is neither letter nor digit into "_".
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
}
