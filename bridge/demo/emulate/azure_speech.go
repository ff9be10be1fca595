package emulate

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// azureSpeech is Azure's Speech service (learn.microsoft.com, "Speech Service WebSocket
// protocol"). A message that breaks the rules ends the connection with 1007 and a reason.
func azureSpeech() Emulator {
	return Emulator{
		Name: "azure-speech", Path: "/speech/recognition/conversation/cognitiveservices/v1",
		Vars: map[string]string{"language": "en-US", "mode": "conversation"}, Secrets: map[string]string{"key": Key},
		Audio: 16000, Faults: []string{"Error", "1011"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if admitAzureSpeech(w, r) {
					converse(w, r, o, nil, func(c *call) error { return (&azureTalk{call: c, used: map[string]bool{}}).run() })
				}
			})
		},
	}
}

func admitAzureSpeech(w http.ResponseWriter, r *http.Request) bool {
	id := r.Header.Get("X-ConnectionId")
	switch {
	case r.Header.Get("Ocp-Apim-Subscription-Key") != Key && bearer(r, "bearer") != Key:
		refuse(w, http.StatusUnauthorized, map[string]any{"error": map[string]string{
			"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint.",
		}})
	case !isUUID(id, true) && !isUUID(id, false):
		refuse(w, http.StatusBadRequest, map[string]any{"error": map[string]string{"code": "400", "message": "X-ConnectionId is no UUID"}})
	case r.URL.Query().Get("language") == "":
		refuse(w, http.StatusBadRequest, map[string]any{"error": map[string]string{"code": "400", "message": "language is missing"}})
	default:
		return true
	}
	return false
}

const (
	azureIdle    = 180 * time.Second
	azureSession = 10 * time.Minute
	azureChunk   = 8192 // bytes of audio in one message
)

// azureTalk is one connection, with a turn for each request id.
type azureTalk struct {
	*call

	configured bool
	used       map[string]bool // request ids
	request    string          // of the turn; "" for none
	heard      *utterance
}

// azureMessage is a message taken apart.
type azureMessage struct {
	headers http.Header
	body    []byte
}

func invalid(format string, args ...any) error {
	return &hangUp{websocket.StatusInvalidFramePayloadData, fmt.Sprintf(format, args...)}
}

func (t *azureTalk) run() error {
	began := time.Now()
	for {
		left := azureSession - time.Duration(float64(time.Since(began))/t.Scale)
		if left <= 0 {
			return &hangUp{websocket.StatusNormalClosure, "Connection duration limit reached"}
		}
		m, err := t.next(min(azureIdle, left))
		if errors.Is(err, errLate) {
			return &hangUp{websocket.StatusNormalClosure, "Connection was idle for too long"}
		}
		if err != nil {
			return err
		}
		opened, err := openAzure(m)
		if err != nil {
			return err
		}
		if err := t.take(m, opened); err != nil {
			return err
		}
	}
}

// openAzure takes a message apart: headers, an empty line and the body; in a binary message
// the length of the headers comes first.
func openAzure(m message) (azureMessage, error) {
	head, body, found := bytes.Cut(m.payload, []byte("\r\n\r\n"))
	if m.binary {
		if len(m.payload) < 2 || int(binary.BigEndian.Uint16(m.payload)) > len(m.payload)-2 {
			return azureMessage{}, invalid("Header size is not valid")
		}
		n := 2 + int(binary.BigEndian.Uint16(m.payload))
		head, body, found = m.payload[2:n], m.payload[n:], true
	}
	if !found {
		return azureMessage{}, invalid("Message has no headers")
	}
	headers := http.Header{}
	for line := range strings.SplitSeq(strings.TrimRight(string(head), "\r\n"), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return azureMessage{}, invalid("Header has no colon: %s", shorten([]byte(line)))
		}
		headers.Add(name, strings.TrimSpace(value))
	}
	if _, err := time.Parse("2006-01-02T15:04:05.0000000Z07:00", headers.Get("X-Timestamp")); err != nil {
		if _, err := time.Parse("2006-01-02T15:04:05.000Z07:00", headers.Get("X-Timestamp")); err != nil {
			return azureMessage{}, invalid("X-Timestamp is not valid")
		}
	}
	return azureMessage{headers, body}, nil
}

func (t *azureTalk) take(m message, a azureMessage) error {
	path := a.headers.Get("Path")
	switch {
	case path == "speech.config" && !m.binary:
		if t.configured || !json.Valid(a.body) || !strings.HasPrefix(a.headers.Get("Content-Type"), "application/json") {
			return invalid("speech.config is not valid")
		}
		o, err := parseObject(a.body)
		if err != nil || o.missing("context.system.version", "context.os.platform", "context.os.name", "context.os.version") != "" {
			return invalid("speech.config has not all fields")
		}
		t.configured = true
		return nil
	case !isUUID(a.headers.Get("X-RequestId"), false):
		return invalid("X-RequestId is no UUID without dashes")
	case path == "speech.context" && !m.binary:
		return nil
	case path == "telemetry" && !m.binary:
		if !json.Valid(a.body) || !t.used[a.headers.Get("X-RequestId")] {
			return invalid("telemetry is not valid")
		}
		return nil
	case path != "audio" || !m.binary:
		return invalid("Unsupported message: %s", shorten([]byte(path)))
	case !t.configured:
		return invalid("speech.config must be sent before audio")
	case len(a.body) > azureChunk:
		return invalid("Audio chunk has %d bytes, the maximum is %d", len(a.body), azureChunk)
	}
	return t.audio(m.at, a)
}

func (t *azureTalk) audio(at time.Time, a azureMessage) error {
	audio := a.body
	if id := a.headers.Get("X-RequestId"); id != t.request {
		if t.used[id] {
			return invalid("X-RequestId was used before")
		}
		if reason := azureHead(audio); reason != "" || a.headers.Get("Content-Type") != "audio/x-wav" {
			return invalid("The first audio message has no valid RIFF header: %s", reason)
		}
		audio = audio[44:]
		t.used[id], t.request, t.heard = true, id, t.listen(16000, 2)
		if err := t.say("turn.start", map[string]any{"context": map[string]string{"serviceTag": "7B33613B91714B32817815DC89633AFA"}}); err != nil {
			return err
		}
		if err := t.say("speech.startDetected", map[string]any{"Offset": 100000}); err != nil {
			return err
		}
	} else if len(audio) == 0 {
		return t.end()
	}
	if t.Fault == "1011" {
		return &hangUp{websocket.StatusInternalError, "Internal server error"}
	}
	if len(audio) == 0 {
		return nil
	}
	results, _ := t.hear(t.heard, at, audio)
	return t.results(results)
}

// azureHead returns what is wrong with the header of a WAV stream of 16 kHz, 16 bits and one
// channel.
func azureHead(audio []byte) string {
	switch {
	case len(audio) < 44 || string(audio[:4]) != "RIFF" || string(audio[8:16]) != "WAVEfmt " || string(audio[36:40]) != "data":
		return "RIFF, WAVE, fmt, data"
	case binary.LittleEndian.Uint16(audio[20:]) != 1 || binary.LittleEndian.Uint16(audio[22:]) != 1:
		return "PCM with one channel"
	case binary.LittleEndian.Uint32(audio[24:]) != 16000 || binary.LittleEndian.Uint16(audio[34:]) != 16:
		return "16 kHz, 16 bits"
	}
	return ""
}

func (t *azureTalk) end() error {
	if t.request == "" {
		return invalid("audio without a turn")
	}
	results := t.finishHearing(t.heard)
	if err := t.say("speech.endDetected", map[string]any{"Offset": ticks(t.heard.length)}); err != nil {
		return err
	}
	if err := t.results(results); err != nil {
		return err
	}
	t.done()
	if err := t.say("turn.end", nil); err != nil {
		return err
	}
	t.request = ""
	return nil
}

func (t *azureTalk) results(results []heard) error {
	for _, r := range results {
		t.tell(t.heard, r)
		path, body := "speech.hypothesis", map[string]any{"Text": strings.ToLower(r.text)}
		if r.final {
			path, body = "speech.phrase", map[string]any{"RecognitionStatus": "Success", "DisplayText": r.text}
			if t.Fault == "Error" {
				body = map[string]any{"RecognitionStatus": "Error"}
			}
		}
		body["Offset"], body["Duration"] = ticks(r.start), ticks(r.end-r.start)
		if err := t.say(path, body); err != nil {
			return err
		}
	}
	return nil
}

// ticks returns a time in units of 100 ns.
func ticks(d time.Duration) int64 { return int64(d / 100) }

// say sends a text message with headers.
func (t *azureTalk) say(path string, body any) error {
	text := "X-RequestId:" + t.request + "\r\nContent-Type:application/json; charset=utf-8\r\nPath:" + path + "\r\n\r\n"
	if body != nil {
		written, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		text += string(written)
	}
	return t.send(websocket.MessageText, []byte(text))
}
