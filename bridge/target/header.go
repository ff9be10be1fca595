package target

import (
	"fmt"

	"golang.org/x/net/http/httpguts"

	"duplex/bridge/sign"
)

// Limits of the headers that a person sets. A credential is not bound by them: an
// IAM token alone may have 32 KiB.
const (
	MaxHeaders    = 64
	MaxHeaderSize = 8 << 10 // bytes of name and value together
)

// The reasons of a HeaderError.
const (
	ReasonForbidden = "forbidden" // belongs to the connection, not to a person
	ReasonBadName   = "bad_name"
	ReasonBadValue  = "bad_value"
	ReasonTooLong   = "too_long"
	ReasonTooMany   = "too_many" // Name is ""
)

// HeaderError says why a header cannot be sent.
type HeaderError struct{ Name, Reason string }

// Error implements error. The value is not in it.
func (e *HeaderError) Error() string { return fmt.Sprintf("header %q: %s", e.Name, e.Reason) }

// CheckHeaders checks each header and their number. Errors are *HeaderError.
func CheckHeaders(headers []Pair) error {
	if len(headers) > MaxHeaders {
		return &HeaderError{Reason: ReasonTooMany}
	}
	for _, header := range headers {
		if err := CheckHeader(header); err != nil {
			return err
		}
	}
	return nil
}

// CheckHeader checks a header that a person wants to send with the handshake. The
// error is a *HeaderError.
func CheckHeader(p Pair) error {
	switch {
	case !httpguts.ValidHeaderFieldName(p.Name):
		return &HeaderError{p.Name, ReasonBadName}
	case sign.IsForbidden(p.Name):
		return &HeaderError{p.Name, ReasonForbidden}
	case !httpguts.ValidHeaderFieldValue(p.Value):
		return &HeaderError{p.Name, ReasonBadValue}
	case len(p.Name)+len(p.Value) > MaxHeaderSize:
		return &HeaderError{p.Name, ReasonTooLong}
	}
	return nil
}
