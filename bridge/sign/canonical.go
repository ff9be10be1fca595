package sign

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The canonical forms of Huawei Cloud's API gateway (APIG), from its guide "API
// request signing", algorithm page, and its SDK's signer where the guide is silent.

// canonicalPath returns the path as it is signed: decoded, every segment encoded,
// and with a slash at the end, which the request itself may lack.
func canonicalPath(u *url.URL) string {
	segments := strings.Split(u.Path, "/")
	for i, segment := range segments {
		segments[i] = escape(segment)
	}
	path := strings.Join(segments, "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// canonicalQuery returns the query as it is signed: decoded, sorted by the bytes of
// name and value, encoded, and always with "=". A "+" is a blank, as everywhere in
// queries. A raw ";" and a broken "%" are errors.
func canonicalQuery(rawQuery string) (string, error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return "", fmt.Errorf("parse query: %w", err)
	}
	var pairs [][2]string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	encoded := make([]string, len(pairs))
	for i, pair := range pairs {
		encoded[i] = escape(pair[0]) + "=" + escape(pair[1])
	}
	return strings.Join(encoded, "&"), nil
}

// canonicalHeaders returns the block of header lines, each with its newline, and
// the names joined by ";". Names with "_" are not signed: gateways drop them.
func canonicalHeaders(h http.Header) (block, names string) {
	values := map[string][]string{}
	for name, lines := range h {
		if !strings.Contains(name, "_") {
			lower := strings.ToLower(name)
			values[lower] = append(values[lower], lines...)
		}
	}
	var text strings.Builder
	var signed []string
	for name := range values {
		signed = append(signed, name)
	}
	slices.Sort(signed)
	for _, name := range signed {
		slices.Sort(values[name])
		for _, value := range values[name] {
			text.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
		}
	}
	return text.String(), strings.Join(signed, ";")
}

// escape percent-encodes every byte but the unreserved ones of RFC 3986 section
// 2.3, in upper case. A blank is %20.
func escape(s string) string {
	// QueryEscape differs in the blank alone: a plus sign is %2B already.
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// unambiguous refuses an address that gateways normalise, each in its own way, before
// they check the signature: they would check another address than the signed one.
func unambiguous(u *url.URL) error {
	escaped := strings.ToUpper(u.EscapedPath())
	if strings.Contains(escaped, "//") || strings.Contains(escaped, "%2F") {
		return &FieldError{Field: "address", Code: CodePathAmbiguous}
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return &FieldError{Field: "address", Code: CodePathAmbiguous}
		}
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return &FieldError{Field: "address", Code: CodeQueryAmbiguous}
	}
	return nil
}
