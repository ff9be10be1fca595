package handlers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/goccy/go-yaml"

	"duplex/bridge/transcript"
	"duplex/bridge/wire"
)

func TestDocumentHasTheWordsOfTheLog(t *testing.T) {
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	if err := yaml.Unmarshal(openAPIDocument, &document); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		schema, property string
		want             []string
	}{
		{"Row", "direction", stringsOf(transcript.Directions())},
		{"Row", "opcode", stringsOf(transcript.Opcodes())},
		{"ServerEvent", "type", stringsOf(wire.ServerEventTypes())},
		{"ViewerEvent", "type", stringsOf(wire.ViewerEventTypes())},
	} {
		if diff := cmp.Diff(c.want, document.Components.Schemas[c.schema].Properties[c.property].Enum); diff != "" {
			t.Errorf("%s.%s (-code +document):\n%s", c.schema, c.property, diff)
		}
	}
}

func stringsOf[T ~string](list []T) (out []string) {
	for _, word := range list {
		out = append(out, string(word))
	}
	return out
}
