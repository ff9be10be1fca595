package dialect

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"duplex/bridge/transcript"
)

// readReceived applies the rules of the dialect to a message of the service. One that does
// not fit them is counted, and changes nothing else.
func (r *Reader) readReceived(m *transcript.Message, payload []byte, atUS int64) {
	e, err := r.d.Unpack(m.Opcode, payload)
	if e == nil {
		e = &Envelope{Opcode: m.Opcode, Payload: payload}
	}
	r.formats.learn(e, m.Seq)
	r.takeTools(e, m.Seq, atUS)
	t := r.turnOf(e, m.Seq)
	if t == nil {
		return
	}
	t.count(m.Seq, len(payload))
	r.changed(t)
	said := r.takeText(t, e, m.Seq, atUS)
	sounded := r.takeAudio(t, e, atUS)
	r.takeUsage(t, e)
	t.noteReceived(m.Seq, atUS)
	if r.finishing && t.quiet > 0 && t.State == TurnDone && (said || sounded) {
		t.DoneUS = atUS
	}
	failure, fatal := r.errorIn(e, m.Seq)
	done := r.isDone(e)
	if err != nil && !said && !sounded && !done && failure == nil {
		t.Unread++
	}
	switch {
	case t.State != TurnOpen:
	case failure != nil && fatal:
		r.fail(t, failure)
	case done && r.mayBeDone(t):
		t.DoneWhy = doneWhy(e)
		r.end(TurnDone, atUS)
	}
	if failure != nil && t.Error == nil {
		t.Error = failure
	}
	r.takeInterruption(r.d.Receive.Interrupted, e, m.Seq, atUS)
}

// mayBeDone reports whether a sign of the end counts: before the mark it belongs to something
// else.
func (r *Reader) mayBeDone(t *turn) bool {
	awaitsEnd := t.mark == markedByAudio && r.d.Audio.MarkEnd && !r.openMicrophone
	return t.greeting || t.mark != unmarked && !awaitsEnd
}

// turnOf returns the turn that a received message belongs to; nil for none.
func (r *Reader) turnOf(e *Envelope, seq int64) *turn {
	if r.open != nil {
		return r.open
	}
	if len(r.turns) > 0 {
		if r.hasContent(e, true) || r.hasUsage(e) {
			return r.turns[len(r.turns)-1]
		}
		return nil
	}
	if r.hasContent(e, false) {
		t := r.begin(seq)
		t.greeting = true
		return t
	}
	if failure, fatal := r.errorIn(e, seq); failure != nil && fatal {
		return r.begin(seq)
	}
	return nil
}

// hasContent reports whether a message has text or audio of the answer, or text of a person:
// recognisers may be slower than the answer.
func (r *Reader) hasContent(e *Envelope, orUser bool) bool {
	for i := range r.d.Receive.Text {
		if rule := &r.d.Receive.Text[i]; (orUser || rule.Stream != StreamUser) && rule.When.Holds(e) {
			if text, found := rule.Path.Text(e); found && text != "" {
				return true
			}
		}
	}
	for i := range r.d.Receive.Audio {
		if rule := &r.d.Receive.Audio[i]; rule.Stream != StreamUser {
			if size, _ := rule.find(e); size > 0 {
				return true
			}
		}
	}
	return false
}

func (r *Reader) hasUsage(e *Envelope) bool {
	for _, path := range r.d.Receive.Usage {
		if _, found := path.Text(e); found {
			return true
		}
	}
	return false
}

func (r *Reader) isDone(e *Envelope) bool {
	for _, match := range r.d.Receive.Done.Match {
		if match.Holds(e) {
			return true
		}
	}
	return false
}

// reasonPaths returns where services say why an answer is done, the most telling first.
var reasonPaths = sync.OnceValue(func() (paths []Path) {
	for _, source := range []string{"$.choices[0].finish_reason", "$.response.status_details.reason", "$.response.status", "$.stop_reason", "$.finish_reason", "$.done_reason"} {
		path, err := ParsePath(source)
		if err != nil {
			panic(err)
		}
		paths = append(paths, path)
	}
	return paths
})

// maxReason bounds the reason of a done answer, in runes.
const maxReason = 60

// doneWhy returns the word of the service for why its answer is done; "" when it says none.
func doneWhy(e *Envelope) string {
	for _, path := range reasonPaths() {
		if why, found := path.Text(e); found && why != "" {
			return oneLine(why, maxReason)
		}
	}
	return ""
}

// takeText adds the texts that the rules select, and reports whether there are any.
func (r *Reader) takeText(t *turn, e *Envelope, seq, atUS int64) (any bool) {
	for i := range r.d.Receive.Text {
		rule := &r.d.Receive.Text[i]
		if !rule.When.Holds(e) {
			continue
		}
		p := piece{seq: seq, atUS: atUS, sent: t.audio[1].milliseconds(), final: rule.Mode == TextSegment && rule.Final.Holds(e)}
		found := false
		if rule.Mode == TextKeyed {
			found = r.takeKeyed(t, rule, e, p)
		} else if p.text, found = rule.textIn(e); found {
			t.addText(rule, p)
		}
		if found && rule.Stream != StreamUser {
			t.answered(atUS, r.openMicrophone)
		}
		any = any || found
	}
	return any
}

// textIn returns the text that a rule selects. Several texts with JoinAuto are joined by it. A
// list of segments of which none is selected is an empty segment: the interim text is over.
func (rule *TextRule) textIn(e *Envelope) (text string, found bool) {
	text, found = rule.Path.Text(e)
	switch {
	case !found && rule.Mode == TextSegment && rule.When != nil && !rule.Path.isSingular():
		return "", true
	case !found || rule.Join != JoinAuto || rule.Path.isSingular():
		return text, found
	}
	text = ""
	for _, part := range rule.Path.Texts(e) {
		part = strings.TrimSpace(part)
		text += between(text, part, JoinAuto) + part
	}
	return text, true
}

// takeKeyed adds a keyed text; or several, when as many keys as texts are selected.
func (r *Reader) takeKeyed(t *turn, rule *TextRule, e *Envelope, p piece) (found bool) {
	keys := rule.Key.Texts(e)
	if len(keys) > 1 {
		if texts := rule.Path.Texts(e); len(texts) == len(keys) {
			for i, text := range texts {
				p.key, p.text = keys[i], text
				t.addText(rule, p)
			}
			return true
		}
	}
	if p.text, found = rule.Path.Text(e); !found {
		return false
	}
	if len(keys) > 0 {
		p.key = keys[0]
	}
	p.from, p.to = rangeIn(rule.ReplaceRange, e)
	t.addText(rule, p)
	return true
}

// rangeIn returns the first and the last key that a piece replaces: two selected values, or
// one array of two.
func rangeIn(path Path, e *Envelope) (from, to string) {
	if path.IsZero() {
		return "", ""
	}
	values := path.All(e)
	if len(values) == 1 {
		values, _ = values[0].([]any)
	}
	if len(values) != 2 {
		return "", ""
	}
	from, _ = textOf(values[0])
	to, _ = textOf(values[1])
	return from, to
}

// takeAudio measures the audio that the rules select, and reports whether there is any.
func (r *Reader) takeAudio(t *turn, e *Envelope, atUS int64) (any bool) {
	for i := range r.d.Receive.Audio {
		rule := &r.d.Receive.Audio[i]
		size, data := rule.find(e)
		if size == 0 {
			continue
		}
		any = true
		meter := &t.audio[side(rule.Stream)]
		meter.add(r.formats.received[i], atUS, size, data)
		meter.told = r.formats.told[i]
		if rule.Stream == StreamUser {
			continue
		}
		t.answered(atUS, r.openMicrophone)
		if t.FirstAudioUS == 0 {
			t.FirstAudioUS = atUS
		}
	}
	return any
}

// find returns the audio of a message and its size; 0 when there is none. The size of base64
// is known without decoding it.
func (a *AudioRule) find(e *Envelope) (size int, data func() []byte) {
	if a.Binary && e.Opcode != transcript.Binary || !a.When.Holds(e) {
		return 0, nil
	}
	switch {
	case a.Binary:
		return len(e.Payload), func() []byte { return e.Payload }
	case a.Field != "":
		value, _ := e.field(a.Field)
		field, _ := value.([]byte)
		return len(field), func() []byte { return field }
	}
	texts := a.Path.Texts(e)
	for _, text := range texts {
		size += base64.RawStdEncoding.DecodedLen(len(strings.TrimRight(text, "=")))
	}
	return size, func() []byte { return decodeTexts(texts) }
}

// decodeTexts returns the audio of texts in base64.
func decodeTexts(texts []string) []byte {
	var all []byte
	for _, text := range texts {
		data, _ := decodeBase64([]byte(text)) // a mistake ends the data
		all = append(all, data...)
	}
	return all
}

// takeUsage keeps the last counts.
func (r *Reader) takeUsage(t *turn, e *Envelope) {
	for name, path := range r.d.Receive.Usage {
		text, found := path.Text(e)
		if !found {
			continue
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			if t.Usage == nil {
				t.Usage = map[string]int64{}
			}
			t.Usage[name] = n
		}
	}
}

// errorIn returns the error that a message has; nil for none.
func (r *Reader) errorIn(e *Envelope, seq int64) (failure *TurnError, fatal bool) {
	for i := range r.d.Receive.Errors {
		rule := &r.d.Receive.Errors[i]
		if !rule.When.Holds(e) {
			continue
		}
		code, _ := rule.Code.Text(e)
		message := rule.words(e)
		return &TurnError{Code: code, Message: cutText(message, maxErrorText), Seq: seq}, rule.Fatal
	}
	return nil, false
}

// words returns the words of an error. Some services wrap them once more, in an object with
// nothing else in it.
func (rule *ErrorRule) words(e *Envelope) string {
	text, _ := rule.Message.Text(e)
	if !strings.HasPrefix(text, "{") || len(text) > maxErrorText {
		return text
	}
	var wrapped map[string]any
	if json.Unmarshal([]byte(text), &wrapped) != nil || len(wrapped) != 1 {
		return text
	}
	for _, value := range wrapped {
		if words, isText := value.(string); isText && words != "" {
			return words
		}
	}
	return text
}

// maxErrorText bounds the message of an error, in bytes.
const maxErrorText = 16 << 10

func cutText(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return wholeRunes(text[:size])
}

// fail ends the open turn with an error.
func (r *Reader) fail(t *turn, failure *TurnError) {
	t.Error = failure
	r.end(TurnFailed, 0)
}

// closeError returns the error of an unexpected close frame; an error that a message has told
// before says more.
func closeError(t *turn, c occurrence) *TurnError {
	if t.Error != nil {
		return t.Error
	}
	return &TurnError{Code: strconv.Itoa(c.Code), Message: c.Reason}
}
