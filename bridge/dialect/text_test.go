package dialect

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// reading returns a dialect with these text rules.
func reading(t *testing.T, rules string) *Dialect {
	t.Helper()
	return parse(t, "dialect: 1\nname: reading\nin: {text: {send: [{text: '{\"ask\":\"{{text}}\"}'}]}}\nreceive:\n  text:\n"+rules)
}

func TestTextModes(t *testing.T) {
	for name, test := range map[string]struct {
		rules    string
		received []string
		want     string
		segments string
	}{
		"append": {
			`    - {path: "$.t"}`,
			[]string{`{"t":"a"}`, `{"t":" b"}`, `{"t":""}`, `{"t":null}`, `{"t":"c"}`},
			"a bc", "",
		},
		"append with a joiner": {
			`    - {path: "$.t", join: " "}`,
			[]string{`{"t":"a"}`, `{"t":""}`, `{"t":"b"}`},
			"a b", "",
		},
		"whole": {
			`    - {path: "$.t", mode: whole}`,
			[]string{`{"t":"the"}`, `{"t":"the cat"}`, `{"t":"a cat."}`},
			"a cat.", "",
		},
		"segment": {
			`    - {path: "$.t", mode: segment, join: " ", final: {"$.f": true}}`,
			[]string{`{"t":"he"}`, `{"t":"hello"}`, `{"t":"Hello","f":true}`, `{"t":"","f":true}`, `{"t":"wor"}`, `{"t":"world","f":true}`, `{"t":"aga"}`},
			"Hello world aga", "Hello! world! aga",
		},
		"segment, always final, in Chinese": {
			`    - {path: "$.t", mode: segment, join: auto}`,
			[]string{`{"t":"你好，"}`, `{"t":" 世界。"}`, `{"t":"hello"}`, `{"t":"world"}`},
			"你好，世界。hello world", "你好，! 世界。! hello! world!",
		},
		"a final segment replaces what was appended": {
			"    - {when: {\"$.mode\": 2pass-online}, path: \"$.t\"}\n    - {when: {\"$.mode\": 2pass-offline}, path: \"$.t\", mode: segment}",
			[]string{
				`{"mode":"2pass-online","t":"欢迎"}`, `{"mode":"2pass-online","t":"大家"}`, `{"mode":"2pass-offline","t":"欢迎大家，"}`,
				`{"mode":"2pass-online","t":"来"}`, `{"mode":"2pass-offline","t":"来体验。"}`, `{"mode":"2pass-online","t":"再"}`,
			},
			"欢迎大家，来体验。再", "欢迎大家，! 来体验。! 再",
		},
		"keyed": {
			`    - {path: "$.t", mode: keyed, key: "$.id", join: " "}`,
			[]string{`{"id":1,"t":"one"}`, `{"id":2,"t":"tow"}`, `{"id":2,"t":"two"}`, `{"t":"none"}`, `{"id":3,"t":""}`, `{"id":1,"t":"One"}`},
			"One two none", "two! none! One!",
		},
		"keyed with a replaced range": {
			`    - {path: "$.ws[*].cw[0].w", mode: keyed, key: "$.sn", replace_range: "$.rg"}`,
			[]string{
				`{"sn":1,"ws":[{"cw":[{"w":"今"}]}]}`, `{"sn":2,"ws":[{"cw":[{"w":"天"}]},{"cw":[{"w":"气"}]}]}`,
				`{"sn":3,"pgs":"rpl","rg":[1,2],"ws":[{"cw":[{"w":"今天"}]},{"cw":[{"w":"天气"}]}]}`, `{"sn":4,"pgs":"apd","ws":[{"cw":[{"w":"好"}]}]}`,
				`{"sn":5,"pgs":"rpl","rg":[4,4],"ws":[{"cw":[{"w":"很好"}]}]}`, `{"sn":6,"rg":[9,"x"],"ws":[{"cw":[{"w":"。"}]}]}`,
			},
			"今天天气很好。", "今天天气! 很好! 。!",
		},
		"keyed, several in a message": {
			`    - {path: "$.segments[*].text", mode: keyed, key: "$.segments[*].start"}`,
			[]string{`{"segments":[{"start":"0.0","text":" a"},{"start":"1.5","text":" b"}]}`, `{"segments":[{"start":"1.5","text":" B"},{"start":"2.0","text":" c"}]}`},
			" a B c", " a!  B!  c!",
		},
		"numbers keep their digits": {
			`    - {path: "$.n", join: ","}`,
			[]string{`{"n":9007199254740993}`, `{"n":1.0}`, `{"n":1e400}`},
			"9007199254740993,1.0,1e400", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b book
			b.sends(0, `{"ask":"x"}`)
			for i, message := range test.received {
				b.gets(int64(i+1), message)
			}
			got := b.one(t, reading(t, test.rules))
			var segments []string
			for _, s := range got.Segments {
				mark := ""
				if s.Final {
					mark = "!"
				}
				segments = append(segments, s.Text+mark)
			}
			if got.Text.Answer != test.want || strings.Join(segments, " ") != test.segments {
				t.Errorf("text %q, segments %q", got.Text.Answer, segments)
			}
		})
	}
}

func TestBothStreamsAreJoinedApart(t *testing.T) {
	d := reading(t, `    - {stream: user, when: {"$.u": "*"}, path: "$.u", mode: whole}
    - {when: {"$.a": "*"}, path: "$.a"}`)
	got := new(book).sends(0, `{"ask":"x"}`).gets(1, `{"u":"hel"}`).gets(2, `{"a":"yes","u":"hello"}`).gets(3, `{"a":"?"}`).one(t, d)
	if got.Text != (TurnText{Answer: "yes?", User: "hello"}) || got.FirstTextUS != us(2) {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestATextIsBounded(t *testing.T) {
	d := reading(t, `    - {path: "$.t"}`)
	piece := fmt.Sprintf(`{"t":%q}`, strings.Repeat("ä", 300_000))
	b := new(book).sends(0, `{"ask":"x"}`)
	for i := range 8 {
		b.gets(int64(i), piece)
	}
	got := b.gets(9, `{"t":"a"}`).one(t, d)
	if len(got.Text.Answer) > maxTurnText || len(got.Text.Answer) < maxTurnText-4 || !got.TextCut || !utf8.ValidString(got.Text.Answer) {
		t.Errorf("%d bytes, cut %v", len(got.Text.Answer), got.TextCut)
	}
	keyed := reading(t, `    - {path: "$.t", mode: keyed, key: "$.k"}`)
	many := new(book).sends(0, `{"ask":"x"}`)
	for i := range maxPieces + 10 {
		many.gets(1, fmt.Sprintf(`{"t":"a","k":%d}`, i))
	}
	if got := many.one(t, keyed); len(got.Text.Answer) != maxPieces || !got.TextCut {
		t.Errorf("%d pieces, cut %v", len(got.Text.Answer), got.TextCut)
	}
}
