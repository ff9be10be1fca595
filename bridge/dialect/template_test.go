package dialect

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

// scopeOfTest has a value of every kind. Its random bytes count from 0.
func scopeOfTest() *Scope {
	next := byte(0)
	return &Scope{
		Vars:     map[string]string{"language": "en", "quote": `say "hi"` + "\n"},
		Secrets:  map[string]vault.Secret{"key": vault.NewSecret("s3cr\"t")},
		Session:  map[string]string{"task": "0a-0b"},
		Captured: map[string]string{"handler": "7", "token": "minted"},
		Local:    map[string]string{"origin": "host: a"},
		Counters: map[string]int64{"seq": 3, "zero": 0},
		Hidden:   map[string]bool{"token": true},
		Host:     "a.example:8443", Path: "/v1/a%20b", Query: "b=2&a=x%20y&c=%2F",
		Text: "hé \"x\" \\ {{now}}\n", Chunk: []byte{0, 1, 0xff}, Head: []byte("RIFF"),
		Message: &Envelope{
			Opcode: transcript.Text, Fields: map[string]any{"path": "turn.end", "n": int64(5), "raw": []byte{1, 2}}, HasJSON: true,
			JSON: mustJSON(`{"id": 9007199254740993, "text": "a\"b", "list": [1, "x"], "null": null, "yes": true, "float": 1.50}`),
		},
		Now: time.Date(2026, 11, 29, 12, 30, 45, 123_456_700, time.FixedZone("", 3600)),
		Random: func(b []byte) {
			for i := range b {
				b[i] = next
				next++
			}
		},
	}
}

func mustJSON(text string) any {
	v, err := decodeJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return v
}

func TestTemplatesBuildTheirText(t *testing.T) {
	for _, c := range []struct{ template, want, shown string }{
		{"plain }} text", "plain }} text", ""},
		{`\{{name}} is literal`, "{{name}} is literal", ""},
		{`{"eof" : 1}`, `{"eof" : 1}`, ""},
		{"{{language}}-{{ language }}", "en-en", ""},
		{"{{task|nodash}}", "0a0b", ""},
		{"{{handler}} {{origin}} {{host}} {{path}}", "7 host: a a.example:8443 /v1/a%20b", ""},
		{"{{$query_sorted}}", "a=x y&b=2&c=/", ""},
		{"{{$uuid}}", "00010203-0405-4607-8809-0a0b0c0d0e0f", ""},
		{"{{$uuid|nodash}}", "00010203040546078809" + "0a0b0c0d0e0f", ""},
		{"{{$random:5}}", "12345", ""},
		{"{{$now}}", "2026-11-29T11:30:45Z", ""},
		{"{{$now|iso}} {{$now|iso:3}}", "2026-11-29T11:30:45Z 2026-11-29T11:30:45.123Z", ""},
		{"{{$now|rfc1123}}", "Sun, 29 Nov 2026 11:30:45 GMT", ""},
		{"{{$now|unix}} {{$now|unix:+60}} {{$now|unix:-45}}", "1795951845 1795951905 1795951800", ""},
		{"{{$now|unix|hex}}", "31373935393531383435", ""},
		{"{{chunk|base64}} {{chunk|hex}}", "AAH/ 0001ff", ""},
		{"{{head}}", "RIFF", ""},
		{"{{text|urlencode}}", "h%C3%A9%20%22x%22%20%5C%20%7B%7Bnow%7D%7D%0A", ""},
		{"{{language|sha256|hex}}", "dbd3a49d0d906b4ed9216b73330d2fb080ef2f758c12f3885068222e5e17151c", ""},
		{"{{language|hmac_sha256:'key'|base64}}", "", ""},
		{"{{language|hmac_sha1:origin|hex}}", "", ""},
		{"{{language|gzip|gunzip}}", "en", ""},
		// Counters.
		{"{{seq}} {{seq++}} {{seq}} {{-seq++}} {{-seq}}", "3 3 4 -4 -5", ""},
		{"{{zero}}{{-zero}}", "00", ""},
		{`{"n":{{seq|json}}}`, `{"n":3}`, ""},
		// JSON.
		{"{{quote|json}}", `"say \"hi\"\n"`, ""},
		{`{"a":{{quote|json}}}`, `{"a":"say \"hi\"\n"}`, ""},
		{`{"a":"{{quote}}"}`, `{"a":"say \"hi\"\n"}`, ""},
		{`{"a":"{{quote|json}}"}`, `{"a":"say \"hi\"\n"}`, ""},
		{`{"a":"{{chunk|base64}}", "b":[{{language|json}}]}`, `{"a":"AAH/", "b":["en"]}`, ""},
		{`a "{{quote}}"`, "a \"say \"hi\"\n\"", ""},
		// Values of the message that is replied to.
		{"{{$.id}} {{$['text']}} {{$.float}} {{$.yes}}", `9007199254740993 a"b 1.50 true`, ""},
		{`{"event_id":{{$.id}},"t":{{$.text|json}},"l":{{$.list|json}},"n":{{$.null|json}},"b":{{$.yes}}}`, `{"event_id":9007199254740993,"t":"a\"b","l":[1,"x"],"n":null,"b":true}`, ""},
		{"{{@path}} {{@n}} {{@raw|hex}} {{@opcode}}", "turn.end 5 0102 text", ""},
		{"{{$.list[?@ == 'x' || @ == 'y']}}", "x", ""},
		// Secrets.
		{"Token {{secret.key}}", `Token s3cr"t`, "Token {{secret.key}}"},
		{"Basic {{secret.key|base64}}", "Basic czNjciJ0", "Basic {{secret}}"},
		{`{"k":{{secret.key|json}},"l":"{{secret.key}}"}`, `{"k":"s3cr\"t","l":"s3cr\"t"}`, `{"k":"{{secret.key}}","l":"{{secret.key}}"}`},
		{"{{token}} {{token|hex}}", "minted 6d696e746564", "{{token}} {{secret}}"},
		{"{{language|hmac_sha1:token|hex}}", "", "{{secret}}"},
		{"{{language|hmac_sha256:secret.key|hex}}", "", "{{secret}}"},
	} {
		tpl, err := ParseTemplate(c.template, nil)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		got, err := tpl.Build(scopeOfTest())
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		if !strings.HasPrefix(string(got.Wire), c.want) || c.want != "" && !strings.Contains(c.template, "sha") && string(got.Wire) != c.want {
			t.Errorf("%s: got %q, want %q", c.template, got.Wire, c.want)
		}
		if c.shown == "" && got.HasSecret() || c.shown != "" && string(got.Shown) != c.shown {
			t.Errorf("%s: shown %q, want %q", c.template, got.Shown, c.shown)
		}
		if c.shown != "" && (bytes.Contains(got.Shown, []byte("s3cr")) || bytes.Contains(got.Shown, []byte("minted"))) {
			t.Errorf("%s: the secret is shown: %s", c.template, got.Shown)
		}
		if tpl.String() != c.template {
			t.Errorf("the source is %q", tpl.String())
		}
	}
}

// The signatures are those of RFC 4231 (case 2) and RFC 2202 (case 2).
func TestSignaturesAreThoseOfTheStandards(t *testing.T) {
	for template, want := range map[string]string{
		"{{text|hmac_sha256:'Jefe'|hex}}":      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"{{text|hmac_sha1:'Jefe'|hex}}":        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		"{{text|hmac_sha256:secret.jefe|hex}}": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	} {
		tpl, err := ParseTemplate(template, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tpl.Build(&Scope{Text: "what do ya want for nothing?", Secrets: map[string]vault.Secret{"jefe": vault.NewSecret("Jefe")}})
		if err != nil || string(got.Wire) != want {
			t.Errorf("%s: %s, %v", template, got.Wire, err)
		}
	}
}

func TestAbsentValuesAreErrorsWithTheirName(t *testing.T) {
	for template, name := range map[string]string{
		"{{secret.other}}":                       "secret.other",
		"x {{absent}}":                           "absent",
		"{{absent++}}":                           "absent",
		"{{language++}}":                         "language",
		"{{body}}":                               "body",
		"{{$.absent}}":                           "$.absent",
		"{{language|hmac_sha256:secret.other}}":  "secret.other",
		"{{language|hmac_sha256:absent|base64}}": "absent",
	} {
		tpl, err := ParseTemplate(template, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tpl.Build(scopeOfTest())
		var failed *TemplateError
		if !errors.As(err, &failed) || failed.Name != name || !strings.HasPrefix(template[failed.Offset:], name) {
			t.Errorf("%s: %#v", template, err)
		}
	}
	tpl, err := ParseTemplate("{{text|gunzip}}", nil)
	if err != nil {
		t.Fatal(err)
	}
	var failed *TemplateError
	if _, err := tpl.Build(scopeOfTest()); !errors.As(err, &failed) || failed.Name != "" {
		t.Errorf("text that is no gzip: %v", err)
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	for _, source := range []string{
		strings.Repeat("x", maxTemplate+1),
		strings.Repeat("{{text}}", maxTemplateValues+1),
		"{{text" + strings.Repeat("|hex", maxFilters+1) + "}}",
	} {
		if _, err := ParseTemplate(source, nil); err == nil {
			t.Errorf("%.20s… is read", source)
		}
	}
	tpl, err := ParseTemplate(strings.Repeat("{{text}}", maxTemplateValues), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tpl.Build(&Scope{Text: strings.Repeat("x", 1<<20)}); err == nil {
		t.Error("256 MiB are built")
	}
	// 16 times hex makes each byte 65,536 bytes.
	tpl, err = ParseTemplate("{{text"+strings.Repeat("|hex", maxFilters)+"}}", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tpl.Build(&Scope{Text: strings.Repeat("x", 1<<16)}); err == nil {
		t.Error("4 GiB are built")
	}
}
