package emulate

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	elevenIdle  = 20 * time.Second // without a text
	elevenVoice = "21m00Tcm4TlvDq8ikWAM"
)

// elevenLabsTTS is ElevenLabs' synthesis from a stream of texts: a blank opens, texts follow,
// the empty text ends (elevenlabs.io/docs/api-reference/text-to-speech/v-1-text-to-speech-voice-id-stream-input).
func elevenLabsTTS() Emulator {
	path := "/v1/text-to-speech/" + elevenVoice + "/stream-input"
	return Emulator{
		Name: "elevenlabs-tts", Path: path, Vars: map[string]string{"voice_id": elevenVoice}, Secrets: map[string]string{"api_key": Key},
		Text: true, Voice: realtimeRate, Faults: []string{"quota_exceeded"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fault := func(status int, code, message string) {
					refuse(w, status, map[string]any{"detail": map[string]any{"status": code, "message": message}})
				}
				known := []string{
					"model_id", "language_code", "output_format", "enable_logging", "enable_ssml_parsing", "inactivity_timeout",
					"sync_alignment", "auto_mode", "apply_text_normalization", "seed",
				}
				q := r.URL.Query()
				switch {
				case r.URL.Path != path:
					fault(http.StatusNotFound, "voice_not_found", "A voice with that voice_id was not found.")
				case foreignParam(r, known...) != "":
					fault(http.StatusBadRequest, "invalid_parameter", "Unknown parameter "+foreignParam(r, known...))
				case q.Get("output_format") != "pcm_24000":
					fault(http.StatusBadRequest, "invalid_output_format", "Only pcm_24000 is emulated.")
				case q.Has("language_code") && q.Get("language_code") == "":
					fault(http.StatusBadRequest, "unsupported_language", "The language_code has no value.")
				default:
					key := r.Header.Get("Xi-Api-Key")
					converse(w, r, o, nil, func(c *call) error { return (&reader{keyed: key == Key}).run(c) })
				}
			})
		},
	}
}

// reader is the state of one connection.
type reader struct {
	keyed  bool // the key is known
	opened bool
	text   strings.Builder
}

func (s *reader) run(c *call) error {
	for {
		m, err := c.next(elevenIdle)
		switch {
		case errors.Is(err, errLate):
			return elevenFault(c, "input_timeout_exceeded", "Have not received a new text input within the timeout of 20.0 seconds. Streaming input terminated.")
		case err != nil:
			return err
		}
		if err := s.take(c, m); err != nil {
			return err
		}
	}
}

// elevenFault reports an error and ends the connection.
func elevenFault(c *call, code, message string) error {
	if err := c.sendJSON(map[string]any{"message": message, "error": code, "code": int(websocket.StatusPolicyViolation)}); err != nil {
		return err
	}
	return &hangUp{websocket.StatusPolicyViolation, message}
}

func (s *reader) take(c *call, m message) error {
	o, err := parseObject(m.payload)
	text, isText := o["text"].(string)
	known := []string{"text", "voice_settings", "generation_config", "pronunciation_dictionary_locators", "xi_api_key", "authorization", "flush", "try_trigger_generation"}
	first := []string{"generation_config", "pronunciation_dictionary_locators", "xi_api_key"}
	switch {
	case err != nil || m.binary || !isText || o.foreign(known...) != "":
		return elevenFault(c, "invalid_message", "The message does not have the form that is documented.")
	case !s.keyed && o.text("xi_api_key") != Key:
		return elevenFault(c, "invalid_api_key", "Invalid API key")
	case !s.opened && text != " ":
		return elevenFault(c, "invalid_message", "The first text must be a single space.")
	case !s.opened:
		s.opened, s.keyed = true, true
		return nil
	case o.missing(first...) == "" || o["generation_config"] != nil || o["xi_api_key"] != nil:
		return elevenFault(c, "invalid_message", "Settings belong to the first message.")
	case text == "":
		return s.speak(c)
	}
	if strings.TrimSpace(text) != "" && s.text.Len() == 0 {
		c.Record.mark(m.at)
	}
	s.text.WriteString(text)
	return nil
}

// speak speaks the texts so far and ends the connection.
func (s *reader) speak(c *call) error {
	if c.Fault != "" {
		return elevenFault(c, c.Fault, "This request exceeds your quota.")
	}
	if spoken := strings.TrimSpace(s.text.String()); spoken != "" {
		for piece := range c.voice(spoken, realtimeRate) {
			c.spoke(piece)
			if err := c.sendJSON(map[string]any{"audio": piece, "isFinal": nil, "normalizedAlignment": nil, "alignment": nil}); err != nil {
				return err
			}
			if err := c.pause(c.Interval); err != nil {
				return err
			}
		}
	}
	c.done()
	if err := c.sendJSON(map[string]any{"audio": nil, "isFinal": true, "normalizedAlignment": nil, "alignment": nil}); err != nil {
		return err
	}
	return &hangUp{code: websocket.StatusNormalClosure}
}
