package dialect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// structural are the codes of problems that the schema sees too.
var structural = []string{CodeUnknownKey, CodeMissingKey, CodeBadType, CodeBadValue}

// TestSchemaAndParserAgree spoils each value of a file that has every key. Both
// must refuse the same ones, apart from what a schema cannot say.
func TestSchemaAndParserAgree(t *testing.T) {
	source := readFile(t, "testdata/every_key.yaml")
	root, problems := readTree(source)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	compiler := jsonschema.NewCompiler()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	values, spoiled, refused := 0, 0, 0
	walkPlain(root.plain(), nil, func(path []any) {
		values++
		for i, spoil := range []func(any) any{
			func(any) any { return nil },
			func(any) any { return []any{} },
			func(any) any { return map[string]any{} },
			func(any) any { return json.Number("-7") },
			func(any) any { return "Nonsense ✗" },
			func(any) any { return true },
			func(v any) any { return []any{v} },
			func(v any) any { return map[string]any{"unknown_key": v} },
			func(v any) any {
				if object, is := v.(map[string]any); is {
					object["unknown_key"] = "x"
				}
				return v
			},
		} {
			if (i+values)%9 != 0 {
				continue // one way for each value: all nine would take a minute with the race detector
			}
			document := set(root.plain(), path, spoil)
			encoded, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			bySchema := schema.Validate(document)
			_, byParser := Parse(encoded)
			spoiled++
			if bySchema != nil {
				refused++
			}
			if bySchema != nil && byParser == nil {
				t.Errorf("%v: the schema refuses it: %v\n%s", path, bySchema, encoded)
			}
			if bySchema == nil && byParser != nil && seenBySchema(problemsIn(t, byParser)) {
				t.Errorf("%v: the parser refuses it: %v\n%s", path, byParser, encoded)
			}
		}
	})
	t.Logf("%d spoiled files, %d refused by the schema", spoiled, refused)
	if refused < 150 {
		t.Errorf("only %d files of %d are refused", refused, spoiled)
	}
}

// seenBySchema reports whether all problems are about one value. A schema sees neither those
// about more than one, nor numbers inside of texts.
func seenBySchema(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool {
		return !slices.Contains(structural, p.Code) || slices.ContainsFunc([]string{
			"mark", "frame", "layout", "silence", "rate or rate_from", "has no message", "format's own", "64 bits", "for bytes only", "shortest time", "either ms or bytes",
		}, func(words string) bool { return strings.Contains(p.Detail, words) })
	})
}

// walkPlain calls visit with the path of each value below v.
func walkPlain(v any, path []any, visit func(path []any)) {
	visit(path)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedNames(v) {
			walkPlain(v[name], append(slices.Clone(path), name), visit)
		}
	case []any:
		for i, item := range v {
			walkPlain(item, append(slices.Clone(path), i), visit)
		}
	}
}

// set returns v with the value at path changed.
func set(v any, path []any, change func(any) any) any {
	if len(path) == 0 {
		return change(v)
	}
	switch v := v.(type) {
	case map[string]any:
		name := fmt.Sprint(path[0])
		v[name] = set(v[name], path[1:], change)
	case []any:
		i, _ := path[0].(int)
		v[i] = set(v[i], path[1:], change)
	}
	return v
}

func TestSchemaIsOfDraft2020(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	meta, err := compiler.Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(document); err != nil {
		t.Error(err)
	}
}

// The descriptions list types, filters and values by hand.
func TestSchemaNamesAllWords(t *testing.T) {
	text := string(Schema())
	words := filterNames()
	for _, name := range integerNames() {
		if !strings.HasSuffix(name, "le") {
			words = append(words, name)
		}
	}
	for name := range wordValues {
		words = append(words, name)
	}
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("the schema does not name %s", word)
		}
	}
}
