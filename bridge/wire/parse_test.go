package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/wire"
)

func TestParseViewerEvent(t *testing.T) {
	tests := []struct {
		name  string
		raw   string
		want  wire.ViewerEvent
		field string // of the error
		bad   bool
	}{
		{
			"text", `{"type":"send","client_id":"a","opcode":"text","text":"hi"}`,
			wire.ViewerEvent{Type: "send", ClientID: "a", Opcode: "text", Text: "hi"},
			"", false,
		},
		{
			"empty text", `{"type":"send","client_id":"a","opcode":"text"}`,
			wire.ViewerEvent{Type: "send", ClientID: "a", Opcode: "text"},
			"", false,
		},
		{
			"binary", `{"type":"send","client_id":"a","opcode":"binary","base64":"AP8="}`,
			wire.ViewerEvent{Type: "send", ClientID: "a", Opcode: "binary", Base64: "AP8="},
			"", false,
		},
		{"close", `{"type":"close","code":1000,"reason":"bye"}`, wire.ViewerEvent{Type: "close", Code: 1000, Reason: "bye"}, "", false},
		{"prompt", `{"type":"prompt","client_id":"a","text":"hi"}`, wire.ViewerEvent{Type: "prompt", ClientID: "a", Text: "hi"}, "", false},
		{"microphone", `{"type":"microphone","rate":48000,"on":true}`, wire.ViewerEvent{Type: "microphone", Rate: 48000, On: true}, "", false},
		{"microphone off", `{"type":"microphone","on":false}`, wire.ViewerEvent{Type: "microphone"}, "", false},
		{"empty prompt", `{"type":"prompt","client_id":"a"}`, wire.ViewerEvent{}, "text", true},
		{"prompt without an id", `{"type":"prompt","text":"a"}`, wire.ViewerEvent{}, "client_id", true},
		{"opcode in prompt", `{"type":"prompt","client_id":"a","text":"hi","opcode":"text"}`, wire.ViewerEvent{}, "type", true},
		{"rate in send", `{"type":"send","client_id":"a","opcode":"text","rate":8000}`, wire.ViewerEvent{}, "rate", true},
		{"microphone without a rate", `{"type":"microphone","on":true}`, wire.ViewerEvent{}, "rate", true},
		{"text in microphone", `{"type":"microphone","on":true,"rate":8000,"text":"a"}`, wire.ViewerEvent{}, "type", true},
		{"rate in close", `{"type":"close","rate":8000}`, wire.ViewerEvent{}, "type", true},
		{"not JSON", `{`, wire.ViewerEvent{}, "", true},
		{"two values", `{"type":"close"}{}`, wire.ViewerEvent{}, "", true},
		{"a bracket too many", `{"type":"close"}]`, wire.ViewerEvent{}, "", true},
		{"unknown field", `{"type":"close","seq":1}`, wire.ViewerEvent{}, "", true},
		{"not UTF-8", "{\"type\":\"send\",\"client_id\":\"a\",\"opcode\":\"text\",\"text\":\"\xff\"}", wire.ViewerEvent{}, "", true},
		{"unknown type", `{"type":"seek"}`, wire.ViewerEvent{}, "type", true},
		{"no client id", `{"type":"send","opcode":"text","text":"hi"}`, wire.ViewerEvent{}, "client_id", true},
		{"long client id", `{"type":"send","opcode":"text","client_id":"` + strings.Repeat("a", 101) + `"}`, wire.ViewerEvent{}, "client_id", true},
		{"control character in client id", `{"type":"send","opcode":"text","client_id":"a\n"}`, wire.ViewerEvent{}, "client_id", true},
		{"no opcode", `{"type":"send","client_id":"a","text":"hi"}`, wire.ViewerEvent{}, "opcode", true},
		{"text in binary", `{"type":"send","client_id":"a","opcode":"binary","text":"hi"}`, wire.ViewerEvent{}, "text", true},
		{"base64 in text", `{"type":"send","client_id":"a","opcode":"text","base64":"AP8="}`, wire.ViewerEvent{}, "base64", true},
		{"not base64", `{"type":"send","client_id":"a","opcode":"binary","base64":"AP8"}`, wire.ViewerEvent{}, "base64", true},
		{"code in send", `{"type":"send","client_id":"a","opcode":"text","code":1000}`, wire.ViewerEvent{}, "code", true},
		{"payload in close", `{"type":"close","text":"hi"}`, wire.ViewerEvent{}, "type", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := wire.ParseViewerEvent([]byte(tt.raw))
			wrong, refused := errors.AsType[*wire.EventError](err)
			if refused != tt.bad || refused && wrong.Field != tt.field {
				t.Errorf("error %v, want field %q", err, tt.field)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPayloadIsTheBytesThatWereMeant(t *testing.T) {
	for raw, want := range map[string]string{
		`{"type":"send","client_id":"a","opcode":"text","text":"9007199254740993 é\u0000"}`: "9007199254740993 é\x00",
		`{"type":"send","client_id":"a","opcode":"binary","base64":"AP8="}`:                 "\x00\xff",
	} {
		e, err := wire.ParseViewerEvent([]byte(raw))
		if err != nil || string(e.Payload()) != want {
			t.Errorf("%s is %q, %v", raw, e.Payload(), err)
		}
	}
}

func FuzzParseViewerEvent(f *testing.F) {
	f.Add([]byte(`{"type":"send","client_id":"a","opcode":"text","text":"hi"}`))
	f.Add([]byte(`{"type":"send","client_id":"a","opcode":"binary","base64":"AP8="}`))
	f.Add([]byte(`{"type":"close","code":1000,"reason":"bye"}`))
	f.Add([]byte(`{"type":"prompt","client_id":"a","text":"hi"}`))
	f.Add([]byte(`{"type":"microphone","rate":48000,"on":true}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := wire.ParseViewerEvent(raw)
		if err != nil {
			if e != (wire.ViewerEvent{}) {
				t.Errorf("refused, and still %+v", e)
			}
			return
		}
		if e.Type == wire.TypeSend && (e.ClientID == "" || e.Opcode == "") {
			t.Errorf("taken: %+v", e)
		}
		_ = e.Payload()
	})
}
