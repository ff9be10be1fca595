package dialect

import (
	"net/url"
	"path"
	"strings"
)

// Suits reports whether the dialect is suggested for an address: its host matches one of the
// hosts, and its path one of the paths, where any are given. Case matters in the path only.
func (r *Recognition) Suits(u *url.URL) bool {
	if len(r.Hosts) == 0 && len(r.Paths) == 0 {
		return false
	}
	return (len(r.Hosts) == 0 || matchesAny(r.Hosts, strings.ToLower(u.Hostname()))) && (len(r.Paths) == 0 || matchesAny(r.Paths, path.Join("/", u.Path)))
}

// matchesAny reports whether a text matches one of the patterns, in which "*" is any text.
func matchesAny(patterns []string, text string) bool {
	for _, pattern := range patterns {
		if matchesPattern(strings.Split(pattern, "*"), text) {
			return true
		}
	}
	return false
}

// matchesPattern reports whether a text has the parts in their order, the first at its
// beginning and the last at its end.
func matchesPattern(parts []string, text string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return true
}
