package dialect

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/transcript"
)

func delta(text string) Note {
	return Note{Label: "delta", Gist: text, Joins: TextAppend, Path: "$.delta"}
}

func TestNote(t *testing.T) {
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
		"received":            {chat, transcript.Received, transcript.Text, `{"type":"delta","delta":"…gate\n way "}`, delta("…gate\n way ")},
		"error":               {chat, transcript.Received, transcript.Text, `{"type":"error","message":"too\tlate"}`, Note{Label: "error", Gist: "too late", Error: true}},
		"wrapped error":       {chat, transcript.Received, transcript.Text, `{"type":"error","message":"{\"error\":\"server busy\"}"}`, Note{Label: "error", Gist: "server busy", Error: true}},
		"error with a code":   {chat, transcript.Received, transcript.Text, `{"type":"error","message":"{\"error\":\"busy\",\"code\":3}"}`, Note{Label: "error", Gist: `{"error":"busy","code":3}`, Error: true}},
		"error with a number": {chat, transcript.Received, transcript.Text, `{"type":"error","message":"{\"error\":3}"}`, Note{Label: "error", Gist: `{"error":3}`, Error: true}},
		"sent":                {chat, transcript.Sent, transcript.Text, `{"type":"ask","prompt":"why?"}`, Note{Label: "ask", Gist: "why?"}},
		"own gist":            {withGist, transcript.Received, transcript.Text, `{"type":"start","gist":12}`, Note{Label: "start", Gist: "12"}},
		"joined text first":   {withGist, transcript.Received, transcript.Text, `{"type":"delta","delta":"x","gist":12}`, delta("x")},
		"binary":              {chat, transcript.Received, transcript.Binary, "\x00\x01", Note{}},
		"no JSON":             {chat, transcript.Received, transcript.Text, "hello", Note{}},
		"event":               {chat, transcript.Event, "", `{"type":"x"}`, Note{}},
		"no dialect":          {nil, transcript.Received, transcript.Text, `{"type":"x"}`, Note{}},
		"headers":             {headers, transcript.Sent, transcript.Text, "Path: speech.config\r\nContent-Type: application/json\r\n\r\n{}", Note{Label: "speech.config", Gist: ""}},
		"headers, cut":        {headers, transcript.Received, transcript.Text, "Path: speech.hypothesis\r\n\r\n{\"Text\":\"what\",\"Offset\":12", Note{Label: "speech.hypothesis", Gist: "what"}},
		"layout":              {layout, transcript.Received, transcript.Binary, "\x09\xff\xff", Note{Label: "9", Gist: ""}},
		"cut after the label": {chat, transcript.Received, transcript.Text, `{"a":[{"b":{}},"\u12ab\"x",1.5],"type":"delta","audio":"AAAA`, Note{Label: "delta", Gist: ""}},
		"cut in the gist":     {chat, transcript.Received, transcript.Text, `{"type":"delta","delta":"long te`, delta("long te")},
		"cut in an escape":    {chat, transcript.Received, transcript.Text, `{"type":"delta","delta":"long\u00`, delta("long")},
		"cut in a character":  {chat, transcript.Received, transcript.Text, "{\"type\":\"delta\",\"delta\":\"long\xe4\xb8", delta("long")},
		"cut in a name":       {chat, transcript.Received, transcript.Text, `{"type":"delta","del`, Note{Label: "delta", Gist: ""}},
		"cut after a colon":   {chat, transcript.Received, transcript.Text, `{"x":{"y":[1,{"z":2}]},"type":"delta","n":`, Note{Label: "delta", Gist: ""}},
	} {
		m := transcript.Message{Direction: test.direction, Opcode: test.opcode, Payload: []byte(test.payload)}
		if got := NewNoter(test.d, nil).Note(&m, int64(len(test.payload))); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestANoteIsShort(t *testing.T) {
	long := strings.Repeat("界 ", 400)
	m := transcript.Message{Direction: transcript.Received, Opcode: transcript.Text, Payload: []byte(`{"type":"` + long + `","delta":"` + long + `"}`)}
	got := NewNoter(parse(t, chatDialect), nil).Note(&m, int64(len(m.Payload)))
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

func TestANoteMeasuresAudio(t *testing.T) {
	heard, agent := NewNoter(parse(t, heardDialect), nil), NewNoter(parse(t, agentDialect), nil)
	loud := strings.Repeat("\x00\x40", 1600) // half of full scale
	frame := `{"audio":"` + base64.StdEncoding.EncodeToString([]byte(loud)) + `"}`
	for name, test := range map[string]struct {
		noter   *Noter
		opcode  transcript.Opcode
		payload string
		size    int
		want    *Sound
	}{
		"binary":         {heard, transcript.Binary, loud, 3200, &Sound{Encoding: S16LE, Rate: 16000, Channels: 1, US: 100_000, LevelDB: -6}},
		"silence":        {heard, transcript.Binary, strings.Repeat("\x00", 640), 640, &Sound{Encoding: S16LE, Rate: 16000, Channels: 1, US: 20_000, LevelDB: SilenceDB}},
		"the beginning":  {heard, transcript.Binary, loud, 32000, &Sound{Encoding: S16LE, Rate: 16000, Channels: 1, US: 1_000_000, LevelDB: -6}},
		"base64 in JSON": {agent, transcript.Text, frame, len(frame), &Sound{Encoding: S16LE, Rate: 16000, Channels: 1, US: 100_000, LevelDB: -6, Path: "*"}},
		"no audio":       {heard, transcript.Text, `{"eof" : 1}`, 11, nil},
	} {
		m := transcript.Message{Direction: transcript.Sent, Opcode: test.opcode, Payload: []byte(test.payload)}
		if diff := cmp.Diff(test.want, test.noter.Note(&m, int64(test.size)).Sound); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
