package explain

import (
	"errors"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"

	"duplex/bridge/transcript"
	"duplex/views/text"
)

// expressionKeys maps the error codes of regexp/syntax to sentences.
var expressionKeys = map[syntax.ErrorCode]string{
	syntax.ErrInvalidCharClass:      "class",
	syntax.ErrInvalidCharRange:      "range",
	syntax.ErrInvalidEscape:         "escape",
	syntax.ErrInvalidNamedCapture:   "name",
	syntax.ErrInvalidPerlOp:         "group",
	syntax.ErrInvalidRepeatOp:       "repeat_twice",
	syntax.ErrInvalidRepeatSize:     "repeat_size",
	syntax.ErrInvalidUTF8:           "utf8",
	syntax.ErrMissingBracket:        "bracket",
	syntax.ErrMissingParen:          "paren",
	syntax.ErrMissingRepeatArgument: "repeat_nothing",
	syntax.ErrTrailingBackslash:     "backslash",
	syntax.ErrUnexpectedParen:       "paren_extra",
	syntax.ErrNestingDepth:          "deep",
	syntax.ErrLarge:                 "large",
}

// Expression explains the error of a search expression in the words of t, with its place.
func Expression(t *text.Catalogue, err *transcript.QueryError) string {
	wrong, ok := errors.AsType[*syntax.Error](err.Err)
	if !ok {
		return t.Say("search.wrong.large", nil)
	}
	key, known := expressionKeys[wrong.Code]
	if !known {
		return wrong.Error()
	}
	if strings.HasPrefix(wrong.Expr, "(?<=") || strings.HasPrefix(wrong.Expr, "(?<!") {
		key = "group" // RE2 reports it as a bad name
	}
	why := t.Say("search.wrong."+key, nil)
	if wrong.Expr == "" || wrong.Code == syntax.ErrMissingParen { // the place is not known
		return why
	}
	return t.Say("search.wrong.at", map[string]string{
		"why": why, "place": strconv.Itoa(placeOf(err.Pattern, wrong)), "part": shortenExpression(wrong.Expr),
	})
}

// placeOf returns the character at which an error begins. When its text occurs more than
// once, it is the first that ends an expression with the same error.
func placeOf(pattern string, wrong *syntax.Error) int {
	for at := 0; ; at++ {
		next := strings.Index(pattern[at:], wrong.Expr)
		if next < 0 {
			break
		}
		at += next
		_, err := syntax.Parse(pattern[:at+len(wrong.Expr)], syntax.Perl)
		if same, ok := errors.AsType[*syntax.Error](err); ok && same.Code == wrong.Code {
			return utf8.RuneCountInString(pattern[:at]) + 1
		}
	}
	return utf8.RuneCountInString(pattern[:max(0, strings.Index(pattern, wrong.Expr))]) + 1
}

// shortenExpression shortens an expression to fit into a sentence.
func shortenExpression(text string) string {
	const most = 20
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
