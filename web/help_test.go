package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"duplex/views/text"
	"duplex/web/internal/config"
)

var update = flag.Bool("update", false, "write help/settings.md anew")

// runHelp runs the program with arguments and an environment.
func runHelp(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), process{args: args, getenv: func(k string) string { return env[k] }, stdout: &out, stderr: &errs})
	return code, out.String(), errs.String()
}

// A password in the environment must not be printed as a default.
func TestHelpShowsNothingOfTheEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DUPLEX_EGRESS_PROXY": "http://ann:s3cr3tpw@proxy.example", "DUPLEX_DATABASE_URL": "postgres://me:s3cr3tpw@db/x"}
	for _, args := range [][]string{{"--help"}, {"help"}, {"secrets", "check", "-h"}} {
		code, out, _ := runHelp(t, env, args...)
		if code != 0 || !strings.Contains(out, "DUPLEX_EGRESS_PROXY") || strings.Contains(out, "s3cr3tpw") {
			t.Errorf("%v: %d\n%s", args, code, out)
		}
	}
}

func TestHelpListsEveryCommandAndTopic(t *testing.T) {
	t.Parallel()
	_, out, _ := runHelp(t, nil, "help")
	for _, c := range commands() {
		if !strings.Contains(out, c.usage) {
			t.Errorf("help lacks %q:\n%s", c.usage, out)
		}
	}
	if len(helpTopics()) < 2 {
		t.Fatalf("topics %v", helpTopics())
	}
	for _, topic := range helpTopics() {
		code, page, _ := runHelp(t, nil, "help", topic)
		if code != 0 || !strings.HasPrefix(page, "# ") || !strings.Contains(out, topic) {
			t.Errorf("help %s: %d\n%s", topic, code, page)
		}
	}
	if code, _, errs := runHelp(t, nil, "help", "nothing"); code != 2 || !strings.Contains(errs, "settings") {
		t.Errorf("an unknown topic: %d %s", code, errs)
	}
	if code, _, errs := runHelp(t, nil, "serve"); code != 2 || !strings.Contains(errs, "duplex help") {
		t.Errorf("an unknown command: %d %s", code, errs)
	}
}

// The reference page lists the settings of the program, each with its default and the
// sentence that the page shows. Write it anew: go test ./web -run ReferencePage -update.
func TestReferencePageListsTheSettings(t *testing.T) {
	t.Parallel()
	const file = "help/settings.md"
	words, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, group := range config.Groups() {
		begin, end := fmt.Sprintf("<!-- settings of %s -->\n", group), "<!-- end -->"
		lists := regexp.MustCompile("(?s)" + regexp.QuoteMeta(begin) + "(.*?)" + end)
		found := lists.FindStringSubmatch(page)
		if found == nil {
			t.Errorf("%s has no place for the settings of %s", file, group)
			continue
		}
		want := settingsList(group, words)
		if found[1] != want && !*update {
			t.Errorf("%s, settings of %s: is\n%s\nwant\n%s", file, group, found[1], want)
		}
		page = strings.Replace(page, found[0], begin+want+end, 1)
	}
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Every setting belongs to a group of the reference page, and its sentence is in every
// language.
func TestEverySettingHasItsSentence(t *testing.T) {
	t.Parallel()
	catalogues, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings() {
		if s.Group == "" {
			t.Errorf("%s is in no group", s.Flag())
		}
		for _, words := range catalogues.All() {
			if key := "setting." + s.Name; !words.Has(key) {
				t.Errorf("%s: no sentence %s", words.Language, key)
			}
		}
	}
	for _, source := range config.Sources() {
		for _, words := range catalogues.All() {
			if key := "setting.source." + string(source); !words.Has(key) {
				t.Errorf("%s: no sentence %s", words.Language, key)
			}
		}
	}
}
