package dialect

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"duplex/bridge/transcript"
)

// Reader computes turns from the messages of one session, in order. With a nil dialect it
// uses the generic rules. It is not safe for concurrent use.
//
// A turn begins with the first message of a request: an audio frame, or a part of a text. Its
// mark is the message that asks for the answer; while audio is sent, every frame moves it.
// Where a microphone stays open beside the answer, the mark stays once text or audio of the
// answer has come. Parts of the next request that are sent before a turn is done wait for its
// end, or for their own mark, which ends it. Text and audio that come after done still belong
// to the turn; a service may hold them back until it is told that nothing more comes, so they
// move the time of a done that was a silence if the dialect's finish was sent. Text or audio of the answer before the first request makes a turn of its own,
// without a mark: a greeting. A fatal error before the first request makes a failed turn. A
// close frame makes none.
type Reader struct {
	d       *Dialect
	rules   sentRules
	formats formats

	openMicrophone bool // speech may be sent beside the answer
	hasDone        bool // the dialect says when a turn is done

	turns     []*turn
	n         int      // of the last turn
	open      *turn    // the last of turns; nil when it has ended
	waiting   *request // of the next turn
	finishing bool     // the session is about to be closed
	traced    bool     // texts note which message brought which part
	rev       int64
}

// request is the part of a request that is sent before its turn begins.
type request struct {
	firstSeq, lastSeq    int64
	messages, bytes      int64
	text                 string
	audioStart, audioEnd int64
	audioSeq             int64 // of the last frame
	audio                audioMeter
}

// NewReader returns a Reader. vars are the values of the dialect's variables, for rates that
// depend on them; nil uses defaults.
func NewReader(d *Dialect, vars map[string]string) *Reader {
	r := &Reader{d: d}
	if d == nil {
		return r
	}
	r.rules = d.sentRules()
	r.formats = newFormats(d, vars)
	r.hasDone = len(d.Receive.Done.Match) > 0 || d.Receive.Done.Silence > 0 || len(d.Receive.Done.Close) > 0
	r.openMicrophone = d.hasOpenMicrophone()
	return r
}

// hasOpenMicrophone reports whether speech may be sent beside the answer: the dialect tells
// apart what a person said, or answers speech with speech and has no message that ends speech.
func (d *Dialect) hasOpenMicrophone() bool {
	isUser := func(r TextRule) bool { return r.Stream == StreamUser }
	isAnswer := func(r AudioRule) bool { return r.Stream != StreamUser }
	return slices.ContainsFunc(d.Receive.Text, isUser) || d.Audio != nil && !d.Audio.MarkEnd && slices.ContainsFunc(d.Receive.Audio, isAnswer)
}

// Speaks tells how a service answers: "transcript" when it hears speech and answers with its
// text, "voice" when it answers with speech, else "".
func (d *Dialect) Speaks() string {
	switch {
	case slices.ContainsFunc(d.Receive.Audio, func(r AudioRule) bool { return r.Stream != StreamUser }):
		return "voice"
	case d.Audio != nil && d.Text == nil && len(d.Receive.Text) > 0:
		return "transcript"
	}
	return ""
}

// Read takes the next message or event of the log. Of events, "closed" and "interrupted" end
// a turn, "step_failed" fails one, and "sent_late" moves a mark.
func (r *Reader) Read(m *transcript.Message) {
	at := m.At.UnixMicro()
	r.reopen(at)
	r.settle(at)
	if r.open == nil && r.waiting != nil {
		r.begin(m.Seq)
	}
	switch {
	case m.Direction == transcript.Event:
		r.readEvent(m, at)
	case m.Direction == transcript.Sent && m.Event == notSent:
	case r.d == nil:
		r.readGeneric(m, payloadOf(m), at)
	case m.Direction == transcript.Sent:
		r.readSent(m, payloadOf(m), at)
	default:
		r.readReceived(m, payloadOf(m), at)
	}
}

// notSent is the mark of a message in the log that never left.
const notSent = "not_sent"

// payloadOf returns the payload; one that cannot be read is empty.
func payloadOf(m *transcript.Message) []byte {
	if m.Large == nil {
		return m.Payload
	}
	if _, err := m.Large.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	payload, err := io.ReadAll(m.Large)
	if err != nil {
		return nil
	}
	return payload
}

// Next returns the time at which a silence ends the open turn; zero when no silence does.
func (r *Reader) Next() time.Time {
	if end := r.silenceEnd(); end > 0 {
		return time.UnixMicro(end)
	}
	return time.Time{}
}

// Tick ends the open turn if its silence is over at now. Messages with an earlier stamp that
// are read afterwards open it again, so that a recorded log gives the same turns.
func (r *Reader) Tick(now time.Time) { r.settle(now.UnixMicro()) }

// silenceEnd returns the time at which a silence ends the open turn; 0 when no silence does.
// The silence begins with the mark or the last text or audio of the answer.
func (r *Reader) silenceEnd() int64 {
	t := r.open
	if t == nil || r.d == nil || r.d.Receive.Done.Silence == 0 || t.content == 0 || t.mark == unmarked && !t.greeting {
		return 0
	}
	return max(t.MarkUS, t.content) + r.d.Receive.Done.Silence.Microseconds()
}

func (r *Reader) settle(atUS int64) {
	if end := r.silenceEnd(); end > 0 && atUS >= end {
		t := r.open
		r.end(TurnDone, max(t.MarkUS, t.content))
		t.quiet = end
	}
}

// reopen takes back the end of a turn by a silence that a message of that time interrupts.
func (r *Reader) reopen(atUS int64) {
	if r.open != nil || len(r.turns) == 0 {
		return
	}
	if t := r.turns[len(r.turns)-1]; t.quiet > atUS {
		t.State, t.DoneUS, t.quiet = TurnOpen, 0, 0
		r.open = t
		r.changed(t)
	}
}

// begin opens a turn with the request that waits, if one does.
func (r *Reader) begin(seq int64) *turn {
	r.n++
	t := &turn{Turn: Turn{N: r.n, State: TurnOpen, FirstSeq: seq, LastSeq: seq}}
	if r.d == nil {
		t.guess = &guess{traced: r.traced}
	} else {
		for i, stream := range []Stream{StreamAnswer, StreamUser} {
			t.text[i] = joiner{stream: stream, segmented: r.d.hasSegments(stream)}
			if r.traced {
				t.text[i].trace = new(trace)
			}
		}
	}
	if w := r.waiting; w != nil {
		t.FirstSeq, t.LastSeq, t.Messages, t.Bytes = w.firstSeq, w.lastSeq, w.messages, w.bytes
		t.SentMessages, t.SentBytes = w.messages, w.bytes
		t.Request, t.AudioStartUS, t.AudioEndUS, t.audio[1] = w.text, w.audioStart, w.audioEnd, w.audio
		if w.audioEnd > 0 {
			t.setMark(markedByAudio, w.audioSeq, w.audioEnd)
		}
		r.waiting = nil
	}
	r.keep(t)
	r.open = t
	r.changed(t)
	return t
}

// MaxTurns bounds the turns that a Reader keeps; it forgets the oldest.
const MaxTurns = 10_000

// keep adds a turn. The one before does not change any more, and what it was computed with is
// dropped.
func (r *Reader) keep(t *turn) {
	if last := len(r.turns) - 1; last >= 0 {
		whole := r.turns[last].snapshot()
		r.turns[last] = &turn{Turn: whole, rev: r.turns[last].rev, isWhole: true}
	}
	if len(r.turns) >= MaxTurns {
		r.turns = slices.Delete(r.turns, 0, len(r.turns)-MaxTurns+1)
	}
	r.turns = append(r.turns, t)
}

func (d *Dialect) hasSegments(stream Stream) bool {
	return slices.ContainsFunc(d.Receive.Text, func(r TextRule) bool {
		return side(r.Stream) == side(stream) && (r.Mode == TextSegment || r.Mode == TextKeyed)
	})
}

func (r *Reader) end(state TurnState, doneUS int64) {
	t := r.open
	t.end(state, doneUS)
	r.changed(t)
	r.open = nil
}

// supersede ends the open turn for the next one.
func (r *Reader) supersede() {
	switch t := r.open; {
	case t.received > 0 && (t.greeting || !r.hasDone):
		r.end(TurnDone, t.received)
	default:
		r.end(TurnCut, 0)
	}
}

func (r *Reader) changed(t *turn) {
	r.rev++
	t.rev = r.rev
}

// Turns returns copies of the turns that changed since the revision, and the new revision. Of
// more than MaxTurns, the oldest are missing.
func (r *Reader) Turns(since int64) ([]Turn, int64) {
	var out []Turn
	for _, t := range r.turns {
		if t.rev > since {
			out = append(out, t.snapshot())
		}
	}
	return out, r.rev
}

// Page returns copies of at most limit turns, the newest of those before a number, and the
// number of the newest turn. 0 is no bound.
func (r *Reader) Page(before, limit int) (turns []Turn, last int) {
	end := len(r.turns)
	if before > 0 {
		end, _ = slices.BinarySearchFunc(r.turns, before, func(t *turn, n int) int { return t.N - n })
	}
	begin := 0
	if limit > 0 {
		begin = max(0, end-limit)
	}
	for _, t := range r.turns[begin:end] {
		turns = append(turns, t.snapshot())
	}
	return turns, r.n
}

// Last returns the newest turn without its texts; n is 0 when there is none.
func (r *Reader) Last() (n int, state TurnState, markUS int64, failure *TurnError) {
	if len(r.turns) == 0 {
		return 0, "", 0, nil
	}
	t := r.turns[len(r.turns)-1]
	return t.N, t.State, t.MarkUS, t.Error
}

// Failure returns the error of the newest turn, if it has failed, or of the one before, if the
// newest was not answered: audio that is on its way when a service fails begins a turn. It is
// nil for none.
func (r *Reader) Failure() *TurnError {
	for _, t := range slices.Backward(r.turns) {
		switch {
		case t.State == TurnFailed:
			return t.Error
		case t.State != TurnOpen || t.FirstMessageUS != 0:
			return nil
		}
	}
	return nil
}

// occurrence holds the facts of an event that matter here.
type occurrence struct {
	Code   int    `json:"code"`    // of "closed"
	Reason string `json:"reason"`  // of "closed"
	By     string `json:"by"`      // of "closed"
	Seq    int64  `json:"seq"`     // of "sent_late"
	LateUS int64  `json:"late_us"` // of "sent_late"
	Step   string `json:"step"`    // of "step_failed"
	Detail string `json:"detail"`  // of "step_failed"
	Wait   string `json:"wait"`    // of "step_failed"
	Within string `json:"within"`  // of "step_failed"
}

func (r *Reader) readEvent(m *transcript.Message, atUS int64) {
	t := r.open
	if t == nil {
		return
	}
	var o occurrence
	readable := json.Unmarshal(m.Payload, &o) == nil
	switch m.Event {
	case "interrupted":
		r.end(TurnCut, 0)
	case "closed":
		r.close(o, atUS)
	case "sent_late":
		if readable {
			t.delay(o.Seq, o.LateUS)
			r.changed(t)
		}
	case "step_failed":
		if failure := stepError(o, m.Seq); readable && failure != nil {
			r.fail(t, failure)
		}
	}
}

// stepError returns the error of a request whose script failed; nil when the step belongs to
// the opening script, or follows the audio.
func stepError(o occurrence, seq int64) *TurnError {
	if !strings.HasPrefix(o.Step, "in.") || strings.HasPrefix(o.Step, "in.audio.end") {
		return nil
	}
	detail := o.Detail
	if o.Wait != "" {
		detail = "no message with " + o.Wait + " within " + o.Within
	}
	return &TurnError{Code: "step_failed", Message: o.Step + ": " + detail, Seq: seq}
}

// Close codes that are no error of the service, RFC 6455 section 7.4.1. 1005 and 1006 are
// observed: a close frame without a code, and none at all.
const (
	closeNormal   = 1000
	closeNoCode   = 1005
	closeAbnormal = 1006
)

// close ends the open turn by the close frame. Where only the end of the session or a silence
// tells that a turn is done, a close without an error tells it too.
func (r *Reader) close(c occurrence, atUS int64) {
	t, byService := r.open, c.By == "target"
	expected, endsByClose := []int{closeNormal}, true
	if r.d != nil {
		if done := r.d.Receive.Done; byService && slices.Contains(done.Close, c.Code) {
			r.end(TurnDone, atUS)
			return
		}
		if r.d.Receive.ExpectClose != nil {
			expected = r.d.Receive.ExpectClose
		}
		endsByClose = len(r.d.Receive.Done.Match) == 0 && len(r.d.Receive.Done.Close) == 0
	}
	switch {
	case c.Code == closeAbnormal:
		r.end(TurnCut, 0)
	case byService && c.Code != closeNoCode && !slices.Contains(expected, c.Code):
		r.fail(t, closeError(t, c))
	case endsByClose && t.received > 0:
		r.end(TurnDone, max(t.received, t.content))
	default:
		r.end(TurnCut, 0)
	}
}
