package identity

import (
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how long a value that names somebody may be, in bytes; groups may be
// maxGroups long, and a token maxToken.
const (
	maxText   = 1 << 10
	maxGroups = 16 << 10
	maxToken  = 32 << 10
)

// single are the headers that a mode reads: each may come once, under its own name.
type single []string

// check refuses a request on which one of them comes twice, or under a spelling
// that some servers read as the same name: which of two values the proxy wrote
// could not be told.
func (s single) check(h http.Header) error {
	for name, values := range h {
		for _, own := range s {
			switch same := strings.EqualFold(name, own); {
			case same && len(values) > 1:
				return refuse(RefusedAmbiguous, fmt.Errorf("%s came %d times", own, len(values)))
			case !same && folded(name) == folded(own):
				return refuse(RefusedAmbiguous, fmt.Errorf("%q is another spelling of %s", name, own))
			}
		}
	}
	return nil
}

// take removes the headers, and returns their values by name.
func (s single) take(h http.Header) map[string]string {
	values := map[string]string{}
	for name, list := range h {
		for _, own := range s {
			if strings.EqualFold(name, own) && len(list) > 0 {
				values[own] = strings.TrimSpace(list[0])
				delete(h, name)
			}
		}
	}
	return values
}

// folded is a name without what servers fold into one another: CGI and its
// successors make "_" of every character that is neither letter nor digit.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
}

// plain reports whether a value can name somebody: not two values that a proxy has
// joined, and nothing that does not show.
func plain(value string) bool {
	return len(value) <= maxText && !strings.Contains(value, ",") && printable(value)
}

func printable(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
}

// absent are the ways in which proxies say that they know nobody; "(null)" is
// Apache's.
func absent(value string) bool { return value == "" || value == "(null)" }
