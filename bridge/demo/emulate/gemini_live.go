package emulate

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

const (
	geminiPath    = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
	geminiLongest = 10 * time.Minute // of a connection
	geminiRate    = 16_000           // of the caller's audio, in Hz
)

// geminiLive is Google's Live API: one setup, setupComplete, then clientContent or
// realtimeInput; all answers are JSON in binary messages, and errors are close frames
// (ai.google.dev/api/live).
func geminiLive() Emulator {
	return Emulator{
		Name: "gemini-live", Path: geminiPath, Secrets: map[string]string{"api_key": Key},
		Text: true, Audio: geminiRate, Voice: realtimeRate, Faults: []string{"1011"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path != geminiPath:
					refuse(w, http.StatusNotFound, map[string]any{"error": map[string]any{"code": 404, "message": "Not Found", "status": "NOT_FOUND"}})
				case r.URL.Query().Get("key") != Key:
					refuse(w, http.StatusForbidden, map[string]any{"error": map[string]any{
						"code": 403, "message": "API key not valid. Please pass a valid API key.", "status": "PERMISSION_DENIED",
					}})
				default:
					converse(w, r, o, nil, (&geminiSession{}).run)
				}
			})
		},
	}
}

// geminiSession is the state of one connection.
type geminiSession struct {
	setUp    bool
	textOnly bool // answers are texts in place of audio with a transcription
	hears    bool // the caller wants the text that was heard
	says     bool // the caller wants the text of the audio
	manual   bool // the caller marks the ends of speech
	speaking bool // audio came in since the last answer
}

func (g *geminiSession) run(c *call) error {
	end := time.Now().Add(c.limit(geminiLongest))
	for {
		m, err := c.nextUntil(end)
		switch {
		case errors.Is(err, errLate):
			return g.goAway(c)
		case err != nil:
			return err
		}
		o, err := parseObject(m.payload)
		if err != nil {
			return geminiFault("Request contains an invalid argument.")
		}
		if err := g.take(c, o, m.at); err != nil {
			return err
		}
	}
}

// geminiFault ends the connection; the cause is in the close reason alone.
func geminiFault(reason string) error {
	return &hangUp{websocket.StatusInvalidFramePayloadData, reason}
}

func (g *geminiSession) goAway(c *call) error {
	if err := c.sendGemini(map[string]any{"goAway": map[string]any{"timeLeft": "0s"}}); err != nil {
		return err
	}
	return &hangUp{websocket.StatusPolicyViolation, "The session has reached its maximum duration."}
}

// sendGemini sends JSON in a binary message.
func (c *call) sendGemini(v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.send(websocket.MessageBinary, payload)
}

// take takes one message: an object with exactly one key.
func (g *geminiSession) take(c *call, o object, at time.Time) error {
	known := []string{"setup", "clientContent", "realtimeInput", "toolResponse"}
	switch {
	case o.foreign(known...) != "":
		return geminiFault(`Invalid JSON payload received. Unknown name "` + o.foreign(known...) + `": Cannot find field.`)
	case len(o) != 1:
		return geminiFault("A message must have exactly one field.")
	case o["setup"] != nil && g.setUp:
		return geminiFault("setup must be the first message and only the first")
	case o["setup"] != nil:
		return g.configure(c, o.object("setup"))
	case !g.setUp:
		return geminiFault("setup must be the first message and only the first")
	case o["clientContent"] != nil:
		return g.content(c, o.object("clientContent"), at)
	case o["realtimeInput"] != nil:
		return g.input(c, o.object("realtimeInput"), at)
	default:
		return geminiFault("There is no tool call to answer.")
	}
}

func (g *geminiSession) configure(c *call, setup object) error {
	known := []string{
		"model", "generationConfig", "systemInstruction", "tools", "realtimeInputConfig", "sessionResumption",
		"contextWindowCompression", "inputAudioTranscription", "outputAudioTranscription", "proactivity",
	}
	if key := setup.foreign(known...); key != "" {
		return geminiFault(`Invalid JSON payload received. Unknown name "` + key + `" at 'setup': Cannot find field.`)
	}
	modalities := anyList(setup.at("generationConfig.responseModalities"))
	if !strings.HasPrefix(setup.text("model"), "models/") || len(modalities) > 1 {
		return geminiFault("Request contains an invalid argument.")
	}
	const loading = 20 * time.Millisecond
	if err := c.pause(loading); err != nil {
		return err
	}
	if len(c.inbox) > 0 {
		return geminiFault("a message came before setupComplete")
	}
	g.setUp, g.textOnly = true, has(setup.at("generationConfig.responseModalities"), "TEXT")
	g.hears, g.says = setup["inputAudioTranscription"] != nil, setup["outputAudioTranscription"] != nil
	g.manual = setup.at("realtimeInputConfig.automaticActivityDetection.disabled") == true
	return c.sendGemini(map[string]any{"setupComplete": map[string]any{}})
}

// content takes turns of the conversation and answers where they are complete.
func (g *geminiSession) content(c *call, o object, at time.Time) error {
	if o.foreign("turns", "turnComplete") != "" {
		return geminiFault(`Invalid JSON payload received. Unknown name "` + o.foreign("turns", "turnComplete") + `" at 'client_content': Cannot find field.`)
	}
	for _, turn := range anyList(o["turns"]) {
		fields, _ := turn.(map[string]any)
		parts := anyList(fields["parts"])
		if fields["role"] != "user" || len(parts) == 0 {
			return geminiFault("Request contains an invalid argument.")
		}
	}
	if o["turnComplete"] != true {
		return nil
	}
	return g.answer(c, at)
}

// input takes audio and the marks around it.
func (g *geminiSession) input(c *call, o object, at time.Time) error {
	known := []string{"audio", "text", "video", "activityStart", "activityEnd", "audioStreamEnd", "mediaChunks"}
	switch {
	case o.foreign(known...) != "" || len(o) != 1:
		return geminiFault("Request contains an invalid argument.")
	case o["mediaChunks"] != nil:
		return geminiFault("realtime_input.media_chunks is deprecated. Use audio, video, or text instead.")
	case o["audio"] != nil:
		return g.audio(c, o.object("audio"), at)
	case (o["activityStart"] != nil || o["activityEnd"] != nil) && !g.manual:
		return geminiFault("Explicit activity control is not supported when automatic activity detection is enabled.")
	case o["audioStreamEnd"] != nil && g.manual:
		return geminiFault("audioStreamEnd is not supported when automatic activity detection is disabled.")
	case o["audioStreamEnd"] == true || o["activityEnd"] != nil:
		if !g.speaking {
			return nil
		}
		g.speaking = false
		if g.hears {
			return g.heardThenAnswer(c, at)
		}
		return g.answer(c, at)
	case o["text"] != nil:
		return g.answer(c, at)
	}
	return nil
}

func (g *geminiSession) audio(c *call, o object, at time.Time) error {
	audio, err := o.base64("data")
	if err != nil || len(audio)%2 != 0 || o.foreign("data", "mimeType") != "" {
		return geminiFault("Request contains an invalid argument.")
	}
	if o.text("mimeType") != "audio/pcm;rate=16000" {
		return geminiFault("Unsupported audio format: " + o.text("mimeType"))
	}
	g.speaking = true
	c.Record.frame(at, audio)
	return nil
}

func (g *geminiSession) heardThenAnswer(c *call, at time.Time) error {
	c.Record.mark(at)
	c.Record.update(func(t *Turn) { t.User = c.Heard })
	for _, piece := range pieces(c.Heard) {
		if err := c.sendGemini(serverContent(map[string]any{"inputTranscription": map[string]any{"text": piece}})); err != nil {
			return err
		}
	}
	return g.speak(c)
}

func (g *geminiSession) answer(c *call, at time.Time) error {
	c.Record.mark(at)
	return g.speak(c)
}

func serverContent(fields map[string]any) map[string]any {
	return map[string]any{"serverContent": fields}
}

// speak sends pieces of text and of audio in turn, and the end of the turn.
func (g *geminiSession) speak(c *call) error {
	if c.Fault != "" {
		return &hangUp{websocket.StatusInternalError, "Internal error encountered."}
	}
	text := pieces(c.Answer)
	var voice [][]byte
	if !g.textOnly {
		for piece := range c.voice(c.Answer, realtimeRate) {
			voice = append(voice, piece)
		}
	}
	for i := range max(len(text), len(voice)) {
		if err := c.pause(c.Interval); err != nil {
			return err
		}
		if err := g.piece(c, text, voice, i); err != nil {
			return err
		}
	}
	if err := c.sendGemini(serverContent(map[string]any{"generationComplete": true})); err != nil {
		return err
	}
	done := serverContent(map[string]any{"turnComplete": true})
	done["usageMetadata"] = map[string]any{"promptTokenCount": 20, "responseTokenCount": len(text), "totalTokenCount": 20 + len(text)}
	c.done()
	return c.sendGemini(done)
}

func (g *geminiSession) piece(c *call, text []string, voice [][]byte, i int) error {
	part := func(fields map[string]any) map[string]any {
		return serverContent(map[string]any{"modelTurn": map[string]any{"parts": []any{fields}}})
	}
	if i < len(text) && (g.textOnly || g.says) {
		c.wrote(text[i])
		message := part(map[string]any{"text": text[i]})
		if !g.textOnly {
			message = serverContent(map[string]any{"outputTranscription": map[string]any{"text": text[i]}})
		}
		if err := c.sendGemini(message); err != nil {
			return err
		}
	}
	if i >= len(voice) {
		return nil
	}
	c.spoke(voice[i])
	return c.sendGemini(part(map[string]any{"inlineData": map[string]any{
		"mimeType": "audio/pcm;rate=24000", "data": base64.StdEncoding.EncodeToString(voice[i]),
	}}))
}
