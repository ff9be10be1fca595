package reply

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"duplex/bridge/wire"
)

// MaxSearch is the largest text that is searched for, in bytes.
const MaxSearch = 1000

// Time reads a time: microseconds since 1970, or a date and time as forms send it, in
// UTC. The zero time when it is not given.
func (q *Query) Time(name string) time.Time {
	text := q.Values.Get(name)
	if text == "" {
		return time.Time{}
	}
	if us, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMicro(us).UTC()
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	q.Wrong(name)
	return time.Time{}
}

// Query reads query parameters and keeps the first error.
type Query struct {
	Values url.Values
	Err    error
}

// ReadQuery parses the query of r. An error is kept in Err.
func ReadQuery(r *http.Request) *Query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &Query{Values: values}
	if err != nil {
		q.Wrong("query")
	}
	return q
}

// Wrong records that a parameter has a bad value, unless an earlier one had.
func (q *Query) Wrong(name string) {
	if q.Err == nil {
		q.Err = Bad(CodeBadValue, name)
	}
}

// Number reads a whole number from 0 to most; fallback when it is not given.
func (q *Query) Number(name string, fallback, most int64) int64 {
	if !q.Values.Has(name) {
		return fallback
	}
	n, err := strconv.ParseInt(q.Values.Get(name), 10, 64)
	if (err != nil || n < 0 || n > most) && q.Err == nil {
		q.Err = OutOfRange(name, 0, most)
	}
	return n
}

// Micros reads a time in microseconds since 1970; the zero time when it is not given.
func (q *Query) Micros(name string) time.Time {
	if !q.Values.Has(name) {
		return time.Time{}
	}
	us, err := strconv.ParseInt(q.Values.Get(name), 10, 64)
	if err != nil {
		q.Wrong(name)
	}
	return time.UnixMicro(us)
}

// Flag reads a switch: 1, true, 0, false, or nothing.
func (q *Query) Flag(name string) bool {
	if !q.Values.Has(name) {
		return false
	}
	on, err := strconv.ParseBool(q.Values.Get(name))
	if err != nil {
		q.Wrong(name)
	}
	return on
}

// Choice reads one of a few words, "" included.
func (q *Query) Choice(name string, words ...string) string {
	word := q.Values.Get(name)
	if word != "" && !slices.Contains(words, word) {
		q.Wrong(name)
	}
	return word
}

// The number of sessions in one answer.
const (
	DefaultSessions = 50
	MaxSessions     = 200

	maxFilter = 200 // bytes of a text that sessions are filtered by
)

// SessionID reads the id of a session, which has the characters of a client id.
func (q *Query) SessionID(name string) string {
	id := q.Values.Get(name)
	if !wire.ValidClientID(id) {
		q.Wrong(name)
	}
	return id
}

// Text reads a short text that a database can hold.
func (q *Query) Text(name string) string {
	text := strings.TrimSpace(q.Values.Get(name))
	if len(text) > maxFilter || !utf8.ValidString(text) || strings.ContainsFunc(text, IsControl) {
		q.Wrong(name)
	}
	return text
}
