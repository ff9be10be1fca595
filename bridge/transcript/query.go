package transcript

import (
	"errors"
	"fmt"
)

// DefaultLimit is the number of rows for a query without a limit.
const DefaultLimit = 500

// QueryError says that a query cannot be answered as it was asked: Text is not a
// regular expression.
type QueryError struct {
	Pattern string
	Err     error // of the regexp package; its text names the part that is wrong
}

func (e *QueryError) Error() string { return fmt.Sprintf("search %q: %v", e.Pattern, e.Err) }

// Unwrap returns the error of the regexp package.
func (e *QueryError) Unwrap() error { return e.Err }

// ErrTimeOver is returned by a reader of payloads once Query.Until has passed.
var ErrTimeOver = errors.New("time to search is over")

// UnfinishedError says that a search stopped because its time was over. The rows that
// come with it are right; the message Seq, and those behind it in the order of the
// search, were not looked at to their end.
type UnfinishedError struct{ Seq int64 }

// Error implements error.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("search stopped at message %d: its time was over", e.Seq)
}
