package dialect

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// valueKind tells where a value of a template comes from.
type valueKind int

const (
	valueName valueKind = iota
	valueSecret
	valueLiteral
	valueNow
	valueUUID
	valueRandom
	valueQuerySorted
	valueHost
	valuePath
	valueText
	valueChunk
	valueHead
	valueBody
	valueMessage
)

// wordValues are the values with a name of their own; no variable may have it.
var wordValues = map[string]valueKind{
	"$now": valueNow, "$uuid": valueUUID, "$random": valueRandom, "$query_sorted": valueQuerySorted,
	"host": valueHost, "path": valuePath, "text": valueText, "chunk": valueChunk, "head": valueHead, "body": valueBody,
}

// expression is the inside of a pair of braces.
type expression struct {
	kind      valueKind
	name      string // of valueName, of valueSecret without its prefix; the text of valueLiteral
	negative  bool   // the value of a counter is negated
	increment bool   // the counter is raised after its value was taken
	digits    int    // of valueRandom
	message   Path   // of valueMessage
	filters   []filterCall
	offset    int // in the template, in bytes
}

type filterCall struct {
	name     string
	filter   *filter
	argument *expression
	offset   int
}

var (
	counterPattern = regexp.MustCompile(`^(-?)([A-Za-z_][A-Za-z0-9_]*)(\+\+)?$`)
	secretPattern  = regexp.MustCompile(`^secret\.([A-Za-z_][A-Za-z0-9_]*)$`)
	numberPattern  = regexp.MustCompile(`^[+-]?[0-9]{1,18}$`)
)

// parseExpression reads the inside of a pair of braces, which is at offset of the template.
func parseExpression(source string, offset int, names func(string) bool) (*expression, *TemplateError) {
	pieces := splitPipes(source)
	if len(pieces) > maxFilters+1 {
		return nil, &TemplateError{Offset: offset, Detail: fmt.Sprintf("a value has more than %d filters", maxFilters)}
	}
	e, err := parseValue(pieces[0].text, offset+pieces[0].offset, names)
	if err != nil {
		return nil, err
	}
	for i, piece := range pieces[1:] {
		call, err := parseFilter(piece.text, offset+piece.offset, names)
		if err != nil {
			return nil, err
		}
		if call.filter.ofTime && (i > 0 || e.kind != valueNow) {
			return nil, &TemplateError{Offset: call.offset, Detail: fmt.Sprintf("the filter %s is for $now only: {{$now|%s}}", call.name, call.name)}
		}
		e.filters = append(e.filters, call)
	}
	return e, nil
}

// splitPipes splits at "|" outside of quotes and brackets. Texts are trimmed.
func splitPipes(source string) []scannedPiece {
	var pieces []scannedPiece
	depth, start := 0, 0
	add := func(end int) {
		text := source[start:end]
		trimmed := strings.TrimLeft(text, " \t\r\n")
		pieces = append(pieces, scannedPiece{text: strings.TrimSpace(text), offset: start + len(text) - len(trimmed)})
		start = end + 1
	}
	for i, c := range unquoted(source) {
		switch {
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == '|' && depth <= 0:
			add(i)
		default:
		}
	}
	add(len(source))
	return pieces
}

func parseValue(source string, offset int, names func(string) bool) (*expression, *TemplateError) {
	e := &expression{offset: offset}
	undefined := func(name string) *TemplateError {
		if names == nil || names(name) {
			return nil
		}
		return &TemplateError{Offset: offset, Name: name, Detail: fmt.Sprintf("the name %q is not defined here", name)}
	}
	word, argument, hasArgument := strings.Cut(source, ":")
	if m := secretPattern.FindStringSubmatch(source); m != nil {
		e.kind, e.name = valueSecret, m[1]
		return e, undefined(source)
	}
	if strings.HasPrefix(source, "$.") || strings.HasPrefix(source, "$[") || strings.HasPrefix(source, "@") {
		path, err := ParsePath(source)
		if err != nil {
			return nil, &TemplateError{Offset: offset, Detail: err.Error()}
		}
		e.kind, e.message = valueMessage, path
		return e, undefined("$message")
	}
	if kind, is := wordValues[word]; is {
		e.kind, e.name = kind, word
		if hasArgument != (kind == valueRandom) {
			return nil, &TemplateError{Offset: offset, Detail: "only $random takes an argument: $random:8 has 8 decimal digits"}
		}
		if kind == valueRandom {
			digits, err := strconv.Atoi(argument)
			if err != nil || digits < 1 || digits > 64 {
				return nil, &TemplateError{Offset: offset, Detail: "$random needs a number of digits from 1 to 64: $random:8"}
			}
			e.digits = digits
		}
		if kind == valueNow || kind == valueUUID || kind == valueRandom {
			return e, nil
		}
		return e, undefined(word)
	}
	m := counterPattern.FindStringSubmatch(source)
	switch {
	case source == "":
		return nil, &TemplateError{Offset: offset, Detail: "the braces have no value; \\{{ is a literal {{"}
	case m == nil:
		return nil, &TemplateError{Offset: offset, Name: source, Detail: fmt.Sprintf("%q is no value; \\{{ is a literal {{", source)}
	}
	e.kind, e.name, e.negative, e.increment = valueName, m[2], m[1] != "", m[3] != ""
	name := e.name
	if e.negative || e.increment {
		name += "++"
	}
	if err := undefined(name); err != nil {
		return nil, &TemplateError{Offset: offset + len(m[1]), Name: e.name, Detail: err.Detail}
	}
	return e, nil
}

func parseFilter(source string, offset int, names func(string) bool) (filterCall, *TemplateError) {
	name, argument, hasArgument := strings.Cut(source, ":")
	name = strings.TrimSpace(name)
	call := filterCall{name: name, filter: filters[name], offset: offset}
	fail := func(format string, args ...any) (filterCall, *TemplateError) {
		return filterCall{}, &TemplateError{Offset: offset, Detail: fmt.Sprintf(format, args...)}
	}
	if call.filter == nil {
		detail := fmt.Sprintf("there is no filter %q", name)
		if near := Nearest(name, filterNames()); near != "" {
			detail += fmt.Sprintf("; did you mean %q?", near)
		}
		return fail("%s", detail)
	}
	switch {
	case !hasArgument && call.filter.argument == argumentKey:
		return fail("the filter %s needs a key: %s:secret.NAME", name, name)
	case hasArgument && call.filter.argument == argumentNone:
		return fail("the filter %s has no argument", name)
	case !hasArgument:
		return call, nil
	}
	at := offset + strings.Index(source, ":") + 1
	argument = strings.TrimSpace(argument)
	if call.filter.argument == argumentSeconds {
		if !numberPattern.MatchString(argument) {
			return fail("the filter %s takes a number of seconds: %s:+60", name, name)
		}
		call.argument = &expression{kind: valueLiteral, name: argument, offset: at}
		return call, nil
	}
	if call.filter.argument == argumentDigits {
		if digits, err := strconv.Atoi(argument); err != nil || digits < 1 || digits > 9 {
			return fail("the filter %s takes a number of digits from 1 to 9: %s:3", name, name)
		}
		call.argument = &expression{kind: valueLiteral, name: argument, offset: at}
		return call, nil
	}
	if length := len(argument); length >= 2 && (argument[0] == '"' || argument[0] == '\'') && argument[length-1] == argument[0] {
		call.argument = &expression{kind: valueLiteral, name: argument[1 : length-1], offset: at}
		return call, nil
	}
	if numberPattern.MatchString(argument) {
		call.argument = &expression{kind: valueLiteral, name: argument, offset: at}
		return call, nil
	}
	value, err := parseValue(argument, at, names)
	call.argument = value
	return call, err
}
