package explain_test

import (
	"regexp"
	"strings"
	"testing"

	"duplex/bridge/dialect"
	"duplex/handlers/explain"
	"duplex/views/text"
)

// Each sentence comes back in Chinese when its English form, with values, is told.
func TestEveryMistakeIsToldInChinese(t *testing.T) {
	t.Parallel()
	english, chinese := load(t, "en"), load(t, "zh")
	placeholder := regexp.MustCompile(`\{([a-z_]+)\}`)
	for _, key := range english.Keys("mistake.") {
		if strings.HasPrefix(key, "mistake.word.") {
			continue
		}
		values := map[string]string{}
		for _, found := range placeholder.FindAllStringSubmatch(english.Say(key, nil), -1) {
			values[found[1]] = `"v` + found[1] + `"`
		}
		if got, want := explain.Mistake(chinese, english.Say(key, values)), chinese.Say(key, values); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// Sources with mistakes of all kinds leave no English words outside of quotes.
func TestMistakesOfRealDialectsAreToldInChinese(t *testing.T) {
	t.Parallel()
	chinese := load(t, "zh")
	for _, source := range []string{
		"receve: {envelope: json}", "receive: {envelope: jsn}", "in: []", "receive: text", "limits: {idle: 20}", "limits: {idle: 20 s}", "limits: {rate: -1}",
		"in: {audio: {rate: 10}}", "keepalive: {every: 4s}", "keepalive: {every: 1ms, send: {text: a}}", "secrets: [key, key]", "vars: {text: 1}", "vars:\n  a: 1\n  a: 2",
		"vars: {a: [1]}", "receive: {label: type}", `finish: [{text: "{{languege}}"}]`, `finish: [{text: "{{"}]`, "finish: [{}]", "finish: [{text: a, binary: [\"hex:00\"]}]", "handshake: {headers: [[a]]}", "",
	} {
		_, err := dialect.Parse([]byte("dialect: 1\nname: x\n" + source))
		if source == "" {
			_, err = dialect.Parse(nil)
		}
		syntax, ok := err.(*dialect.SyntaxError) //nolint:errorlint // Parse returns no other
		if !ok {
			t.Errorf("%s: %v", source, err)
			continue
		}
		for _, p := range syntax.Problems {
			got := explain.Mistake(chinese, p.Detail)
			if !regexp.MustCompile(`\p{Han}`).MatchString(got) {
				t.Errorf("%s: %q is told as %q", source, p.Detail, got)
			}
		}
	}
}

func load(t *testing.T, language string) *text.Catalogue {
	t.Helper()
	c, err := text.Load(language)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
