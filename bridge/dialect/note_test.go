package dialect

import (
	"strings"
	"testing"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

func TestNoteOf(t *testing.T) {
	chat := parse(t, chatDialect)
	withGist := parse(t, strings.Replace(chatDialect, `  label: "$.type"`, "  label: \"$.type\"\n  gist: \"$.gist\"", 1))
	headers := parse(t, "dialect: 1\nname: h\nreceive: {envelope: headers, label: '@Path', gist: '$.Text'}\n")
	layout := parse(t, "dialect: 1\nname: l\nreceive: {envelope: layout, layout: [{name: kind, type: u8}, {name: body, type: 'bytes:rest'}], label: '@kind'}\n")
	for name, test := range map[string]struct {
		d         *Dialect
		direction transcript.Direction
		opcode    transcript.Opcode
		payload   string
		want      Note
	}{
		"received":            {chat, transcript.Received, transcript.Text, `{"type":"delta","delta":"…gate\n way"}`, Note{"delta", "…gate way"}},
		"error":               {chat, transcript.Received, transcript.Text, `{"type":"error","message":"too\tlate"}`, Note{"error", "too late"}},
		"sent":                {chat, transcript.Sent, transcript.Text, `{"type":"ask","prompt":"why?"}`, Note{"ask", "why?"}},
		"own gist":            {withGist, transcript.Received, transcript.Text, `{"type":"delta","delta":"x","gist":12}`, Note{"delta", "12"}},
		"no gist":             {withGist, transcript.Received, transcript.Text, `{"type":"delta","delta":"x"}`, Note{"delta", "x"}},
		"binary":              {chat, transcript.Received, transcript.Binary, "\x00\x01", Note{}},
		"no JSON":             {chat, transcript.Received, transcript.Text, "hello", Note{}},
		"event":               {chat, transcript.Event, "", `{"type":"x"}`, Note{}},
		"no dialect":          {nil, transcript.Received, transcript.Text, `{"type":"x"}`, Note{}},
		"headers":             {headers, transcript.Sent, transcript.Text, "Path: speech.config\r\nContent-Type: application/json\r\n\r\n{}", Note{"speech.config", ""}},
		"headers, cut":        {headers, transcript.Received, transcript.Text, "Path: speech.hypothesis\r\n\r\n{\"Text\":\"what\",\"Offset\":12", Note{"speech.hypothesis", "what"}},
		"layout":              {layout, transcript.Received, transcript.Binary, "\x09\xff\xff", Note{"9", ""}},
		"cut after the label": {chat, transcript.Received, transcript.Text, `{"a":[{"b":{}},"\u12ab\"x",1.5],"type":"delta","audio":"AAAA`, Note{"delta", ""}},
		"cut in the gist":     {chat, transcript.Received, transcript.Text, `{"type":"delta","delta":"long te`, Note{"delta", "long te"}},
		"cut in an escape":    {chat, transcript.Received, transcript.Text, `{"type":"delta","delta":"long\u00`, Note{"delta", "long"}},
		"cut in a character":  {chat, transcript.Received, transcript.Text, "{\"type\":\"delta\",\"delta\":\"long\xe4\xb8", Note{"delta", "long"}},
		"cut in a name":       {chat, transcript.Received, transcript.Text, `{"type":"delta","del`, Note{"delta", ""}},
		"cut after a colon":   {chat, transcript.Received, transcript.Text, `{"x":{"y":[1,{"z":2}]},"type":"delta","n":`, Note{"delta", ""}},
	} {
		m := transcript.Message{Direction: test.direction, Opcode: test.opcode, Payload: []byte(test.payload)}
		if got := test.d.NoteOf(&m); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestANoteIsShort(t *testing.T) {
	long := strings.Repeat("界 ", 400)
	m := transcript.Message{Direction: transcript.Received, Opcode: transcript.Text, Payload: []byte(`{"type":"` + long + `","delta":"` + long + `"}`)}
	got := parse(t, chatDialect).NoteOf(&m)
	if utf8.RuneCountInString(got.Label) > maxLabel || utf8.RuneCountInString(got.Gist) > maxGist || len(got.Gist) < maxGist {
		t.Errorf("%d and %d runes", utf8.RuneCountInString(got.Label), utf8.RuneCountInString(got.Gist))
	}
}

func FuzzCutJSON(f *testing.F) {
	f.Add(`{"a":[1,{"b":"\u00e4\\"},null,true],"c":{"d":-1.5e3}}`, 10)
	f.Fuzz(func(t *testing.T, whole string, at int) {
		if _, err := decodeJSON([]byte(whole)); err != nil || whole == "" {
			return
		}
		whole = strings.TrimLeft(whole, " \t\r\n")
		if whole[0] != '{' && whole[0] != '[' {
			return
		}
		cut := 1 + max(0, at)%len(whole)
		if _, err := decodeJSON(completeJSON([]byte(whole[:cut]))); err != nil {
			t.Errorf("%q becomes %q: %v", whole[:cut], completeJSON([]byte(whole[:cut])), err)
		}
	})
}
