package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"duplex/web/internal/config"
)

func TestReadmeShowsTheSettings(t *testing.T) {
	raw, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings() {
		fallback := ""
		if s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		row := fmt.Sprintf("| `--%s` | `%s` | %s | %s |", s.Flag, s.Env, fallback, s.Help)
		if !strings.Contains(string(raw), row) {
			t.Errorf("README lacks the row\n%s", row)
		}
	}
}

func TestReadmeShowsTheRooms(t *testing.T) {
	raw, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	forTests := []string{"bridge/internal/parttest", "web/e2e", "web/internal/canary", "web/internal/pgtest", "web/internal/ssotest", "web/internal/wirepeer"}
	for name := range rooms {
		if slices.Contains(forTests, name) {
			continue
		}
		last := name[strings.LastIndex(name, "/")+1:] + "/"
		if !strings.Contains(string(raw), last) && !strings.Contains(string(raw), "internal/"+strings.TrimSuffix(last, "/")) {
			t.Errorf("README does not show %s", name)
		}
	}
}
