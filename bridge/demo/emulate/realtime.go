package emulate

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// Limits of realtime conversations (platform.openai.com/docs/api-reference/realtime).
const (
	realtimeLargest  = 15 << 20 // bytes of audio in one append
	realtimeShortest = 100 * time.Millisecond
	realtimeLongest  = 60 * time.Minute
	realtimeRate     = 24_000
)

// dialogue holds a conversation in the events of OpenAI's realtime API: OpenAI, Azure and
// Alibaba Cloud (Qwen) differ in what sessions look like and in some names.
type dialogue struct {
	*call

	inputRate  int
	idle       time.Duration                 // without an event; 0 for none
	configure  func(*dialogue, object) error // takes the session of session.update
	created    map[string]any                // the session of session.created
	names      map[string]string             // of events that are not spelled as OpenAI's
	ownIDs     bool                          // each event of the caller needs an event_id
	finishable bool                          // session.finish ends the conversation

	seen       map[string]bool // event ids of the caller
	vad        bool            // the service finds the ends of speech, so that commit is refused
	textOnly   bool            // answers have no audio
	transcribe bool            // the caller wants the text that was heard
	pending    []byte          // audio in the buffer
	items      int             // of the user, without an answer
	spoken     bool            // the last item is audio
	active     bool            // an answer is under way
	cancelled  bool            // the caller wants no more of it
	tool       string          // a function of the session that the answer may call; "" for none
	waitsFor   string          // the id of a call whose output was not given
	spokenMS   int64           // of the last answer's audio
}

// realtimeError is an error event.
type realtimeError struct{ kind, code, param, message string }

// Error implements error.
func (f *realtimeError) Error() string { return f.code + " " + f.message }

func invalidRequest(code, param, format string, args ...any) error {
	return &realtimeError{"invalid_request_error", code, param, fmt.Sprintf(format, args...)}
}

// run answers events until the caller goes.
func (d *dialogue) run() error {
	d.seen, d.vad = map[string]bool{}, true
	begin := time.Now()
	if err := d.event("session.created", map[string]any{"session": d.created}); err != nil {
		return err
	}
	for {
		m, err := d.next(d.idle)
		if errors.Is(err, errLate) {
			return &hangUp{websocket.StatusPolicyViolation, "idle_timeout"}
		}
		if err != nil {
			return err
		}
		if time.Since(begin) > d.limit(realtimeLongest) {
			return d.expire()
		}
		if err := d.serve(m); err != nil {
			return err
		}
	}
}

// serve takes one event of the caller and reports what is wrong with it.
func (d *dialogue) serve(m message) error {
	err := d.take(m)
	if fault, ok := errors.AsType[*realtimeError](err); ok {
		return d.fault(fault)
	}
	return err
}

// rest waits between two pieces of an answer and takes events meanwhile.
func (d *dialogue) rest() error {
	timer := time.NewTimer(max(0, d.Interval))
	defer timer.Stop()
	for {
		select {
		case m, open := <-d.inbox:
			if !open {
				return context.Canceled
			}
			if err := d.serve(m); err != nil {
				return err
			}
		case <-timer.C:
			return nil
		}
	}
}

// expire ends a session that is too long.
func (d *dialogue) expire() error {
	if err := d.fault(&realtimeError{"invalid_request_error", "session_expired", "", "Your session hit the maximum duration of 60 minutes."}); err != nil {
		return err
	}
	return &hangUp{websocket.StatusPolicyViolation, "session_expired"}
}

func (d *dialogue) fault(f *realtimeError) error {
	return d.event("error", map[string]any{"error": map[string]any{
		"type": f.kind, "code": f.code, "message": f.message, "param": f.param, "event_id": nil,
	}})
}

// take takes one event of the caller.
func (d *dialogue) take(m message) error {
	o, err := parseObject(m.payload)
	if err != nil || m.binary {
		return invalidRequest("invalid_json", "", "The event is not a JSON object in a text message.")
	}
	if err := d.identify(o); err != nil {
		return err
	}
	switch o.text("type") {
	case "session.update":
		return d.update(o)
	case "input_audio_buffer.append":
		return d.append(o, m.at)
	case "input_audio_buffer.commit":
		return d.commit(o)
	case "conversation.item.create":
		return d.createItem(o)
	case "conversation.item.truncate":
		return d.truncate(o)
	case "response.create":
		return d.respond(o, m.at)
	case "response.cancel":
		return d.cancel(o)
	case "session.finish":
		return d.finish()
	case "":
		return invalidRequest("missing_required_parameter", "type", "Missing required parameter: 'type'.")
	default:
		return invalidRequest("invalid_value", "type", "Invalid value: '%s'.", o.text("type"))
	}
}

// identify checks the event id of a caller: each one is used once.
func (d *dialogue) identify(o object) error {
	id, given := o["event_id"]
	text, isText := id.(string)
	switch {
	case !given && !d.ownIDs:
		return nil
	case !isText || text == "" || len(text) > 512:
		return invalidRequest("missing_required_parameter", "event_id", "The event needs an event_id.")
	case d.seen[text]:
		return invalidRequest("invalid_value", "event_id", "The event_id '%s' was used before.", text)
	}
	d.seen[text] = true
	return nil
}

func (d *dialogue) update(o object) error {
	if key := o.foreign("type", "event_id", "session"); key != "" {
		return invalidRequest("unknown_parameter", key, "Unknown parameter: '%s'.", key)
	}
	if o.missing("session") != "" {
		return invalidRequest("missing_required_parameter", "session", "Missing required parameter: 'session'.")
	}
	if err := d.configure(d, o.object("session")); err != nil {
		return err
	}
	return d.event("session.updated", map[string]any{"session": o["session"]})
}

func (d *dialogue) append(o object, at time.Time) error {
	if key := o.foreign("type", "event_id", "audio"); key != "" {
		return invalidRequest("unknown_parameter", key, "Unknown parameter: '%s'.", key)
	}
	audio, err := o.base64("audio")
	switch {
	case err != nil || len(audio)%2 != 0:
		return invalidRequest("invalid_value", "audio", "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16), but got an invalid value.")
	case len(audio) > realtimeLargest:
		return invalidRequest("invalid_value", "audio", "The audio is larger than 15 MiB.")
	}
	d.Record.frame(at, audio)
	d.pending = append(d.pending, audio...)
	return nil
}

func (d *dialogue) commit(o object) error {
	if key := o.foreign("type", "event_id"); key != "" {
		return invalidRequest("unknown_parameter", key, "Unknown parameter: '%s'.", key)
	}
	length := lengthOf(len(d.pending), d.inputRate)
	if d.vad || length < realtimeShortest {
		return invalidRequest("input_audio_buffer_commit_empty", "",
			"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has %.2fms of audio.",
			float64(length)/float64(time.Millisecond))
	}
	d.pending, d.spoken = nil, true
	d.items++
	return d.event("input_audio_buffer.committed", map[string]any{"item_id": d.item(), "previous_item_id": nil})
}

// declare takes the functions of a session: an answer calls the first one.
func (d *dialogue) declare(session object) error {
	tools, given := session["tools"]
	if !given {
		return nil
	}
	d.tool = ""
	for _, value := range anyList(tools) {
		fields, _ := value.(map[string]any)
		tool := object(fields)
		if tool.text("type") != "function" || tool.text("name") == "" {
			return invalidRequest("invalid_value", "session.tools", "A tool needs the type 'function' and a name.")
		}
		if d.tool == "" && session.text("tool_choice") != "none" {
			d.tool = tool.text("name")
		}
	}
	return nil
}

// takeOutput takes the result of a function.
func (d *dialogue) takeOutput(item object) error {
	switch {
	case item.foreign("type", "call_id", "output", "id", "status") != "":
		return invalidRequest("unknown_parameter", "item", "Unknown parameter in 'item'.")
	case d.waitsFor == "" || item.text("call_id") != d.waitsFor:
		return invalidRequest("invalid_tool_call_id", "item.call_id", "Tool call ID '%s' not found in conversation.", item.text("call_id"))
	}
	if _, isText := item["output"].(string); !isText {
		return invalidRequest("invalid_type", "item.output", "Invalid type for 'item.output': expected a string.")
	}
	d.waitsFor, d.tool, d.spoken = "", "", false
	d.items++
	return d.event("conversation.item.added", map[string]any{"item": map[string]any{"id": d.item(), "type": "function_call_output", "call_id": item.text("call_id"), "output": item.text("output")}})
}

// truncate cuts the audio of the last answer to what was heard.
func (d *dialogue) truncate(o object) error {
	end := int64(o.number("audio_end_ms"))
	switch {
	case o.foreign("type", "event_id", "item_id", "content_index", "audio_end_ms") != "":
		return invalidRequest("unknown_parameter", "type", "Unknown parameter in 'conversation.item.truncate'.")
	case o.text("item_id") != answerItem || d.spokenMS == 0:
		return invalidRequest("invalid_value", "item_id", "Item with item_id '%s' not found.", o.text("item_id"))
	case end > d.spokenMS:
		return invalidRequest("invalid_value", "audio_end_ms", "Audio content of %dms is already shorter than %dms", d.spokenMS, end)
	}
	return d.event("conversation.item.truncated", map[string]any{"item_id": answerItem, "content_index": 0, "audio_end_ms": end})
}

// cancel ends the answer that is under way.
func (d *dialogue) cancel(o object) error {
	switch {
	case o.foreign("type", "event_id", "response_id") != "":
		return invalidRequest("unknown_parameter", "type", "Unknown parameter in 'response.cancel'.")
	case !d.active:
		return invalidRequest("response_cancel_not_active", "", "Cancellation failed: no active response found")
	}
	d.cancelled = true
	return nil
}

func (d *dialogue) createItem(o object) error {
	item := o.object("item")
	if item.text("type") == "function_call_output" {
		return d.takeOutput(item)
	}
	parts, _ := item["content"].([]any)
	part := object(nil)
	if len(parts) == 1 {
		inner, _ := parts[0].(map[string]any)
		part = inner
	}
	switch {
	case o.foreign("type", "event_id", "previous_item_id", "item") != "":
		key := o.foreign("type", "event_id", "previous_item_id", "item")
		return invalidRequest("unknown_parameter", key, "Unknown parameter: '%s'.", key)
	case item.text("type") != "message" || item.text("role") != "user":
		return invalidRequest("invalid_value", "item.type", "Only messages of the user are taken.")
	case part.text("type") != "input_text" || part.text("text") == "" || part.foreign("type", "text") != "":
		return invalidRequest("invalid_value", "item.content", "The content must be one part of type input_text.")
	}
	d.spoken = false
	d.items++
	return d.event("conversation.item.added", map[string]any{"item": map[string]any{"id": d.item(), "type": "message", "role": "user"}})
}

func (d *dialogue) finish() error {
	if !d.finishable {
		return invalidRequest("invalid_value", "type", "Invalid value: 'session.finish'.")
	}
	if err := d.event("session.finished", nil); err != nil {
		return err
	}
	return &hangUp{code: websocket.StatusNormalClosure}
}

// respond answers the last item.
func (d *dialogue) respond(o object, at time.Time) error {
	switch {
	case o.foreign("type", "event_id", "response") != "":
		key := o.foreign("type", "event_id", "response")
		return invalidRequest("unknown_parameter", key, "Unknown parameter: '%s'.", key)
	case d.active:
		return invalidRequest("conversation_already_has_active_response", "", "Conversation already has an active response in progress: resp_1.")
	case d.Fault == "response_failed":
		d.Record.mark(at)
		return d.event("response.done", map[string]any{"response": map[string]any{
			"id": "resp_1", "status": "failed",
			"status_details": map[string]any{"type": "failed", "error": map[string]any{
				"type": "invalid_request_error", "code": "rate_limit_exceeded", "message": "Rate limit reached.",
			}},
		}})
	case d.Fault != "":
		d.Record.mark(at)
		return &realtimeError{"invalid_request_error", d.Fault, "", "The request cannot be answered."}
	case d.items == 0:
		return invalidRequest("conversation_empty", "", "There is no item to answer.")
	}
	d.Record.mark(at)
	if d.spoken && d.transcribe {
		if err := d.heard(); err != nil {
			return err
		}
	}
	d.items, d.active = 0, true
	defer func() { d.active, d.cancelled = false, false }()
	if d.tool != "" && d.waitsFor == "" {
		return d.callTool("resp_" + rand.Text())
	}
	return d.answer("resp_" + rand.Text())
}

// toolArguments are those that the emulated model gives to every function.
const toolArguments = `{"city":"Lisbon"}`

// callTool answers with a call of the function, in place of words.
func (d *dialogue) callTool(id string) error {
	d.waitsFor = "call_" + rand.Text()
	item := func(status, arguments string) map[string]any {
		return map[string]any{"id": "item_f", "type": "function_call", "status": status, "name": d.tool, "call_id": d.waitsFor, "arguments": arguments}
	}
	whole := func(fields map[string]any) map[string]any {
		maps.Copy(fields, map[string]any{"response_id": id, "output_index": 0})
		return fields
	}
	if err := d.event("response.created", map[string]any{"response": map[string]any{"id": id, "status": "in_progress"}}); err != nil {
		return err
	}
	if err := d.event("response.output_item.added", whole(map[string]any{"item": item("in_progress", "")})); err != nil {
		return err
	}
	for _, piece := range []string{toolArguments[:5], toolArguments[5:]} {
		if err := d.rest(); err != nil {
			return err
		}
		if err := d.event("response.function_call_arguments.delta", whole(map[string]any{"item_id": "item_f", "call_id": d.waitsFor, "delta": piece})); err != nil {
			return err
		}
	}
	if err := d.event("response.function_call_arguments.done", whole(map[string]any{"item_id": "item_f", "call_id": d.waitsFor, "arguments": toolArguments})); err != nil {
		return err
	}
	if err := d.event("response.output_item.done", whole(map[string]any{"item": item("completed", toolArguments)})); err != nil {
		return err
	}
	d.done()
	return d.event("response.done", map[string]any{"response": map[string]any{
		"id": id, "status": "completed", "output": []any{item("completed", toolArguments)},
		"usage": map[string]any{"total_tokens": 30, "input_tokens": 20, "output_tokens": 10},
	}})
}

// answerItem is the item of every spoken answer.
const answerItem = "item_a"

// heard sends the text of the user's audio.
func (d *dialogue) heard() error {
	d.Record.update(func(t *Turn) { t.User = d.Heard })
	for _, piece := range pieces(d.Heard) {
		if err := d.event("conversation.item.input_audio_transcription.delta", map[string]any{"item_id": d.item(), "content_index": 0, "delta": piece}); err != nil {
			return err
		}
	}
	return d.event("conversation.item.input_audio_transcription.completed", map[string]any{"item_id": d.item(), "content_index": 0, "transcript": d.Heard})
}

// answer sends a response: pieces of text and of audio in turn.
func (d *dialogue) answer(id string) error {
	if err := d.event("response.created", map[string]any{"response": map[string]any{"id": id, "status": "in_progress"}}); err != nil {
		return err
	}
	text := pieces(d.Answer)
	var voice [][]byte
	if !d.textOnly {
		for piece := range d.voice(d.Answer, realtimeRate) {
			voice = append(voice, piece)
		}
	}
	d.spokenMS = 0
	for i := range max(len(text), len(voice)) {
		if err := d.rest(); err != nil {
			return err
		}
		if d.cancelled {
			d.done()
			return d.event("response.done", map[string]any{"response": map[string]any{
				"id": id, "status": "cancelled", "status_details": map[string]any{"type": "cancelled", "reason": "client_cancelled"},
			}})
		}
		if err := d.piece(id, text, voice, i); err != nil {
			return err
		}
	}
	usage := map[string]any{"total_tokens": 20 + len(text), "input_tokens": 20, "output_tokens": len(text)}
	d.done()
	return d.event("response.done", map[string]any{"response": map[string]any{"id": id, "status": "completed", "usage": usage}})
}

// piece sends the piece of text and the piece of audio with a number, where there are.
func (d *dialogue) piece(id string, text []string, voice [][]byte, i int) error {
	if i < len(text) {
		name := "response.output_audio_transcript.delta"
		if d.textOnly {
			name = "response.output_text.delta"
		}
		d.wrote(text[i])
		if err := d.event(name, map[string]any{"response_id": id, "item_id": answerItem, "output_index": 0, "content_index": 0, "delta": text[i]}); err != nil {
			return err
		}
	}
	if i >= len(voice) {
		return nil
	}
	d.spoke(voice[i])
	d.spokenMS += lengthOf(len(voice[i]), realtimeRate).Milliseconds()
	return d.event("response.output_audio.delta", map[string]any{
		"response_id": id, "item_id": answerItem, "output_index": 0, "content_index": 0,
		"delta": base64.StdEncoding.EncodeToString(voice[i]),
	})
}

// event sends an event under the service's name for it.
func (d *dialogue) event(name string, fields map[string]any) error {
	if own := d.names[name]; own != "" {
		name = own
	}
	whole := map[string]any{"type": name, "event_id": "event_" + rand.Text()}
	maps.Copy(whole, fields)
	return d.sendJSON(whole)
}

func (d *dialogue) item() string { return fmt.Sprintf("item_%d", d.items) }

// checkSession refuses parameters of a session that are none of known.
func checkSession(session object, known ...string) error {
	if key := session.foreign(known...); key != "" {
		return invalidRequest("unknown_parameter", "session."+key, "Unknown parameter: 'session.%s'.", key)
	}
	return nil
}

// has reports whether a list of a JSON object has a text.
func has(list any, text string) bool {
	for _, value := range anyList(list) {
		if value == text {
			return true
		}
	}
	return false
}

func anyList(list any) []any {
	values, _ := list.([]any)
	return values
}

// joined returns the texts of a list, for messages.
func joined(list any) string {
	var texts []string
	for _, value := range anyList(list) {
		texts = append(texts, fmt.Sprintf("'%v'", value))
	}
	return strings.Join(texts, ", ")
}
