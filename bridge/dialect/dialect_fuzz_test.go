package dialect

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

// FuzzParse reads dialects. A dialect that is read builds and reads messages without a panic,
// and a problem has a place.
func FuzzParse(f *testing.F) {
	f.Add(readAll(f, "testdata/every_key.yaml"))
	files, err := filepath.Glob("builtin/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(readAll(f, file))
	}
	f.Add([]byte("dialect: 1\nname: x\nvars: &a {b: *a}\n<<: *a\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		d, err := Parse(source)
		if err != nil {
			for _, p := range problemsIn(t, err) {
				if p.Line < 1 || p.Column < 1 || p.Line > bytes.Count(source, []byte("\n"))+bytes.Count(source, []byte("\r"))+2 || p.Detail == "" || p.Code == "" {
					t.Fatalf("%+v", p)
				}
			}
			return
		}
		e, _ := d.Unpack(transcript.Binary, []byte("\x11\x91\x11\x00{}"))
		for _, message := range messagesOf(d) {
			_ = message.String()
			built, err := message.Build(fuzzScope(e))
			if err == nil {
				message.Fits(message.Opcode, built.Wire)
			}
		}
	})
}

func readAll(f *testing.F, name string) []byte {
	f.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	return source
}

// messagesOf returns all messages that a dialect sends.
func messagesOf(d *Dialect) []*Message {
	var list []*Message
	steps := d.Open
	if d.Text != nil {
		steps = append(steps, d.Text.Send...)
	}
	if d.Audio != nil {
		list = append(list, d.Audio.First, d.Audio.Each, d.Audio.Last)
		steps = append(steps, d.Audio.End...)
	}
	for _, step := range steps {
		list = append(list, step.Send)
	}
	for _, r := range d.Replies {
		list = append(list, r.Send)
	}
	for i := range d.Finish {
		list = append(list, &d.Finish[i])
	}
	if d.Keepalive != nil {
		list = append(list, d.Keepalive.Send)
	}
	var set []*Message
	for _, m := range list {
		if m != nil {
			set = append(set, m)
		}
	}
	return set
}

func fuzzScope(e *Envelope) *Scope {
	return &Scope{
		Vars: map[string]string{"language": "en", "rate": "8"}, Secrets: map[string]vault.Secret{"key": vault.NewSecret("k"), "api_key": vault.NewSecret("l")},
		Session: map[string]string{"task": "t", "task_id": "u"}, Captured: map[string]string{"handler": "7"}, Local: map[string]string{}, Counters: map[string]int64{"seq": -1 << 63},
		Host: "a", Path: "/", Query: "b=%zz&a", Text: "x\"\\\xff", Chunk: []byte{0, 0xff}, Head: []byte("RIFF"), Message: e, Now: time.Unix(1<<40, 0), Random: func([]byte) {},
	}
}

// FuzzTemplate reads and builds templates. The shown text never holds a secret.
func FuzzTemplate(f *testing.F) {
	for _, source := range []string{
		`{"a":"{{text}}","b":{{seq++|json}},"c":"{{secret.key|base64}}"}`, `\{{x}} {{$now|unix:-9}} {{$random:3}}`, "{{language|hmac_sha1:secret.key|hex|gzip|gunzip|urlencode}}",
		"{{$.a[?@.b == '}}' || @.c]|json}}", "{{@x}}{{-seq++}}{{chunk|hex}}", "{{secret.key|nodash|json}}",
	} {
		f.Add(source, []byte(`{"a":"x"}`))
	}
	f.Fuzz(func(t *testing.T, source string, message []byte) {
		tpl, err := ParseTemplate(source, nil)
		if err != nil {
			failed, is := errors.AsType[*TemplateError](err)
			if !is || failed.Offset < 0 || failed.Offset > len(source) {
				t.Fatalf("%#v", err)
			}
			return
		}
		e, _ := (&Dialect{}).Unpack(transcript.Text, message)
		s := fuzzScope(e)
		s.Secrets = map[string]vault.Secret{"key": vault.NewSecret("Zq9#Zq9#")}
		built, err := tpl.Build(s)
		if err == nil && bytes.Contains(built.Shown, []byte("Zq9#")) && !bytes.Contains([]byte(source), []byte("Zq9#")) && !bytes.Contains(message, []byte("Zq9#")) {
			t.Fatalf("the secret is shown: %q", built.Shown)
		}
	})
}

// FuzzUnpack reads messages by every envelope, and looks into them.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,"x",null]}}`), uint8(0))
	f.Add([]byte("\x00\x08Path:a\r\n{}"), uint8(2))
	f.Add([]byte("\x11\x91\x11\x00\x00\x00\x00\x01\x00\x00\x00\x02{}"), uint8(3))
	f.Add([]byte("\x82\xa1a\x01\xa1b\x91\xc0"), uint8(6))
	layout, err := Parse([]byte("dialect: 1\nname: x\nreceive:" + volcengine))
	if err != nil {
		f.Fatal(err)
	}
	kinds := []EnvelopeKind{EnvelopeJSON, EnvelopeJSONInBinary, EnvelopeHeaders, EnvelopeLayout, EnvelopeText, EnvelopeJupyterV1, EnvelopeMsgpack}
	var paths []Path
	for _, source := range []string{"$", "$.a.b[0]", "$..b", "$.a[?@.b].c", "$[*]", "@text", "@path", "@body"} {
		p, err := ParsePath(source)
		if err != nil {
			f.Fatal(err)
		}
		paths = append(paths, p)
	}
	f.Fuzz(func(t *testing.T, payload []byte, kind uint8) {
		d := &Dialect{Receive: Receive{Envelope: kinds[int(kind)%len(kinds)], Layout: layout.Receive.Layout}}
		for _, opcode := range transcript.Opcodes() {
			e, _ := d.Unpack(opcode, payload)
			if e == nil {
				t.Fatal("no envelope")
			}
			for _, p := range paths {
				text, found := p.Text(e)
				again, _ := p.Text(e)
				if text != again || found != (len(p.Texts(e)) > 0) {
					t.Fatalf("%s: %q, then %q", p, text, again)
				}
			}
		}
	})
}

// FuzzFits compares sent messages with templates. A message that was built fits, and gives
// back its text and audio.
func FuzzFits(f *testing.F) {
	f.Add(`{"a":"{{text}}","b":"{{chunk|base64}}"}`, `{"a":"x","b":"AA=="}`, "text", []byte{1})
	f.Add(`a {{text}} b {{language}}`, "a x b y", "text", []byte{2})
	f.Add(`{"t":{{text|json}}}`, `{"t":"x"}`, "te\"xt", []byte{})
	f.Fuzz(func(t *testing.T, template, sent, text string, chunk []byte) {
		tpl, err := ParseTemplate(template, nil)
		if err != nil {
			return
		}
		part, failed := parseBinaryPart(template, nil)
		messages := []*Message{{Opcode: transcript.Text, text: tpl}, {Opcode: transcript.Binary, parts: []binaryPart{{integer: &integerType{size: 1}, isLength: true, ofNext: true}, {template: tpl}}}}
		if failed == nil && !part.ofNext {
			messages = append(messages, &Message{Opcode: transcript.Binary, parts: []binaryPart{part}, body: tpl, filters: []string{"gzip"}})
		}
		for _, m := range messages {
			m.Fits(m.Opcode, []byte(sent))
			s := fuzzScope(nil)
			s.Text, s.Chunk = text, chunk
			if built, err := m.Build(s); err == nil {
				m.Fits(m.Opcode, built.Wire)
			}
		}
	})
}
