package emulate

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

const (
	deepgramIdle  = 10 * time.Second // without audio or a KeepAlive
	deepgramRate  = 16_000
	deepgramModel = "nova-3"
)

// deepgramListen is Deepgram's streaming recognition: audio in binary messages, control
// messages in text, results of segments (developers.deepgram.com/reference/speech-to-text/listen-streaming).
func deepgramListen() Emulator {
	return Emulator{
		Name: "deepgram-listen", Path: "/v1/listen", Secrets: map[string]string{"api_key": Key},
		Audio: deepgramRate, Faults: []string{"NET-0000"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			known := []string{
				"model", "language", "encoding", "sample_rate", "channels", "interim_results", "punctuate", "smart_format",
				"endpointing", "utterance_end_ms", "vad_events", "diarize", "numerals",
			}
			return deepgramGate("/v1/listen", known, func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				if q.Get("encoding") != "linear16" || q.Get("sample_rate") != "16000" || q.Get("channels") != "1" && q.Has("channels") {
					deepgramRefuse(w, http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "Only linear16 at 16000 Hz with one channel is emulated.")
					return
				}
				l := &listener{hearing: newHearing(o, o.Answer), interim: q.Get("interim_results") == "true"}
				converse(w, r, o, []string{"token"}, l.run)
			})
		},
	}
}

func deepgramRefuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Dg-Error", message)
	refuse(w, status, map[string]string{"err_code": code, "err_msg": message, "request_id": sisTrace})
}

// deepgramGate refuses a handshake without a key, or with a parameter that is none of known.
func deepgramGate(path string, known []string, admitted http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		names := offered(r)
		bySubprotocol := len(names) == 2 && names[0] == "token" && names[1] == Key
		switch {
		case r.URL.Path != path:
			deepgramRefuse(w, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist.")
		case bearer(r, "Token") != Key && !bySubprotocol:
			deepgramRefuse(w, http.StatusUnauthorized, "INVALID_AUTH", "Invalid credentials.")
		case foreignParam(r, known...) != "":
			deepgramRefuse(w, http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "Unknown parameter: "+foreignParam(r, known...))
		case r.URL.Query().Get("model") == "" || slices.Contains(r.URL.Query()["language"], ""):
			deepgramRefuse(w, http.StatusBadRequest, "INVALID_QUERY_PARAMETER", "A parameter has no value.")
		default:
			admitted(w, r)
		}
	})
}

// listener is the state of one connection.
type listener struct {
	hearing *hearing
	interim bool
	last    time.Time // of the audio
}

func (l *listener) run(c *call) error {
	for {
		m, err := c.next(deepgramIdle)
		switch {
		case errors.Is(err, errLate):
			return &hangUp{
				websocket.StatusInternalError,
				"Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001",
			}
		case err != nil:
			return err
		case m.binary:
			err = l.audio(c, m)
		default:
			err = l.control(c, m)
		}
		if err != nil {
			return err
		}
	}
}

func (l *listener) audio(c *call, m message) error {
	undecodable := &hangUp{
		websocket.StatusPolicyViolation,
		"Deepgram could not decode the payload as audio. See https://dpgr.am/data0000",
	}
	switch {
	case len(m.payload) == 0 || len(m.payload)%2 != 0 || bytes.HasPrefix(m.payload, []byte(`{"type"`)):
		return undecodable
	case c.Fault != "":
		return &hangUp{websocket.StatusInternalError, "The service has not transmitted a Text frame to the client within the timeout window. See https://dpgr.am/net0000"}
	}
	c.Record.frame(m.at, m.payload)
	l.last = m.at
	return l.tell(c, l.hearing.add(lengthOf(len(m.payload), deepgramRate)), false)
}

func (l *listener) control(c *call, m message) error {
	o, err := parseObject(m.payload)
	kind := o.text("type")
	known := []string{"KeepAlive", "Finalize", "CloseStream"}
	if err != nil || !slices.Contains(known, kind) || o.foreign("type") != "" {
		fault := map[string]any{
			"type": "Error", "variant": "UnparsableClientMessage",
			"description": "Could not parse the client's message.", "message": "unknown message " + strconv.Quote(kind),
		}
		if err := c.sendJSON(fault); err != nil {
			return err
		}
		return &hangUp{websocket.StatusPolicyViolation, "UnparsableClientMessage"}
	}
	switch kind {
	case "Finalize":
		c.Record.mark(l.last)
		return l.tell(c, l.hearing.end(), true)
	case "CloseStream":
		return l.close(c)
	}
	return nil
}

// close sends what is left, the summary, and the close frame.
func (l *listener) close(c *call) error {
	if turns := c.Record.Turns(); len(turns) == 0 || turns[len(turns)-1].Mark.IsZero() {
		c.Record.mark(l.last)
	}
	if err := l.tell(c, l.hearing.end(), false); err != nil {
		return err
	}
	c.done()
	err := c.sendJSON(map[string]any{
		"type": "Metadata", "request_id": sisTrace, "transaction_key": "deprecated", "sha256": "", "created": c.Now().UTC().Format(time.RFC3339),
		"duration": l.hearing.length.Seconds(), "channels": 1,
	})
	if err != nil {
		return err
	}
	return &hangUp{code: websocket.StatusNormalClosure}
}

// tell sends results; interim ones only where they were asked for.
func (l *listener) tell(c *call, results []heard, finalize bool) error {
	for _, r := range results {
		if !r.final && !l.interim {
			continue
		}
		if r.final {
			c.wroteSegment(r)
		} else {
			c.wrote("")
		}
		message := map[string]any{
			"type": "Results", "channel_index": []int{0, 1}, "start": r.start.Seconds(), "duration": (r.end - r.start).Seconds(),
			"is_final": r.final, "speech_final": r.final, "from_finalize": finalize,
			"channel":  map[string]any{"alternatives": []any{map[string]any{"transcript": r.text, "confidence": 0.98, "words": []any{}}}},
			"metadata": map[string]any{"request_id": sisTrace, "model_info": map[string]any{"name": deepgramModel}},
		}
		if err := c.sendJSON(message); err != nil {
			return err
		}
	}
	return nil
}
