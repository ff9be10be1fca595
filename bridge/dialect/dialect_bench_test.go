package dialect

import (
	"testing"

	"duplex/bridge/transcript"
)

// BenchmarkRules takes a message of 200 bytes apart and tries five rules. A Reader does this
// for each message: 15 µs leave room for 20,000 messages a second.
func BenchmarkRules(b *testing.B) {
	d, err := Parse([]byte(`{"dialect": 1, "name": "x", "receive": {"label": "$.type", "gist": "$.delta",
		"ready": {"$.type": "session.created"}, "done": {"$.type": "response.done"}, "error": {"when": {"$.type": "error"}},
		"text": [{"when": {"$.type": "/(output_text|audio_transcript)\\.delta$/"}, "path": "$.delta"}, {"when": {"$.item.content[0].type": "text"}, "path": "$.x"}]}}`))
	if err != nil {
		b.Fatal(err)
	}
	message := []byte(`{"type":"response.output_text.delta","event_id":"event_CCXLgRd5xk1NuXnTN5BHc","response_id":"resp_CCXLfM8vLhZpY2VlwVsE1","item_id":"item_CCXLfN5m4JbZ8d2jX","output_index":0,"content_index":0,"delta":"gateway"}`)
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		e, err := d.Unpack(transcript.Text, message)
		if err != nil {
			b.Fatal(err)
		}
		r := &d.Receive
		if r.Ready.Holds(e) || r.Done.Match[0].Holds(e) || r.Errors[0].When.Holds(e) || !r.Text[0].When.Holds(e) || r.Text[1].When.Holds(e) {
			b.Fatal("a wrong rule holds")
		}
		if text, _ := r.Text[0].Path.Text(e); text != "gateway" {
			b.Fatal(text)
		}
		r.Label.Text(e)
		r.Gist.Text(e)
	}
}

func BenchmarkParse(b *testing.B) {
	source := Builtins()[0].Bytes()
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		if _, err := Parse(source); err != nil {
			b.Fatal(err)
		}
	}
}
