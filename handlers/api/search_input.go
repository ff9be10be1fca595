package api

import (
	"errors"
	"regexp/syntax"
	"strconv"
	"time"

	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

// maxSteps bounds the size of an expression with its repetitions expanded. RE2 takes time
// in proportion to it for each byte of every message.
const maxSteps = 10_000

var errTooManySteps = errors.New("expression is too large")

// readSearch reads the search of a query.
func readSearch(q *reply.Query, into *transcript.Query) {
	into.Text, into.Regex, into.FoldCase = q.Values.Get("q"), q.Flag("regex"), q.Flag("fold")
	if q.Err != nil || into.Text == "" {
		return
	}
	if len(into.Text) > reply.MaxSearch {
		q.Err = &reply.Error{Code: reply.CodeSearchTooLong, Field: "q", Values: map[string]string{"limit": strconv.Itoa(reply.MaxSearch)}}
	} else if into.Regex {
		q.Err = checkExpression(into.Text)
	}
}

// readSearchTime reads the time after which a search has to answer.
func readSearchTime(q *reply.Query) time.Duration {
	ms := q.Number("budget_ms", defaultSearchTime.Milliseconds(), maxSearchTime.Milliseconds())
	return time.Duration(ms) * time.Millisecond
}

// checkExpression returns a *transcript.QueryError for an expression that is invalid or
// too large.
func checkExpression(text string) error {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return &transcript.QueryError{Pattern: text, Err: err}
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return &transcript.QueryError{Pattern: text, Err: err}
	}
	if len(program.Inst) > maxSteps {
		return &transcript.QueryError{Pattern: text, Err: errTooManySteps}
	}
	return nil
}
