package handlers

import (
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge/sign"
	"duplex/bridge/transcript"
)

func TestDocumentHasTheListsOfTheCode(t *testing.T) {
	var document struct {
		Components struct {
			Schemas map[string]struct{ Enum []any }
		}
	}
	if err := yaml.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	var kinds []any
	for _, scheme := range sign.Schemes() {
		kinds = append(kinds, string(scheme.Kind))
	}
	for schema, want := range map[string][]any{
		"CredentialKind": kinds, "Direction": wordsOf(transcript.Directions()), "Opcode": wordsOf(transcript.Opcodes()),
	} {
		if diff := cmp.Diff(want, document.Components.Schemas[schema].Enum); diff != "" {
			t.Errorf("%s (-code +document):\n%s", schema, diff)
		}
	}
}

func wordsOf[T ~string](list []T) (out []any) {
	for _, word := range list {
		out = append(out, string(word))
	}
	return out
}
