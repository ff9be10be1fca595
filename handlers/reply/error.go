package reply

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/handlers/identity"
)

// Error is an error with a code and values that may be shown, and a cause for the log.
type Error struct {
	Code    Code                   // one of Codes
	Field   string                 // the input it is about, as the API names it
	Values  map[string]string      // for the sentence
	rule    rule                   // that the input breaks; "" for none
	variant string                 // of the sentence: "error.<code>.<variant>" where the catalogue has it
	reason  string                 // of a refused address; its sentence is a value of the sentence
	column  int                    // in the field, in characters from 1; 0 is none
	wait    time.Duration          // before another try; 0 when unknown
	role    identity.Role          // that is required
	failed  *dial.Error            // the dial that failed, to be explained
	search  *transcript.QueryError // the expression that cannot be read, to be explained
	syntax  *dialect.SyntaxError   // the mistakes of a dialect, to be listed
	Cause   error
}

// Error implements error.
func (f *Error) Error() string {
	if f.Cause != nil {
		return string(f.Code) + ": " + f.Cause.Error()
	}
	return string(f.Code) + " " + f.Field
}

// Unwrap returns the cause.
func (f *Error) Unwrap() error { return f.Cause }

// Bad returns the error of an input that cannot be used.
func Bad(code Code, field string) error { return &Error{Code: code, Field: field} }

// rule names the rule that an input breaks. Its sentence is "error.<code>.<rule>" in the
// catalogue, "error.<code>.<rule>.<variant>", or "error.<code>.<rule>.<field>" where one
// field needs its own.
type rule struct {
	name         string
	variant      string
	least, limit int64 // 0 is none
}

// The rules about sizes.
const (
	ruleMaxBytes      = "max_bytes"
	ruleMaxCharacters = "max_characters"
	ruleMaxItems      = "max_items"
	ruleRange         = "range"  // from least to limit
	variantOrOff      = "or_off" // of ruleRange: or 0
)

// The rules about headers that cannot be set.
const (
	ruleOfAddress     = "of_address"     // Host follows the address
	ruleOfSubprotocol = "of_subprotocol" // Sec-WebSocket-Protocol has a field of its own
	ruleMaxTotal      = "max_total_bytes"
)

// The rules about text.
const (
	RuleToken      = "token" // of RFC 9110 section 5.6.2
	RuleUnique     = "unique"
	RuleNoControls = "no_controls"
	RuleNoSecret   = "no_secret" // of an environment

	RuleVariableName = "variable_name"

	ruleTemplate = "template"

	RuleOneParameter = "one_parameter" // a spelling of a query parameter
)

// Breaks returns the error of an input that breaks a rule without numbers.
func Breaks(name, field string) error {
	return &Error{Code: CodeBadValue, Field: field, rule: rule{name: name}}
}

// TooLong returns the error of an input with more than limit bytes.
func TooLong(field string, size, limit int) error { return oversize(field, ruleMaxBytes, size, limit) }

// TooMany returns the error of a list with more than limit entries.
func TooMany(field string, count, limit int) error {
	return oversize(field, ruleMaxItems, count, limit)
}

func oversize(field, name string, size, limit int) error {
	return &Error{Code: CodeBadValue, Field: field, rule: rule{name: name, limit: int64(limit)}, Values: sizes(size, limit)}
}

func sizes(size, limit int) map[string]string {
	return map[string]string{"size": strconv.Itoa(size), "limit": strconv.Itoa(limit)}
}

// OutOfRange returns the error of a number outside least to most.
func OutOfRange(field string, least, most int64) error {
	return outOfRange(field, "", least, most)
}

// OutOfRangeOrOff returns the error of seconds outside least to most that are not 0, for off.
func OutOfRangeOrOff(field string, least, most int64) error {
	return outOfRange(field, variantOrOff, least, most)
}

func outOfRange(field, variant string, least, most int64) error {
	return &Error{Code: CodeBadValue, Field: field, rule: rule{ruleRange, variant, least, most}, Values: map[string]string{
		"least": strconv.FormatInt(least, 10), "limit": strconv.FormatInt(most, 10),
	}}
}

// wholeSeconds rounds up, so that a client does not retry too early.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

func tooLarge(code Code, limit int64) *Error {
	return &Error{Code: code, Values: map[string]string{"limit": strconv.FormatInt(limit, 10)}}
}

// IsMissing reports whether err has the not-found code.
func IsMissing(err error, code Code) bool {
	f, ok := errors.AsType[*Error](err)
	return ok && f.Code == code
}

// IsGone reports whether err has a not-found code: the object does not exist, or the
// person may not see it.
func IsGone(err error) bool {
	f, ok := errors.AsType[*Error](err)
	return ok && strings.HasSuffix(string(f.Code), "_not_found")
}
