package dialect

import (
	"bytes"
	"slices"
	"strings"

	"duplex/bridge/transcript"
)

// sentKind tells which part of a request a sent message is.
type sentKind int

const (
	sentOther sentKind = iota // it belongs to the open turn, if there is one
	sentPart                  // it comes before the mark
	sentAudio
	sentMark
	sentEndMark // it ends the audio, and asks for nothing without audio
	sentFinish  // it ends the session
)

// sentRule recognises one message of the dialect.
type sentRule struct {
	message  *Message
	kind     sentKind
	constant bool // the rule only takes messages without values
}

// sentRules are tried in order. Messages without values come first, so that an end such as
// {"text":""} is not taken for a text.
type sentRules []sentRule

func (d *Dialect) sentRules() sentRules {
	texts := d.textRules()
	rules := slices.Concat(d.constantRules(), d.endRules(texts))
	if a := d.Audio; a != nil {
		frames := slices.DeleteFunc([]*Message{a.First, a.Last, a.Each}, func(m *Message) bool { return m == nil })
		for _, m := range frames {
			if m.HasChunk() {
				rules = append(rules, sentRule{m, sentAudio, false})
			}
		}
		for _, m := range frames {
			if !m.HasChunk() {
				rules = append(rules, sentRule{m, sentPart, false})
			}
		}
	}
	return append(rules, texts...)
}

// constantRules recognises messages that belong to no request.
func (d *Dialect) constantRules() sentRules {
	var rules sentRules
	if d.Keepalive != nil && d.Keepalive.Send != nil {
		rules = append(rules, sentRule{d.Keepalive.Send, sentOther, true})
	}
	for _, step := range d.Open {
		if step.Send != nil {
			rules = append(rules, sentRule{step.Send, sentOther, true})
		}
	}
	for i := range d.Cancel {
		rules = append(rules, sentRule{&d.Cancel[i], sentOther, true})
	}
	for i := range d.Finish {
		rules = append(rules, sentRule{&d.Finish[i], sentFinish, true})
	}
	return rules
}

// endRules recognises the messages after the audio. One that is the mark of a text too asks
// for an answer by itself.
func (d *Dialect) endRules(texts sentRules) sentRules {
	if d.Audio == nil {
		return nil
	}
	var rules sentRules
	for _, step := range d.Audio.End {
		if step.Send == nil {
			continue
		}
		kind := sentOther
		if step.Send.Mark {
			kind = sentEndMark
		}
		for _, text := range texts {
			if text.kind == sentMark && text.message.Opcode == step.Send.Opcode && text.message.String() == step.Send.String() {
				kind = sentMark
			}
		}
		rules = append(rules, sentRule{step.Send, kind, false})
	}
	return rules
}

// textRules recognises the messages that ask with a text.
func (d *Dialect) textRules() sentRules {
	if d.Text == nil {
		return nil
	}
	marked := slices.ContainsFunc(d.Text.Send, func(s Step) bool { return s.Send != nil && s.Send.Mark })
	var rules sentRules
	kind := sentPart
	for i, step := range d.Text.Send {
		if step.Send == nil {
			continue
		}
		isMark := step.Send.Mark || !marked && i == d.Text.Mark
		switch {
		case isMark:
			rules = append(rules, sentRule{step.Send, sentMark, false})
			kind = sentOther // what follows belongs to the same request
		default:
			rules = append(rules, sentRule{step.Send, kind, false})
		}
	}
	slices.SortStableFunc(rules, func(a, b sentRule) int { return a.values() - b.values() })
	return rules
}

// values returns 1 when the message of the rule has values, else 0.
func (r sentRule) values() int {
	if strings.Contains(r.message.String(), "{{") || r.message.HasChunk() {
		return 1
	}
	return 0
}

// recognise returns the kind of a sent message and its values.
func (rules sentRules) recognise(m *transcript.Message, payload []byte) (sentKind, Holes) {
	text := &sentText{payload: payload}
	for _, rule := range rules {
		holes, fits := rule.message.fits(m.Opcode, text)
		if !fits || rule.constant && (holes.Text != "" || holes.Audio || len(holes.Other) > 0) {
			continue
		}
		holes.Chunk = withoutHeader(holes.Chunk)
		return rule.kind, holes
	}
	return sentOther, Holes{}
}

func (r *Reader) readSent(m *transcript.Message, payload []byte, atUS int64) {
	kind, holes := r.rules.recognise(m, payload)
	if kind == sentAudio && r.keepsOpen(holes.Chunk) {
		kind = sentOther
	}
	if kind == sentOther || kind == sentPart {
		r.readSentFields(m, payload, atUS)
	}
	s := sent{seq: m.Seq, size: len(payload), atUS: atUS, holes: holes}
	switch kind {
	case sentPart:
		r.sendPart(s)
	case sentAudio:
		r.sendAudio(s)
	case sentMark:
		r.sendMark(s)
	case sentEndMark:
		r.sendEndMark(s)
	case sentFinish:
		r.finishing = true
		r.sendOther(s)
	case sentOther:
		r.sendOther(s)
	}
}

// sent is a message that was sent.
type sent struct {
	seq   int64
	size  int
	atUS  int64
	holes Holes
}

// keepsOpen reports whether a frame of audio is the silence of a keep-alive: outside of a
// turn, or beside its answer.
func (r *Reader) keepsOpen(chunk []byte) bool {
	if r.d.Keepalive == nil || !r.d.Keepalive.Silence || len(chunk) == 0 {
		return false
	}
	silent := bytes.Count(chunk, chunk[:1]) == len(chunk) && (chunk[0] == 0 || chunk[0] == 0xFF || chunk[0] == 0xD5) // of PCM, µ-law, A-law
	return silent && (r.open == nil || r.open.AudioStartUS == 0 || r.open.content > 0)
}

func (r *Reader) sendOther(s sent) {
	if t := r.open; t != nil {
		t.countSent(s.seq, s.size)
		r.changed(t)
	}
}

// sendPart takes a message that comes before the mark of its turn.
func (r *Reader) sendPart(s sent) {
	if t := r.open; t != nil && (t.mark == markedByMessage || t.mark == markedByAudio && t.content > 0) {
		w := r.wait(s)
		w.text = joinRequest(w.text, s.holes.Text)
		return
	}
	t := r.requested(s.seq)
	t.countSent(s.seq, s.size)
	t.Request = joinRequest(t.Request, s.holes.Text)
	r.changed(t)
}

// wait returns the request of the next turn, with a message more.
func (r *Reader) wait(s sent) *request {
	if r.waiting == nil {
		r.waiting = &request{firstSeq: s.seq}
	}
	r.waiting.lastSeq = s.seq
	r.waiting.messages++
	r.waiting.bytes += int64(s.size)
	return r.waiting
}

// requested returns the open turn, or a new one in place of none or of a greeting.
func (r *Reader) requested(seq int64) *turn {
	if r.open != nil && r.open.greeting {
		r.supersede()
	}
	if r.open == nil {
		return r.begin(seq)
	}
	return r.open
}

// joinRequest adds the text of a further message. A text that is in two messages of one
// request counts once.
func joinRequest(text, next string) string {
	if next == text || len(text)+len(next) > maxTurnText {
		return text
	}
	return text + next
}

// sendAudio takes an audio frame.
func (r *Reader) sendAudio(s sent) {
	chunk := func() []byte { return s.holes.Chunk }
	if t := r.open; t != nil && t.mark == markedByMessage {
		w := r.wait(s)
		if w.audioStart == 0 {
			w.audioStart = s.atUS
		}
		w.audioEnd, w.audioSeq = s.atUS, s.seq
		w.audio.add(r.formats.user, s.atUS, len(s.holes.Chunk), chunk)
		w.audio.told = r.formats.userSeq
		return
	}
	t := r.requested(s.seq)
	t.countSent(s.seq, s.size)
	r.changed(t)
	if r.openMicrophone && t.content > 0 {
		return // sent beside the answer
	}
	if t.AudioStartUS == 0 {
		t.AudioStartUS = s.atUS
	}
	t.AudioEndUS = s.atUS
	t.audio[1].add(r.formats.user, s.atUS, len(s.holes.Chunk), chunk)
	t.audio[1].told = r.formats.userSeq
	t.setMark(markedByAudio, s.seq, s.atUS)
}

// sendMark takes a message that asks for the answer.
func (r *Reader) sendMark(s sent) {
	if t := r.open; t != nil && r.isAsked(t) {
		r.supersede()
	}
	t := r.requested(s.seq)
	t.countSent(s.seq, s.size)
	t.Request = joinRequest(t.Request, s.holes.Text)
	t.setMark(markedByMessage, s.seq, s.atUS)
	r.changed(t)
}

// isAsked reports whether a further mark asks for another answer than that of t. A recogniser
// has given text before the message that ends the audio.
func (r *Reader) isAsked(t *turn) bool {
	if t.mark == markedByAudio && t.content > 0 {
		return r.openMicrophone || !r.d.Audio.MarkEnd
	}
	return t.mark == markedByMessage
}

// sendEndMark takes the message that ends the audio. Where the service has heard the end of
// speech itself and is answering, or has answered, it changes nothing.
func (r *Reader) sendEndMark(s sent) {
	t := r.open
	heard := t != nil && t.mark == markedByAudio && t.content > 0 && r.openMicrophone
	if r.waiting == nil && (t == nil || heard) {
		r.sendOther(s)
		return
	}
	r.sendMark(s)
}
