package dialect

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"duplex/bridge/transcript"
)

// unpack reads a message by a dialect whose key receive has that text.
func unpack(t *testing.T, receive string, opcode transcript.Opcode, payload []byte) (*Envelope, error) {
	t.Helper()
	d := parse(t, "dialect: 1\nname: x\nreceive: "+receive+"\n")
	e, err := d.Unpack(opcode, payload)
	if e == nil || e.Opcode != opcode || !bytes.Equal(e.Payload, payload) {
		t.Fatalf("the envelope is %+v", e)
	}
	return e, err
}

// wantPaths compares the texts of paths; "-" is none.
func wantPaths(t *testing.T, e *Envelope, want map[string]string) {
	t.Helper()
	for source, text := range want {
		p, err := ParsePath(source)
		if err != nil {
			t.Fatal(err)
		}
		got, found := p.Text(e)
		if !found {
			got = "-"
		}
		if got != text {
			t.Errorf("%s is %q, want %q", source, got, text)
		}
	}
}

func TestJSONEnvelopes(t *testing.T) {
	message := []byte(`{"type":"a","n":12345678901234567890}`)
	for _, c := range []struct {
		envelope string
		opcode   transcript.Opcode
		has      bool
	}{
		{"json", transcript.Text, true},
		{"json", transcript.Binary, false},
		{"json-in-binary", transcript.Text, true},
		{"json-in-binary", transcript.Binary, true},
		{"text", transcript.Text, false},
		{"text", transcript.Binary, false},
	} {
		e, err := unpack(t, "{envelope: "+c.envelope+"}", c.opcode, message)
		if err != nil || e.HasJSON != c.has || !bytes.Equal(e.Body, message) {
			t.Errorf("%s, %s: %+v, %v", c.envelope, c.opcode, e, err)
		}
		n := "-"
		if c.has {
			n = "12345678901234567890"
		}
		wantPaths(t, e, map[string]string{"$.n": n, "@opcode": string(c.opcode), "@size": "37", "@text": string(message), "@other": "-"})
	}
	for _, text := range []string{"", "Done!", "{", `{"a":1} x`, "[1", strings.Repeat("[", 600) + strings.Repeat("]", 600)} {
		e, err := unpack(t, "{envelope: json}", transcript.Text, []byte(text))
		if err == nil || e.HasJSON {
			t.Errorf("%.20q is read as %v", text, e.JSON)
		}
		wantPaths(t, e, map[string]string{"@text": text})
	}
	deep := strings.Repeat("[", 500) + strings.Repeat("]", 500)
	if _, err := unpack(t, "{envelope: json}", transcript.Text, []byte(deep)); err != nil {
		t.Error(err)
	}
	e, err := unpack(t, "{}", transcript.Binary, []byte{0xff, 0})
	if err != nil {
		t.Error(err)
	}
	wantPaths(t, e, map[string]string{"@text": "-", "@size": "2"})
}

// The two forms are in Microsoft's "Speech service WebSocket protocol".
func TestHeadersEnvelope(t *testing.T) {
	text := "X-RequestId:123\r\nPath:speech.phrase\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{\"DisplayText\":\"Hi: you\"}"
	e, err := unpack(t, "{envelope: headers}", transcript.Text, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"@Path": "speech.phrase", "@path": "speech.phrase", "@x-requestid": "123", "$.DisplayText": "Hi: you", "@text": `{"DisplayText":"Hi: you"}`})

	head := "Path:audio\r\nX-StreamId:1\r\n"
	binaryMessage := append(binary.BigEndian.AppendUint16(nil, uint16(len(head))), head+"\x00\x01\xff"...)
	e, err = unpack(t, "{envelope: headers}", transcript.Binary, binaryMessage)
	if err != nil || !bytes.Equal(e.Body, []byte{0, 1, 0xff}) || e.HasJSON {
		t.Errorf("%+v, %v", e, err)
	}
	wantPaths(t, e, map[string]string{"@Path": "audio", "@X-StreamId": "1", "$.a": "-"})

	e, err = unpack(t, "{envelope: headers}", transcript.Text, []byte("Path:turn.end\r\n\r\n"))
	if err != nil || e.HasJSON {
		t.Errorf("no body: %+v, %v", e, err)
	}
	for _, bad := range []struct {
		opcode  transcript.Opcode
		payload string
	}{
		{transcript.Text, "Path:a"},
		{transcript.Text, ""},
		{transcript.Text, "Path:a\r\n\r\n{"},
		{transcript.Binary, ""},
		{transcript.Binary, "\x00"},
		{transcript.Binary, "\x00\x05abc"},
		{transcript.Binary, "\x00\x1dContent-Type:application/json{"},
	} {
		if _, err := unpack(t, "{envelope: headers}", bad.opcode, []byte(bad.payload)); err == nil {
			t.Errorf("%q is read", bad.payload)
		}
	}
}

// volcengine is the frame of Volcengine's streaming recognition.
const volcengine = `
  envelope: layout
  layout:
    - {name: version, type: u4}
    - {name: words, type: u4}
    - {name: kind, type: u4}
    - {name: flags, type: u4}
    - {name: serialization, type: u4}
    - {name: compression, type: u4}
    - {name: reserved, type: u8}
    - {name: seq, type: i32be, if: [flags, "&", 1]}
    - {name: code, type: u32be, if: [kind, "==", 15]}
    - {name: n, type: u32be}
    - {name: body, type: "bytes:n", if: [[compression, "==", 1], [serialization, "==", 1]], filters: [gunzip], as: json}
    - {name: body, type: "bytes:n", if: [[compression, "==", 0], [serialization, "==", 1]], as: json}
    - {name: body, type: "bytes:n", if: [serialization, "!=", 1]}`

func TestLayoutEnvelope(t *testing.T) {
	body := compress([]byte(`{"result":{"text":"hi"}}`))
	message := append([]byte{0x11, 0x93, 0x11, 0x00, 0xff, 0xff, 0xff, 0xfe}, binary.BigEndian.AppendUint32(nil, uint32(len(body)))...)
	message = append(append(message, body...), "rest"...)
	e, err := unpack(t, volcengine, transcript.Binary, message)
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"@version": "1", "@words": "1", "@kind": "9", "@flags": "3", "@compression": "1", "@seq": "-2", "@code": "-", "$.result.text": "hi", "@text": "rest"})

	failed := append([]byte{0x11, 0xf0, 0x10, 0x00, 0x02, 0xae, 0xf0, 0x01, 0, 0, 0, 13}, `{"error":"x"}`...)
	e, err = unpack(t, volcengine, transcript.Binary, failed)
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"@seq": "-", "@code": "45019137", "$.error": "x"})

	raw := append([]byte{0x11, 0xb0, 0x00, 0x00, 0, 0, 0, 3}, 1, 2, 0xff)
	e, err = unpack(t, volcengine, transcript.Binary, raw)
	if err != nil || !reflect.DeepEqual(e.Fields["body"], []byte{1, 2, 0xff}) {
		t.Errorf("%+v, %v", e, err)
	}
	for _, bad := range [][]byte{
		{}, {0x11}, {0x11, 0x91, 0x11, 0}, {0x11, 0x90, 0x10, 0, 0, 0, 0, 9, 1}, {0x11, 0x90, 0x11, 0, 0, 0, 0, 2, 1, 2}, {0x11, 0x90, 0x10, 0, 0, 0, 0, 1, 'x'}, {0x11, 0x90, 0x10, 0, 0xff, 0xff, 0xff, 0xff, 1},
	} {
		e, err := unpack(t, volcengine, transcript.Binary, bad)
		if err == nil {
			t.Errorf("%x is read", bad)
		}
		wantPaths(t, e, map[string]string{"$.x": "-"})
	}
	// A text among binary messages is read as JSON.
	e, err = unpack(t, volcengine, transcript.Text, []byte(`{"error":"y"}`))
	if err != nil {
		t.Error(err)
	}
	wantPaths(t, e, map[string]string{"$.error": "y"})
}

func TestLayoutReadsEveryType(t *testing.T) {
	for _, c := range []struct{ kind, hex, want string }{
		{"i8", "ff", "-1"},
		{"u8", "ff", "255"},
		{"i16be", "fffe", "-2"},
		{"i16le", "feff", "-2"},
		{"u16be", "0102", "258"},
		{"u16le", "0102", "513"},
		{"i32be", "fffffffe", "-2"},
		{"i32le", "feffffff", "-2"},
		{"u32be", "ffffffff", "4294967295"},
		{"u32le", "01000000", "1"},
		{"i64be", "fffffffffffffffe", "-2"},
		{"i64le", "feffffffffffffff", "-2"},
		{"u64be", "0000000000000102", "258"},
		{"u64le", "0100000000000000", "1"},
		{"bytes:2", "6869", "hi"},
		{"bytes:rest", "686921", "hi!"},
		{"bytes:0", "", ""},
	} {
		payload, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		e, err := unpack(t, `{envelope: layout, layout: [{name: a, type: "`+c.kind+`"}]}`, transcript.Binary, payload)
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		wantPaths(t, e, map[string]string{"@a": c.want})
		if len(payload) > 0 && c.kind != "bytes:rest" {
			if _, err := unpack(t, `{envelope: layout, layout: [{name: a, type: "`+c.kind+`"}]}`, transcript.Binary, payload[1:]); err == nil {
				t.Errorf("a cut %s is read", c.kind)
			}
		}
	}
	for bits, want := range map[string]string{"u1": "1", "u2": "2", "u3": "5", "u7": "82"} {
		e, err := unpack(t, "{layout: [{name: a, type: "+bits+"}]}", transcript.Binary, []byte{0xa5})
		if err != nil {
			t.Error(err)
		}
		wantPaths(t, e, map[string]string{"@a": want})
	}
	for _, bad := range []string{"[{name: a, type: u4}, {name: b, type: u5}]", "[{name: a, type: u4}, {name: b, type: u8}]"} {
		if _, err := unpack(t, "{layout: "+bad+"}", transcript.Binary, []byte{1, 2}); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
	e, err := unpack(t, `{layout: [{name: n, type: u8}, {name: a, type: "bytes:n", as: text}, {name: b, type: "bytes:rest", filters: [hex], as: text}]}`, transcript.Binary, []byte("\x02hi\xff"))
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"@a": "hi", "@b": "ff"})
	if _, err := unpack(t, `{layout: [{name: a, type: "bytes:rest", as: text}]}`, transcript.Binary, []byte{0xff}); err == nil {
		t.Error("bytes that are no UTF-8 are a text")
	}
}

func TestLayoutConditions(t *testing.T) {
	for _, c := range []struct {
		condition string
		holds     bool
	}{
		{`[a, "&", 4]`, true},
		{`[a, "&", 2]`, false},
		{`[a, "==", 5]`, true},
		{`[a, "==", 0x05]`, true},
		{`[a, "!=", 5]`, false},
		{`[a, "<", 6]`, true},
		{`[a, "<", 5]`, false},
		{`[a, ">", 4]`, true},
		{`[a, ">", 5]`, false},
		{`[a, "<=", 5]`, true},
		{`[a, ">=", 6]`, false},
		{`[[a, ">", 1], [a, "<", 9]]`, true},
		{`[[a, ">", 1], [a, "<", 5]]`, false},
		{`[b, "!=", 7]`, false}, // b is left out
	} {
		e, err := unpack(t, `{layout: [{name: a, type: u8}, {name: b, type: u8, if: [a, "==", 9]}, {name: c, type: u8, if: `+c.condition+`}]}`, transcript.Binary, []byte{5, 1})
		if err != nil {
			t.Error(err)
		}
		if _, has := e.Fields["c"]; has != c.holds {
			t.Errorf("%s holds: %v", c.condition, has)
		}
	}
}

// A small message must not fill the memory.
func TestInflateIsBounded(t *testing.T) {
	bomb := compress(make([]byte, maxInflated+1))
	for _, layout := range []string{`[{name: a, type: "bytes:rest", filters: [gunzip]}]`, `[{name: a, type: "bytes:rest", filters: [gunzip, gunzip]}]`} {
		payload := bomb
		if strings.Count(layout, "gunzip") == 2 {
			payload = compress(bomb)
		}
		if _, err := unpack(t, "{layout: "+layout+"}", transcript.Binary, payload); err == nil {
			t.Errorf("%s: inflated", layout)
		}
	}
}

func packJupyter(parts []string) []byte {
	offset := uint64(8 * (2 + len(parts)))
	message := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)+1))
	for _, p := range parts {
		message = binary.LittleEndian.AppendUint64(message, offset)
		offset += uint64(len(p))
	}
	message = binary.LittleEndian.AppendUint64(message, offset)
	return append(message, strings.Join(parts, "")...)
}

// The layout is that of jupyter_server's "WebSocket kernel wire protocol".
func TestJupyterEnvelope(t *testing.T) {
	parts := []string{"iopub", `{"msg_type":"stream"}`, `{"msg_id":"1"}`, `{}`, `{"text":"hi\n"}`, "buffer"}
	good := packJupyter(parts)
	e, err := unpack(t, "{envelope: jupyter-v1}", transcript.Binary, good)
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"$.channel": "iopub", "@msg_type": "stream", "$.header.msg_type": "stream", "$.parent_header.msg_id": "1", "$.content.text": "hi\n", "@text": "buffer"})
	if _, err := unpack(t, "{envelope: jupyter-v1}", transcript.Binary, packJupyter(parts[:5])); err != nil {
		t.Error(err)
	}
	for i := range good {
		if _, err := unpack(t, "{envelope: jupyter-v1}", transcript.Binary, good[:i]); err == nil {
			t.Errorf("%d bytes of %d are read", i, len(good))
		}
	}
	for _, bad := range [][]byte{{}, bytes.Repeat([]byte{0xff}, 80), packJupyter(parts[:4]), packJupyter([]string{"a", "{", "{}", "{}", "{}"})} {
		if _, err := unpack(t, "{envelope: jupyter-v1}", transcript.Binary, bad); err == nil {
			t.Errorf("%x is read", bad)
		}
	}
	e, err = unpack(t, "{envelope: jupyter-v1}", transcript.Text, []byte(`{"content":{"text":"a"}}`))
	if err != nil {
		t.Error(err)
	}
	wantPaths(t, e, map[string]string{"$.content.text": "a"})
}

func TestMsgpackEnvelope(t *testing.T) {
	message, err := msgpack.Marshal(map[string]any{
		"type": "a", "n": int64(-5), "u": uint64(18446744073709551615), "f": 1.5, "f32": float32(0.1), "yes": true, "none": nil,
		"list": []any{1, "x", []any{}}, "raw": []byte{0xff, 1}, "o": map[string]any{"k": "v"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := unpack(t, "{envelope: msgpack}", transcript.Binary, message)
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, e, map[string]string{"$.type": "a", "$.n": "-5", "$.u": "18446744073709551615", "$.f": "1.5", "$.f32": "0.1", "$.yes": "true", "$.none": "-", "$.list[1]": "x", "$.o.k": "v"})
	if p, _ := ParsePath("$.raw"); !reflect.DeepEqual(p.All(e), []any{[]byte{0xff, 1}}) {
		t.Errorf("raw is %v", p.All(e))
	}
	for i := range message {
		if _, err := unpack(t, "{envelope: msgpack}", transcript.Binary, message[:i]); err == nil {
			t.Errorf("%d bytes of %d are read", i, len(message))
		}
	}
	for _, bad := range [][]byte{
		append(message, 0), bytes.Repeat([]byte{0x91}, 1<<20), {0xc1}, {0xdd, 0xff, 0xff, 0xff, 0xff}, {0xdf, 0xff, 0xff, 0xff, 0xff}, {0xc6, 0xff, 0xff, 0xff, 0xff}, {0xc9, 0xff, 0xff, 0xff, 0xff, 1},
	} {
		if _, err := unpack(t, "{envelope: msgpack}", transcript.Binary, bad); err == nil {
			t.Errorf("%.20x is read", bad)
		}
	}
	for hexed, want := range map[string]any{"d40a01": []byte{1}, "cb7ff0000000000000": "+Inf", "c0": nil} {
		raw, err := hex.DecodeString(hexed)
		if err != nil {
			t.Fatal(err)
		}
		e, err := unpack(t, "{envelope: msgpack}", transcript.Binary, raw)
		if err != nil || !reflect.DeepEqual(e.JSON, want) {
			t.Errorf("%s is %v, %v", hexed, e.JSON, err)
		}
	}
}
