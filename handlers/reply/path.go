package reply

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

// RawPath returns the path of a request as it was sent. EscapedPath encodes it again,
// with "%2F" as "/", where it holds a character that has to be escaped and is not.
func RawPath(u *url.URL) string { return cmp.Or(u.RawPath, u.EscapedPath()) }

// IsPlainPath reports whether every program reads the raw path in the same way. Behind
// "/relay/{service}/" the path is the target's own and may hold "%2F"; only segments that
// lead out of the service's path are refused there.
func IsPlainPath(raw string) bool {
	path, err := url.PathUnescape(raw)
	if err != nil || strings.Contains(raw, "//") || hasDotSegment(path) {
		return false
	}
	if parts := strings.SplitN(raw, "/", 4); len(parts) == 4 && parts[1] == "relay" {
		raw = parts[2]
		path, _ = url.PathUnescape(raw)
	}
	return !strings.Contains(strings.ToLower(raw), "%2f") && !strings.Contains(path, `\`) && utf8.ValidString(path) &&
		!strings.ContainsFunc(path, IsControl)
}

// hasDotSegment reports whether a decoded path holds "." or "..", between slashes of
// either kind. Servers that know parameters of a segment read "..;x" as "..".
func hasDotSegment(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if name, _, _ := strings.Cut(segment, ";"); name == "." || name == ".." {
			return true
		}
	}
	return false
}

// Param returns a parameter of the path, decoded. The router matches the escaped path
// where it differs, and then returns escaped parameters.
func Param(r *http.Request, name string) string {
	value := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return value
	}
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}

// FirstOrigin returns the address of the console for sentences; "" when it has none.
func FirstOrigin(origins []string) string {
	if len(origins) > 0 {
		return origins[0]
	}
	return ""
}
