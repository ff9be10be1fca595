package emulate

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// dashScopeASR is Model Studio's Paraformer (alibabacloud.com/help/en/model-studio,
// "paraformer-client-events" and "paraformer-server-events").
func dashScopeASR() Emulator {
	return Emulator{
		Name: "dashscope-asr", Path: "/api-ws/v1/inference",
		Vars: map[string]string{"model": "paraformer-realtime-v2"}, Secrets: map[string]string{"api_key": Key},
		Audio: 16000, Faults: []string{"ModelNotFound", "NO_VALID_AUDIO_ERROR"},
		New: func(o Options) http.Handler { return dashScope(o, "asr", "recognition") },
	}
}

// dashScopeTTS is Model Studio's CosyVoice (alibabacloud.com/help/en/model-studio,
// "cosyvoice-client-events" and "cosyvoice-server-events").
func dashScopeTTS() Emulator {
	return Emulator{
		Name: "dashscope-tts", Path: "/api-ws/v1/inference",
		Vars: map[string]string{"model": "cosyvoice-v3-flash", "voice": "longanyang"}, Secrets: map[string]string{"api_key": Key},
		Text: true, Voice: 24000, Faults: []string{"ModelNotFound", "418"},
		New: func(o Options) http.Handler { return dashScope(o, "tts", "SpeechSynthesizer") },
	}
}

func dashScope(o Options, task, function string) http.Handler {
	o = o.withDefaults()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if bearer(r, "bearer") != Key {
			refuse(w, http.StatusUnauthorized, map[string]string{
				"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "4f1c0f3c-4d9b-9d4e-8f5b-0a4f6a2f6f57",
			})
			return
		}
		converse(w, r, o, nil, func(c *call) error {
			return (&dashTask{call: c, task: task, function: function, used: map[string]bool{}}).run()
		})
	})
}

// dashTask is a connection that runs one task after another.
type dashTask struct {
	*call

	task, function string
	used           map[string]bool // task ids
	id             string          // of the task that runs; "" for none
	began          time.Time
	heard          *utterance
	text           strings.Builder
	rate           int // of the voice
}

const (
	dashIdle     = 60 * time.Second // without audio
	dashTextIdle = 23 * time.Second // without a text
	dashTexts    = 20_000           // characters in one continue-task, Chinese ones count twice
)

func (t *dashTask) run() error {
	for {
		m, err := t.next(t.patience())
		switch {
		case errors.Is(err, errLate) && t.task == "tts":
			return t.fail("InvalidParameter", "request timeout after 23 seconds.")
		case errors.Is(err, errLate):
			return t.fail("NO_INPUT_AUDIO_ERROR", "no audio was received for 60 seconds")
		case err == nil && m.binary:
			err = t.audio(m)
		case err == nil:
			err = t.command(m)
		}
		if err != nil {
			return err
		}
	}
}

// patience returns how long the caller may be silent; 0 is for ever.
func (t *dashTask) patience() time.Duration {
	switch {
	case t.id == "":
		return 0
	case t.task == "tts":
		return dashTextIdle
	}
	return dashIdle
}

// fail ends the connection with task-failed.
func (t *dashTask) fail(code, reason string) error {
	header := map[string]any{"task_id": t.id, "event": "task-failed", "error_code": code, "error_message": reason, "attributes": map[string]any{}}
	return t.refuseCall(map[string]any{"header": header, "payload": map[string]any{}}, websocket.StatusInvalidFramePayloadData, "")
}

func (t *dashTask) event(name string, payload map[string]any) error {
	header := map[string]any{"task_id": t.id, "event": name, "attributes": map[string]any{}}
	return t.sendJSON(map[string]any{"header": header, "payload": payload})
}

func (t *dashTask) command(m message) error {
	o, err := parseObject(m.payload)
	if err != nil {
		return t.fail("InvalidParameter", "the message is not JSON")
	}
	action, id := o.text("header.action"), o.text("header.task_id")
	if missing := o.missing("header.action", "header.task_id", "header.streaming", "payload.input"); missing != "" {
		return t.fail("InvalidParameter", "Missing required parameter '"+missing+"'! Please follow the protocol!")
	}
	if !isUUID(id, true) && !isUUID(id, false) {
		return t.fail("InvalidParameter", "task_id is not a UUID")
	}
	if o.text("header.streaming") != "duplex" {
		return t.fail("InvalidParameter", "header.streaming must be duplex")
	}
	switch {
	case action == "run-task" && t.id == "":
		return t.start(o, id)
	case action == "run-task" || id != t.id:
		return t.fail("InvalidParameter", "task is running, or another task_id: "+id)
	case action == "continue-task" && t.task == "tts":
		return t.take(o)
	case action == "finish-task":
		return t.stop(m.at)
	}
	return t.fail("InvalidParameter", "unknown action "+action)
}

// start begins a task with a fresh id.
func (t *dashTask) start(o object, id string) error {
	t.id = id
	if t.used[id] {
		return t.fail("InvalidParameter", "the task_id was used before")
	}
	t.used[id] = true
	want := []string{"payload.task_group", "payload.task", "payload.function", "payload.model", "payload.parameters.format", "payload.parameters.sample_rate"}
	if t.task == "tts" {
		want = append(want, "payload.parameters.text_type", "payload.parameters.voice")
	}
	if missing := o.missing(want...); missing != "" {
		return t.fail("InvalidParameter", "Missing required parameter '"+missing+"'! Please follow the protocol!")
	}
	if o.text("payload.task_group") != "audio" || o.text("payload.task") != t.task || o.text("payload.function") != t.function {
		return t.fail("InvalidParameter", "task can not be null")
	}
	if t.Fault == "ModelNotFound" {
		return t.fail("ModelNotFound", "Model can not be found.")
	}
	if o.text("payload.parameters.format") != "pcm" || len(o.object("payload.input")) > 0 {
		return t.fail("InvalidParameter", "the emulated task takes the format pcm and an empty input")
	}
	t.rate = int(o.number("payload.parameters.sample_rate"))
	t.began, t.heard = time.Now(), t.listen(t.rate, 2)
	t.text.Reset()
	return t.event("task-started", map[string]any{})
}

// audio takes a frame of speech.
func (t *dashTask) audio(m message) error {
	if t.task != "asr" || t.id == "" {
		return t.fail("InvalidParameter", "audio before task-started")
	}
	if t.Fault == "NO_VALID_AUDIO_ERROR" {
		return t.fail(t.Fault, "no valid audio")
	}
	results, _ := t.hear(t.heard, m.at, m.payload)
	return t.results(results)
}

func (t *dashTask) results(results []heard) error {
	for _, r := range results {
		t.tell(t.heard, r)
		sentence := map[string]any{"begin_time": r.start.Milliseconds(), "end_time": nil, "text": r.text, "words": []any{}, "sentence_end": r.final, "heartbeat": false}
		var usage any
		if r.final {
			sentence["end_time"] = r.end.Milliseconds()
			usage = map[string]any{"duration": int(r.end.Seconds()) + 1}
		}
		if err := t.event("result-generated", map[string]any{"output": map[string]any{"sentence": sentence}, "usage": usage}); err != nil {
			return err
		}
	}
	return nil
}

// take adds a text to be spoken.
func (t *dashTask) take(o object) error {
	text := o.text("payload.input.text")
	if text == "" {
		return t.fail("InvalidParameter", "Missing required parameter 'payload.input.text'! Please follow the protocol!")
	}
	count := utf8.RuneCountInString(text)
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			count++
		}
	}
	if count > dashTexts {
		return t.fail("InvalidParameter", "text length is over 20000 characters")
	}
	t.text.WriteString(text)
	return nil
}

// stop ends a task: what was heard or is to be spoken goes out first.
func (t *dashTask) stop(at time.Time) error {
	var err error
	if t.task == "asr" {
		err = t.results(t.finishHearing(t.heard))
	} else {
		t.Record.mark(at)
		err = t.speak()
	}
	if err != nil {
		return err
	}
	t.done()
	err = t.event("task-finished", map[string]any{"output": map[string]any{}, "usage": map[string]any{"characters": utf8.RuneCountInString(t.text.String())}})
	t.id = ""
	return err
}

// speak sends each sentence: an event, then binary messages with its audio, each after an
// event.
func (t *dashTask) speak() error {
	if t.Fault == "418" {
		return t.fail("InvalidParameter", "[tts:]Engine return error code: 418")
	}
	for i, text := range sentences(t.text.String()) {
		output := map[string]any{"type": "sentence-begin", "sentence": map[string]any{"index": i, "words": []any{}}, "original_text": text}
		if err := t.event("result-generated", map[string]any{"output": output}); err != nil {
			return err
		}
		audio := littleEndian(t.Voice(text, t.rate))
		for len(audio) > 0 {
			part := audio[:min(len(audio), t.rate/5*2)] // 200 ms
			audio = audio[len(part):]
			output := map[string]any{"type": "sentence-synthesis", "sentence": map[string]any{"index": i, "words": []any{}}}
			if err := t.event("result-generated", map[string]any{"output": output}); err != nil {
				return err
			}
			t.spoke(part)
			if err := t.send(websocket.MessageBinary, part); err != nil {
				return err
			}
			if err := t.pause(t.Interval); err != nil {
				return err
			}
		}
		output = map[string]any{"type": "sentence-end", "sentence": map[string]any{"index": i, "words": []any{}}, "original_text": text}
		usage := map[string]any{"characters": utf8.RuneCountInString(text)}
		if err := t.event("result-generated", map[string]any{"output": output, "usage": usage}); err != nil {
			return err
		}
	}
	return nil
}
