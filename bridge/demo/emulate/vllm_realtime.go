package emulate

import (
	"net/http"
	"time"
)

// vLLMRealtime is vLLM's transcription over /v1/realtime, and vLLM-Omni's answers with audio:
// session.created, session.update with the model, a commit that starts, audio, a commit with
// final true (docs.vllm.ai: openai_compatible_server "Realtime API"; vllm-omni,
// docs/serving/realtime_api.md).
func vLLMRealtime() Emulator {
	return Emulator{
		Name: "vllm-realtime", Path: "/v1/realtime", Secrets: map[string]string{"api_key": Key},
		Audio: qwenInputRate, Voice: realtimeRate, Faults: []string{"processing_error"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case bearer(r, "Bearer") != Key:
					refuse(w, http.StatusUnauthorized, map[string]string{"error": "Unauthorized"})
				case r.URL.Path != "/v1/realtime":
					refuse(w, http.StatusNotFound, map[string]string{"detail": "Not Found"})
				default:
					converse(w, r, o, nil, (&transcriber{}).run)
				}
			})
		},
	}
}

// transcriber is the state of one connection.
type transcriber struct {
	validated bool // session.update named a model
	running   bool // a commit has started the transcription
	dictation *dictation
	told      string // of the text
	audio     int    // bytes since the commit that started
}

func (t *transcriber) run(c *call) error {
	created := map[string]any{"type": "session.created", "id": "sess-1", "created": c.Now().Unix()}
	if err := c.sendJSON(created); err != nil {
		return err
	}
	for {
		m, err := c.next(0)
		if err != nil {
			return err
		}
		if err := t.take(c, m); err != nil {
			return err
		}
	}
}

// vLLMFault sends an error event; its error is a text.
func vLLMFault(c *call, code, message string) error {
	return c.sendJSON(map[string]any{"type": "error", "error": message, "code": code})
}

func (t *transcriber) take(c *call, m message) error {
	o, err := parseObject(m.payload)
	if err != nil || m.binary {
		return vLLMFault(c, "invalid_json", "Invalid JSON")
	}
	switch o.text("type") {
	case "session.update":
		if o.text("model") == "" || o.foreign("type", "model") != "" {
			return vLLMFault(c, "processing_error", "session.update needs a model and nothing else")
		}
		t.validated = true
		return nil
	case "input_audio_buffer.append":
		return t.append(c, o, m.at)
	case "input_audio_buffer.commit":
		return t.commit(c, o, m.at)
	default:
		return vLLMFault(c, "unknown_event", "Unknown event type: "+o.text("type"))
	}
}

func (t *transcriber) append(c *call, o object, at time.Time) error {
	audio, err := o.base64("audio")
	if err != nil || len(audio) == 0 || len(audio)%2 != 0 || o.foreign("type", "audio") != "" {
		return vLLMFault(c, "invalid_audio", "Invalid audio data")
	}
	c.Record.frame(at, audio)
	t.audio += len(audio)
	if !t.running { // vLLM keeps it for the next start; a caller that forgets to start waits for ever
		return vLLMFault(c, "processing_error", "audio came before the commit that starts")
	}
	return t.tell(c, t.dictation.add(lengthOf(len(audio), qwenInputRate)))
}

func (t *transcriber) commit(c *call, o object, at time.Time) error {
	final, given := o["final"].(bool)
	switch {
	case !t.validated:
		return vLLMFault(c, "model_not_validated", "Model not validated. Make sure to validate the model by sending a session.update event.")
	case !given || o.foreign("type", "final") != "":
		return vLLMFault(c, "processing_error", "commit needs final and nothing else")
	case !final && t.running:
		return nil // as vLLM does: a transcription is under way
	case !final:
		t.running, t.dictation, t.audio, t.told = true, &dictation{pieces: pieces(c.Answer), word: c.Word}, 0, ""
		return nil
	case !t.running:
		return vLLMFault(c, "processing_error", "commit with final came before the commit that starts")
	}
	t.running = false
	c.Record.mark(at)
	if c.Fault != "" {
		return vLLMFault(c, c.Fault, "the engine has stopped")
	}
	if err := t.tell(c, t.dictation.end()); err != nil {
		return err
	}
	if err := t.speak(c); err != nil {
		return err
	}
	words := len(pieces(t.told))
	c.done()
	return c.sendJSON(map[string]any{
		"type": "transcription.done", "text": t.told,
		"usage": map[string]any{"prompt_tokens": t.audio / 1280, "completion_tokens": words, "total_tokens": t.audio/1280 + words},
	})
}

// speak sends audio as vLLM-Omni does, with the rate in each event.
func (t *transcriber) speak(c *call) error {
	for piece := range c.voice(t.told, realtimeRate) {
		if err := c.pause(c.Interval); err != nil {
			return err
		}
		c.spoke(piece)
		err := c.sendJSON(map[string]any{"type": "response.audio.delta", "audio": piece, "sample_rate_hz": realtimeRate})
		if err != nil {
			return err
		}
	}
	return c.sendJSON(map[string]any{"type": "response.audio.done"})
}

// tell sends new pieces of the text.
func (t *transcriber) tell(c *call, pieces []string) error {
	for _, piece := range pieces {
		t.told += piece
		c.wrote(piece)
		if err := c.sendJSON(map[string]any{"type": "transcription.delta", "delta": piece}); err != nil {
			return err
		}
	}
	return nil
}
