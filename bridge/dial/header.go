package dial

import (
	"fmt"
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
