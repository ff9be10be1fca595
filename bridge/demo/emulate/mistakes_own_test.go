package emulate_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"duplex/bridge/demo/emulate"
)

func TestFunASRRefuses(t *testing.T) {
	t.Parallel()
	const begin = `{"mode":"2pass","chunk_size":[5,10,5],"chunk_interval":10,"wav_name":"w","wav_format":"pcm","is_speaking":true}`
	run(t, "funasr", "", nil, []mistake{
		{name: "audio first", say: func(c *caller) { c.binary(silence(60)) }, want: "audio before the first message"},
		{name: "no chunk size", say: func(c *caller) { c.text("%s", with(t, begin, map[string]any{"chunk_size": nil})) }, want: "Wrong chunk_size!"},
		{name: "another mode", say: func(c *caller) { c.text("%s", with(t, begin, map[string]any{"mode": "fast"})) }, want: "mode is none of"},
		{name: "long frame", say: func(c *caller) { c.text(begin); c.binary(silence(100)) }, want: "a frame is not as long"},
		{name: "short frame in the middle", say: func(c *caller) { c.text(begin); c.binary(silence(10)); c.binary(silence(60)) }, want: "a frame is not as long"},
		{name: "end first", say: func(c *caller) { c.text(`{"is_speaking":false}`) }, want: "the end without a beginning"},
		{name: "no JSON", say: func(c *caller) { c.text("hello") }, want: "no JSON object"},
		{name: "its own error", options: fault("ERROR"), say: func(c *caller) { c.text(begin); c.binary(silence(60)) }, want: "ERROR. Real-time"},
	})
}

func TestVoskRefuses(t *testing.T) {
	t.Parallel()
	run(t, "vosk", "", nil, []mistake{
		{name: "beautified end", say: func(c *caller) { c.text(`{"eof":1}`) }, want: "close 1011"},
		{name: "its own error", options: fault("1011"), say: func(c *caller) { c.binary(silence(100)) }, want: "close 1011"},
		{name: "a result for each frame", say: func(c *caller) { c.binary(silence(100)) }, want: `{"partial":""}`},
	})
}

func TestSherpaRefuses(t *testing.T) {
	t.Parallel()
	run(t, "sherpa-onnx", "", nil, []mistake{
		{name: "full", options: fault("503"), want: "503 The server is busy"},
		{name: "16-bit samples", say: func(c *caller) {
			c.binary(bytes.Repeat([]byte{0x00, 0x40, 0xff, 0x7f}, 800))
		}, want: "close 1003"},
		{name: "floats", say: func(c *caller) {
			c.binary(binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.5)))
			c.text("Done")
		}, want: "Done!"},
	})
}

func TestWhisperLiveRefuses(t *testing.T) {
	t.Parallel()
	const options = `{"uid":"de5d9927-73a6-4be8-b52d-b4c07be37e6b","language":"en","task":"transcribe","model":"small"}`
	run(t, "whisperlive", "", nil, []mistake{
		{name: "no options", say: func(c *caller) { c.binary(silence(100)) }, want: "close 1000"},
		{name: "no uid", say: func(c *caller) { c.text("%s", with(t, options, map[string]any{"uid": nil})) }, want: "close 1000"},
		{name: "full", options: fault("WAIT"), say: func(c *caller) { c.text(options) }, want: `"status":"WAIT"`},
		{name: "no model", options: fault("ERROR"), say: func(c *caller) { c.text(options) }, want: `"status":"ERROR"`},
		{name: "ten minutes", options: emulate.Options{Scale: 1e-4}, say: func(c *caller) { c.text(options) }, want: "DISCONNECT"},
		{name: "end without a result", say: func(c *caller) { c.text(options); c.binary([]byte("END_OF_AUDIO")) }, want: "close 1000"},
	})
}
