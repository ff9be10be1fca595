package target

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"duplex/bridge/sign"
)

// Limits of the headers that a person sets, those of API gateway. A credential is
// measured apart.
const (
	MaxHeaders    = 64
	MaxHeaderSize = 32 << 10  // bytes of name and value together
	MaxHeaderSum  = 128 << 10 // bytes of all names and values together
)

// The reasons of a HeaderError.
const (
	ReasonForbidden   = "forbidden"   // belongs to the connection, not to a person
	ReasonHostHeader  = "host_header" // follows the address
	ReasonSubprotocol = "subprotocol" // has a field of its own
	ReasonBadName     = "bad_name"
	ReasonBadValue    = "bad_value"
	ReasonTooLong     = "too_long"
	ReasonTooMany     = "too_many"  // Name is ""
	ReasonTooLarge    = "too_large" // all together; Name is ""
)

// HeaderError says why a header cannot be sent.
type HeaderError struct {
	Name, Reason string
	Size, Limit  int // of what is too long, too large or too many
}

// Error implements error. The value is not in it.
func (e *HeaderError) Error() string { return fmt.Sprintf("header %q: %s", e.Name, e.Reason) }

// CheckHeaders checks each header, their number and their size. Errors are
// *HeaderError.
func CheckHeaders(headers []Pair) error {
	if len(headers) > MaxHeaders {
		return &HeaderError{Reason: ReasonTooMany, Size: len(headers), Limit: MaxHeaders}
	}
	sum := 0
	for _, header := range headers {
		if err := CheckHeader(header); err != nil {
			return err
		}
		sum += len(header.Name) + len(header.Value)
	}
	if sum > MaxHeaderSum {
		return &HeaderError{Reason: ReasonTooLarge, Size: sum, Limit: MaxHeaderSum}
	}
	return nil
}

// CheckHeader checks a header that a person wants to send with the handshake. The
// error is a *HeaderError.
func CheckHeader(p Pair) error {
	size := len(p.Name) + len(p.Value)
	switch {
	case !httpguts.ValidHeaderFieldName(p.Name):
		return &HeaderError{Name: p.Name, Reason: ReasonBadName}
	case strings.EqualFold(p.Name, "Host"):
		return &HeaderError{Name: p.Name, Reason: ReasonHostHeader}
	case strings.EqualFold(p.Name, "Sec-WebSocket-Protocol"):
		return &HeaderError{Name: p.Name, Reason: ReasonSubprotocol}
	case sign.IsForbidden(p.Name):
		return &HeaderError{Name: p.Name, Reason: ReasonForbidden}
	case !httpguts.ValidHeaderFieldValue(p.Value):
		return &HeaderError{Name: p.Name, Reason: ReasonBadValue}
	case size > MaxHeaderSize:
		return &HeaderError{Name: p.Name, Reason: ReasonTooLong, Size: size, Limit: MaxHeaderSize}
	}
	return nil
}

// headerOf returns the headers that a person set, every name in that spelling. One
// header in two spellings is one header with two lines, under the first: net/http
// would sort them apart.
func headerOf(pairs []Pair) http.Header {
	header, spelled := http.Header{}, map[string]string{}
	for _, pair := range pairs {
		key := http.CanonicalHeaderKey(pair.Name)
		if spelled[key] == "" {
			spelled[key] = pair.Name
		}
		header[spelled[key]] = append(header[spelled[key]], pair.Value)
	}
	return header
}

// setUserAgent says "duplex" where neither a person nor a credential set another
// User-Agent. Beside one in another spelling net/http would send its own, unless the
// canonical one is there and empty.
func setUserAgent(header http.Header) {
	const name = "User-Agent"
	if _, found := header[name]; found {
		return
	}
	header[name] = []string{"duplex"}
	for spelled := range header {
		if spelled != name && strings.EqualFold(spelled, name) {
			header[name] = []string{""}
		}
	}
}

// handshakeNames is how RFC 6455 spells the headers of the handshake. Their names are
// case-insensitive, and some servers know this spelling only.
var handshakeNames = map[string]string{
	"Sec-Websocket-Key":        "Sec-WebSocket-Key",
	"Sec-Websocket-Version":    "Sec-WebSocket-Version",
	"Sec-Websocket-Protocol":   "Sec-WebSocket-Protocol",
	"Sec-Websocket-Extensions": "Sec-WebSocket-Extensions",
}

// handshakeSpeller spells the headers of the handshake, which http.Header.Set has put
// into Go's canonical spelling.
type handshakeSpeller struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t handshakeSpeller) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for canonical, spelled := range handshakeNames {
		if values, found := r.Header[canonical]; found {
			delete(r.Header, canonical)
			r.Header[spelled] = values
		}
	}
	return t.next.RoundTrip(r)
}
