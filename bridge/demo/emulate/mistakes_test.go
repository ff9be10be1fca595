package emulate_test

import (
	"encoding/binary"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/demo/emulate"
)

// mistake is a rule of a service that a caller breaks, and the error that it gets.
type mistake struct {
	name    string
	options emulate.Options
	header  http.Header // replaces that of a good caller
	query   string      // replaces that of a good caller; "-" is none
	say     func(*caller)
	want    string // in a message, the close frame or the refusal
}

// run makes each mistake once.
func run(t *testing.T, service, query string, header http.Header, mistakes []mistake) {
	t.Helper()
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			_, address := serve(t, service, m.options)
			if m.header == nil {
				m.header = header
			}
			switch m.query {
			case "":
				m.query = query
			case "-":
				m.query = ""
			}
			c, refusal := call(t, address+m.query, m.header)
			if c == nil {
				if !strings.Contains(refusal, m.want) {
					t.Errorf("refused with %s, want %s", refusal, m.want)
				}
				return
			}
			if m.say != nil {
				m.say(c)
			}
			c.until(m.want)
		})
	}
}

func fault(code string) emulate.Options { return emulate.Options{Fault: code} }

// hurried is a service whose time limits are a hundredth.
func hurried() emulate.Options { return emulate.Options{Scale: 0.01} }

func TestAssemblyAIRefuses(t *testing.T) {
	t.Parallel()
	run(t, "assemblyai", "?sample_rate=16000&speech_model=m", http.Header{"Authorization": {emulate.Key}}, []mistake{
		{name: "no key", header: http.Header{}, want: "Unauthorized Connection: Missing Authorization header"},
		{name: "wrong key", header: http.Header{"Authorization": {"x"}}, want: "1008"},
		{name: "no sample rate", query: "?speech_model=m", want: "3006"},
		{name: "too many", options: fault("3009"), want: "3009"},
		{name: "short frame", say: func(c *caller) { c.binary(silence(20)) }, want: "Input duration violation: 20.0 ms. Expected between 50 and 1000 ms"},
		{name: "long frame", say: func(c *caller) { c.binary(silence(1001)) }, want: "close 3007"},
		{name: "fast", say: func(c *caller) {
			for range 4 {
				c.binary(silence(1000))
			}
		}, want: "Audio Transmission Rate Exceeded"},
		{name: "no JSON", say: func(c *caller) { c.text("stop") }, want: "Invalid JSON: stop"},
		{name: "unknown type", say: func(c *caller) { c.text(`{"type":"Stop"}`) }, want: "Invalid Message Type: Stop"},
		{name: "three hours", options: emulate.Options{Scale: 1e-5}, want: "close 3008 Session Expired"},
		{name: "its own error", options: fault("3005"), say: func(c *caller) { c.binary(silence(50)) }, want: "close 3005"},
	})
}

const azureID = "123e4567e89b12d3a456426655440000"

// azureText returns a text message of Azure Speech, azureAudio a binary one.
func azureText(path, id, body string) string {
	return "Path: " + path + "\r\nX-RequestId: " + id + "\r\nX-Timestamp: 2026-11-30T06:00:00.0000000Z\r\nContent-Type: application/json\r\n\r\n" + body
}

func azureAudio(id string, audio []byte) []byte {
	head := "Path: audio\r\nX-RequestId: " + id + "\r\nX-Timestamp: 2026-11-30T06:00:00.0000000Z\r\nContent-Type: audio/x-wav\r\n"
	return append(append(binary.BigEndian.AppendUint16(nil, uint16(len(head))), head...), audio...)
}

const azureConfig = `{"context":{"system":{"version":"1"},"os":{"platform":"p","name":"n","version":"1"}}}`

// wavHead is the header of a WAV stream of a rate, with 16 bits and one channel.
func wavHead(rate uint32) []byte {
	head := []byte("RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	head = binary.LittleEndian.AppendUint32(head, rate)
	head = binary.LittleEndian.AppendUint32(head, 2*rate)
	return append(head, "\x02\x00\x10\x00data\xff\xff\xff\xff"...)
}

func TestAzureSpeechRefuses(t *testing.T) {
	t.Parallel()
	good := http.Header{"Ocp-Apim-Subscription-Key": {emulate.Key}, "X-Connectionid": {azureID}}
	configured := func(say func(*caller)) func(*caller) {
		return func(c *caller) {
			c.text("%s", azureText("speech.config", azureID, azureConfig))
			say(c)
		}
	}
	first := append(wavHead(16000), silence(100)...)
	run(t, "azure-speech", "?language=en-US", good, []mistake{
		{name: "wrong key", header: http.Header{"Ocp-Apim-Subscription-Key": {"x"}, "X-Connectionid": {azureID}}, want: "401"},
		{name: "no connection id", header: http.Header{"Ocp-Apim-Subscription-Key": {emulate.Key}}, want: "400"},
		{name: "no language", query: "-", want: "400"},
		{name: "audio first", say: func(c *caller) { c.binary(azureAudio(azureID, first)) }, want: "close 1007 speech.config must be sent"},
		{name: "config without os", say: func(c *caller) { c.text("%s", azureText("speech.config", azureID, `{"context":{}}`)) }, want: "1007"},
		{name: "no RIFF header", say: configured(func(c *caller) { c.binary(azureAudio(azureID, silence(100))) }), want: "no valid RIFF header"},
		{name: "8 kHz", say: configured(func(c *caller) { c.binary(azureAudio(azureID, append(wavHead(8000), silence(100)...))) }), want: "16 kHz"},
		{name: "id with dashes", say: configured(func(c *caller) { c.binary(azureAudio("123e4567-e89b-12d3-a456-426655440000", first)) }), want: "UUID without dashes"},
		{name: "large chunk", say: configured(func(c *caller) { c.binary(azureAudio(azureID, append(wavHead(16000), make([]byte, 8192)...))) }), want: "the maximum is 8192"},
		{name: "no headers", say: func(c *caller) { c.text("hello") }, want: "Message has no headers"},
		{name: "time stamp", say: func(c *caller) { c.text("Path: speech.config\r\nX-Timestamp: now\r\n\r\n{}") }, want: "X-Timestamp is not valid"},
		{name: "id twice", say: configured(func(c *caller) {
			for _, audio := range [][]byte{first, nil, first} {
				c.binary(azureAudio(azureID, audio))
			}
		}), want: "used before"},
		{name: "idle", options: emulate.Options{Scale: 0.001}, want: "idle for too long"},
		{name: "its own error", options: fault("Error"), say: configured(func(c *caller) {
			c.binary(azureAudio(azureID, first))
			c.binary(azureAudio(azureID, nil))
		}), want: `"RecognitionStatus":"Error"`},
	})
}

func TestDashScopeRefuses(t *testing.T) {
	t.Parallel()
	good := http.Header{"Authorization": {"Bearer " + emulate.Key}}
	const id = "2bf83b9a-baeb-4fda-8d9a-0c9d1e2f3a4b"
	const start = `{"header":{"action":"run-task","task_id":"` + id + `","streaming":"duplex"},"payload":{"task_group":"audio","task":"asr","function":"recognition","model":"m","parameters":{"format":"pcm","sample_rate":16000},"input":{}}}`
	const finish = `{"header":{"action":"finish-task","task_id":"` + id + `","streaming":"duplex"},"payload":{"input":{}}}`
	say := func(messages ...string) func(*caller) {
		return func(c *caller) {
			for _, m := range messages {
				c.text("%s", m)
			}
		}
	}
	run(t, "dashscope-asr", "", good, []mistake{
		{name: "wrong key", header: http.Header{"Authorization": {"Bearer x"}}, want: "InvalidApiKey"},
		{name: "audio before the task", say: func(c *caller) { c.binary(silence(100)) }, want: "audio before task-started"},
		{name: "no input", say: say(with(t, start, map[string]any{"payload.input": nil})), want: "Missing required parameter 'payload.input'"},
		{name: "no model", say: say(with(t, start, map[string]any{"payload.model": nil})), want: "Missing required parameter 'payload.model'"},
		{name: "not duplex", say: say(with(t, start, map[string]any{"header.streaming": "out"})), want: "must be duplex"},
		{name: "no UUID", say: say(with(t, start, map[string]any{"header.task_id": "1"})), want: "task_id is not a UUID"},
		{name: "two tasks at once", say: say(start, start), want: "task is running"},
		{name: "id used before", say: say(start, finish, start), want: "the task_id was used before"},
		{name: "another id", say: say(start, strings.Replace(finish, "2bf8", "3bf8", 1)), want: "another task_id"},
		{name: "no audio", options: hurried(), say: say(start), want: "NO_INPUT_AUDIO_ERROR"},
		{name: "unknown model", options: fault("ModelNotFound"), say: say(start), want: "ModelNotFound"},
	})
	speak := with(t, start, map[string]any{"payload.task": "tts", "payload.function": "SpeechSynthesizer", "payload.parameters.text_type": "PlainText", "payload.parameters.voice": "v"})
	text := with(t, finish, map[string]any{"header.action": "continue-task", "payload.input.text": "hello"})
	run(t, "dashscope-tts", "", good, []mistake{
		{name: "no voice", say: say(with(t, speak, map[string]any{"payload.parameters.voice": nil})), want: "'payload.parameters.voice'"},
		{name: "text before the task", say: say(text), want: "another task_id"},
		{name: "no text for 23 s", options: hurried(), say: say(speak), want: "request timeout after 23 seconds"},
		{name: "long text", say: say(speak, with(t, text, map[string]any{"payload.input.text": strings.Repeat("字", 10_001)})), want: "over 20000 characters"},
		{name: "engine", options: fault("418"), say: say(speak, text, finish), want: "error code: 418"},
	})
}
