package text

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func loadAll(t *testing.T) *Catalogues {
	t.Helper()
	c, err := LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func TestEveryLanguageSaysTheSameThings(t *testing.T) {
	all := loadAll(t).All()
	if all[0].Language != fallback || len(all) < 2 {
		t.Fatalf("%d languages, %s first", len(all), all[0].Language)
	}
	want := slices.Sorted(maps.Keys(all[0].sentences))
	for _, c := range all {
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(c.sentences))); diff != "" {
			t.Errorf("keys of %s (-) and %s (+):\n%s", fallback, c.Language, diff)
		}
		for key, sentence := range c.sentences {
			if strings.TrimSpace(sentence) == "" {
				t.Errorf("%s: %s is empty", c.Language, key)
			}
			if diff := cmp.Diff(names(all[0].sentences[key]), names(sentence)); diff != "" {
				t.Errorf("%s: %s names other things than %s (-):\n%s", c.Language, key, fallback, diff)
			}
		}
	}
}

// names returns the names in braces of a sentence, sorted.
func names(sentence string) []string {
	return slices.Sorted(slices.Values(placeholder.FindAllString(sentence, -1)))
}

// terms read the same in every language.
var terms = []string{
	"APP", "AK/SK", "AppCode", "AppKey", "AppSecret", "Base64", "DNS", "Duplex", "HTML", "IAM", "JSON", "MiB", "Ping", "SGVsbG8=", "SigV4",
	"TCP", "TLS", "Token", "{lufs} LUFS · {peak} dB", "XML", "wss://host/path", "48 65 6c 6c 6f",
}

func TestNoSentenceIsLeftUntranslated(t *testing.T) {
	all := loadAll(t).All()
	for _, c := range all[1:] {
		for key, sentence := range c.sentences {
			same := sentence == all[0].sentences[key] && strings.ContainsFunc(placeholder.ReplaceAllString(sentence, ""), unicode.IsLetter)
			if same && !slices.Contains(terms, sentence) && !strings.HasPrefix(sentence, "{\n") { // messages for the demo are JSON
				t.Errorf("%s: %s is %q in %s too", c.Language, key, sentence, fallback)
			}
		}
	}
}

func TestReaderGetsTheLanguageThatServesThemBest(t *testing.T) {
	c := loadAll(t)
	for accept, want := range map[string]string{
		"":                                   "en",
		"en":                                 "en",
		"en-GB,zh;q=0.9":                     "en",
		"zh":                                 "zh",
		"zh-CN":                              "zh",
		"zh-Hans":                            "zh",
		"zh-Hans-SG,en;q=0.8":                "zh",
		"zh-TW":                              "zh",
		"zh-TW,en;q=0.8":                     "zh", // traditional Chinese reads simplified sooner than English
		"zh-HK,zh-TW;q=0.9,en;q=0.7":         "zh",
		"en;q=0.4,zh-CN;q=0.6":               "zh",
		"zh-CN;q=0.1,en;q=0.9":               "en",
		"zh;q=0,en":                          "en",
		"tlh-AQ,tlh;q=0.9,zh;q=0.3,en;q=0.2": "zh",
		"tlh-AQ,vo;q=0.5":                    "en",
		"*":                                  "en",
		"zh-" + strings.Repeat("a-", 9000):   "en",
		"\x00;;q=,,=":                        "en",
	} {
		if got := c.For("", accept).Language; got != want {
			t.Errorf("%.60q reads %s, want %s", accept, got, want)
		}
	}
}

func TestChosenLanguageWinsOverTheBrowsers(t *testing.T) {
	c := loadAll(t)
	for _, tt := range []struct{ chosen, accept, want string }{
		{"zh", "en-US,en;q=0.9", "zh"},
		{"en", "zh-CN,zh;q=0.9", "en"},
		{"klingon", "zh-CN", "zh"},
		{"vo", "zh-CN", "zh"},
	} {
		if got := c.For(tt.chosen, tt.accept).Language; got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// Browsers take glyphs and voices by the tag; "zh" alone would leave the script open.
func TestLanguagesAreNamedAsTheirReadersAndBrowsersNameThem(t *testing.T) {
	c := loadAll(t)
	for language, want := range map[string][2]string{"en": {"English", "en"}, "zh": {"简体中文", "zh-CN"}} {
		catalogue := c.Named(language)
		if got := [2]string{catalogue.Say("language.name", nil), catalogue.Tag()}; got != want {
			t.Errorf("%s: %v", language, got)
		}
	}
	if c.Named("tlh") != nil {
		t.Error("a language that is not there was found")
	}
}
