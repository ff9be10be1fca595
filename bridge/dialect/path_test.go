package dialect

import (
	"strings"
	"testing"

	"github.com/theory/jsonpath"

	"duplex/bridge/transcript"
)

func envelopeOf(t *testing.T, text string) *Envelope {
	t.Helper()
	e, err := (&Dialect{Receive: Receive{Envelope: EnvelopeJSON}}).Unpack(transcript.Text, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const sample = `{"type": "r.delta", "n": 9007199254740993, "f": 1.0, "ok": true, "none": null, "empty": "", "o": {"b": 2, "a": 1},
	"list": [{"w": "a", "final": true, "id": 1}, {"w": "b", "final": false, "id": 2}, {"w": "c", "final": true, "id": 3}], "a.b": "dot", "it's": 1}`

func TestPathsSelect(t *testing.T) {
	e := envelopeOf(t, sample)
	for path, want := range map[string]string{
		"$.type":                         "r.delta",
		"$['type']":                      "r.delta",
		`$["a.b"]`:                       "dot",
		`$['it\'s']`:                     "1",
		"$.n":                            "9007199254740993",
		"$.f":                            "1.0",
		"$.ok":                           "true",
		"$.none":                         "",
		"$.absent":                       "",
		"$.type.x":                       "",
		"$.type[0]":                      "",
		"$.list[0].w":                    "a",
		"$.list[-1].w":                   "c",
		"$.list[3].w":                    "",
		"$.list.w":                       "",
		"$.o[0]":                         "",
		"$.list[*].w":                    "a|b|c",
		"$.list.*.w":                     "a|b|c",
		"$.o.*":                          "1|2",
		"$.o":                            `{"a":1,"b":2}`,
		"$.list[?@.final].w":             "a|b|c",
		"$.list[?@.final == true].w":     "a|c",
		"$.list[?@.id > 1].w":            "b|c",
		"$.list[?@.id == $.o.b].w":       "b",
		"$..w":                           "a|b|c",
		"$..id":                          "1|2|3",
		"$.list[::-1].w":                 "c|b|a",
		"$.list[0:2].w":                  "a|b",
		"$['o','type']":                  `{"a":1,"b":2}|r.delta`,
		"$.list[?match(@.w, '[ab]')].id": "1|2",
		"@opcode":                        "text",
		"@size":                          "277",
		"@absent":                        "",
	} {
		p, err := ParsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := strings.Join(p.Texts(e), "|"); got != want && path != "@size" {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
		text, found := p.Text(e)
		if text != strings.ReplaceAll(want, "|", "") && path != "@size" || found != (len(p.Texts(e)) > 0) {
			t.Errorf("%s: text %q, %v", path, text, found)
		}
		if p.String() != path || p.IsZero() {
			t.Errorf("%s: source %q", path, p)
		}
	}
	if text, found := (Path{}).Text(e); text != "" || found || !(Path{}).IsZero() || (Path{}).All(e) != nil {
		t.Errorf("the zero path selects %q", text)
	}
	if p, _ := ParsePath("$.a"); p.All(nil) != nil || p.All(&Envelope{}) != nil {
		t.Error("a path selects from nothing")
	}
}

// The walker must agree with the library.
func TestSimplePathsSelectAsTheLibraryDoes(t *testing.T) {
	e := envelopeOf(t, sample)
	for _, path := range []string{"$", "$.type", "$['a.b']", "$.list[0]", "$.list[-2].w", "$.list[*]", "$.list[*]['w']", "$.o.a", "$.o.a.b", "$.list[9]", "$.list[-9]"} {
		p, err := ParsePath(path)
		if err != nil || p.query != nil {
			t.Fatalf("%s is not simple: %v", path, err)
		}
		slow := p
		slow.query, slow.sorted = jsonpath.MustParse(path), true
		if got, want := strings.Join(p.Texts(e), "|"), strings.Join(slow.Texts(e), "|"); got != want {
			t.Errorf("%s: %q, the library has %q", path, got, want)
		}
	}
}

func TestPathsThatCostTooMuchAreRefused(t *testing.T) {
	for _, path := range []string{
		"", "a", "$.", "$[", "$..a..b", "$" + strings.Repeat("[0,0]", 20), "$[?$[?@.a]]", "$[?$[*] == 1]", "$.a" + strings.Repeat(".b", 300),
		"$[?@.a][?@.a][?@.a][?@.a][?@.a]", "@", "@a b", "@a.b", "$.a b",
	} {
		if _, err := ParsePath(path); err == nil {
			t.Errorf("%.40s is read", path)
		}
	}
}

func TestMatches(t *testing.T) {
	e := envelopeOf(t, sample)
	for _, c := range []struct {
		path, value string
		null, want  bool
	}{
		{"$.type", "r.delta", false, true},
		{"$.type", "r", false, false},
		{"$.type", `/\.delta$/`, false, true},
		{"$.type", "/^delta/", false, false},
		{"$.type", "*", false, true},
		{"$.none", "*", false, false},
		{"$.absent", "*", false, false},
		{"$.empty", "*", false, true},
		{"$.empty", "", false, true},
		{"$.none", "!*", false, true},
		{"$.absent", "!*", false, true},
		{"$.type", "!*", false, false},
		{"$.list[*].absent", "!*", false, true},
		{"$.list[*].w", "!*", false, false},
		{"$.none", "", true, true},
		{"$.absent", "", true, false},
		{"$.none", "null", false, false},
		{"$.n", "9007199254740993", false, true},
		{"$.n", "9007199254740992", false, false},
		{"$.f", "1", false, true},
		{"$.f", "1.00", false, true},
		{"$.ok", "true", false, true},
		{"$.ok", "false", false, false},
		{"$.list[*].w", "b", false, true},
		{"$.list[*].w", "d", false, false},
		{"$.list[?@.final == true].w", "b", false, false},
		{"$.o", `/"a":1/`, false, true},
		{"@opcode", "text", false, true},
		{"@text", "/delta/", false, true},
		{"$.type", "//", false, false},
	} {
		p, err := ParsePath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		condition, err := newCondition(p, c.value, c.null)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Match{condition}).Holds(e); got != c.want {
			t.Errorf("%s: %s is %v", c.path, c.value, got)
		}
		if (Match{condition}).Holds(nil) {
			t.Error("a condition holds for nothing")
		}
	}
	if !Match(nil).Holds(e) {
		t.Error("no condition does not hold")
	}
}
