package emulate_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/demo/emulate"
)

func bearing() http.Header { return http.Header{"Authorization": {"Bearer " + emulate.Key}} }

// appendOf is an event with audio of silence.
func appendOf(samples int, more string) string {
	return fmt.Sprintf(`{"type":"input_audio_buffer.append","audio":"%s"%s}`, base64.StdEncoding.EncodeToString(make([]byte, 2*samples)), more)
}

const (
	manual = `{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}`
	item   = `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}}`
	commit = `{"type":"input_audio_buffer.commit"}`
	create = `{"type":"response.create"}`
)

// sayAll sends events in order.
func sayAll(events ...string) func(*caller) {
	return func(c *caller) {
		for _, event := range events {
			c.text("%s", event)
		}
	}
}

func TestOpenAIRefuses(t *testing.T) {
	t.Parallel()
	beta := bearing()
	beta.Set("OpenAI-Beta", "realtime=v1")
	run(t, "openai-realtime", "?model=gpt-realtime", bearing(), []mistake{
		{name: "no key", header: http.Header{}, want: "invalid_api_key"},
		{name: "beta", header: beta, want: "beta_api_shape_disabled"},
		{name: "no model", query: "-", want: "missing_model"},
		{name: "no JSON", say: sayAll("hello"), want: "invalid_json"},
		{name: "unknown event", say: sayAll(`{"type":"session.finish"}`), want: "invalid_value"},
		{name: "no type of session", say: sayAll(`{"type":"session.update","session":{}}`), want: "Missing required parameter: 'session.type'"},
		{name: "beta session", say: sayAll(`{"type":"session.update","session":{"type":"realtime","modalities":["text"]}}`), want: "unknown_parameter"},
		{name: "two modalities", say: sayAll(`{"type":"session.update","session":{"type":"realtime","output_modalities":["audio","text"]}}`), want: "Invalid modalities"},
		{name: "another rate", say: sayAll(`{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}}}`), want: "rate of 24000"},
		{name: "no base64", say: sayAll(`{"type":"input_audio_buffer.append","audio":"?"}`), want: "Expected base64-encoded audio"},
		{name: "commit of nothing", say: sayAll(manual, commit), want: "input_audio_buffer_commit_empty"},
		{name: "commit of little", say: sayAll(manual, appendOf(2399, ""), commit), want: "Expected at least 100ms"},
		{name: "commit beside VAD", say: sayAll(appendOf(4800, ""), commit), want: "input_audio_buffer_commit_empty"},
		{name: "nothing to answer", say: sayAll(create), want: "conversation_empty"},
		{name: "two answers", options: emulate.Options{Interval: 50 * time.Millisecond}, say: sayAll(item, create, create), want: "conversation_already_has_active_response"},
		{name: "an id twice", say: sayAll(appendOf(1, `,"event_id":"a"`), appendOf(1, `,"event_id":"a"`)), want: "was used before"},
		{name: "an hour", options: emulate.Options{Scale: 1e-9}, say: sayAll(item), want: "session_expired"},
		{name: "no quota", options: fault("insufficient_quota"), say: sayAll(item, create), want: "insufficient_quota"},
		{name: "a failed answer", options: fault("response_failed"), say: sayAll(item, create), want: "rate_limit_exceeded"},
	})
}

func TestOpenAITakesAKeyAsSubprotocol(t *testing.T) {
	t.Parallel()
	_, address := serve(t, "openai-realtime", emulate.Options{})
	conn, res, err := websocket.Dial(t.Context(), address+"?model=m", &websocket.DialOptions{
		Subprotocols: []string{"realtime", "openai-insecure-api-key." + emulate.Key},
	})
	if err != nil {
		t.Fatal(err, res)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	(&caller{t, conn}).until("session.created")
}

func TestAzureOpenAIRefuses(t *testing.T) {
	t.Parallel()
	run(t, "azure-openai-realtime", "?model=gpt", http.Header{"Api-Key": {emulate.Key}}, []mistake{
		{name: "no key", header: http.Header{}, want: "Access denied due to invalid subscription key"},
		{name: "preview query", query: "?api-version=2025-04-01-preview&deployment=gpt", want: "api-version is not allowed"},
		{name: "mute", options: hurried(), want: "close 1008 idle_timeout"},
	})
}

func TestQwenRefuses(t *testing.T) {
	t.Parallel()
	run(t, "qwen-realtime", "?model=qwen3-omni-flash-realtime", bearing(), []mistake{
		{name: "no key", header: http.Header{}, want: "InvalidApiKey"},
		{name: "no model", query: "-", want: "InvalidParameter"},
		{name: "no id", say: sayAll(commit), want: "The event needs an event_id"},
		{name: "an id twice", say: sayAll(appendOf(1, `,"event_id":"a"`), appendOf(1, `,"event_id":"a"`)), want: "was used before"},
		{name: "audio alone", say: sayAll(`{"event_id":"a","type":"session.update","session":{"modalities":["audio"]}}`), want: "Supported combinations"},
		{name: "another format", say: sayAll(`{"event_id":"a","type":"session.update","session":{"input_audio_format":"wav","output_audio_format":"pcm"}}`), want: "must be pcm"},
		{name: "a session of OpenAI", say: sayAll(strings.Replace(manual, `{"type"`, `{"event_id":"a","type"`, 1)), want: "unknown_parameter"},
		{name: "commit beside VAD", say: sayAll(appendOf(4800, `,"event_id":"a"`), `{"event_id":"b","type":"input_audio_buffer.commit"}`), want: "input_audio_buffer_commit_empty"},
	})
}

func TestVLLMRefuses(t *testing.T) {
	t.Parallel()
	const model, begin = `{"type":"session.update","model":"m"}`, `{"type":"input_audio_buffer.commit","final":false}`
	run(t, "vllm-realtime", "", bearing(), []mistake{
		{name: "no key", header: http.Header{}, want: "Unauthorized"},
		{name: "no JSON", say: sayAll("hello"), want: "invalid_json"},
		{name: "no model", say: sayAll(begin), want: "model_not_validated"},
		{name: "a session of OpenAI", say: sayAll(manual), want: "processing_error"},
		{name: "audio first", say: sayAll(model, appendOf(1600, "")), want: "audio came before the commit that starts"},
		{name: "no audio", say: sayAll(model, begin, appendOf(0, "")), want: "invalid_audio"},
		{name: "end first", say: sayAll(model, `{"type":"input_audio_buffer.commit","final":true}`), want: "before the commit that starts"},
		{name: "a text", say: sayAll(item), want: "unknown_event"},
		{name: "its own error", options: fault("processing_error"), say: sayAll(model, begin, `{"type":"input_audio_buffer.commit","final":true}`), want: "processing_error"},
	})
}

func TestGeminiRefuses(t *testing.T) {
	t.Parallel()
	const setup, prompt = `{"setup":{"model":"models/m"}}`, `{"clientContent":{"turns":[{"role":"user","parts":[{"text":"hello"}]}],"turnComplete":true}}`
	ready := func(c *caller) { c.text(setup); c.until("setupComplete") }
	run(t, "gemini-live", "?key="+emulate.Key, nil, []mistake{
		{name: "no key", query: "-", want: "API key not valid"},
		{name: "prompt first", say: sayAll(prompt), want: "close 1007 setup must be the first"},
		{name: "prompt before setupComplete", say: sayAll(setup, prompt), want: "close 1007 a message came before setupComplete"},
		{name: "two setups", say: func(c *caller) { ready(c); c.text(setup) }, want: "close 1007 setup must be the first"},
		{name: "no models/", say: sayAll(`{"setup":{"model":"m"}}`), want: "close 1007"},
		{name: "two fields", say: sayAll(`{"setup":{"model":"models/m"},"clientContent":{}}`), want: "close 1007 A message must have exactly one"},
		{name: "unknown field", say: sayAll(`{"set_up":{}}`), want: `Unknown name "set_up"`},
		{name: "another rate", say: func(c *caller) {
			ready(c)
			c.text(`{"realtimeInput":{"audio":{"data":"AAAA","mimeType":"audio/pcm;rate=24000"}}}`)
		}, want: "close 1007"},
		{name: "old chunks", say: func(c *caller) { ready(c); c.text(`{"realtimeInput":{"mediaChunks":[]}}`) }, want: "media_chunks is deprecated"},
		{name: "marks beside detection", say: func(c *caller) { ready(c); c.text(`{"realtimeInput":{"activityStart":{}}}`) }, want: "Explicit activity control is not supported"},
		{name: "ten minutes", options: emulate.Options{Scale: 1e-4}, say: ready, want: "goAway"},
		{name: "its own error", options: fault("1011"), say: func(c *caller) { ready(c); c.text(prompt) }, want: "close 1011"},
	})
}
