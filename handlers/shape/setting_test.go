package shape

import (
	"testing"

	"duplex/views/text"
)

func TestEverySettingHasALabelAndAHint(t *testing.T) {
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range Settings() {
		for _, key := range []string{"page.setting." + setting.Key, "page.setting." + setting.Key + ".help"} {
			if !catalogue.Has(key) {
				t.Errorf("no sentence for %q", key)
			}
		}
	}
}
