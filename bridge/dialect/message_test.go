package dialect

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"testing"

	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

// frameOf returns the message that a dialect with all kinds of values sends for a frame of
// audio; source is a mapping in YAML.
func frameOf(t *testing.T, source string) *Message {
	t.Helper()
	return parse(t, "dialect: 1\nname: x\nvars: {language: en, text_like: x}\nsecrets: [key]\nsession: {task: a}\ncounters: {seq: 1}\nopen: [{capture: {handler: $.a}}]\nin: {audio: {rate: 8000, frame: "+source+"}}\n").Audio.Each
}

// textOfPrompt returns the message that asks a text.
func textOfPrompt(t *testing.T, source string) *Message {
	t.Helper()
	return parse(t, "dialect: 1\nname: x\nvars: {language: en, model: m}\nsecrets: [key]\nsession: {task: a}\ncounters: {seq: 1}\nin: {text: {send: ["+source+"]}}\n").Text.Send[0].Send
}

func frameScope() *Scope {
	return &Scope{
		Vars: map[string]string{"language": "en", "model": "m"}, Secrets: map[string]vault.Secret{"key": vault.NewSecret("s3cret")}, Session: map[string]string{"task": "t1"},
		Captured: map[string]string{"handler": "7"}, Counters: map[string]int64{"seq": 5}, Chunk: []byte{1, 2, 3}, Head: []byte("RIFF"), Text: "say \"hi\"",
	}
}

func TestBinaryMessagesAreBuilt(t *testing.T) {
	for _, c := range []struct{ source, want, shown string }{
		{`{binary: [chunk]}`, "010203", ""},
		{`{binary: chunk}`, "010203", ""},
		{`{binary: [head, chunk]}`, "52494646010203", ""},
		{`{binary: ["count:seq++", chunk, "u8:seq"]}`, "01020306", ""},
		{`{binary: ["hex:11 21", "i32be:seq++", "i8:seq", "i16be:-seq++", "u32le:seq"]}`, "1121" + "00000005" + "06" + "fffa" + "07000000", ""},
		{`{binary: ["u8:handler", chunk]}`, "07010203", ""},
		{`{binary: ["u8:0x2a", "i8:-1", "u16le:258", "i64be:-2", "u64le:1"]}`, "2aff0201fffffffffffffffe0100000000000000", ""},
		{`{binary: ["u32be-len:body", body], body: chunk}`, "00000003010203", ""},
		{`{binary: ["u8-len:body", body], body: '{"l":"{{language}}"}'}`, "0a" + hex.EncodeToString([]byte(`{"l":"en"}`)), ""},
		{`{binary: ["u16be-len:next", "text:Path: a\r\nX: {{task}}\r\n", chunk]}`, "0010" + hex.EncodeToString([]byte("Path: a\r\nX: t1\r\n")) + "010203", ""},
		{`{binary: ["u8-len:chunk|hex", "chunk|hex"]}`, "06" + hex.EncodeToString([]byte("010203")), ""},
		{`{binary: ["text:{{secret.key}}", "u8-len:secret.key"]}`, hex.EncodeToString([]byte("s3cret")) + "06", hex.EncodeToString([]byte("{{secret.key}}")) + "0e"},
		{`{binary: [body], body: "{{chunk|base64}}", filters: [hex]}`, hex.EncodeToString([]byte(hex.EncodeToString([]byte("AQID")))), ""},
		{`{text: '{"audio":"{{chunk|base64}}","seq":{{seq++}}}'}`, hex.EncodeToString([]byte(`{"audio":"AQID","seq":5}`)), ""},
	} {
		got, err := frameOf(t, c.source).Build(frameScope())
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if hex.EncodeToString(got.Wire) != c.want {
			t.Errorf("%s: %x, want %s", c.source, got.Wire, c.want)
		}
		if c.shown == "" && got.HasSecret() || c.shown != "" && hex.EncodeToString(got.Shown) != c.shown {
			t.Errorf("%s: shown %q", c.source, got.Shown)
		}
	}
}

func TestMappingsAreSentAsJSONInTheirOrder(t *testing.T) {
	m := textOfPrompt(t, `{text: {z: "{{text}}", a: [1.50, 12345678901234567890, "{{seq|json}}"], b: {}}}`)
	built, err := m.Build(frameScope())
	if want := `{"z":"say \"hi\"","a":[1.50,12345678901234567890,"5"],"b":{}}`; err != nil || string(built.Wire) != want {
		t.Errorf("%s, %v", built.Wire, err)
	}
	problems := problemsOf(t, "dialect: 1\nname: x\nfinish:\n- text: {type: a, b: \"{{typ}}\"}\n")
	if p := problems[0]; len(problems) != 1 || p.Line != 4 || p.Column != 25 || p.Code != CodeUndefinedName {
		t.Error(problems)
	}
}

// A gzipped body with a secret is shown as one that can be read, without the secret.
func TestSecretsInCompressedBodiesAreShownAsMarkers(t *testing.T) {
	m := frameOf(t, `{binary: ["u32be-len:body", body], body: '{"key":{{secret.key|json}},"audio":"{{chunk|base64}}"}', filters: [gzip]}`)
	built, err := m.Build(frameScope())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		message []byte
		want    string
	}{{built.Wire, `{"key":"s3cret","audio":"AQID"}`}, {built.Shown, `{"key":"{{secret.key}}","audio":"AQID"}`}} {
		body, ok := inflate(c.message[4:], 1000)
		if !ok || string(body) != c.want {
			t.Errorf("got %s", body)
		}
		if holes, fits := m.Fits(transcript.Binary, c.message); !fits || !bytes.Equal(holes.Chunk, []byte{1, 2, 3}) {
			t.Errorf("%s does not fit", c.want)
		}
	}
}

func TestNumbersThatDoNotFitAreErrors(t *testing.T) {
	for _, source := range []string{`{binary: ["u8:handler"]}`, `{binary: ["u8:language"]}`, `{binary: ["u8-len:chunk", chunk]}`, `{binary: ["u8:-seq"]}`} {
		s := frameScope()
		s.Captured["handler"], s.Chunk = "256", make([]byte, 300)
		if _, err := frameOf(t, source).Build(s); err == nil {
			t.Errorf("%s is built", source)
		}
	}
}

func TestMessagesSayWhatTheyAre(t *testing.T) {
	m := frameOf(t, `{binary: ["hex:11", "u32be-len:body", body], body: chunk, filters: [gzip]}`)
	if got := m.String(); got != "hex:11, u32be-len:body, body, body: {{chunk}}|gzip" {
		t.Error(got)
	}
	for source, has := range map[string]bool{
		`{binary: [chunk]}`: true, `{binary: ["chunk|gzip"]}`: true, `{binary: [body], body: chunk}`: true, `{binary: ["text:{{chunk|hex}}"]}`: true,
		`{text: '{{chunk|base64}}'}`: true, `{text: 'a'}`: false, `{binary: ["hex:00"]}`: false, `{binary: [body], body: x}`: false, `{binary: [head]}`: false,
	} {
		if frameOf(t, source).HasChunk() != has {
			t.Errorf("%s has audio: %v", source, !has)
		}
	}
}

func TestSentTextsFitTheirTemplate(t *testing.T) {
	for _, c := range []struct {
		source, sent string
		fits         bool
		text         string
		other        map[string]string
	}{
		{`{text: '{"type":"response.create"}'}`, `{"type":"response.create"}`, true, "", nil},
		{`{text: '{"type":"response.create"}'}`, `{ "event_id": 1, "type" : "response.create" }`, true, "", nil},
		{`{text: '{"type":"response.create"}'}`, `{"type":"response.cancel"}`, false, "", nil},
		{`{text: '{"type":"response.create"}'}`, `{"event_id":1}`, false, "", nil},
		{`{text: '{"type":"response.create"}'}`, `"response.create"`, false, "", nil},
		{`{text: '{"type":"response.create"}'}`, ``, false, "", nil},
		{`{text: '{"prompt":{{text|json}}}'}`, `{"prompt":"say \"hi\""}`, true, `say "hi"`, nil},
		{`{text: '{"prompt":"{{text}}"}'}`, `{"prompt":"say \"hi\"\u4e2d"}`, true, `say "hi"中`, nil},
		{`{text: '{"prompt":{{text|json}}}'}`, `{"prompt":{"a":1}}`, true, `{"a":1}`, nil},
		{`{text: '{"prompt":"{{text}}"}'}`, `{"prompt":5}`, false, "", nil},
		{`{text: '{"prompt":"<{{text}}> in {{language}}."}'}`, `{"prompt":"<a> b> in de."}`, true, "a> b", map[string]string{"language": "de"}},
		{`{text: '{"prompt":"<{{text}}>"}'}`, `{"prompt":"<a>x"}`, false, "", nil},
		{`{text: '{"a":[1,{"b":{{text|json}}}],"n":1.0,"t":true,"z":null}'}`, `{"a":[1,{"b":"x","c":2}],"n":1,"t":true,"z":null}`, true, "x", nil},
		{`{text: '{"a":[1,2],"t":{{text|json}}}'}`, `{"a":[1,2,3],"t":"x"}`, false, "", nil},
		{`{text: '{"a":[1,2],"t":{{text|json}}}'}`, `{"a":[1,3],"t":"x"}`, false, "", nil},
		{`{text: '{"t":true,"x":{{text|json}}}'}`, `{"t":false,"x":"x"}`, false, "", nil},
		{`{text: '{"n":{{seq++}},"text":{{text|json}},"id":"{{task}}"}'}`, `{"n":7,"text":"x","id":"t9"}`, true, "x", map[string]string{"seq": "7", "task": "t9"}},
		{`{text: '{"text":{{text|base64|json}}}'}`, `{"text":"aGk="}`, true, "hi", nil},
		{`{text: '{"text":"{{text|base64}}"}'}`, `{"text":"??"}`, false, "", nil},
		{`{text: '{"text":"{{text|sha256|hex}}"}'}`, `{"text":"00"}`, true, "", nil},
		{`{text: '{"key":"{{secret.key}}","text":{{text|json}}}'}`, `{"key":"{{secret.key}}","text":"x"}`, true, "x", nil},
		{`{text: {type: ask, n: 1.50, list: [~, true, "{{text}}"]}}`, `{"type":"ask","n":1.50,"list":[null,true,"x"]}`, true, "x", nil},
		{`{text: "{{text}}"}`, "anything", true, "anything", nil},
		{`{text: "{{text|json}}"}`, `"any\"thing"`, true, `any"thing`, nil},
		{`{text: '{"eof" : 1}'}`, `{"eof":1}`, true, "", nil},
		{`{text: 'Done'}`, `Done`, true, "", nil},
		{`{text: 'Done'}`, `Done!`, false, "", nil},
		{`{text: "SAY {{text}} END {{language}}"}`, "SAY a END b END c", true, "a", map[string]string{"language": "b END c"}},
		{`{text: "SAY {{text}} END"}`, "SAY a END b END", true, "a END b", nil},
		{`{text: "SAY {{text}} END"}`, "SAY END", false, "", nil},
		{`{text: "{{language}}{{text}}"}`, "abc", true, "abc", nil},
	} {
		m := textOfPrompt(t, c.source)
		holes, fits := m.Fits(transcript.Text, []byte(c.sent))
		if fits != c.fits || holes.Text != c.text || !maps.Equal(holes.Other, c.other) {
			t.Errorf("%s, sent %s: %v, %+v", c.source, c.sent, fits, holes)
		}
		if _, fits := m.Fits(transcript.Binary, []byte(c.sent)); fits {
			t.Errorf("%s fits a binary message", c.source)
		}
	}
}

func TestSentAudioFitsItsTemplate(t *testing.T) {
	chunk := []byte{1, 2, 3}
	for _, c := range []struct {
		source, sent string
		fits         bool
	}{
		{`{binary: [chunk]}`, "010203", true},
		{`{binary: [head, chunk]}`, "010203", true},
		{`{binary: ["count:seq++", chunk, "u8:seq"]}`, "01020309", true},
		{`{binary: [head, chunk]}`, hex.EncodeToString([]byte("RIFF....WAVEfmt data....")) + "010203", true},
		{`{binary: ["hex:ff", chunk, "hex:fe"]}`, "ff010203fe", true},
		{`{binary: ["hex:ff", chunk, "hex:fe"]}`, "ff010203", false},
		{`{binary: ["hex:ff", chunk, "hex:fe"]}`, "ff", false},
		{`{binary: ["u8:2", "u8-len:chunk", chunk, "i16be:seq++"]}`, "0203010203fff6", true},
		{`{binary: ["u8:2", chunk]}`, "03010203", false},
		{`{binary: ["u8-len:body", body], body: chunk}`, "03010203", true},
		{`{binary: ["u8-len:body", body], body: chunk}`, "02010203", false},
		{`{binary: ["u8-len:body", body], body: chunk}`, "04010203", false},
		{`{binary: ["u8-len:next", "text:X: {{task}}", chunk]}`, "05" + hex.EncodeToString([]byte("X: 12")) + "010203", true},
		{`{binary: ["u8-len:next", "text:X: {{task}}", chunk]}`, "05" + hex.EncodeToString([]byte("Y: 12")) + "010203", false},
		{`{binary: [body], body: '{"a":"{{chunk|base64}}"}'}`, hex.EncodeToString([]byte(`{"a":"AQID"}`)), true},
		{`{binary: [body], body: '{"a":"{{chunk|base64}}"}'}`, hex.EncodeToString([]byte(`{"b":"AQID"}`)), false},
		{`{binary: [body], body: chunk, filters: [gzip]}`, hex.EncodeToString(compress(chunk)), true},
		{`{binary: [body], body: chunk, filters: [gzip]}`, "010203", false},
		{`{binary: [body], body: chunk, filters: [base64, hex]}`, hex.EncodeToString([]byte(hex.EncodeToString([]byte("AQID")))), true},
	} {
		sent, err := hex.DecodeString(c.sent)
		if err != nil {
			t.Fatal(err)
		}
		holes, fits := frameOf(t, c.source).Fits(transcript.Binary, sent)
		if fits != c.fits || fits && (!holes.Audio || !bytes.Equal(holes.Chunk, chunk)) {
			t.Errorf("%s, sent %s: %v, %+v", c.source, c.sent, fits, holes)
		}
	}
	audio := base64.StdEncoding.EncodeToString(chunk)
	holes, fits := frameOf(t, `{text: '{"audio":"{{chunk|base64}}","status":1}'}`).Fits(transcript.Text, []byte(`{"audio":"`+audio+`","status":1,"x":2}`))
	if !fits || !holes.Audio || !bytes.Equal(holes.Chunk, chunk) {
		t.Errorf("%v, %+v", fits, holes)
	}
}

// Each message that is built must fit its own template, and give its values back.
func TestBuiltMessagesFit(t *testing.T) {
	for _, source := range []string{
		`{binary: [chunk]}`,
		`{binary: ["hex:11 21", "i32be:seq++", "u32be-len:body", body], body: chunk, filters: [gzip]}`,
		`{binary: ["hex:11", "i32be:-seq++", "u32be-len:body", body], body: '{"a":"{{chunk|base64}}","l":"{{language}}","s":"{{secret.key}}"}', filters: [gzip]}`,
		`{binary: ["u16be-len:next", "text:Path: audio\r\nX-RequestId: {{task}}\r\nX-Timestamp: {{$now|iso}}\r\n", chunk]}`,
		`{binary: ["u8:handler", chunk]}`,
		`{text: '{"data":{"status":1,"audio":"{{chunk|base64}}","n":{{seq}}},"id":"{{$uuid}}"}'}`,
		`{text: '{"audio":{{chunk|base64|json}}}'}`,
		`{text: 'audio={{chunk|hex}};{{language}}'}`,
	} {
		for _, chunk := range [][]byte{{}, {0}, {1, 2, 3, 0xff}, bytes.Repeat([]byte("ab"), 3000)} {
			m, s := frameOf(t, source), frameScope()
			s.Chunk = chunk
			built, err := m.Build(s)
			if err != nil {
				t.Fatal(err)
			}
			for _, sent := range [][]byte{built.Wire, built.Shown} {
				holes, fits := m.Fits(m.Opcode, sent)
				if !fits || !holes.Audio || !bytes.Equal(holes.Chunk, chunk) {
					t.Errorf("%s: %q does not fit: %+v", source, sent, holes)
				}
			}
		}
	}
}
