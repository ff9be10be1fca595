package bridge

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestEveryEventHasASentence(t *testing.T) {
	t.Parallel()
	sentences := readSentences(t, "event.json")
	told := map[string]bool{"other": true} // for events of a newer server
	for _, kind := range EventKinds() {
		told[string(kind)] = true
		_, found := sentences["event."+string(kind)]
		if !found && kind != EventClosed { // it has one for each closer
			t.Errorf("no sentence for %s", kind)
		}
	}
	for _, by := range closers() {
		if sentences["event.closed.by_"+string(by)] == "" {
			t.Errorf("no sentence for a session that was closed by %s", by)
		}
	}
	for key := range sentences {
		if kind, _, _ := strings.Cut(strings.TrimPrefix(key, "event."), "."); !told[kind] {
			t.Errorf("%s is for no event", key)
		}
	}
}

func TestEveryMarkHasASentence(t *testing.T) {
	t.Parallel()
	sentences := readSentences(t, "log.json")
	for _, mark := range Marks() {
		if sentences["log.mark."+string(mark)] == "" {
			t.Errorf("no sentence for %s", mark)
		}
	}
}

func readSentences(t *testing.T, topic string) (sentences map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("../views/text/en/" + topic)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &sentences); err != nil {
		t.Fatal(err)
	}
	return sentences
}
