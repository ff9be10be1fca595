package emulate

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

const (
	elevenAgent     = "agent_5f1c0a7d9be24368"
	elevenPublic    = "agent_public"
	elevenSignature = "cvtkn_5f1c0a7d9be24368"
	agentInputRate  = 16_000
	agentPing       = 2 * time.Second  // between two pings
	agentPatience   = 20 * time.Second // for the pong
	agentHush       = 400 * time.Millisecond
	agentGreeting   = "Hello, how can I help?"
)

// elevenLabsAgent is ElevenLabs' voice agent: a private one is opened by a signed URL, the
// formats of audio are told after the first message, speech ends with silence, and each ping
// wants its pong (elevenlabs.io/docs/eleven-agents/api-reference/eleven-agents/websocket).
func elevenLabsAgent() Emulator {
	return Emulator{
		Name: "elevenlabs-agent", Path: "/v1/convai/conversation",
		Vars: map[string]string{"agent_id": elevenAgent}, Secrets: map[string]string{"api_key": Key},
		Text: true, Audio: agentInputRate, Voice: realtimeRate, Faults: []string{"1011"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			routes := http.NewServeMux()
			routes.HandleFunc("GET /v1/convai/conversation/get-signed-url", signAgent)
			routes.HandleFunc("GET /v1/convai/conversation", func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				admitted := q.Get("agent_id") == elevenPublic || q.Get("agent_id") == elevenAgent && q.Get("conversation_signature") == elevenSignature
				converse(w, r, o, nil, func(c *call) error {
					if !admitted { // the service tells it after the handshake
						return &hangUp{3000, "The AI agent you are trying to reach does not exist or needs a signed URL."}
					}
					return (&agent{}).run(c)
				})
			})
			return routes
		},
	}
}

// signAgent answers with the address of a private agent.
func signAgent(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Xi-Api-Key") != Key {
		refuse(w, http.StatusUnauthorized, map[string]any{"detail": map[string]any{"status": "invalid_api_key", "message": "Invalid API key"}})
		return
	}
	address := "ws://" + r.Host + "/v1/convai/conversation?agent_id=" + r.URL.Query().Get("agent_id") + "&conversation_signature=" + elevenSignature
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"signed_url": address}) // the caller may have gone
}

// agent is the state of one connection.
type agent struct {
	ready    bool
	speaking bool          // the user's audio has been loud since the last answer
	hush     time.Duration // of silence after it
	pinged   int
	ponged   int
	pingAt   time.Time
	event    int
}

func (a *agent) run(c *call) error {
	for {
		m, err := c.next(agentPing)
		if errors.Is(err, errLate) {
			if err := a.ping(c); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := a.take(c, m); err != nil {
			return err
		}
	}
}

// ping asks for a pong, unless the last one did not come.
func (a *agent) ping(c *call) error {
	switch {
	case !a.ready:
		return nil
	case a.ponged < a.pinged:
		if time.Since(a.pingAt) > c.limit(agentPatience) {
			return &hangUp{websocket.StatusPolicyViolation, "The ping was not answered."}
		}
		return nil
	}
	a.pinged++
	a.pingAt = time.Now()
	return c.sendJSON(map[string]any{"type": "ping", "ping_event": map[string]any{"event_id": a.pinged, "ping_ms": 50}})
}

func (a *agent) take(c *call, m message) error {
	o, err := parseObject(m.payload)
	invalid := &hangUp{websocket.StatusPolicyViolation, "Invalid message received: the message does not have the form that is documented."}
	if err != nil || m.binary {
		return invalid
	}
	audio, isAudio := o["user_audio_chunk"]
	switch kind := o.text("type"); {
	case !a.ready && kind != "conversation_initiation_client_data":
		return &hangUp{websocket.StatusPolicyViolation, "The first message must be conversation_initiation_client_data."}
	case !a.ready:
		return a.greet(c)
	case isAudio && len(o) == 1:
		return a.audio(c, o, m.at, audio)
	case kind == "pong":
		if int(o.number("event_id")) != a.pinged {
			return &hangUp{websocket.StatusPolicyViolation, "Invalid message received: the pong has another event_id."}
		}
		a.ponged = a.pinged
		return nil
	case kind == "user_message" && o.text("text") != "" && o.foreign("type", "text") == "":
		c.Record.mark(m.at)
		return a.answer(c)
	case kind == "user_activity", kind == "contextual_update":
		return nil
	}
	return invalid
}

// greet tells the formats and says the first message. Its audio is made before, so that it
// follows at once: callers speak after a silence.
func (a *agent) greet(c *call) error {
	a.ready = true
	greeting := slices.Collect(c.voice(agentGreeting, realtimeRate))
	err := c.sendJSON(map[string]any{
		"type": "conversation_initiation_metadata",
		"conversation_initiation_metadata_event": map[string]any{
			"conversation_id": "conv_1", "agent_output_audio_format": "pcm_24000", "user_input_audio_format": "pcm_16000",
		},
	})
	if err != nil {
		return err
	}
	if err := c.sendJSON(a.response(agentGreeting)); err != nil {
		return err
	}
	for _, piece := range greeting {
		if err := a.say(c, piece); err != nil {
			return err
		}
	}
	return a.ping(c)
}

// say sends a piece of audio.
func (a *agent) say(c *call, piece []byte) error {
	a.event++
	return c.sendJSON(map[string]any{"type": "audio", "audio_event": map[string]any{"audio_base_64": piece, "event_id": a.event}})
}

func (a *agent) response(text string) map[string]any {
	return map[string]any{"type": "agent_response", "agent_response_event": map[string]any{"agent_response": text, "event_id": a.event}}
}

// audio takes a chunk and answers after speech that ends in silence.
func (a *agent) audio(c *call, o object, at time.Time, _ any) error {
	chunk, err := o.base64("user_audio_chunk")
	if err != nil || len(chunk) == 0 || len(chunk)%2 != 0 {
		return &hangUp{websocket.StatusPolicyViolation, "Invalid message received: user_audio_chunk is no base64 of PCM."}
	}
	c.Record.frame(at, chunk)
	if loud(chunk) {
		a.speaking, a.hush = true, 0
		return nil
	}
	a.hush += lengthOf(len(chunk), agentInputRate)
	if !a.speaking || a.hush < agentHush {
		return nil
	}
	a.speaking = false
	c.Record.mark(at) // the last frame so far, although it is silent
	c.Record.update(func(t *Turn) { t.User = c.Heard })
	transcript := map[string]any{"type": "user_transcript", "user_transcription_event": map[string]any{"user_transcript": c.Heard, "event_id": a.event}}
	if err := c.sendJSON(transcript); err != nil {
		return err
	}
	return a.answer(c)
}

// loud reports whether samples are more than noise.
func loud(chunk []byte) bool {
	const noise = 300
	for i := 0; i+1 < len(chunk); i += 2 {
		if sample := int16(binary.LittleEndian.Uint16(chunk[i:])); sample > noise || sample < -noise { //nolint:gosec // the bits of a sample
			return true
		}
	}
	return false
}

// answer says the answer in one text and in pieces of audio.
func (a *agent) answer(c *call) error {
	if c.Fault != "" {
		return &hangUp{websocket.StatusInternalError, "The agent could not answer."}
	}
	c.wrote(c.Answer)
	if err := c.sendJSON(a.response(c.Answer)); err != nil {
		return err
	}
	for piece := range c.voice(c.Answer, realtimeRate) {
		if err := c.pause(c.Interval); err != nil {
			return err
		}
		c.spoke(piece)
		if err := a.say(c, piece); err != nil {
			return err
		}
	}
	c.done()
	return nil
}
