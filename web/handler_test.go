package main

import (
	"testing"

	"duplex/views/text"
	"duplex/web/internal/config"
)

// What --help says of a setting and what the page says of it is one sentence.
func TestEverySettingHasItsSentence(t *testing.T) {
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings() {
		if got := catalogue.Say("setting."+s.Flag, nil); got != s.Help {
			t.Errorf("setting.%s says %q, --help says %q", s.Flag, got, s.Help)
		}
	}
}
