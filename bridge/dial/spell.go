package dial

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Bytes that a request target may not hold (RFC 9112 section 3.2, RFC 3986 appendix A) and
// browsers percent-encode: in a path those of RFC 3986; in a query the backslash and those of
// the URL Standard's query set, which servers expect. Control characters, spaces and
// characters outside ASCII are encoded in both.
const (
	oddInPath  = "\"<>\\^`{|}"
	oddInQuery = "\"<>\\"
)

// EscapePath percent-encodes the bytes that a path may not hold, and keeps all others: "%2F"
// stays "%2F", and a "%" that begins no escape stays too.
func EscapePath(path string) string { return escapeOdd(path, oddInPath) }

// EscapeQuery is EscapePath for a query.
func EscapeQuery(query string) string { return escapeOdd(query, oddInQuery) }

func escapeOdd(s, odd string) string {
	isOdd := func(c byte) bool { return c <= ' ' || c >= 0x7f || strings.IndexByte(odd, c) >= 0 }
	var b strings.Builder
	for i := range len(s) {
		if isOdd(s[i]) {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// EscapeText percent-encodes a name or a value of a query. A space becomes "%20": every
// server reads that, and not all read "+".
func EscapeText(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// hasBrokenPercent reports whether a "%" is not followed by two hex digits.
func hasBrokenPercent(path string) bool {
	_, err := url.PathUnescape(path)
	return err != nil
}

// PlainText decodes a name or a value of a query: "+" is a space and "%41" an A. Text
// that is malformed or not UTF-8 is returned as it is.
func PlainText(spelled string) string {
	plain, err := url.QueryUnescape(spelled)
	if err != nil || !utf8.ValidString(plain) {
		return spelled
	}
	return plain
}

// queryPairs splits a query into pairs, at ";" too as some peers do.
func queryPairs(query string) []Pair {
	var out []Pair
	for piece := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(piece, "=")
		out = append(out, Pair{PlainText(name), PlainText(value)})
	}
	return out
}
