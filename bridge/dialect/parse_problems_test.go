package dialect

import (
	"fmt"
	"strings"
	"testing"
)

// problemsOf returns the problems of a source, which must have some.
func problemsOf(t *testing.T, source string) []Problem {
	t.Helper()
	_, err := Parse([]byte(source))
	return problemsIn(t, err)
}

// TestMistakesAreNamedWithTheirPlace has one mistake in each source, after two good lines. The
// place of the mistake is marked by "»", which is taken out.
func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ source, code, path, nearest string }{
		{"»receve: {envelope: json}", CodeUnknownKey, "receve", "receive"},
		{"receive:\n  text:\n    - {path: $.a, »stram: user}", CodeUnknownKey, "receive.text[0].stram", "stream"},
		{"receive: {text: {path: $.a, »whem: {$.a: 1}}}", CodeUnknownKey, "receive.text.whem", "when"},
		{"receive: {done: {»silance: 2s}}", CodeUnknownKey, "receive.done.silance", "silence"},
		{"open:\n- »sned: {text: a}", CodeUnknownKey, "open[0].sned", "send"},
		{"secrets: [{»naem: a}]", CodeUnknownKey, "secrets[0].naem", "name"},
		{"errors:\n  1008: {»cuase: a}", CodeUnknownKey, "errors[\"1008\"].cuase", "cause"},
		{"receive: {ready: {»type: a}}", CodeUnknownKey, "receive.ready.type", ""},
		{"receive: {envelope: »jsn}", CodeBadValue, "receive.envelope", "json"},
		{"receive: {text: [{path: $.a, mode: »apend}]}", CodeBadValue, "receive.text[0].mode", "append"},
		{"in: {audio: {rate: 8000, encoding: »s16be}}", CodeBadValue, "in.audio.encoding", "s16le"},
		{"in: {audio: {rate: 8000, container: »wavstream}}", CodeBadValue, "in.audio.container", "wav-stream"},
		{"keepalive: {every: 4s, when: »idel-sent, send: {text: a}}", CodeBadValue, "keepalive.when", "idle-sent"},
		{"in: {audio: {rate: 8000}}\nkeepalive: {every: 4s, send: »silense}", CodeBadValue, "keepalive.send", "silence"},
		{"keepalive: {every: 4s, send: »silence}", CodeBadValue, "keepalive.send", ""},
		{"keepalive: {every: »1ms, send: {text: a}}", CodeBadValue, "keepalive.every", ""},
		{"keepalive: »{every: 4s}", CodeMissingKey, "keepalive", ""},
		{"in: {audio: »{ms: 20}}", CodeMissingKey, "in.audio", ""},
		{"in: {audio: {rate: »10}}", CodeBadValue, "in.audio.rate", ""},
		{"in: {audio: {rate: 8000, ms: 20, bytes: »640}}", CodeBadValue, "in.audio.bytes", ""},
		{"in: »[]", CodeBadType, "in", ""},
		{"receive: »text", CodeBadType, "receive", ""},
		{"limits: {idle: »20}", CodeBadType, "limits.idle", ""},
		{"limits: {idle: »20 s}", CodeBadValue, "limits.idle", ""},
		{"limits: {idle: »0s}", CodeBadValue, "limits.idle", ""},
		{"limits: {message: »12XB}", CodeBadValue, "limits.message", ""},
		{"limits: {message: »2048MB}", CodeBadValue, "limits.message", ""},
		{"limits: {rate: »-1}", CodeBadValue, "limits.rate", ""},
		{"limits: {frame: »[64KB, 320B]}", CodeBadValue, "limits.frame", ""},
		{"counters: {seq: »1.5}", CodeBadType, "counters.seq", ""},
		{"secrets: [key, »key]", CodeDuplicateKey, "secrets[1]", ""},
		{"vars: {a: 1}\nsession: {»a: b}", CodeDuplicateKey, "session.a", ""},
		{"vars: {»text: 1}", CodeBadValue, "vars.text", ""},
		{"vars: {»1x: 1}", CodeUnknownKey, `vars["1x"]`, ""},
		{"vars:\n  a: 1\n  »a: 2", CodeDuplicateKey, "vars.a", ""},
		{"vars: {a: »*b}", CodeSyntax, "vars.a", ""},
		{"vars: {a: »[1]}", CodeBadType, "vars.a", ""},
		{"receive: {label: »type}", CodeBadValue, "receive.label", ""},
		{"receive: {label: »\"$.a[\"}", CodeBadPath, "receive.label", ""},
		{"receive: {label: »\"$..a..b\"}", CodeBadPath, "receive.label", ""},
		{"receive: {label: »\"@a b\"}", CodeBadPath, "receive.label", ""},
		{"receive: {ready: {»\"$.a[\": 1}}", CodeBadPath, `receive.ready["$.a["]`, ""},
		{"receive: {ready: {$.a: »/(/}}", CodeBadPattern, `receive.ready["$.a"]`, ""},
		{"receive: {ready: {$.a: »[b]}}", CodeBadType, `receive.ready["$.a"]`, ""},
		{"receive: {audio: »{path: $.a, binary: true, rate: 8000}}", CodeBadValue, "receive.audio", ""},
		{"receive: {audio: »{path: $.a}}", CodeMissingKey, "receive.audio", ""},
		{"receive: {text: »{path: $.a, mode: keyed}}", CodeMissingKey, "receive.text", ""},
		{"receive: {envelope: »layout}", CodeMissingKey, "receive.envelope", ""},
		{"receive: {envelope: json, layout: »[{name: a, type: u8}]}", CodeBadValue, "receive.layout", ""},
		{"receive: {layout: [{name: a, type: »u9}]}", CodeBadValue, "receive.layout[0].type", ""},
		{"receive: {layout: [{name: size, type: u8}, {name: b, type: »\"bytes:siez\"}]}", CodeUndefinedName, "receive.layout[1].type", "size"},
		{"receive: {layout: [{name: flags, type: u8}, {name: b, type: u8, if: [»flag, \"&\", 1]}]}", CodeUndefinedName, "receive.layout[1].if[0]", "flags"},
		{"receive: {layout: [{name: a, type: u8, as: »json}]}", CodeBadValue, "receive.layout[0].as", ""},
		{"receive: {layout: [{name: body, type: \"bytes:rest\"}], audio: {field: »boddy, rate: 8000}}", CodeUndefinedName, "receive.audio.field", "body"},
		{"finish: [»{}]", CodeMissingKey, "finish[0]", ""},
		{"finish: [»{text: a, binary: [\"hex:00\"]}]", CodeBadValue, "finish[0]", ""},
		{"finish: [{binary: [\"hex:»0\"]}]", CodeBadTemplate, "finish[0].binary[0]", ""},
		{"in: {text: {send: [{text: a}], mark: »1}}", CodeBadValue, "in.text.mark", ""},
		{"in: {text: {send: »[{text: a, mark: true}, {text: b, mark: true}]}}", CodeBadValue, "in.text.send", ""},
		{"in: {text: {send: »[{wait: {$.a: b}}]}}", CodeMissingKey, "in.text.send", ""},
		{"handshake: {headers: [»[a]]}", CodeBadValue, "handshake.headers[0]", ""},
		{"a: [1", CodeSyntax, "", ""},
		{"\ta: 1", CodeSyntax, "", ""},
	} {
		before, after, marked := strings.Cut("dialect: 1\nname: x\n"+c.source, "»")
		problems := problemsOf(t, before+after)
		if len(problems) != 1 {
			t.Errorf("%s: %d problems: %v", c.source, len(problems), problems)
		}
		p := problems[0]
		line, column := 1+strings.Count(before, "\n"), len([]rune(before[strings.LastIndex(before, "\n")+1:]))+1
		if marked && (p.Line != line || p.Column != column) {
			t.Errorf("%s: at line %d, column %d, want %d, %d: %s", c.source, p.Line, p.Column, line, column, p)
		}
		if p.Code != c.code || p.Path != c.path || p.Nearest != c.nearest || p.Detail == "" {
			t.Errorf("%s: %+v", c.source, p)
		}
	}
}

// TestMistakesInTemplatesAreNamedInsideOfTheirText looks for the marked place in each way to
// write a text.
func TestMistakesInTemplatesAreNamedInsideOfTheirText(t *testing.T) {
	for _, c := range []struct{ source, code, nearest string }{
		{`text: x {{»languege}}`, CodeUndefinedName, "language"},
		{`text: '{"a":"中文 {{»languege}}"}'`, CodeUndefinedName, "language"},
		{`text: "{\"a\":\"\t{{»languege}}\"}"`, CodeUndefinedName, "language"},
		{"text: |\n      {\n        \"a\": \"{{language}}\", \"b\": \"{{»languege}}\"\n      }", CodeUndefinedName, "language"},
		{"text: >-\n      {\"a\": \"{{language}}\",\n      \"b\": \"{{ »languege }}\"}", CodeUndefinedName, "language"},
		{`text: 'languege {{language}} {{»languege}}'`, CodeUndefinedName, "language"},
		{`text: '{{»secret.kei}}'`, CodeUndefinedName, "secret.key"},
		{`text: '{{»txt}}'`, CodeUndefinedName, "text"},
		{`text: '{{»chunk}}'`, CodeUndefinedName, ""},
		{`text: '{{»body}}'`, CodeUndefinedName, ""},
		{`text: '{{»$uid}}'`, CodeUndefinedName, "$uuid"},
		{`text: '{{»sec++}}'`, CodeUndefinedName, "seq"},
		{`text: '{{-»sec++}}'`, CodeUndefinedName, "seq"},
		{`text: '{{»language++}}'`, CodeUndefinedName, ""},
		{`text: '{{text|»jsno}}'`, CodeBadTemplate, "json"},
		{`text: '{{text|base64|»hxe}}'`, CodeBadTemplate, "hex"},
		{`text: '{{text|»hmac_sha256}}'`, CodeBadTemplate, ""},
		{`text: '{{text|hmac_sha256:»secret.kye}}'`, CodeUndefinedName, "secret.key"},
		{`text: '{{text|»json:2}}'`, CodeBadTemplate, ""},
		{`text: '{{text|»iso}}'`, CodeBadTemplate, ""},
		{`text: '{{$now|»unix:soon}}'`, CodeBadTemplate, ""},
		{`text: '{{»$random}}'`, CodeBadTemplate, ""},
		{`text: '{{»$random:65}}'`, CodeBadTemplate, ""},
		{`text: 'a {{»}} b'`, CodeBadTemplate, ""},
		{`text: 'a »{{text b'`, CodeBadTemplate, ""},
		{`text: '{{»$.a[}}'`, CodeBadTemplate, ""},
		{`binary: ["u8:»languege"]`, CodeUndefinedName, "language"},
		{`binary: ["hex:00", "text:a {{»languege}}"]`, CodeUndefinedName, "language"},
		{`binary: ["»u32bee:text"]`, CodeBadTemplate, "u32be"},
		{`binary: ["u8:»300"]`, CodeBadTemplate, ""},
		{`binary: ["hex:»1"]`, CodeBadTemplate, ""},
	} {
		source := "dialect: 1\nname: x\nvars: {language: en}\nsecrets: [key]\ncounters: {seq: 1}\nin:\n text:\n  send:\n   - " + c.source
		before, after, _ := strings.Cut(source, "»")
		problems := problemsOf(t, before+after)
		line, column := 1+strings.Count(before, "\n"), len([]rune(before[strings.LastIndex(before, "\n")+1:]))+1
		p := problems[0]
		if len(problems) != 1 || p.Line != line || p.Column != column || p.Code != c.code || p.Nearest != c.nearest {
			t.Errorf("%s: %v %+v, want line %d, column %d", c.source, problems, p, line, column)
		}
	}
}

func TestAllMistakesAreReportedInOrder(t *testing.T) {
	problems := problemsOf(t, "dialect: 2\nname: X\nreceive: {envelope: jsn, text: [{path: \"$[\"}]}\nopen: [{send: {text: \"{{a}} {{b}}\"}}]\n")
	var places []string
	for _, p := range problems {
		places = append(places, fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Code))
	}
	want := "1:10 bad_value, 2:7 bad_value, 3:21 bad_value, 3:40 bad_path, 4:25 undefined_name, 4:31 undefined_name"
	if got := strings.Join(places, ", "); got != want {
		t.Errorf("got %s", got)
	}
}

func TestHugeAndDeepSourcesAreRefused(t *testing.T) {
	for name, source := range map[string]string{
		"large":         "dialect: 1\n#" + strings.Repeat("x", MaxSource),
		"brackets":      strings.Repeat("[", 60_000),
		"braces":        strings.Repeat("{a: ", 15_000),
		"dashes":        strings.Repeat("- ", 30_000),
		"question":      strings.Repeat("? ", 30_000),
		"indented":      deepBlock(300),
		"aliases":       bomb(),
		"own alias":     "a: &a [*a]",
		"anchors":       "a: " + strings.Repeat("&a ", 20_000),
		"tags":          "a: " + strings.Repeat("!!str ", 10_000),
		"not UTF-8":     "dialect: 1\nname: \xff\n",
		"empty":         "",
		"comment":       "# nothing\n",
		"two documents": "dialect: 1\nname: x\n---\ndialect: 1\nname: y\n",
		"list":          "- dialect: 1\n",
		"text":          "dialect",
		"merge":         "dialect: 1\nname: x\n<<: 3\n",
		"complex key":   "dialect: 1\nname: x\n? [a]\n: b\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range problemsOf(t, source) {
				if p.Line < 1 || p.Column < 1 || p.Detail == "" {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

func deepBlock(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// bomb has aliases of aliases: ten to the ninth values.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 x\n")
	for i := range 9 {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	return b.String()
}

func TestJSONAndAliasesAreRead(t *testing.T) {
	d := parse(t, `{"dialect": 1, "name": "x", "receive": {"ready": {"$.id": 9007199254740993, "$.big": 123456789012345678901234567890, "$.text": "1.50"}}}`)
	if got := d.Receive.Ready.String(); got != "$.id: 9007199254740993, $.big: 123456789012345678901234567890, $.text: 1.50" {
		t.Error(got)
	}
	d = parse(t, "dialect: 1\nname: x\nrecognise: {messages: [&m {$.a: 1}]}\nreceive: {ready: *m, done: {<<: *m, $.b: 2}}\n")
	if got := d.Receive.Ready.String(); got != "$.a: 1" {
		t.Error(got)
	}
	if got := d.Receive.Done.Match[0].String(); got != "$.b: 2, $.a: 1" {
		t.Error(got)
	}
}
