package bridge

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"duplex/bridge/speech"
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

func TestEveryWordOfAListHasASentence(t *testing.T) {
	t.Parallel()
	for _, mark := range Marks() {
		wantSentence(t, "log.json", "log.mark."+string(mark))
	}
	for _, state := range States() {
		wantSentence(t, "page.json", "page.state."+string(state))
	}
	for _, quota := range AllQuotas() {
		wantSentence(t, "limits.json", "error."+string(quota))
	}
	for _, code := range speech.NoteCodes() {
		wantSentence(t, "speech.json", "speech.note."+string(code))
	}
	for _, reason := range speech.FormatReasons() {
		wantSentence(t, "error.json", "error.bad_audio."+string(reason))
	}
	for _, written := range MessageTypes() {
		wantSentence(t, "saved.json", "saved.type."+string(written))
		if written.Opcode() == "" {
			t.Errorf("no opcode for %s", written)
		}
	}
}

func wantSentence(t *testing.T, topic, key string) {
	t.Helper()
	if readSentences(t, topic)[key] == "" {
		t.Errorf("no sentence %s in %s", key, topic)
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
