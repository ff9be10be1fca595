package dial

import (
	"fmt"
	"strings"

	"golang.org/x/net/http/httpguts"

	"duplex/bridge/sign"
)

// Limits of the headers that a person sets, from API gateway. Credentials do not count.
const (
	MaxHeaders    = 64
	MaxHeaderSize = 32 << 10  // bytes of name and value together
	MaxHeaderSum  = 128 << 10 // bytes of all names and values together
)

// HeaderReason is the code of a HeaderError.
type HeaderReason string

// The reasons of a HeaderError.
const (
	ReasonForbidden   HeaderReason = "forbidden"   // the connection sets it
	ReasonHostHeader  HeaderReason = "host_header" // follows from the address
	ReasonSubprotocol HeaderReason = "subprotocol" // has a field of its own
	ReasonBadName     HeaderReason = "bad_name"
	ReasonBadValue    HeaderReason = "bad_value"
	ReasonTooLong     HeaderReason = "too_long"
	ReasonTooMany     HeaderReason = "too_many"  // Name is ""
	ReasonTooLarge    HeaderReason = "too_large" // all headers together; Name is ""
)

// HeaderReasons returns every HeaderReason.
func HeaderReasons() []HeaderReason {
	return []HeaderReason{
		ReasonForbidden, ReasonHostHeader, ReasonSubprotocol, ReasonBadName, ReasonBadValue, ReasonTooLong, ReasonTooMany, ReasonTooLarge,
	}
}

// HeaderError is the refusal to send a header. Size and Limit are set for the reasons
// that compare them: bytes, or headers for ReasonTooMany.
type HeaderError struct {
	Name        string
	Reason      HeaderReason
	Size, Limit int
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
