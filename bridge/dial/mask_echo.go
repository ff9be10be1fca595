package dial

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escapes holds the bytes that begin an escaped character.
const escapes = "+%\\&"

// needle is one encoding of a secret. Each of its characters may also be escaped for an
// address, JSON or HTML, as the peer's encoder likes.
type needle struct {
	text string
	hex  bool // letters match in either case
}

// match returns the end in s of the needle that begins at a position; 0 if there is none.
// Begun says that s ends within a needle. Each step is subtracted from work.
func (n needle) match(s string, at int, work *int) (end int, begun bool) {
	if !n.mayBegin(s[at]) {
		return 0, false
	}
	var now, then [4]int                        // it grows only where most characters are escapes
	ends, next := append(now[:0], at), then[:0] // a character may be read in more than one way
	for matched, r := range n.text {
		for _, from := range ends {
			next = n.spelled(next, s, from, r)
			begun = begun || matched >= shortestRedacted && isBroken(s[from:])
			*work--
		}
		if len(next) == 0 {
			return 0, begun
		}
		if len(next) > 1 {
			slices.Sort(next)
			next = slices.Compact(next)
		}
		ends, next = next, ends[:0]
	}
	return slices.Max(ends), false
}

// mayBegin rules out most positions by their first byte.
func (n needle) mayBegin(c byte) bool {
	first := n.text[0]
	return c == first || n.hex && lower(rune(c)) == rune(first) || strings.IndexByte(escapes, c) >= 0
}

// spelled appends to ends the ends of r in all its spellings.
func (n needle) spelled(ends []int, s string, at int, r rune) []int {
	if at >= len(s) {
		return ends
	}
	if got, size := utf8.DecodeRuneInString(s[at:]); got == r || n.hex && lower(got) == r {
		ends = append(ends, at+size)
	}
	switch s[at] {
	case '+':
		if r == ' ' {
			ends = append(ends, at+1)
		}
	case '%':
		ends = appendPercent(ends, s, at, r)
	case '\\':
		ends = appendFound(ends, at, escape(s[at:], r))
	case '&':
		ends = appendFound(ends, at, entity(s[at:], r))
	}
	return ends
}

func appendFound(ends []int, at, length int) []int {
	if length == 0 {
		return ends
	}
	return append(ends, at+length)
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'F' {
		return r + 'a' - 'A'
	}
	return r
}

// percentSigns lists the spellings of "%" in a percent-encoded byte: a parameter such as
// "?back=..." holds an address that is encoded once more.
var percentSigns = [...]string{"%", "%25", "%2525"}

// longestEscape is the length of a character of four bytes with the longest of them.
const longestEscape = 4 * (len("%2525") + 2)

// isBroken reports whether text is the beginning of an escape, or nothing.
func isBroken(text string) bool {
	return text == "" || len(text) < longestEscape && strings.IndexByte("%\\&", text[0]) >= 0
}

// appendPercent appends to ends the ends of r when it is percent-encoded, once or more.
func appendPercent(ends []int, s string, at int, r rune) []int {
	for _, sign := range percentSigns {
		ends = appendFound(ends, at, percent(s[at:], r, sign))
		if r == ' ' { // a plus in the inner address
			ends = appendFound(ends, at, percent(s[at:], '+', sign))
		}
	}
	return ends
}

// percent returns the length of the percent-encoded r (RFC 3986 section 2.1) at the beginning
// of s, with sign before each byte; 0 if it is not there.
func percent(s string, r rune, sign string) int {
	rest := s
	for _, b := range utf8.AppendRune(nil, r) {
		digits, found := strings.CutPrefix(rest, sign)
		if !found || len(digits) < 2 || !isHex(digits[:2], uint64(b)) {
			return 0
		}
		rest = digits[2:]
	}
	return len(s) - len(rest)
}

// escape is percent for the escapes of JSON, RFC 8259 section 7.
func escape(s string, r rune) int {
	if i := strings.IndexRune("\"\\/'\b\f\n\r\t", r); i >= 0 && len(s) >= 2 && s[1] == `"\/'bfnrt`[i] {
		return 2
	}
	units := utf16.AppendRune(nil, r)
	for i, unit := range units {
		if len(s) < 6*i+6 || s[6*i] != '\\' || s[6*i+1] != 'u' || !isHex(s[6*i+2:6*i+6], uint64(unit)) {
			return 0
		}
	}
	return 6 * len(units)
}

// entity is percent for the character references of HTML.
func entity(s string, r rune) int {
	name, _, found := strings.Cut(s[1:min(len(s), 12)], ";")
	if !found {
		return 0
	}
	length := len(name) + 2
	if number, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex := strings.TrimLeft(number, "xX"); hex != number {
			number, base = hex, 16
		}
		if n, err := strconv.ParseUint(number, base, 32); err == nil && n == uint64(r) { //nolint:gosec // a rune of a text
			return length
		}
		return 0
	}
	if named := map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}; r != 0 && named[name] == r {
		return length
	}
	return 0
}

func isHex(digits string, want uint64) bool {
	n, err := strconv.ParseUint(digits, 16, 32)
	return err == nil && n == want
}
