package reply

// Mapper maps errors of the packages below the handlers to errors with codes.
type Mapper struct {
	StoreErrors    StoreErrors
	StoreCondition func() Condition // nil is always a good one
}

// Condition is the error code of a store that is full, lost or damaged, with the values
// of its sentence. The zero Condition is a good one.
type Condition struct {
	Code   Code // storage_full, store_lost or store_damaged
	Values map[string]string
}

// Condition returns the present condition of the store.
func (m *Mapper) Condition() Condition {
	if m.StoreCondition == nil {
		return Condition{}
	}
	return m.StoreCondition()
}

// RequireStorage refuses work that has to be stored when the store is full or lost. A
// damaged store may still take it.
func (m *Mapper) RequireStorage() error {
	switch c := m.Condition(); c.Code {
	case CodeStorageFull, CodeStoreLost:
		return &Error{Code: c.Code, Values: c.Values}
	default:
		return nil
	}
}

// nameStoreTrouble replaces a general error by the condition of the store that caused it.
func (m *Mapper) nameStoreTrouble(f *Error) *Error {
	if f.Code != CodeInternal && f.Code != CodeAuditUnavailable && f.Code != CodeStoreUnavailable {
		return f
	}
	if m.StoreErrors.Damaged != nil && m.StoreErrors.Damaged(f.Cause) {
		return &Error{Code: CodeStoreDamaged, Cause: f.Cause}
	}
	c := m.Condition()
	if c.Code == CodeStoreLost || c.Code == CodeStorageFull && f.Code != CodeInternal {
		return &Error{Code: c.Code, Values: c.Values, Cause: f.Cause}
	}
	return f
}

// StoreWord maps the code of a condition to the word that viewers receive.
var StoreWord = map[Code]string{CodeStorageFull: "full", CodeStoreLost: "lost", CodeStoreDamaged: "damaged"}

// StoreErrors are the errors of the store that have codes of their own.
type StoreErrors struct {
	NotFound  error
	NameTaken error
	Full      error // the service keeps as many messages as it can
	Running   error

	DialectTaken        error
	TooManyDialects     error
	TooManyEnvironments error
	Damaged             func(error) bool // a part of the store cannot be read
	Away                func(error) bool // the store cannot be used now, and may be later
}
