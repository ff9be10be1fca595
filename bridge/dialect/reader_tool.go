package dialect

import (
	"slices"
	"strconv"

	"duplex/bridge/transcript"
)

// Limits of the tool calls of one turn.
const (
	maxToolCalls = 100
	maxToolText  = 64 << 10 // bytes of arguments, and of a result
)

// takeTools takes the tool calls and the results that a received message has.
func (r *Reader) takeTools(e *Envelope, seq, atUS int64) {
	for i := range r.d.Receive.ToolCalls {
		rule := &r.d.Receive.ToolCalls[i]
		if !rule.When.Holds(e) {
			continue
		}
		if t := r.current(); t != nil {
			t.addCalls(rule, e, seq, atUS)
			r.changed(t)
		}
	}
	r.takeResults(r.d.Receive.ToolResults, e, seq, atUS)
}

// current returns the open turn, else the last one; nil when there is none.
func (r *Reader) current() *turn {
	if r.open != nil || len(r.turns) == 0 {
		return r.open
	}
	return r.turns[len(r.turns)-1]
}

// addCalls adds the calls of one message. One that is told twice counts once.
func (t *turn) addCalls(rule *ToolCallRule, e *Envelope, seq, atUS int64) {
	ids, arguments := rule.ID.Texts(e), rule.Arguments.Texts(e)
	for i, name := range rule.Name.Texts(e) {
		call := ToolCall{ID: nth(ids, i), Name: name, Arguments: cutText(nth(arguments, i), maxToolText), Seq: seq, AtUS: atUS}
		known := slices.IndexFunc(t.Tools, func(c ToolCall) bool { return call.ID != "" && c.ID == call.ID })
		switch {
		case known >= 0 && t.Tools[known].Arguments == "":
			t.Tools[known].Arguments = call.Arguments
		case known < 0 && len(t.Tools) < maxToolCalls:
			t.Tools = append(t.Tools, call)
		}
	}
}

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// takeResults takes the results of tool calls. They often come after the turn of the call.
func (r *Reader) takeResults(rules []ToolResultRule, e *Envelope, seq, atUS int64) {
	for i := range rules {
		rule := &rules[i]
		if !rule.When.Holds(e) {
			continue
		}
		ids := rule.ID.Texts(e)
		for i, result := range rule.Result.Texts(e) {
			if t, call := r.waitingCall(nth(ids, i)); call != nil {
				call.Result, call.DoneSeq, call.DoneUS = cutText(result, maxToolText), seq, atUS
				r.changed(t)
			}
		}
	}
}

// waitingCall returns the newest call with an id that has no result, or the oldest one of the
// newest turn without one; nil when there is none.
func (r *Reader) waitingCall(id string) (*turn, *ToolCall) {
	for _, t := range slices.Backward(r.turns) {
		for i := range t.Tools {
			if c := &t.Tools[i]; c.DoneSeq == 0 && (id == "" || c.ID == id) {
				return t, c
			}
		}
	}
	return nil, nil
}

// takeInterruption takes the mark of an interrupted answer. It often comes after the answer
// was sent, while it is still played: it belongs to the newest turn with audio or text.
func (r *Reader) takeInterruption(rules []InterruptedRule, e *Envelope, seq, atUS int64) {
	for i := range rules {
		rule := &rules[i]
		if !rule.When.Holds(e) {
			continue
		}
		t := r.answering()
		if t == nil {
			return
		}
		if t.Interrupted == nil {
			t.Interrupted = &Interruption{AtUS: atUS, Seq: seq}
		}
		if text, found := rule.PlayedMS.Text(e); found && t.Interrupted.PlayedMS == 0 {
			t.Interrupted.PlayedMS, _ = strconv.ParseInt(text, 10, 64)
		}
		r.changed(t)
	}
}

// answering returns the newest turn with text or audio of the answer; nil when there is none.
func (r *Reader) answering() *turn {
	for _, t := range slices.Backward(r.turns) {
		if t.FirstAudioUS > 0 || t.FirstTextUS > 0 {
			return t
		}
	}
	return nil
}

// readSentFields reads the JSON of a sent message that is no part of a request.
func (r *Reader) readSentFields(m *transcript.Message, payload []byte, atUS int64) {
	rules := &r.d.Sent
	if len(rules.ToolResults)+len(rules.Interrupted) == 0 {
		return
	}
	e, _ := r.d.Unpack(m.Opcode, payload)
	if e == nil || !e.HasJSON {
		return
	}
	r.takeResults(rules.ToolResults, e, m.Seq, atUS)
	r.takeInterruption(rules.Interrupted, e, m.Seq, atUS)
}
