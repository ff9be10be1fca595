package dialect

import (
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed schema.json
var schemaSource []byte

// Schema returns the JSON Schema of dialects (draft 2020-12), for editors. Parse checks the
// same document, and then what a schema cannot say: names, templates, paths, patterns.
func Schema() []byte { return slices.Clone(schemaSource) }

const schemaURL = "https://duplex.invalid/dialect.schema.json"

type schemaDocument struct {
	compiled *jsonschema.Schema
	plain    any
}

// loadSchema compiles the schema once. The schema is part of the program: a mistake in it panics.
var loadSchema = sync.OnceValue(func() schemaDocument {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaSource))
	if err != nil {
		panic(fmt.Errorf("read schema: %w", err))
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, document); err != nil {
		panic(fmt.Errorf("add schema: %w", err))
	}
	return schemaDocument{compiled: c.MustCompile(schemaURL), plain: document}
})

// checkSchema returns the places where root differs from the schema.
func checkSchema(root *node) []Problem {
	schema := loadSchema()
	err := schema.compiled.Validate(root.plain())
	failed, is := err.(*jsonschema.ValidationError) //nolint:errorlint // Validate returns it unwrapped
	if !is {
		return nil
	}
	r := &schemaReport{schema: schema.plain, root: root}
	r.walk(failed)
	return slices.DeleteFunc(slices.Clone(r.problems), r.isMisspelled)
}

// isMisspelled reports whether a key is missing because it is there with another spelling.
func (r *schemaReport) isMisspelled(missing Problem) bool {
	return missing.Code == CodeMissingKey && slices.ContainsFunc(r.problems, func(p Problem) bool {
		parent := strings.TrimPrefix(p.Path[:max(strings.LastIndex(p.Path, "."), 0)], ".")
		return p.Code == CodeUnknownKey && p.Nearest != "" && parent == missing.Path && strings.Contains(missing.Detail, strconv.Quote(p.Nearest))
	})
}

// schemaReport turns the errors of the validator into problems.
type schemaReport struct {
	schema   any
	root     *node
	problems []Problem
}

// walk descends to the errors that say something. Of the branches of a choice it takes those
// that accept the value's type.
func (r *schemaReport) walk(e *jsonschema.ValidationError) {
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		r.choose(e)
	case *kind.OneOf:
		if len(e.Causes) > 0 && !requiresOnly(e.Causes) {
			r.choose(e)
			return
		}
		r.reportAlternatives(e, k.Subschemas)
	case *kind.Schema, *kind.Reference, *kind.Group, *kind.AllOf:
		for _, cause := range e.Causes {
			r.walk(cause)
		}
	default:
		r.report(e)
	}
}

// choose reports the branch of a choice that comes nearest to the value.
func (r *schemaReport) choose(e *jsonschema.ValidationError) {
	var fitting []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		if !r.refusesType(cause, len(e.InstanceLocation)) {
			fitting = append(fitting, cause)
		}
	}
	if len(fitting) == 0 {
		n := r.locate(e.InstanceLocation)
		r.add(n.line, n.column, n.path, CodeBadType, "", "must be %s, not %s", listWords(r.wanted(e)), n.kindOrNumber())
		return
	}
	best, bestProblems := 1<<30, []Problem(nil)
	for _, cause := range fitting {
		branch := &schemaReport{schema: r.schema, root: r.root}
		branch.walk(cause)
		if len(branch.problems) < best {
			best, bestProblems = len(branch.problems), branch.problems
		}
	}
	r.problems = append(r.problems, bestProblems...)
}

// refusesType reports whether e says that the value at that depth has another type.
func (r *schemaReport) refusesType(e *jsonschema.ValidationError, depth int) bool {
	if _, is := e.ErrorKind.(*kind.Type); is && len(e.InstanceLocation) == depth {
		return true
	}
	if k, is := e.ErrorKind.(*kind.Enum); is && len(e.InstanceLocation) == depth {
		_, text := k.Got.(string)
		return !text
	}
	if len(e.Causes) == 0 {
		return false
	}
	_, any := e.ErrorKind.(*kind.AnyOf)
	for _, cause := range e.Causes {
		if refuses := r.refusesType(cause, depth); refuses != any {
			return refuses
		}
	}
	return any
}

// wanted returns the types that the branches of a choice accept.
func (r *schemaReport) wanted(e *jsonschema.ValidationError) []string {
	var types []string
	if k, is := e.ErrorKind.(*kind.Type); is {
		types = append(types, k.Want...)
	}
	if _, is := e.ErrorKind.(*kind.Enum); is {
		types = append(types, string(kindText))
	}
	for _, cause := range e.Causes {
		types = append(types, r.wanted(cause)...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// requiresOnly reports whether all branches of a choice name missing keys only.
func requiresOnly(causes []*jsonschema.ValidationError) bool {
	for _, cause := range causes {
		if _, is := cause.ErrorKind.(*kind.Required); is {
			continue
		}
		if len(cause.Causes) == 0 || !requiresOnly(cause.Causes) {
			return false
		}
	}
	return true
}

// reportAlternatives says that one of several keys must be set, or that too many are.
func (r *schemaReport) reportAlternatives(e *jsonschema.ValidationError, matched []int) {
	n := r.locate(e.InstanceLocation)
	var keys []string
	r.collectRequired(r.lookUp(e.SchemaURL), &keys)
	if len(matched) == 0 {
		r.add(n.line, n.column, n.path, CodeMissingKey, "", "needs one of %s", listWords(quoted(keys)))
		return
	}
	r.add(n.line, n.column, n.path, CodeBadValue, "", "may have only one of %s", listWords(quoted(keys)))
}

func (r *schemaReport) collectRequired(schema any, keys *[]string) {
	object, _ := schema.(map[string]any)
	for _, choice := range []string{"oneOf", "anyOf"} {
		branches, _ := object[choice].([]any)
		for _, branch := range branches {
			r.collectRequired(branch, keys)
		}
	}
	if _, isChoice := object["oneOf"]; isChoice {
		return
	}
	required, _ := object["required"].([]any)
	for _, key := range required {
		if text, is := key.(string); is {
			*keys = append(*keys, text)
		}
	}
}

// report says in one sentence what a single keyword of the schema refuses.
func (r *schemaReport) report(e *jsonschema.ValidationError) {
	n := r.locate(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		r.reportUnknownKeys(e, n, k.Properties)
	case *kind.Required:
		for _, key := range k.Missing {
			r.add(n.line, n.column, n.path, CodeMissingKey, "", "the key %q is missing", key)
		}
	case *kind.DependentRequired:
		r.add(n.line, n.column, n.path, CodeMissingKey, "", "%q needs %s", k.Prop, listWords(quoted(k.Missing)))
	case *kind.Type:
		r.add(n.line, n.column, n.path, CodeBadType, "", "must be %s, not %s", listWords(k.Want), n.kindOrNumber())
	case *kind.Enum:
		values := texts(k.Want)
		if len(values) == 1 {
			r.add(n.line, n.column, n.path, CodeBadValue, Nearest(n.text, values), "must be %s", values[0])
			return
		}
		r.add(n.line, n.column, n.path, CodeBadValue, Nearest(n.text, values), "%s is not one of %s", n.short(), strings.Join(values, ", "))
	case *kind.Const:
		values := texts([]any{k.Want})
		r.add(n.line, n.column, n.path, CodeBadValue, Nearest(n.text, values), "must be %s", values[0])
	case *kind.Pattern:
		r.add(n.line, n.column, n.path, CodeBadValue, "", "%s is not allowed%s", n.short(), r.describe(e))
	default:
		r.add(n.line, n.column, n.path, CodeBadValue, "", "%s is not allowed%s%s", n.short(), bounds(e.ErrorKind), r.describe(e))
	}
}

func (r *schemaReport) reportUnknownKeys(e *jsonschema.ValidationError, n *node, names []string) {
	schema, _ := r.lookUp(e.SchemaURL).(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	patterns, _ := schema["patternProperties"].(map[string]any)
	known := slices.Sorted(maps.Keys(properties))
	for _, name := range names {
		line, column := n.keyPlace(name)
		if len(known) == 0 {
			r.add(line, column, childPath(n.path, name), CodeUnknownKey, "", "%q cannot be a key here: it must match %s", name, strings.Join(slices.Sorted(maps.Keys(patterns)), ", "))
			continue
		}
		r.add(line, column, childPath(n.path, name), CodeUnknownKey, Nearest(name, known), "the key %q is unknown; known are %s", name, strings.Join(known, ", "))
	}
}

func (r *schemaReport) add(line, column int, path, code, near, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: line, Column: column, Path: path, Code: code, Detail: fmt.Sprintf(format, args...), Nearest: near})
}

// locate returns the value at a location of the validator.
func (r *schemaReport) locate(location []string) *node {
	n := r.root
	for _, step := range location {
		next := n.get(step)
		if i, err := strconv.Atoi(step); n.kind == kindList && err == nil && i >= 0 && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// keyPlace returns the place of a key of n.
func (n *node) keyPlace(name string) (line, column int) {
	for _, e := range n.entries {
		if e.name == name {
			return e.line, e.column
		}
	}
	return n.line, n.column
}

// short returns a value for a sentence.
func (n *node) short() string {
	switch n.kind {
	case kindText:
		if len(n.text) > 60 {
			return strconv.Quote(strings.ToValidUTF8(n.text[:60], "")) + "…"
		}
		return strconv.Quote(n.text)
	case kindBool, kindNumber:
		return n.text
	default:
		return article(string(n.kind))
	}
}

func (n *node) kindOrNumber() string {
	if n.kind == kindNumber {
		return "the number " + n.text
	}
	return article(string(n.kind))
}

// lookUp returns the part of the schema at a URL with a JSON pointer.
func (r *schemaReport) lookUp(url string) any {
	_, pointer, _ := strings.Cut(url, "#")
	at := r.schema
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~", "%24", "$", "%25", "%").Replace(step)
		switch in := at.(type) {
		case map[string]any:
			if next, has := in[step]; has {
				at = next
			}
		case []any:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(in) {
				at = in[i]
			}
		default:
		}
	}
	return at
}

// describe returns the description of a schema as the end of a sentence.
func (r *schemaReport) describe(e *jsonschema.ValidationError) string {
	schema, _ := r.lookUp(e.SchemaURL).(map[string]any)
	if text, has := schema["description"].(string); has && len(text) < 300 {
		return ": " + strings.TrimSuffix(text, ".")
	}
	return r.patternHint(e)
}

func (r *schemaReport) patternHint(e *jsonschema.ValidationError) string {
	for _, cause := range append([]*jsonschema.ValidationError{e}, e.Causes...) {
		if k, is := cause.ErrorKind.(*kind.Pattern); is {
			return ": it must match " + k.Want
		}
		for _, inner := range cause.Causes {
			if k, is := inner.ErrorKind.(*kind.Pattern); is {
				return ": it must match " + k.Want
			}
		}
	}
	return ""
}

// bounds says which bound a value passes.
func bounds(of jsonschema.ErrorKind) string {
	switch k := of.(type) {
	case *kind.Minimum:
		return fmt.Sprintf(": the least is %s", k.Want.RatString())
	case *kind.Maximum:
		return fmt.Sprintf(": the most is %s", k.Want.RatString())
	case *kind.MinItems:
		return fmt.Sprintf(": at least %d items are needed", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf(": at most %d items are allowed", k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf(": at least %d keys are needed", k.Want)
	case *kind.MinLength:
		return fmt.Sprintf(": at least %d characters are needed", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf(": at most %d characters are allowed", k.Want)
	default:
		return ""
	}
}

func texts(values []any) []string {
	list := make([]string, 0, len(values))
	for _, value := range values {
		if text, is := value.(string); is {
			list = append(list, text)
			continue
		}
		encoded, _ := json.Marshal(value) //nolint:errchkjson // a value of the schema
		list = append(list, string(encoded))
	}
	return list
}

func quoted(words []string) []string {
	list := make([]string, 0, len(words))
	for _, word := range words {
		list = append(list, strconv.Quote(word))
	}
	return list
}

// listWords returns "a, b or c"; JSON types get their article.
func listWords(words []string) string {
	list := make([]string, 0, len(words))
	for _, word := range words {
		list = append(list, article(word))
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// article returns a JSON type in YAML's words, with its article.
func article(word string) string {
	switch word {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "integer":
		return "a whole number"
	case "null":
		return "empty"
	case "string":
		return "a text"
	case "number", "boolean":
		return "a " + word
	default:
		return word
	}
}
