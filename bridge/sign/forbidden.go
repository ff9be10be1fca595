package sign

import (
	"slices"
	"strings"
)

// IsForbidden reports whether a header may be set neither by a person nor by a
// credential: it frames the request (RFC 9110 section 7.6.1, RFC 9112 section 6),
// belongs to the handshake (RFC 6455 section 11.3), or makes a peer believe in
// another sender. The rule holds in any case, and for the spellings that some
// servers read as the same name: those that turn headers into variables (RFC 3875
// section 4.1.18) read "X_Forwarded_For" and "X!Forwarded.For" as X-Forwarded-For.
func IsForbidden(name string) bool {
	name = strings.Map(hyphenated, strings.ToLower(name))
	return slices.Contains([]string{
		"connection", "upgrade", "keep-alive", "te", "trailer", "transfer-encoding", "content-length",
		"expect", "host", "forwarded", "http2-settings",
	}, name) || slices.ContainsFunc([]string{
		"proxy-", "sec-websocket-", "x-forwarded-", "x-duplex-",
	}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// hyphenated replaces a character that is neither a letter nor a digit by a hyphen.
func hyphenated(r rune) rune {
	if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
		return r
	}
	return '-'
}
