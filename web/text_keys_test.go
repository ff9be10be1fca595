package main

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"duplex/bridge/audit"
	"duplex/bridge/demo"
	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/speech"
	"duplex/bridge/transcript"
	"duplex/handlers/api"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/views/text"
	"duplex/web/internal/config"
)

// words turns typed names into text.
func words[T ~string](names []T, more ...string) []string {
	for _, name := range names {
		more = append(more, string(name))
	}
	return more
}

func roleNames() []string {
	var names []string
	for _, role := range identity.AllRoles() {
		names = append(names, role.String())
	}
	return append(names, "none")
}

// problemStatuses returns the statuses of the codes that a page can show.
func problemStatuses() []string {
	statuses := map[string]bool{}
	for _, code := range reply.Codes() {
		if status := reply.StatusOf(code); status >= 400 {
			statuses[strconv.Itoa(status)] = true
		}
	}
	var names []string
	for status := range statuses {
		names = append(names, status)
	}
	return names
}

// numbers returns the numbers from one to another.
func numbers(from, to int) []string {
	var names []string
	for n := from; n <= to; n++ {
		names = append(names, strconv.Itoa(n))
	}
	return names
}

// familyNames returns the names that code puts in place of the * of a key, for each key
// that code builds. Nil: a test beside the code checks the sentences of this family.
func familyNames() map[string][]string {
	var kinds, settings, exports, demos []string
	cards := []string{"stream", "modelarts", "speech"} // of the first page
	for _, scheme := range sign.Schemes() {
		if scheme.Kind != sign.KindNone && !scheme.Named() { // which have no chip
			kinds = append(kinds, string(scheme.Kind))
		}
	}
	d := demo.New(demo.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	defer d.Close()
	for _, saved := range d.Services("ws://127.0.0.1:1") {
		demos = append(demos, saved.Endpoint)
	}
	for _, format := range transcript.Formats() {
		exports = append(exports, format.Name)
	}
	for _, s := range config.Settings() {
		settings = append(settings, s.Name)
	}
	return map[string][]string{
		"auth.kind.*.chip":     kinds,
		"diagnosis.*.cause":    diagnose.Rules(),
		"diagnosis.*.fix":      diagnose.Rules(),
		"error.*":              words(reply.Codes()),
		"evidence.*":           nil, // bridge/diagnose tells its stories
		"evidence.reason.*":    words(dial.Reasons()),
		"history.days.*":       {"1", "7", "30", "90"},
		"history.in.*":         api.SearchPlaces(),
		"history.outcome.*":    {"1006"},
		"history.state.*":      load.FilterStates(),
		"page.composer.*":      {"bottom", "top"},
		"time.month.*":         numbers(1, 12),
		"time.weekday.*":       numbers(0, 6),
		"identity.*":           {"signed_in", "signed_out"},
		"identity.*.message":   {"signed_in", "signed_out"},
		"identity.fact.*":      {"mode", "proxies", "headers", "issuer", "audience", "keys", "origins", "lease", "admins", "members", "viewers", "others"},
		"identity.role.*":      roleNames(),
		"identity.why.*":       append(identity.AllRefusals(), "internal"),
		"page.audit.action.*":  words(audit.Actions()),
		"page.audit.broken.*":  words(audit.Kinds()),
		"page.audit.outcome.*": words(audit.Outcomes()),
		"page.export.*":        exports,
		"page.problem.*":       problemStatuses(),
		"sidebar.demo.*":       demos,
		"speech.note.*":        words(speech.NoteCodes()),
		"page.state.*":         {"connecting", "open", "closing", "closed"},
		"page.code.*":          {"wscat", "curl", "python"},
		"page.tab.*":           {"turns", "messages", "timing", "params", "headers", "auth", "settings"},
		"start.*":              cards,
		"start.*.about":        {"stream", "modelarts"}, // speech has two halves around a link
		"start.*.go":           cards,
		"page.theme.*":         {"auto", "light", "dark"},
		"search.wrong.*":       nil, // handlers/explain
		"setting.*":            settings,
		"setting.source.*":     words(config.Sources()),
		"token.scope.*":        words(identity.Scopes()),
		"token.scope.*.help":   words(identity.Scopes()),
	}
}

var (
	saidKey  = regexp.MustCompile(`\bSay\(\s*"([a-z0-9_.]+)"\s*[,)]`)
	builtKey = regexp.MustCompile(`\bSay\(\s*"([a-z0-9_.]+\.)"\s*\+\s*([^,\n]+)`)
	tail     = regexp.MustCompile(`\+\s*"(\.[a-z0-9_.]+)"`)
)

// A key without a sentence would be shown as it is.
func TestEveryKeyThatCodeSaysHasASentence(t *testing.T) {
	t.Parallel()
	all, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	families := familyNames()
	used := map[string]bool{}
	for path, source := range goSources(t) {
		for _, match := range saidKey.FindAllStringSubmatch(source, -1) {
			used[match[1]] = true
		}
		for _, match := range builtKey.FindAllStringSubmatch(source, -1) {
			family := match[1] + "*"
			if end := tail.FindStringSubmatch(match[2]); end != nil {
				family += end[1]
			}
			if _, known := families[family]; !known {
				t.Errorf("%s builds the key %s: list its names in familyNames", path, family)
			}
		}
	}
	for family, names := range families {
		for _, name := range names {
			used[strings.Replace(family, "*", name, 1)] = true
		}
	}
	if len(used) < 300 {
		t.Errorf("only %d keys found", len(used))
	}
	for _, catalogue := range all.All() {
		for key := range used {
			if !catalogue.Has(key) {
				t.Errorf("%s: %s has no sentence", catalogue.Language, key)
			}
		}
	}
}

// goSources returns the Go and templ files of the program, tests and generated ones left out.
func goSources(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	for _, root := range []string{"../web", "../handlers", "../views", "../bridge"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
				return err
			}
			if !slices.Contains([]string{".go", ".templ"}, filepath.Ext(path)) {
				return nil
			}
			raw, err := os.ReadFile(path)
			sources[path] = string(raw)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sources
}
