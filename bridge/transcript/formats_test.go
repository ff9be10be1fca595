package transcript

import (
	"encoding/json"
	"mime"
	"os"
	"testing"
)

func TestEveryFormatHasAMediaTypeAndANameOnTheMenu(t *testing.T) {
	raw, err := os.ReadFile("../../views/text/en/page.json")
	if err != nil {
		t.Fatal(err)
	}
	var sentences map[string]string
	if err := json.Unmarshal(raw, &sentences); err != nil {
		t.Fatal(err)
	}
	all := Formats()
	if len(all) == 0 || all[0].Name != DefaultFormat {
		t.Fatalf("the default is not the first of %v", all)
	}
	for _, format := range all {
		if sentences["page.export."+format.Name] == "" {
			t.Errorf("page.export.%s has no sentence", format.Name)
		}
		if _, _, err := mime.ParseMediaType(format.ContentType); err != nil || format.Write == nil {
			t.Errorf("%s: media type %q: %v", format.Name, format.ContentType, err)
		}
	}
}
