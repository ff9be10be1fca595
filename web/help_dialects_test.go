package main

import (
	"strings"
	"testing"

	"duplex/bridge/dialect"
)

// The example of the help page is a dialect.
func TestHelpShowsAValidDialect(t *testing.T) {
	t.Parallel()
	page, err := helpFiles.ReadFile("help/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	source, _, _ := strings.Cut(rest, "```")
	d, err := dialect.Parse([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "our-asr" || d.Audio == nil || d.Text == nil {
		t.Errorf("%+v", d)
	}
}
