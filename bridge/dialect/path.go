package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/theory/jsonpath"
)

// maxPath bounds the source of a path, in bytes.
const maxPath = 512

// Path selects values of a message: RFC 9535 JSONPath, or "@field" of the envelope. Every
// message has @opcode ("text" or "binary"), @size (bytes) and @text (its body, where it is
// UTF-8). The zero Path selects nothing.
type Path struct {
	source string
	field  string         // of "@field"
	steps  []pathStep     // of a path of names, indexes and wildcards
	query  *jsonpath.Path // of any other JSONPath
	sorted bool           // the order of query's results is made the same each time
}

// pathStep selects a member of an object, an element of an array, or all of either.
type pathStep struct {
	name    string
	index   int
	isIndex bool
	all     bool
}

// ParsePath reads a path of at most 512 bytes. Paths whose work could grow with a power of the
// message's size are refused: two "..", five or more commas, filters that select below "$".
func ParsePath(source string) (Path, error) {
	p := Path{source: source}
	if len(source) > maxPath {
		return Path{}, fmt.Errorf("the path has more than %d bytes", maxPath)
	}
	if field, is := strings.CutPrefix(source, "@"); is {
		if !fieldName(field) {
			return Path{}, fmt.Errorf("%q is no field: a name must follow the @", source)
		}
		p.field = field
		return p, nil
	}
	if !strings.HasPrefix(source, "$") {
		return Path{}, fmt.Errorf("%q is no path: it must begin with $ or @", source)
	}
	query, err := jsonpath.Parse(source)
	if err != nil {
		return Path{}, errors.New(strings.TrimPrefix(err.Error(), "jsonpath: "))
	}
	if steps, simple := pathSteps(source); simple {
		p.steps = steps
		return p, nil
	}
	if err := checkPathCost(source); err != nil {
		return Path{}, err
	}
	p.query = query
	p.sorted = !strings.ContainsAny(source, ",:")
	return p, nil
}

func fieldName(text string) bool {
	if text == "" {
		return false
	}
	for _, r := range text {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// pathSteps reads the paths that are walked without the library: $.name, ['name'], [0], [*].
func pathSteps(source string) ([]pathStep, bool) {
	steps, rest := []pathStep{}, source[1:]
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "[*]"), strings.HasPrefix(rest, ".*"):
			steps, rest = append(steps, pathStep{all: true}), strings.TrimPrefix(strings.TrimPrefix(rest, "[*]"), ".*")
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[")
			name := rest[1:]
			if end >= 0 {
				name = rest[1 : 1+end]
			}
			if name == "" || strings.ContainsAny(name, " \t\r\n*") {
				return nil, false
			}
			steps, rest = append(steps, pathStep{name: name}), rest[1+len(name):]
		case rest[0] == '[':
			inside, after, closed := strings.Cut(rest[1:], "]")
			if !closed {
				return nil, false
			}
			rest = after
			if index, err := strconv.Atoi(inside); err == nil {
				steps = append(steps, pathStep{index: index, isIndex: true})
				continue
			}
			name, quoted := unquotePlain(inside)
			if !quoted {
				return nil, false
			}
			steps = append(steps, pathStep{name: name})
		default:
			return nil, false
		}
	}
	return steps, true
}

func unquotePlain(text string) (string, bool) {
	if len(text) < 2 || text[0] != '\'' && text[0] != '"' || text[len(text)-1] != text[0] {
		return "", false
	}
	inside := text[1 : len(text)-1]
	return inside, !strings.ContainsAny(inside, `\'"`)
}

// checkPathCost refuses paths that select a value many times, or compare each value with many.
func checkPathCost(source string) error {
	var bare strings.Builder // the source without quoted names
	for _, c := range unquoted(source) {
		bare.WriteByte(c)
	}
	text := bare.String()
	many := strings.Count(text, "..") + strings.Count(text, "*") + strings.Count(text, "?") + strings.Count(text, ":")
	switch {
	case strings.Count(text, "..") > 1:
		return errors.New(`the path has ".." more than once`)
	case strings.Count(text, ",") > 4:
		return errors.New("the path has more than 4 commas")
	case strings.Count(text, "?") > 4:
		return errors.New("the path has more than 4 filters")
	case strings.Count(text, "$") > 1 && many > 1:
		return errors.New("a path with $ inside a filter may have one filter and no wildcard")
	default:
		return nil
	}
}

// IsZero reports whether p selects nothing.
func (p Path) IsZero() bool { return p.source == "" }

// String returns the source.
func (p Path) String() string { return p.source }

// All returns the selected values: those of encoding/json with json.Number, and of fields also
// int64 and []byte. Members of an object come in order of their names.
func (p Path) All(e *Envelope) []any {
	if e == nil {
		return nil
	}
	switch {
	case p.field != "":
		if v, has := e.field(p.field); has {
			return []any{v}
		}
		return nil
	case p.source == "" || !e.HasJSON:
		return nil
	case p.query == nil:
		return walkPath(nil, e.JSON, p.steps)
	case !p.sorted:
		return p.query.Select(e.JSON)
	default:
		located := p.query.SelectLocated(e.JSON)
		located.Sort()
		return slices.Collect(located.Nodes())
	}
}

func walkPath(found []any, at any, steps []pathStep) []any {
	for i, step := range steps {
		switch in := at.(type) {
		case map[string]any:
			if step.all {
				for _, name := range sortedNames(in) {
					found = walkPath(found, in[name], steps[i+1:])
				}
				return found
			}
			next, has := in[step.name]
			if !has || step.isIndex {
				return found
			}
			at = next
		case []any:
			if step.all {
				for _, item := range in {
					found = walkPath(found, item, steps[i+1:])
				}
				return found
			}
			index := step.index
			if index < 0 {
				index += len(in)
			}
			if !step.isIndex || index < 0 || index >= len(in) {
				return found
			}
			at = in[index]
		default:
			return found
		}
	}
	return append(found, at)
}

func sortedNames(in map[string]any) []string {
	names := make([]string, 0, len(in))
	for name := range in {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// isSingular reports whether p selects at most one value.
func (p Path) isSingular() bool {
	return p.query == nil && !slices.ContainsFunc(p.steps, func(s pathStep) bool { return s.all })
}

// one returns the only value of a path of names and indexes, without allocation.
func (p Path) one(e *Envelope) (v any, found, isOne bool) {
	if p.field != "" {
		v, found = e.field(p.field)
		return v, found, true
	}
	if p.query != nil || p.source == "" {
		return nil, false, false
	}
	if !e.HasJSON {
		return nil, false, true
	}
	at := e.JSON
	for _, step := range p.steps {
		switch in := at.(type) {
		case map[string]any:
			if step.all {
				return nil, false, false
			}
			next, has := in[step.name]
			if !has || step.isIndex {
				return nil, false, true
			}
			at = next
		case []any:
			if step.all {
				return nil, false, false
			}
			index := step.index
			if index < 0 {
				index += len(in)
			}
			if !step.isIndex || index < 0 || index >= len(in) {
				return nil, false, true
			}
			at = in[index]
		default:
			return nil, false, true
		}
	}
	return at, true, true
}

// Texts returns the selected values as texts: strings as they are, numbers with their digits,
// objects and arrays as JSON. A null gives none.
func (p Path) Texts(e *Envelope) []string {
	var list []string
	for _, v := range p.All(e) {
		if text, has := textOf(v); has {
			list = append(list, text)
		}
	}
	return list
}

// Text returns the selected texts, joined; found is false when nothing is selected.
func (p Path) Text(e *Envelope) (text string, found bool) {
	if e == nil {
		return "", false
	}
	if v, found, isOne := p.one(e); isOne {
		if !found {
			return "", false
		}
		return textOf(v)
	}
	list := p.Texts(e)
	return strings.Join(list, ""), len(list) > 0
}

// textOf returns a value as a text; has is false for null.
func textOf(v any) (text string, has bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case []byte:
		if !utf8.Valid(v) {
			return strings.ToValidUTF8(string(v), "\uFFFD"), true
		}
		return string(v), true
	default:
		return string(encodeJSON(v)), true
	}
}
