package emulate

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// openAIRealtime is OpenAI's Realtime API, generally available form
// (platform.openai.com/docs/api-reference/realtime-client-events).
func openAIRealtime() Emulator {
	return Emulator{
		Name: "openai-realtime", Path: "/v1/realtime", Secrets: map[string]string{"api_key": Key},
		Text: true, Audio: realtimeRate, Voice: realtimeRate, Faults: realtimeFaults(),
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fault := openAIRefusal(r)
				if fault != nil {
					refuse(w, fault.status, map[string]any{"error": fault.body})
					return
				}
				converse(w, r, o, []string{"realtime"}, func(c *call) error {
					return (&dialogue{call: c, inputRate: realtimeRate, configure: (*dialogue).configureOpenAI, created: openAISession(r)}).run()
				})
			})
		},
	}
}

func realtimeFaults() []string {
	return []string{"insufficient_quota", "session_expired", "response_failed"}
}

// httpFault is the error of a refused handshake.
type httpFault struct {
	status int
	body   any
}

func openAIRefusal(r *http.Request) *httpFault {
	key := bearer(r, "Bearer")
	for _, name := range offered(r) {
		if rest, found := strings.CutPrefix(name, "openai-insecure-api-key."); found && slices.Contains(offered(r), "realtime") {
			key = rest
		}
	}
	fault := func(status int, code, message string) *httpFault {
		return &httpFault{status, map[string]any{"type": "invalid_request_error", "code": code, "message": message, "param": nil}}
	}
	switch {
	case r.URL.Path != "/v1/realtime":
		return fault(http.StatusNotFound, "unknown_url", "Invalid URL ("+r.Method+" "+r.URL.Path+")")
	case key != Key:
		return fault(http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided.")
	case r.Header.Get("OpenAI-Beta") != "":
		return fault(http.StatusBadRequest, "beta_api_shape_disabled", "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.")
	case r.URL.Query().Get("model") == "":
		return fault(http.StatusBadRequest, "missing_model", "You must provide a model parameter.")
	}
	return nil
}

func openAISession(r *http.Request) map[string]any {
	return map[string]any{"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": r.URL.Query().Get("model")}
}

// configureOpenAI takes a session of the generally available form.
func (d *dialogue) configureOpenAI(session object) error {
	input, output := session.object("audio.input"), session.object("audio.output")
	if err := checkSession(session, "type", "instructions", "output_modalities", "audio", "tools", "tool_choice",
		"max_output_tokens", "tracing", "truncation", "prompt", "include"); err != nil {
		return err
	}
	modalities := session["output_modalities"]
	switch {
	case session.text("type") != "realtime":
		return invalidRequest("missing_required_parameter", "session.type", "Missing required parameter: 'session.type'.")
	case modalities != nil && (len(anyList(modalities)) != 1 || !has(modalities, "audio") && !has(modalities, "text")):
		return invalidRequest("invalid_value", "session.output_modalities", "Invalid modalities: [%s].", joined(modalities))
	case input.foreign("format", "noise_reduction", "transcription", "turn_detection") != "":
		return invalidRequest("unknown_parameter", "session.audio.input", "Unknown parameter in 'session.audio.input'.")
	case output.foreign("format", "speed", "voice") != "":
		return invalidRequest("unknown_parameter", "session.audio.output", "Unknown parameter in 'session.audio.output'.")
	case !pcm24(input) || !pcm24(output):
		return invalidRequest("invalid_value", "session.audio", "Only audio/pcm with a rate of 24000 is emulated.")
	}
	if detection, given := input["turn_detection"]; given {
		d.vad = detection != nil
	}
	if _, given := input["transcription"]; given { // what an update leaves out stays
		d.transcribe = input.text("transcription.model") != ""
	}
	if modalities != nil {
		d.textOnly = has(modalities, "text")
	}
	return d.declare(session)
}

// pcm24 reports whether the format of one direction is PCM16 at 24 kHz, the default.
func pcm24(direction object) bool {
	format := direction.object("format")
	return len(format) == 0 || format.text("type") == "audio/pcm" && format.number("rate") == realtimeRate
}

// azureOpenAIRealtime is the same API at Azure: /openai/v1/realtime with the deployment as
// model, and api-key in place of Authorization (learn.microsoft.com, "realtime-audio-websockets").
func azureOpenAIRealtime() Emulator {
	const idle = 20 * time.Second
	return Emulator{
		Name: "azure-openai-realtime", Path: "/openai/v1/realtime", Secrets: map[string]string{"api_key": Key},
		Text: true, Audio: realtimeRate, Voice: realtimeRate, Faults: realtimeFaults(),
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fault := func(status int, code, message string) {
					refuse(w, status, map[string]any{"error": map[string]any{"code": code, "message": message}})
				}
				switch {
				case r.URL.Path != "/openai/v1/realtime":
					fault(http.StatusNotFound, "404", "Resource not found")
				case r.Header.Get("Api-Key") != Key && bearer(r, "Bearer") != Key:
					fault(http.StatusUnauthorized, "401", "Access denied due to invalid subscription key or wrong API endpoint.")
				case r.URL.Query().Get("model") == "" || r.URL.Query().Has("api-version"):
					fault(http.StatusBadRequest, "400", "The parameter model is required, and api-version is not allowed.")
				default:
					converse(w, r, o, []string{"realtime"}, func(c *call) error {
						return (&dialogue{
							call: c, inputRate: realtimeRate, idle: idle,
							configure: (*dialogue).configureOpenAI, created: openAISession(r),
						}).run()
					})
				}
			})
		},
	}
}
