package dialect

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkReader reads a session of 100,000 messages with a built-in dialect: turns of a
// prompt or speech, text in pieces and audio of 100 ms in base64. The figures are messages a
// second, with the turns asked for after every thousandth.
func BenchmarkReader(b *testing.B) {
	const count = 100_000
	for _, name := range []string{"modelarts-chat", "openai-realtime", "deepgram-listen"} {
		d, ok := Builtin(name)
		if !ok {
			b.Fatalf("no dialect %s", name)
		}
		log := benchLogs()[name](count)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r := NewReader(d, nil)
				var revision int64
				for i := range log.messages {
					r.Read(&log.messages[i])
					if i%1000 == 0 {
						_, revision = r.Turns(revision)
					}
				}
				if n, _, _, _ := r.Last(); n == 0 {
					b.Fatal("no turn")
				}
			}
			b.ReportMetric(count*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
	b.Run("without", func(b *testing.B) {
		log := benchLogs()["modelarts-chat"](count)
		for b.Loop() {
			r := NewReader(nil, nil)
			for i := range log.messages {
				r.Read(&log.messages[i])
			}
		}
		b.ReportMetric(count*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
}

// benchLogs returns the logs of BenchmarkReader by dialect.
func benchLogs() map[string]func(count int) *book {
	audio := strings.Repeat("AAECAwQF", 800) // 100 ms at 24 kHz
	return map[string]func(int) *book{
		"modelarts-chat": func(count int) *book {
			b := new(book)
			for ms := int64(0); len(b.messages) < count; ms += 10 {
				switch len(b.messages) % 500 {
				case 0:
					b.sends(ms, `{"prompt":"Why does the gateway stay silent?"}`)
				case 499:
					b.gets(ms, `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":498}}`)
				default:
					b.gets(ms, `{"object":"chat.completion.chunk","id":"chatcmpl-123","model":"demo","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}`)
				}
			}
			return b
		},
		"openai-realtime": func(count int) *book {
			b := new(book)
			for ms := int64(0); len(b.messages) < count; ms += 10 {
				switch i := len(b.messages) % 500; {
				case i < 50:
					b.sends(ms, `{"type":"input_audio_buffer.append","audio":"`+audio+`"}`)
				case i == 50:
					b.sends(ms, `{"type":"input_audio_buffer.commit"}`).sends(ms, `{"type":"response.create"}`)
				case i == 499:
					b.gets(ms, `{"type":"response.done","event_id":"event_9","response":{"status":"completed","usage":{"input_tokens":100,"output_tokens":400}}}`)
				case i%4 == 0:
					b.gets(ms, `{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"`+audio+`"}`)
				default:
					b.gets(ms, `{"type":"response.output_audio_transcript.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":" token"}`)
				}
			}
			return b
		},
		"deepgram-listen": func(count int) *book {
			b := new(book)
			frame := strings.Repeat("\x01\x02", 1600)
			for ms := int64(0); len(b.messages) < count; ms += 50 {
				b.speaks(ms, frame)
				b.gets(ms+30, fmt.Sprintf(`{"type":"Results","channel_index":[0,1],"start":1.5,"is_final":%v,"channel":{"alternatives":[{"transcript":"turn the lights on","confidence":0.98,"words":[{"word":"turn","start":1.5,"end":1.7}]}]}}`, len(b.messages)%10 == 9))
			}
			return b
		},
	}
}
