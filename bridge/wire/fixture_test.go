package wire_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"duplex/bridge/wire"
)

// Each fixture holds every field its event can have. The TypeScript tests read the
// same files.
func TestFixturesRoundTrip(t *testing.T) {
	server := func() any { return new(wire.ServerEvent) }
	viewer := func() any { return new(wire.ViewerEvent) }
	fixtures := map[string]func() any{
		"state.json": server, "rows.json": server, "sent.json": server, "refused.json": server, "bye.json": server,
		"turns.json": server, "playing.json": server,
		"send_text.json": viewer, "send_binary.json": viewer, "close.json": viewer, "prompt.json": viewer, "microphone.json": viewer,
	}
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) != len(fixtures) {
		t.Fatalf("fixtures %v, %v", names, err)
	}
	for _, name := range names {
		event, known := fixtures[filepath.Base(name)]
		if !known {
			t.Errorf("%s has no type", name)
			continue
		}
		roundTrip(t, name, event())
	}
}

func roundTrip(t *testing.T, name string, event any) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(event); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	var want bytes.Buffer
	if err := json.Compact(&want, raw); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(event)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s came back as\n%s\nwant\n%s\n%v", name, got, want.Bytes(), err)
	}
}

func TestViewerFixturesAreAccepted(t *testing.T) {
	for _, name := range []string{"send_text", "send_binary", "prompt", "microphone", "close"} {
		raw, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.ParseViewerEvent(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryTypeHasAFixture(t *testing.T) {
	found := map[wire.EventType]bool{}
	names, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var event struct{ Type wire.EventType }
		if err := json.Unmarshal(raw, &event); err != nil {
			t.Fatal(err)
		}
		found[event.Type] = true
	}
	for _, kind := range append(wire.ServerEventTypes(), wire.ViewerEventTypes()...) {
		if !found[kind] {
			t.Errorf("no fixture of type %q", kind)
		}
	}
}
