package emulate

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// assemblyAI is AssemblyAI's Universal-Streaming, version 3 (assemblyai.com/docs, "Message
// sequence" and "Common session errors and closures"). Errors come after the handshake: an
// Error message, and a close frame with its code.
func assemblyAI() Emulator {
	return Emulator{
		Name: "assemblyai", Path: "/v3/ws",
		Vars:    map[string]string{"model": "universal-streaming-english", "language": "en"},
		Secrets: map[string]string{"api_key": Key},
		Audio:   16000, Faults: []string{"3005", "3009"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { converse(w, r, o, nil, transcribeTurns) })
		},
	}
}

type assemblyFault struct {
	Type  string               `json:"type"`
	Code  websocket.StatusCode `json:"error_code"`
	Error string               `json:"error"`
}

func (c *call) assemblyError(code websocket.StatusCode, reason string) error {
	return c.refuseCall(assemblyFault{"Error", code, reason}, code, reason)
}

// admitAssembly checks the key and the parameters.
func (c *call) admitAssembly() error {
	query := c.request.URL.Query()
	switch key := c.request.Header.Get("Authorization"); {
	case key == "" && query.Get("token") == "":
		return c.assemblyError(1008, "Unauthorized Connection: Missing Authorization header")
	case key != Key && query.Get("token") != Key:
		return c.assemblyError(1008, "Unauthorized Connection: Invalid API key")
	case query.Get("sample_rate") != "16000":
		return c.assemblyError(3006, "Invalid sample_rate: "+query.Get("sample_rate"))
	case query.Get("speech_model") == "":
		return c.assemblyError(3006, "Missing speech_model")
	case c.Fault == "3009":
		return c.assemblyError(3009, "Unauthorized Connection: Too many concurrent sessions")
	}
	return nil
}

// transcribeTurns hears one session. A sentence is a turn, which is told twice when turns are
// formatted.
func transcribeTurns(c *call) error {
	if err := c.admitAssembly(); err != nil {
		return err
	}
	began := time.Now()
	begin := map[string]any{"type": "Begin", "id": "de5d9927-73a6-4be8-b52d-b4c07be37e6b", "expires_at": c.Now().Add(3 * time.Hour).Unix()}
	if err := c.sendJSON(begin); err != nil {
		return err
	}
	u := c.listen(16000, 2)
	for {
		m, err := c.next(3*time.Hour - time.Duration(float64(time.Since(began))/c.Scale))
		if errors.Is(err, errLate) {
			return c.assemblyError(3008, "Session Expired: Maximum session duration exceeded")
		}
		if err != nil {
			return err
		}
		if !m.binary {
			ended, err := c.assemblyCommand(u, m.payload)
			if ended || err != nil {
				return err
			}
			continue
		}
		if err := c.hearTurns(u, m); err != nil {
			return err
		}
	}
}

// hearTurns takes a frame of audio, of 50 to 1000 ms.
func (c *call) hearTurns(u *utterance, m message) error {
	ms := float64(len(m.payload)) / 32
	if ms < 50 || ms > 1000 {
		return c.assemblyError(3007, fmt.Sprintf("Input duration violation: %.1f ms. Expected between 50 and 1000 ms", ms))
	}
	results, ahead := c.hear(u, m.at, m.payload)
	if ahead > time.Second {
		return c.assemblyError(3007, fmt.Sprintf("Audio Transmission Rate Exceeded: Received %.1f sec. audio in %.1f sec",
			u.length.Seconds(), m.at.Sub(u.pace.start).Seconds()))
	}
	if c.Fault == "3005" {
		return c.assemblyError(3005, "Session Cancelled: An error occurred")
	}
	return c.tellTurns(u, results)
}

func (c *call) tellTurns(u *utterance, results []heard) error {
	formatted := c.request.URL.Query().Get("format_turns") == "true"
	for _, r := range results {
		if r.final && formatted {
			plain := strings.ToLower(strings.Trim(r.text, ".?!。？！"))
			if err := c.sendJSON(assemblyTurn(r.index, plain, true, false)); err != nil {
				return err
			}
		}
		c.tell(u, r)
		if err := c.sendJSON(assemblyTurn(r.index, r.text, r.final, r.final && formatted)); err != nil {
			return err
		}
	}
	return nil
}

func assemblyTurn(order int, transcript string, end, formatted bool) map[string]any {
	return map[string]any{
		"type": "Turn", "turn_order": order, "turn_is_formatted": formatted, "end_of_turn": end,
		"transcript": transcript, "end_of_turn_confidence": 0.8, "words": []any{},
	}
}

// assemblyCommand takes a text message; ended says that the session is over.
func (c *call) assemblyCommand(u *utterance, payload []byte) (ended bool, err error) {
	command, err := parseObject(payload)
	if err != nil {
		return true, c.assemblyError(3006, "Invalid JSON: "+shorten(payload))
	}
	switch kind := command.text("type"); kind {
	case "Terminate":
		if err := c.tellTurns(u, c.finishHearing(u)); err != nil {
			return true, err
		}
		c.done()
		seconds := int(math.Ceil(u.length.Seconds()))
		return true, c.sendJSON(map[string]any{"type": "Termination", "audio_duration_seconds": seconds, "session_duration_seconds": seconds})
	case "UpdateConfiguration", "ForceEndpoint", "KeepAlive":
		return false, nil
	default:
		return true, c.assemblyError(3006, "Invalid Message Type: "+shorten([]byte(kind)))
	}
}

// shorten returns what fits in the reason of a close frame.
func shorten(text []byte) string {
	return strings.ToValidUTF8(string(text[:min(len(text), 60)]), "")
}
