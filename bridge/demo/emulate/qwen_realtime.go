package emulate

import "net/http"

// qwenInputRate is the rate of the caller's audio, in Hz; answers have 24 kHz.
const qwenInputRate = 16_000

// qwenRealtime is Qwen-Omni-Realtime of Alibaba Cloud Model Studio: OpenAI's events of the
// beta, a flat session, an event_id in every event of the caller, and session.finish
// (alibabacloud.com/help/en/model-studio/client-events).
func qwenRealtime() Emulator {
	return Emulator{
		Name: "qwen-realtime", Path: "/api-ws/v1/realtime", Secrets: map[string]string{"api_key": Key},
		Text: true, Audio: qwenInputRate, Voice: realtimeRate, Faults: realtimeFaults(),
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fault := func(status int, code, message string) {
					refuse(w, status, map[string]any{"code": code, "message": message, "request_id": sisTrace})
				}
				switch {
				case r.URL.Path != "/api-ws/v1/realtime":
					fault(http.StatusNotFound, "NotFound", "The path does not exist.")
				case bearer(r, "Bearer") != Key:
					fault(http.StatusUnauthorized, "InvalidApiKey", "Invalid API-key provided.")
				case r.URL.Query().Get("model") == "":
					fault(http.StatusBadRequest, "InvalidParameter", "The parameter model is required.")
				default:
					converse(w, r, o, nil, func(c *call) error { return newQwen(c, r).run() })
				}
			})
		},
	}
}

func newQwen(c *call, r *http.Request) *dialogue {
	return &dialogue{
		call: c, inputRate: qwenInputRate, ownIDs: true, finishable: true, configure: (*dialogue).configureQwen,
		created: map[string]any{"object": "realtime.session", "id": "sess_1", "model": r.URL.Query().Get("model")},
		names: map[string]string{
			"response.output_text.delta":             "response.text.delta",
			"response.output_audio.delta":            "response.audio.delta",
			"response.output_audio_transcript.delta": "response.audio_transcript.delta",
			"conversation.item.added":                "conversation.item.created",
		},
	}
}

// configureQwen takes the flat session of Qwen.
func (d *dialogue) configureQwen(session object) error {
	err := checkSession(session, "modalities", "voice", "input_audio_format", "output_audio_format", "instructions",
		"turn_detection", "input_audio_transcription", "smooth_output", "seed", "max_tokens", "temperature", "top_p", "top_k")
	if err != nil {
		return err
	}
	modalities := session["modalities"]
	switch {
	case modalities != nil && (!has(modalities, "text") || len(anyList(modalities)) > 2):
		return invalidRequest("invalid_value", "session.modalities",
			"Invalid modalities: [%s]. Supported combinations are: ['text'] and ['audio', 'text'].", joined(modalities))
	case session.text("input_audio_format") != "pcm" || session.text("output_audio_format") != "pcm":
		return invalidRequest("invalid_value", "session.input_audio_format", "The audio formats must be pcm.")
	}
	if detection, given := session["turn_detection"]; given {
		d.vad = detection != nil
	}
	d.transcribe = session.text("input_audio_transcription.model") != ""
	d.textOnly = modalities != nil && !has(modalities, "audio")
	return nil
}
