package dialect

import (
	"maps"
	"slices"

	"duplex/bridge/speech"
)

// markKind tells by which kind of message a turn has its mark.
type markKind int

const (
	unmarked markKind = iota
	markedByAudio
	markedByMessage
)

// turn is a Turn as it is computed.
type turn struct {
	Turn

	rev      int64 // of the reader, when it last changed
	isWhole  bool  // Turn is the result, and there is nothing else
	mark     markKind
	earlier  int64 // the mark before; 0 for none
	greeting bool  // the service began it
	content  int64 // the time of the last text or audio of the answer; 0 before it
	received int64 // the time of the last received message after the mark; 0 before it
	quiet    int64 // the end of the silence that ended the turn; 0 when something else did
	gaps     gaps
	pace     pacer
	text     [2]joiner // answer, user
	audio    [2]audioMeter
	guess    *guess // without a dialect
}

// side returns the place of a stream in the arrays of a turn.
func side(s Stream) int {
	if s == StreamUser {
		return 1
	}
	return 0
}

// count takes a message of either direction.
func (t *turn) count(seq int64, size int) {
	t.LastSeq = seq
	t.Messages++
	t.Bytes += int64(size)
}

// countSent takes a sent message.
func (t *turn) countSent(seq int64, size int) {
	t.count(seq, size)
	t.SentMessages++
	t.SentBytes += int64(size)
}

// setMark moves the mark: times after it are measured anew.
func (t *turn) setMark(kind markKind, seq, atUS int64) {
	t.earlier = t.MarkUS
	t.mark, t.MarkSeq, t.MarkUS = kind, seq, atUS
	t.FirstMessageUS, t.received = 0, 0
	t.gaps.restart()
}

// noteReceived measures a received message. Before the mark, and after the end, nothing is
// measured.
func (t *turn) noteReceived(seq, atUS int64) {
	if t.State != TurnOpen {
		return
	}
	t.received = atUS
	if t.mark == unmarked || atUS < t.MarkUS {
		return // the time of a sent message is that of its writing, which may follow
	}
	if t.FirstMessageUS == 0 {
		t.FirstMessageUS = atUS
	}
	t.gaps.received(seq, atUS)
}

// addText takes a text that a rule selected.
func (t *turn) addText(rule *TextRule, p piece) {
	joined := &t.text[side(rule.Stream)]
	joined.add(rule, p)
	if rule.Stream == StreamUser {
		return
	}
	t.pace.grow(p.atUS, joined.size, p.text)
	if t.FirstTextUS == 0 && p.text != "" {
		t.FirstTextUS = p.atUS
	}
}

// end closes the turn; doneUS is only kept when it is done.
func (t *turn) end(state TurnState, doneUS int64) {
	t.State = state
	if state == TurnDone {
		t.DoneUS = doneUS
	}
}

// answered notes text or audio of the answer. With an open microphone the mark is the last
// frame before it.
func (t *turn) answered(atUS int64, openMicrophone bool) {
	if openMicrophone && t.mark == markedByAudio && t.content == 0 && atUS < t.MarkUS && t.earlier > 0 && t.earlier <= atUS {
		t.MarkUS, t.AudioEndUS = t.earlier, t.earlier
	}
	t.content = atUS
}

// delay takes the time by which a message was written later than its stamp says.
func (t *turn) delay(seq, byUS int64) {
	if seq != t.MarkSeq || t.FirstMessageUS > 0 && t.MarkUS+byUS > t.FirstMessageUS {
		return
	}
	if t.AudioEndUS == t.MarkUS {
		t.AudioEndUS += byUS
	}
	t.MarkUS += byUS
}

// snapshot returns a copy for others.
func (t *turn) snapshot() Turn {
	out := t.Turn
	out.Tools = slices.Clone(t.Tools)
	if t.Interrupted != nil {
		copied := *t.Interrupted
		out.Interrupted = &copied
	}
	if t.isWhole {
		out.Usage = maps.Clone(t.Usage)
		return out
	}
	answer, user := &t.text[0], &t.text[1]
	out.Text = TurnText{Answer: answer.text(), User: user.text()}
	out.TextCut = answer.cut || user.cut
	if t.guess != nil {
		if c := t.guess.best(); c != nil {
			out.Text.Answer, out.FirstTextUS, out.TextCut, out.Guessed = c.text.String(), c.firstUS, t.guess.cut, true
		}
	}
	out.Pace = t.pace.snapshot()
	out.Gaps, out.Usage = t.gaps.measured(), maps.Clone(t.Usage)
	out.Segments = append(answer.parts(), user.parts()...)
	slices.SortStableFunc(out.Segments, func(a, b Segment) int { return int(a.Seq - b.Seq) })
	if t.audio[0].bytes+t.audio[1].bytes > 0 {
		out.Audio = &TurnAudio{
			AnswerMS: t.audio[0].milliseconds(), UserMS: t.audio[1].milliseconds(),
			Answer: t.audio[0].stream(), User: t.audio[1].stream(),
		}
	}
	if t.Error != nil {
		copied := *t.Error
		out.Error = &copied
	}
	return out
}

// audioMeter measures the audio of one stream.
type audioMeter struct {
	bytes  int64
	chunks int64
	lastUS int64
	format SoundFormat
	told   int64 // the message that told the format; 0 is the dialect
	ms     float64
	ogg    *speech.OggLength
}

// add takes audio; the length of Opus comes from its pages, that of samples from their number.
func (a *audioMeter) add(f SoundFormat, atUS int64, size int, data func() []byte) {
	a.bytes += int64(size)
	a.chunks++
	a.lastUS, a.format = atUS, f
	if f.Encoding == Opus {
		if a.ogg == nil {
			a.ogg = new(speech.OggLength)
		}
		a.ogg.Add(data())
		return
	}
	if width, err := speech.SampleBytes(string(f.Encoding)); err == nil && f.Rate > 0 {
		a.ms += float64(size) * 1000 / float64(width*max(1, f.Channels)*f.Rate)
	}
}

// stream describes the audio; nil when there is none.
func (a *audioMeter) stream() *TurnStream {
	if a.chunks == 0 {
		return nil
	}
	return &TurnStream{
		Encoding: a.format.Encoding, Rate: a.format.Rate, Channels: max(1, a.format.Channels), FormatSeq: a.told,
		Chunks: a.chunks, Bytes: a.bytes, LastUS: a.lastUS,
	}
}

func (a *audioMeter) milliseconds() int64 {
	if a.ogg != nil {
		return a.ogg.Length().Milliseconds()
	}
	return int64(a.ms + 0.5)
}
