package reply

import (
	"errors"

	"duplex/bridge"
	"duplex/bridge/dial"
)

// MapError maps an error of a handler to the error to answer with.
func (m *Mapper) MapError(err error) *Error { return m.nameStoreTrouble(m.mapKnownError(err)) }

func (m *Mapper) mapKnownError(err error) *Error {
	if f, ok := errors.AsType[*Error](err); ok {
		return m.mapAuditError(f)
	}
	if dial, ok := errors.AsType[*dial.Error](err); ok {
		f := m.mapDialError(dial)
		f.failed, f.Cause = dial, err
		return f
	}
	f := mapSessionError(err)
	if f == nil {
		f = m.mapDialectError(err)
	}
	if f == nil {
		f = m.mapInputError(err)
	}
	if f == nil && m.StoreErrors.Away != nil && m.StoreErrors.Away(err) {
		f = &Error{Code: CodeStoreUnavailable}
	}
	if f == nil {
		f = &Error{Code: CodeInternal}
	}
	f.Cause = err
	return f
}

// mapAuditError replaces audit_unavailable by store_unavailable when the store is away.
func (m *Mapper) mapAuditError(f *Error) *Error {
	if f.Code == CodeAuditUnavailable && (errors.Is(f.Cause, bridge.ErrStoreAway) || m.StoreErrors.Away != nil && m.StoreErrors.Away(f.Cause)) {
		return &Error{Code: CodeStoreUnavailable, Cause: f.Cause}
	}
	return f
}

// MapNotFoundField is MapNotFound for an object that a field of the request names.
func (m *Mapper) MapNotFoundField(err error, code Code, field string) error {
	if errors.Is(err, m.StoreErrors.NotFound) {
		return &Error{Code: code, Field: field, Cause: err}
	}
	return err
}

// MapNotFound maps the not-found error of the store to a code.
func (m *Mapper) MapNotFound(err error, code Code) error {
	if errors.Is(err, m.StoreErrors.NotFound) {
		return &Error{Code: code, Cause: err}
	}
	return err
}
