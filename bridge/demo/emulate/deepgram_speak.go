package emulate

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// Limits of streaming synthesis (developers.deepgram.com/docs/tts-ws-flush and
// text-to-speech-websockets).
const (
	deepgramFlushes   = 20 // in a minute
	deepgramMostChars = 2000
)

// deepgramSpeak is Deepgram's streaming synthesis: Speak and Flush in, binary audio without a
// container and Flushed out.
func deepgramSpeak() Emulator {
	return Emulator{
		Name: "deepgram-speak", Path: "/v1/speak", Secrets: map[string]string{"api_key": Key},
		Text: true, Voice: realtimeRate, Faults: []string{"1011"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			known := []string{"model", "encoding", "sample_rate", "mip_opt_out", "tag"}
			return deepgramGate("/v1/speak", known, func(w http.ResponseWriter, r *http.Request) {
				if q := r.URL.Query(); q.Get("encoding") != "linear16" || q.Get("sample_rate") != "24000" {
					deepgramRefuse(w, http.StatusBadRequest, "UNSUPPORTED_AUDIO_FORMAT", "Only linear16 at 24000 Hz is emulated.")
					return
				}
				converse(w, r, o, []string{"token"}, (&speaker{}).run)
			})
		},
	}
}

// speaker is the state of one connection.
type speaker struct {
	text    strings.Builder
	flushes []time.Time
	flushed int
}

func (s *speaker) run(c *call) error {
	err := c.sendJSON(map[string]any{
		"type": "Metadata", "request_id": sisTrace, "model_name": c.request.URL.Query().Get("model"), "model_version": "2026-01-01.0", "model_uuid": sisTrace,
	})
	for err == nil {
		var m message
		if m, err = c.next(0); err == nil {
			err = s.take(c, m)
		}
	}
	return err
}

func (s *speaker) take(c *call, m message) error {
	o, err := parseObject(m.payload)
	if err != nil || m.binary {
		return deepgramFault(c, "DATA-0000", "The message is no JSON object in a text message.")
	}
	kind, text := o.text("type"), o.text("text")
	switch {
	case kind == "Speak" && (text == "" || o.foreign("type", "text") != ""):
		return deepgramFault(c, "DATA-0000", "Speak needs a text and nothing else.")
	case kind == "Speak" && utf8.RuneCountInString(text) > deepgramMostChars:
		return deepgramFault(c, "DATA-0002", fmt.Sprintf("The text is longer than %d characters.", deepgramMostChars))
	case kind == "Speak":
		s.text.WriteString(text)
		return nil
	case o.foreign("type") != "":
		return deepgramFault(c, "DATA-0000", "Unknown field "+strconv.Quote(o.foreign("type")))
	case kind == "Flush":
		return s.flush(c, m.at)
	case kind == "Clear":
		s.text.Reset()
		return c.sendJSON(map[string]any{"type": "Cleared", "sequence_id": s.flushed})
	case kind == "Close":
		return &hangUp{code: websocket.StatusNormalClosure}
	default:
		return deepgramFault(c, "DATA-0000", "Unknown type "+strconv.Quote(kind))
	}
}

func deepgramFault(c *call, code, description string) error {
	if err := c.sendJSON(map[string]any{"type": "Error", "err_code": code, "err_msg": description}); err != nil {
		return err
	}
	return &hangUp{websocket.StatusPolicyViolation, code}
}

// flush speaks the text so far.
func (s *speaker) flush(c *call, at time.Time) error {
	for len(s.flushes) > 0 && at.Sub(s.flushes[0]) > c.limit(time.Minute) {
		s.flushes = s.flushes[1:]
	}
	c.Record.mark(at)
	if len(s.flushes) >= deepgramFlushes {
		return c.sendJSON(map[string]any{
			"type": "Warning", "code": "EXCEEDED_FLUSH_LIMIT",
			"description": "Flush was sent more than 20 times in 60 seconds and cannot be processed until the window has passed.",
		})
	}
	s.flushes = append(s.flushes, at)
	if c.Fault != "" {
		return &hangUp{websocket.StatusInternalError, "The server had an internal error."}
	}
	text := s.text.String()
	s.text.Reset()
	for piece := range c.voice(text, realtimeRate) {
		c.spoke(piece)
		if err := c.send(websocket.MessageBinary, piece); err != nil {
			return err
		}
		if err := c.pause(c.Interval); err != nil {
			return err
		}
	}
	c.done()
	s.flushed++
	return c.sendJSON(map[string]any{"type": "Flushed", "sequence_id": s.flushed - 1})
}
