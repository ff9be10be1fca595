package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// standardJSON decodes with encoding/json.
func standardJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows")
	}
	return v, nil
}

// FuzzJSON compares the decoder with encoding/json.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-0.5e+3,1E400,9007199254740993],"b":{"c":null,"d":true,"e":false},"":""}`, ` [ ] `, `{"a":1,"a":2}`, `"\u00e4\ud83d\ude00\ud83d\u0041\udc00\/\b\f\n\r\t\""`,
		"\"a\xffb\xc3\"", "\"\u2028 long enough for eight bytes \xe4\xb8\xad and more\"", `01`, `-`, `1.`, `.5`, `+1`, `1e`, `nul`, `tru`, "\"\x01\"", `"\x"`, `"\u12g4"`, `[1,]`, `{"a" 1}`, `{a:1}`, `1 2`, ``, "\"01234567\x1f\"", `"0123456\"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want, refused := standardJSON(text)
		got, err := decodeJSON(text)
		if (err != nil) != (refused != nil) {
			if depth := strings.Count(string(text), "[") + strings.Count(string(text), "{"); depth < maxJSONDepth {
				t.Fatalf("%q: error %v, encoding/json %v", text, err, refused)
			}
			return
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, encoding/json %#v", text, got, want)
		}
	})
}

func TestJSONIsBoundedInDepth(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if _, err := decodeJSON(nested(maxJSONDepth)); err != nil {
		t.Error(err)
	}
	if _, err := decodeJSON(nested(maxJSONDepth + 1)); err == nil {
		t.Error("no error")
	}
}

// BenchmarkJSON compares the decoder with encoding/json, as a ratio in one run.
func BenchmarkJSON(b *testing.B) {
	for name, text := range map[string]string{
		"delta": `{"type":"response.output_text.delta","event_id":"event_1","item_id":"item_1","output_index":0,"delta":" token"}`,
		"audio": `{"type":"response.output_audio.delta","event_id":"event_1","delta":"` + strings.Repeat("AAECAwQF", 800) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := decodeJSON([]byte(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"-encoding-json", func(b *testing.B) {
			for b.Loop() {
				if _, err := standardJSON([]byte(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
