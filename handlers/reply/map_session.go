package reply

import (
	"context"
	"errors"
	"strconv"

	"duplex/bridge"
)

// mapSessionError maps errors of sessions; nil for others.
func mapSessionError(err error) *Error {
	if large, ok := errors.AsType[*bridge.TooLargeError](err); ok {
		return tooLarge(CodeMessageTooLarge, large.Limit)
	}
	if limit, ok := errors.AsType[*bridge.DialLimitError](err); ok {
		return mapDialLimit(limit)
	}
	if quota, ok := errors.AsType[*bridge.QuotaError](err); ok {
		return MapQuota(quota)
	}
	if _, ok := errors.AsType[*bridge.SendError](err); ok {
		return &Error{Code: CodeSendFailed}
	}
	switch {
	case errors.Is(err, bridge.ErrStoreAway): // first: it may wrap context.Canceled
		return &Error{Code: CodeStoreUnavailable}
	case errors.Is(err, bridge.ErrStoreFull):
		return &Error{Code: CodeStoreUnavailable} // the condition says more
	case errors.Is(err, bridge.ErrDraining), errors.Is(err, context.Canceled):
		return &Error{Code: CodeDraining} // the client of a canceled request has left, or the process ends
	case errors.Is(err, bridge.ErrClosed):
		return &Error{Code: CodeSessionClosed}
	case errors.Is(err, bridge.ErrInvalidUTF8):
		return &Error{Code: CodeInvalidUTF8}
	case errors.Is(err, bridge.ErrCloseCode):
		return &Error{Code: CodeBadCloseCode, Field: "code"}
	case errors.Is(err, bridge.ErrCloseReason):
		return &Error{Code: CodeBadCloseReason, Field: "reason"}
	}
	return nil
}

func mapDialLimit(limit *bridge.DialLimitError) *Error {
	f := &Error{Code: CodeTooManyDials, wait: limit.Wait, Values: map[string]string{
		"limit": strconv.Itoa(limit.Limit), "host": limit.Host, "seconds": wholeSeconds(limit.Wait),
	}}
	if limit.Host != "" {
		f.Code, f.Field = "too_many_dials_to_target", "address"
	}
	return f
}

// MapQuota maps a quota that is used up. The value "limit" is its number.
func MapQuota(e *bridge.QuotaError) *Error {
	return &Error{Code: Code(e.Quota), Values: map[string]string{"limit": strconv.FormatInt(e.Limit, 10)}}
}
