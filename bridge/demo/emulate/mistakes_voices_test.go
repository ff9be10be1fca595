package emulate_test

import (
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/demo/emulate"
)

func TestDeepgramRefuses(t *testing.T) {
	t.Parallel()
	token := http.Header{"Authorization": {"Token " + emulate.Key}}
	run(t, "deepgram-listen", "?model=nova-3&encoding=linear16&sample_rate=16000", token, []mistake{
		{name: "no key", header: http.Header{}, want: "INVALID_AUTH"},
		{name: "bearer", header: bearing(), want: "INVALID_AUTH"},
		{name: "unknown parameter", query: "?model=m&encoding=linear16&sample_rate=16000&rate=1", want: "Unknown parameter: rate"},
		{name: "empty parameter", query: "?model=m&encoding=linear16&sample_rate=16000&language=", want: "A parameter has no value"},
		{name: "no encoding", query: "?model=m", want: "INVALID_QUERY_PARAMETER"},
		{name: "mute", options: hurried(), want: "net0001"},
		{name: "binary KeepAlive", say: func(c *caller) { c.binary([]byte(`{"type":"KeepAlive"}`)) }, want: "data0000"},
		{name: "empty message", say: func(c *caller) { c.binary(nil) }, want: "data0000"},
		{name: "unknown type", say: sayAll(`{"type":"Stop"}`), want: "UnparsableClientMessage"},
		{name: "its own error", options: fault("NET-0000"), say: func(c *caller) { c.binary(silence(100)) }, want: "net0000"},
	})
	run(t, "deepgram-speak", "?model=aura-2-thalia-en&encoding=linear16&sample_rate=24000", token, []mistake{
		{name: "no key", header: http.Header{}, want: "INVALID_AUTH"},
		{name: "another format", query: "?model=m&encoding=opus", want: "UNSUPPORTED_AUDIO_FORMAT"},
		{name: "no text", say: sayAll(`{"type":"Speak"}`), want: "DATA-0000"},
		{name: "long text", say: sayAll(`{"type":"Speak","text":"` + strings.Repeat("a", 2001) + `"}`), want: "DATA-0002"},
		{name: "unknown type", say: sayAll(`{"type":"Say","text":"a"}`), want: "DATA-0000"},
		{name: "many flushes", options: emulate.Options{Voice: func(string, int) []int16 { return nil }}, say: func(c *caller) {
			for range 21 {
				c.text(`{"type":"Flush"}`)
			}
		}, want: "EXCEEDED_FLUSH_LIMIT"},
		{name: "its own error", options: fault("1011"), say: sayAll(`{"type":"Flush"}`), want: "close 1011"},
	})
}

func TestElevenLabsSynthesisRefuses(t *testing.T) {
	t.Parallel()
	const first = `{"text":" "}`
	run(t, "elevenlabs-tts", "?output_format=pcm_24000", http.Header{"Xi-Api-Key": {emulate.Key}}, []mistake{
		{name: "no key", header: http.Header{}, say: sayAll(first), want: "invalid_api_key"},
		{name: "another format", query: "-", want: "invalid_output_format"},
		{name: "empty language", query: "?output_format=pcm_24000&language_code=", want: "unsupported_language"},
		{name: "text first", say: sayAll(`{"text":"hello"}`), want: "The first text must be a single space"},
		{name: "late settings", say: sayAll(first, `{"text":"hello","generation_config":{}}`), want: "Settings belong to the first message"},
		{name: "unknown field", say: sayAll(`{"text":" ","voice":"a"}`), want: "invalid_message"},
		{name: "mute", options: hurried(), say: sayAll(first), want: "input_timeout_exceeded"},
		{name: "no quota", options: fault("quota_exceeded"), say: sayAll(first, `{"text":"hello "}`, `{"text":""}`), want: "quota_exceeded"},
	})
}

func TestElevenLabsAgentRefuses(t *testing.T) {
	t.Parallel()
	const initiation = `{"type":"conversation_initiation_client_data"}`
	ready := func(c *caller) { c.text(initiation); c.until(`"ping"`) }
	run(t, "elevenlabs-agent", "?agent_id=agent_public", nil, []mistake{
		{name: "private", query: "?agent_id=agent_5f1c0a7d9be24368", want: "close 3000"},
		{name: "audio first", say: sayAll(`{"user_audio_chunk":"AAAA"}`), want: "The first message must be conversation_initiation_client_data"},
		{name: "no base64", say: func(c *caller) { ready(c); c.text(`{"user_audio_chunk":"?"}`) }, want: "no base64 of PCM"},
		{name: "another pong", say: func(c *caller) { ready(c); c.text(`{"type":"pong","event_id":99}`) }, want: "another event_id"},
		{name: "unknown type", say: func(c *caller) { ready(c); c.text(`{"type":"hello"}`) }, want: "close 1008 Invalid message received"},
		{name: "no pong", options: hurried(), say: ready, want: "The ping was not answered"},
		{name: "its own error", options: fault("1011"), say: func(c *caller) { ready(c); c.text(`{"type":"user_message","text":"hello"}`) }, want: "close 1011"},
	})
}

// A private agent is reached by the address that a key fetches.
func TestElevenLabsSignsAddresses(t *testing.T) {
	t.Parallel()
	e, address := serve(t, "elevenlabs-agent", emulate.Options{})
	for key, want := range map[string]string{emulate.Key: "conversation_signature=", "x": "invalid_api_key"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/get-signed-url?agent_id="+e.Vars["agent_id"], nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Xi-Api-Key", key)
		res, err := new(http.Client).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, 1<<10)
		n, _ := res.Body.Read(body)
		_ = res.Body.Close()
		if !strings.Contains(string(body[:n]), want) {
			t.Errorf("the answer to %q lacks %s: %s", key, want, body[:n])
		}
	}
}
