package emulate_test

import (
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/demo/emulate"
)

func withToken() http.Header { return http.Header{"X-Auth-Token": {emulate.Key}} }

const sisStart = `{"command":"START","config":{"audio_format":"pcm16k16bit","property":"chinese_16k_general","interim_results":"yes"}}`

// started is a recognition that has begun.
func started(c *caller) {
	c.text(sisStart)
	c.until(`"START"`)
}

func TestHuaweiRecognitionRefuses(t *testing.T) {
	t.Parallel()
	run(t, "huawei-sis-asr", "", withToken(), []mistake{
		{name: "no token", header: http.Header{}, want: "APIG.0301"},
		{name: "wrong token", header: http.Header{"X-Auth-Token": {"x"}}, want: "APIG.0301"},
		{name: "audio first", say: func(c *caller) { c.binary(silence(100)) }, want: "audio came outside START and END"},
		{name: "audio before the answer", say: func(c *caller) {
			c.text(sisStart)
			c.binary(silence(100))
		}, want: "data came before the START of the answer"},
		{name: "another format", say: sayAll(strings.ReplaceAll(sisStart, "pcm16k16bit", "pcm8k16bit")), want: "SIS.0301"},
		{name: "another model", say: sayAll(strings.ReplaceAll(sisStart, "_16k_", "_8k_")), want: "SIS.0301"},
		{name: "unknown field", say: sayAll(strings.ReplaceAll(sisStart, "interim_results", "interim")), want: "'interim' is unknown"},
		{name: "started twice", say: func(c *caller) { started(c); c.text(sisStart) }, want: "'command' START is out of order"},
		{name: "end first", say: func(c *caller) { c.text(`{"command":"END"}`) }, want: "'command' END is out of order"},
		{name: "short frame", say: func(c *caller) { started(c); c.binary(make([]byte, 318)) }, want: "a frame has 318 bytes"},
		{name: "long frame", say: func(c *caller) { started(c); c.binary(make([]byte, 65_538)) }, want: "a frame has 65538 bytes"},
		{name: "fast", say: func(c *caller) {
			started(c)
			for range 4 {
				c.binary(silence(1000))
			}
		}, want: "faster than real time"},
		{name: "mute", options: hurried(), say: started, want: "SIS.0304"},
		{name: "no engine", options: fault("SIS.0303"), say: func(c *caller) { started(c); c.binary(silence(100)) }, want: "SIS.0303"},
	})
}

const rttsStart = `{"command":"START","text":"hello","config":{"audio_format":"pcm","sample_rate":"16000","property":"chinese_huaxiaomei_common"}}`

func TestHuaweiSynthesisRefuses(t *testing.T) {
	t.Parallel()
	run(t, "huawei-sis-tts", "", withToken(), []mistake{
		{name: "no token", header: http.Header{}, want: "APIG.0301"},
		{name: "no text", say: sayAll(strings.ReplaceAll(rttsStart, "hello", "")), want: "'text' must have 1 to 10000 characters"},
		{name: "long text", say: sayAll(strings.ReplaceAll(rttsStart, "hello", strings.Repeat("你", 10_001))), want: "'text' must have"},
		{name: "no voice", say: sayAll(strings.ReplaceAll(rttsStart, "chinese_huaxiaomei_common", "")), want: "'property' is required"},
		{name: "another rate", say: sayAll(strings.ReplaceAll(rttsStart, "16000", "44100")), want: "'sample_rate' is invalid"},
		{name: "unknown field", say: sayAll(strings.ReplaceAll(rttsStart, "audio_format", "format")), want: "is unknown"},
		{name: "another command", say: func(c *caller) { c.text(`{"command":"SPEAK"}`) }, want: "'command' is invalid"},
		{name: "a second text", say: func(c *caller) {
			c.text(rttsStart)
			c.until(`"END"`)
			c.text(rttsStart)
		}, want: "a connection takes one request"},
		{name: "mute", options: hurried(), want: "wait voice timeout"},
		{name: "no engine", options: fault("SIS.0303"), say: func(c *caller) { c.text(rttsStart) }, want: "SIS.0303"},
	})
}

func TestModelArtsContainersRefuse(t *testing.T) {
	t.Parallel()
	run(t, "modelarts-text", "", withToken(), []mistake{
		{name: "no token", header: http.Header{}, want: "APIG.0301"},
		{name: "binary", say: func(c *caller) { c.binary([]byte("hello")) }, want: "close 1003"},
		{name: "large", say: func(c *caller) { c.text("%s", strings.Repeat("x", 12<<20+1)) }, want: "close 1009"},
		{name: "late", options: fault("1011"), say: func(c *caller) { c.text("hello") }, want: "close 1011 backend timeout"},
	})
	run(t, "modelarts-chat", "", withToken(), []mistake{
		{name: "wrong token", header: http.Header{"X-Auth-Token": {"x"}}, want: "decrypt token fail"},
		{name: "no JSON", say: func(c *caller) { c.text("hello") }, want: "invalid_json"},
		{name: "no prompt", say: func(c *caller) { c.text(`{"question":"hello"}`) }, want: "missing_prompt"},
		{name: "unknown field", say: func(c *caller) { c.text(`{"prompt":"hello","seed":1}`) }, want: "unknown field seed"},
		{name: "long prompt", options: fault("context_length_exceeded"), say: func(c *caller) { c.text(`{"prompt":"hello"}`) }, want: "context_length_exceeded"},
	})
}
