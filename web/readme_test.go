package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The README names every reference page, and no file that does not exist.
func TestReadmeLinksExist(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} {
		raw, err := os.ReadFile("../" + page)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(string(raw), -1) {
			if _, err := os.Stat("../" + link[1]); err != nil {
				t.Errorf("%s links to a missing file: %v", page, err)
			}
		}
		if page != "README.md" {
			continue
		}
		for _, topic := range helpTopics() {
			if !strings.Contains(string(raw), "(web/help/"+topic+".md)") {
				t.Errorf("README does not name the page %q", topic)
			}
		}
	}
}

// ARCHITECTURE.md shows the map that rooms_test.go checks.
func TestArchitectureShowsTheRooms(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range rooms {
		last := name[strings.LastIndex(name, "/")+1:]
		if !regexp.MustCompile(`(?m)^\s*(\S+/)*` + regexp.QuoteMeta(last) + `/?\s`).Match(raw) {
			t.Errorf("ARCHITECTURE.md does not show %s", name)
		}
	}
}
