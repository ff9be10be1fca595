package dialect

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// Match is a condition on a message: all paths must have their value. A nil Match holds for
// every message.
type Match []Condition

// Condition compares the values of a path; one that fits is enough.
type Condition struct {
	Path  Path
	Value string // as the dialect has it: a literal, "*", "!*" or "/regexp/"

	test    conditionTest
	literal string
	pattern *regexp.Regexp
}

// conditionTest is a kind of comparison.
type conditionTest int

const (
	testLiteral conditionTest = iota
	testNull
	testPresent // a value that is not null
	testAbsent  // no value, or null
	testPattern
)

// newCondition returns the condition that a path has a value; null is a JSON null. The error
// is that of a regular expression.
func newCondition(path Path, value string, null bool) (Condition, error) {
	c := Condition{Path: path, Value: value, literal: value}
	switch {
	case null:
		c.Value, c.test = "null", testNull
	case value == "*":
		c.test = testPresent
	case value == "!*":
		c.test = testAbsent
	case len(value) > 2 && strings.HasPrefix(value, "/") && strings.HasSuffix(value, "/"):
		pattern, err := regexp.Compile(value[1 : len(value)-1])
		if err != nil {
			return Condition{}, err
		}
		c.test, c.pattern = testPattern, pattern
	default:
	}
	return c, nil
}

// Holds reports whether the condition holds.
func (m Match) Holds(e *Envelope) bool {
	for i := range m {
		if e == nil || !m[i].holds(e) {
			return false
		}
	}
	return true
}

// String returns the conditions as "$.type: ready, $.code: 0".
func (m Match) String() string {
	list := make([]string, 0, len(m))
	for _, c := range m {
		list = append(list, c.Path.String()+": "+c.Value)
	}
	return strings.Join(list, ", ")
}

func (c *Condition) holds(e *Envelope) bool {
	if v, found, isOne := c.Path.one(e); isOne {
		if c.test == testAbsent {
			return !found || v == nil
		}
		return found && c.fits(v)
	}
	for _, v := range c.Path.All(e) {
		if c.test == testAbsent && v != nil {
			return false
		}
		if c.test != testAbsent && c.fits(v) {
			return true
		}
	}
	return c.test == testAbsent
}

func (c *Condition) fits(v any) bool {
	switch c.test {
	case testNull:
		return v == nil
	case testPresent:
		return v != nil
	case testPattern:
		text, has := textOf(v)
		return has && c.pattern.MatchString(text)
	default:
		text, has := textOf(v)
		if !has || text == c.literal {
			return has
		}
		_, isNumber := v.(json.Number)
		return isNumber && equalNumbers(text, c.literal)
	}
}

// equalNumbers compares numbers that are spelled differently, 1.0 and 1.
func equalNumbers(a, b string) bool {
	if !strings.ContainsAny(a+b, ".eE") {
		return false
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}
