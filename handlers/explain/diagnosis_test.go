package explain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/diagnose"
	"duplex/bridge/wire"
	"duplex/handlers/explain"
	"duplex/views/text"
)

// A fact is split at the colon of its sentence, not at one of its value.
func TestFactsAreATableInEveryLanguage(t *testing.T) {
	t.Parallel()
	finding := diagnose.Finding{Rule: "closed_1011", By: diagnose.ByService, MessageSeq: 6, Facts: []diagnose.Fact{
		{Key: "close_reason", Values: map[string]string{"close_reason": "quota: 3"}},
		{Key: "from_container"},
	}}
	for _, language := range []string{"en", "zh"} {
		words, err := text.Load(language)
		if err != nil {
			t.Fatal(err)
		}
		got := explain.Diagnosis(words, finding)
		want := []wire.DiagnosisFact{
			{Key: "close_reason", Name: map[string]string{"en": "Close reason", "zh": "关闭原因"}[language], Value: "quota: 3"},
			{Key: "from_container", Value: words.Say("evidence.from_container", nil)},
		}
		if diff := cmp.Diff(want, got.Facts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", language, diff)
		}
		if got.By != "service" || got.MessageSeq != 6 {
			t.Errorf("%s: by %q, message %d", language, got.By, got.MessageSeq)
		}
	}
}
