package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// readAPIDocument returns the OpenAPI document as it is compiled into the program.
func readAPIDocument(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("../handlers/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// parseAPIDocument returns the document as kin-openapi reads it, with all references resolved.
func parseAPIDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(readAPIDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// References, parameters and examples. `npm run generate` checks the same document against
// the JSON Schema that the OpenAPI Initiative publishes.
func TestAPIDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := parseAPIDocument(t).Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

// Generated clients name their functions after operationIds, and readers find calls by tag.
func TestEveryOperationHasANameAndATag(t *testing.T) {
	t.Parallel()
	doc, name := parseAPIDocument(t), regexp.MustCompile(`^[a-z]+[A-Z][A-Za-z]+$`)
	tags, ids := map[string]bool{}, map[string]string{}
	for _, tag := range doc.Tags {
		tags[tag.Name] = false
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			call := method + " " + path
			if !name.MatchString(op.OperationID) || ids[op.OperationID] != "" {
				t.Errorf("%s has the operationId %q, as %q", call, op.OperationID, ids[op.OperationID])
			}
			ids[op.OperationID] = call
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s needs a summary and one tag, not %v", call, op.Tags)
			}
			for _, tag := range op.Tags {
				if _, listed := tags[tag]; !listed {
					t.Errorf("%s has the tag %q, which is not listed", call, tag)
				}
				tags[tag] = true
			}
		}
	}
	for tag, used := range tags {
		if !used {
			t.Errorf("no operation has the tag %s", tag)
		}
	}
}
