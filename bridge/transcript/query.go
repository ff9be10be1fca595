package transcript

import "fmt"

// DefaultLimit is how many rows a query without a limit gets.
const DefaultLimit = 500

// QueryError says that a query cannot be answered as it was asked: Text is not a
// regular expression.
type QueryError struct {
	Pattern string
	Err     error // of the regexp package; its text names the part that is wrong
}

func (e *QueryError) Error() string { return fmt.Sprintf("search %q: %v", e.Pattern, e.Err) }

// Unwrap returns what the regexp package said.
func (e *QueryError) Unwrap() error { return e.Err }
