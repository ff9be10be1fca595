package dialect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/transcript"
)

// book is a log for tests. Times are milliseconds after base.
type book struct {
	messages []transcript.Message
}

const base = int64(1_700_000_000_000_000)

func us(ms int64) int64 { return base + ms*1000 }

func (b *book) add(ms int64, direction transcript.Direction, opcode transcript.Opcode, payload string) *book {
	b.messages = append(b.messages, transcript.Message{
		Seq: int64(len(b.messages)) + 1, At: time.UnixMicro(us(ms)), Direction: direction, Opcode: opcode, Payload: []byte(payload),
	})
	return b
}

func (b *book) sends(ms int64, text string) *book {
	return b.add(ms, transcript.Sent, transcript.Text, text)
}

func (b *book) speaks(ms int64, audio string) *book {
	return b.add(ms, transcript.Sent, transcript.Binary, audio)
}

func (b *book) gets(ms int64, text string) *book {
	return b.add(ms, transcript.Received, transcript.Text, text)
}

func (b *book) hears(ms int64, audio string) *book {
	return b.add(ms, transcript.Received, transcript.Binary, audio)
}

func (b *book) event(ms int64, name, facts string) *book {
	b.add(ms, transcript.Event, "", facts)
	b.messages[len(b.messages)-1].Event = name
	return b
}

func (b *book) closes(ms int64, code int, by string) *book {
	return b.event(ms, "closed", fmt.Sprintf(`{"code":%d,"reason":"why","clean":true,"by":%q}`, code, by))
}

// turns reads the log at once.
func (b *book) turns(d *Dialect) []Turn {
	r := NewReader(d, nil)
	for i := range b.messages {
		r.Read(&b.messages[i])
	}
	turns, _ := r.Turns(0)
	return turns
}

// one returns the only turn.
func (b *book) one(t *testing.T, d *Dialect) Turn {
	t.Helper()
	turns := b.turns(d)
	if len(turns) != 1 {
		t.Fatalf("%d turns, want 1: %s", len(turns), asJSON(turns))
	}
	return turns[0]
}

func asJSON(v any) string {
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func same(t *testing.T, got, want Turn) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("turn (-want +got):\n%s", diff)
	}
}

func states(turns []Turn) string {
	var all []string
	for _, t := range turns {
		all = append(all, string(t.State))
	}
	return strings.Join(all, " ")
}

const chatDialect = `
dialect: 1
name: chat
in:
  text: {send: [{text: '{"prompt":"{{text}}"}'}]}
receive:
  label: "$.type"
  text: {path: "$.delta"}
  done: {"$.type": end}
  error:
    - {when: {"$.type": warning}, code: "$.code", message: "$.message", fatal: false}
    - {when: {"$.type": error}, code: "$.code", message: "$.message"}
  usage: {input_tokens: "$.usage.in", output_tokens: "$.usage.out"}
  expect_close: [1000]
`

const heardDialect = `
dialect: 1
name: heard
in:
  audio: {rate: 16000, ms: 100, frame: {binary: [chunk]}, end: [{text: '{"eof" : 1}'}]}
receive:
  text: {path: "$.text", mode: segment, join: auto, final: {"$.final": true}}
  done: {"$.done": "*"}
  expect_close: [1000]
`

const agentDialect = `
dialect: 1
name: agent
in:
  audio: {rate: 16000, ms: 100, frame: {text: '{"audio":"{{chunk|base64}}"}'}}
  text: {send: [{text: '{"item":"{{text}}"}'}, {text: '{"type":"go"}'}], mark: 1}
receive:
  text:
    - {stream: answer, when: {"$.type": answer}, path: "$.text"}
    - {stream: user, when: {"$.type": heard}, path: "$.text", mode: whole}
  audio: {when: {"$.type": sound}, path: "$.audio", decode: base64, rate: 24000}
  done: {"$.type": done}
  expect_close: [1000]
`

func TestATextTurnIsMeasuredFromItsMark(t *testing.T) {
	var b book
	b.event(0, "connected", "{}").gets(5, `{"type":"hello"}`)
	b.sends(10, `{"prompt":"why \"so\" blue?"}`).gets(30, `{"type":"started"}`)
	b.gets(50, `{"delta":"stays"}`).gets(60, `{"delta":" silent"}`).gets(100, `{"delta":"."}`)
	b.gets(110, `{"type":"end","usage":{"in":7,"out":3}}`).gets(500, `{"type":"ping"}`)
	sent := int64(len(`{"prompt":"why \"so\" blue?"}`))
	got := b.one(t, parse(t, chatDialect))
	want := Turn{
		N: 1, State: TurnDone, FirstSeq: 3, LastSeq: 8, MarkSeq: 3, MarkUS: us(10), FirstMessageUS: us(30), FirstTextUS: us(50), DoneUS: us(110),
		Text: TurnText{Answer: "stays silent."}, Messages: 6, Bytes: sent + 18 + 17 + 19 + 13 + 39, SentMessages: 1, SentBytes: sent,
		Gaps:    &Gaps{P50US: 10_000, P95US: 40_000, MaxUS: 40_000, MaxSeq: 7, Series: []uint32{20_000, 10_000, 40_000, 10_000}},
		Usage:   map[string]int64{"input_tokens": 7, "output_tokens": 3},
		Request: `why "so" blue?`,
		Pace:    &Pace{FromUS: us(50), ToUS: us(100), StepUS: paceStep, Characters: []int64{13}},
	}
	same(t, got, want)
}

func TestANextMarkEndsATurnThatIsNotDone(t *testing.T) {
	var b book
	b.sends(0, `{"prompt":"a"}`).gets(10, `{"delta":"x"}`).sends(20, `{"prompt":"b"}`).gets(30, `{"delta":"y"}`).gets(40, `{"type":"end"}`)
	turns := b.turns(parse(t, chatDialect))
	if states(turns) != "cut done" || turns[0].Text.Answer != "x" || turns[1].Text.Answer != "y" || turns[1].FirstSeq != 3 {
		t.Errorf("turns %s", asJSON(turns))
	}
}

func TestWithoutASignOfTheEndTheNextMarkAndTheSessionEndATurn(t *testing.T) {
	d := parse(t, strings.Replace(chatDialect, `  done: {"$.type": end}`, "", 1))
	var b book
	b.sends(0, `{"prompt":"a"}`).gets(10, `{"delta":"x"}`).gets(15, `{"delta":"x"}`).sends(20, `{"prompt":"b"}`).gets(30, `{"delta":"y"}`).closes(90, 1000, "person")
	turns := b.turns(d)
	if states(turns) != "done done" || turns[0].DoneUS != us(15) || turns[1].DoneUS != us(30) {
		t.Errorf("turns %s", asJSON(turns))
	}
}

func TestErrorsFailATurnWhenTheyAreFatal(t *testing.T) {
	d := parse(t, chatDialect)
	warned := new(book).sends(0, `{"prompt":"a"}`).gets(1, `{"type":"warning","code":9007199254740993,"message":"slow"}`).gets(2, `{"type":"end"}`).one(t, d)
	if warned.State != TurnDone || *warned.Error != (TurnError{Code: "9007199254740993", Message: "slow", Seq: 2}) {
		t.Errorf("turn with a warning %s", asJSON(warned))
	}
	failed := new(book).sends(0, `{"prompt":"a"}`).gets(1, `{"type":"warning","code":1}`).gets(2, `{"type":"error","code":"SIS.0304","message":"idle"}`).gets(3, `{"type":"end"}`).one(t, d)
	if failed.State != TurnFailed || *failed.Error != (TurnError{Code: "SIS.0304", Message: "idle", Seq: 3}) || failed.DoneUS != 0 {
		t.Errorf("failed turn %s", asJSON(failed))
	}
	wrapped := new(book).sends(0, `{"prompt":"a"}`).gets(1, `{"type":"error","code":5,"message":"{\"error\":\"server busy\"}"}`).one(t, d)
	if wrapped.Error.Message != "server busy" {
		t.Errorf("wrapped error %s", asJSON(wrapped))
	}
	opening := new(book).gets(2, `{"type":"error","code":401,"message":"no key"}`).one(t, d)
	if opening.State != TurnFailed || opening.Error.Code != "401" || opening.MarkUS != 0 {
		t.Errorf("error before a request %s", asJSON(opening))
	}
	later := new(book).sends(0, `{"prompt":"a"}`).gets(1, `{"type":"end"}`).gets(900, `{"type":"error","code":"idle"}`).one(t, d)
	if later.State != TurnDone || later.Error != nil {
		t.Errorf("error after the end %s", asJSON(later))
	}
}

func TestAFailureCountsUntilSomethingIsAnswered(t *testing.T) {
	failed := func() *book {
		return new(book).speaks(0, "audio").gets(1, `{"type":"error","code":7}`)
	}
	for name, c := range map[string]struct {
		log  *book
		want string
	}{
		"the newest turn":          {failed(), "7"},
		"audio was on its way":     {failed().speaks(100, "audio").speaks(200, "audio"), "7"},
		"the next turn is open":    {failed().speaks(100, "audio").gets(101, `{"text":"yes"}`), ""},
		"the next turn is done":    {failed().speaks(100, "audio").gets(101, `{"text":"yes"}`).gets(102, `{"done":1}`), ""},
		"nothing failed":           {new(book).speaks(0, "audio"), ""},
		"nothing was said or sent": {new(book), ""},
	} {
		r := NewReader(parse(t, heardDialect+"  error: {when: {\"$.type\": error}, code: \"$.code\"}\n"), nil)
		for i := range c.log.messages {
			r.Read(&c.log.messages[i])
		}
		got := ""
		if e := r.Failure(); e != nil {
			got = e.Code
		}
		if got != c.want {
			t.Errorf("%s: the failure is %q, want %q", name, got, c.want)
		}
	}
}

func TestTheEndOfTheSessionEndsATurn(t *testing.T) {
	d := parse(t, chatDialect)
	asked := func() *book { return new(book).sends(0, `{"prompt":"a"}`).gets(1, `{"delta":"x"}`) }
	for name, test := range map[string]struct {
		book  *book
		state TurnState
		code  string
	}{
		"expected close":      {asked().closes(5, 1000, "target"), TurnCut, ""},
		"unexpected close":    {asked().closes(5, 1011, "target"), TurnFailed, "1011"},
		"own code":            {asked().closes(5, 4008, "target"), TurnFailed, "4008"},
		"close without code":  {asked().closes(5, 1005, "target"), TurnCut, ""},
		"connection lost":     {asked().closes(5, 1006, "target"), TurnCut, ""},
		"closed by a person":  {asked().closes(5, 1000, "person"), TurnCut, ""},
		"closed by Duplex":    {asked().closes(5, 1001, "duplex"), TurnCut, ""},
		"process died":        {asked().event(5, "interrupted", `{"code":1006}`), TurnCut, ""},
		"still open":          {asked(), TurnOpen, ""},
		"close after the end": {asked().gets(4, `{"type":"end"}`).closes(5, 1011, "target"), TurnDone, ""},
	} {
		got := test.book.one(t, d)
		code := ""
		if got.Error != nil {
			code = got.Error.Code
		}
		if got.State != test.state || code != test.code || (got.DoneUS != 0) != (test.state == TurnDone) {
			t.Errorf("%s: %s", name, asJSON(got))
		}
	}
	if turns := new(book).gets(0, `{"type":"hello"}`).closes(5, 1011, "target").turns(d); len(turns) != 0 {
		t.Errorf("a close without a turn makes %s", asJSON(turns))
	}
}

func TestACloseCodeMayBeTheSignOfTheEnd(t *testing.T) {
	d := parse(t, strings.Replace(chatDialect, `{"$.type": end}`, `{close: 4000}`, 1))
	asked := func() *book { return new(book).sends(0, `{"prompt":"a"}`).gets(1, `{"delta":"x"}`) }
	if got := asked().closes(7, 4000, "target").one(t, d); got.State != TurnDone || got.DoneUS != us(7) {
		t.Errorf("turn %s", asJSON(got))
	}
	if got := asked().closes(7, 4000, "person").one(t, d); got.State != TurnCut {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestAMessageThatFitsNoRuleIsCounted(t *testing.T) {
	var b book
	b.sends(0, `{"prompt":"a"}`).gets(1, `{"delta":`).gets(2, `[1,2]`).hears(3, "\x00\xff").gets(4, "").gets(5, `{"delta":"ok"}`).gets(6, `{"type":"end"}`)
	if got := b.one(t, parse(t, chatDialect)); got.Unread != 2 || got.Text.Answer != "ok" || got.State != TurnDone {
		t.Errorf("turn %s", asJSON(got))
	}
	plain := parse(t, strings.Replace(chatDialect, `{"$.type": end}`, `{"@text": "Done!"}`, 1))
	if got := new(book).sends(0, `{"prompt":"a"}`).gets(1, `Done!`).one(t, plain); got.Unread != 0 || got.State != TurnDone {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestAMessageThatWasNotSentIsNoRequest(t *testing.T) {
	var b book
	b.sends(0, `{"prompt":"a"}`)
	b.messages[0].Event = "not_sent"
	if turns := b.turns(parse(t, chatDialect)); len(turns) != 0 {
		t.Errorf("turns %s", asJSON(turns))
	}
}

func TestWhileAudioIsSentEveryFrameMovesTheMark(t *testing.T) {
	var b book
	frame := strings.Repeat("\x01\x02", 1600)
	b.sends(0, `{"config":{}}`)
	b.speaks(100, frame).speaks(200, frame).gets(250, `{"text":"he"}`).speaks(300, frame).gets(320, `{"text":"hello"}`).gets(340, `{"text":"hello","final":true}`)
	b.speaks(400, frame[:1600]).sends(401, `{"eof" : 1}`).gets(450, `{"text":"world"}`).gets(480, `{"text":"world","final":true}`).gets(490, `{"done":1}`)
	got := b.one(t, parse(t, heardDialect))
	want := Turn{
		N: 1, State: TurnDone, FirstSeq: 2, LastSeq: 12, MarkSeq: 8, MarkUS: us(400), AudioStartUS: us(100), AudioEndUS: us(400),
		FirstMessageUS: us(450), FirstTextUS: us(250), DoneUS: us(490),
		Text: TurnText{Answer: "hello world"}, Messages: 11, Bytes: 3*3200 + 1600 + 11 + 13 + 16 + 29 + 16 + 29 + 10, SentMessages: 5, SentBytes: 3*3200 + 1600 + 11,
		Gaps:  &Gaps{P50US: 10_000, P95US: 30_000, MaxUS: 30_000, MaxSeq: 11, Series: []uint32{30_000, 10_000}},
		Audio: &TurnAudio{UserMS: 350, User: &TurnStream{Encoding: S16LE, Rate: 16000, Channels: 1, Chunks: 4, Bytes: 11200, LastUS: us(400)}},
		Pace:  &Pace{FromUS: us(250), ToUS: us(480), StepUS: paceStep, Characters: []int64{5, 0, 6}},
		Segments: []Segment{
			{Stream: StreamAnswer, Text: "hello", Final: true, Seq: 7, AtUS: us(340), FirstSeq: 4, FirstUS: us(250), Texts: 3, FirstSentMS: 200, SentMS: 300},
			{Stream: StreamAnswer, Text: "world", Final: true, Seq: 11, AtUS: us(480), FirstSeq: 10, FirstUS: us(450), Texts: 2, FirstSentMS: 350, SentMS: 350},
		},
	}
	same(t, got, want)
}

func frame(n int) string { return `{"audio":"` + strings.Repeat("AAAA", n) + `"}` }

func TestWithAnOpenMicrophoneTheMarkStaysOnceAnAnswerCame(t *testing.T) {
	var b book
	b.sends(0, frame(4)).sends(100, frame(4)).gets(150, `{"type":"heard","text":"hi"}`).sends(200, frame(4))
	b.gets(230, `{"type":"answer","text":"Hel"}`).sends(300, frame(4)).gets(310, `{"type":"answer","text":"lo"}`)
	b.gets(320, `{"type":"sound","audio":"`+strings.Repeat("AAAA", 1600)+`"}`).sends(400, frame(4)).gets(410, `{"type":"done"}`).sends(500, frame(4))
	turns := b.turns(parse(t, agentDialect))
	if states(turns) != "done open" {
		t.Fatalf("turns %s", asJSON(turns))
	}
	first := turns[0]
	if first.MarkUS != us(200) || first.AudioStartUS != us(0) || first.AudioEndUS != us(200) || first.FirstMessageUS != us(230) || first.FirstTextUS != us(230) || first.FirstAudioUS != us(320) {
		t.Errorf("times %s", asJSON(first))
	}
	if first.Text != (TurnText{Answer: "Hello", User: "hi"}) || first.Audio.AnswerMS != 100 || first.Audio.UserMS != 1 {
		t.Errorf("text %v, audio %s", first.Text, asJSON(first.Audio))
	}
	if turns[1].FirstSeq != 11 || turns[1].MarkUS != us(500) {
		t.Errorf("next turn %s", asJSON(turns[1]))
	}
}

// TestAnAnswerIsNeverBeforeTheMark has a frame that was written after an answer with a higher
// seq had come.
func TestAnAnswerIsNeverBeforeTheMark(t *testing.T) {
	var b book
	b.sends(0, frame(4)).sends(100, frame(4)).gets(90, `{"type":"answer","text":"Hel"}`).gets(130, `{"type":"answer","text":"lo"}`)
	if got := b.one(t, parse(t, agentDialect)); got.MarkUS != us(0) || got.FirstTextUS != us(90) || got.FirstMessageUS != us(90) {
		t.Errorf("turn %s", asJSON(got))
	}
	var heard book
	heard.speaks(0, "aa").speaks(100, "aa").gets(95, `{"text":"x"}`).gets(140, `{"text":"xy"}`)
	if got := heard.one(t, parse(t, heardDialect)); got.MarkUS != us(100) || got.FirstMessageUS != us(140) || got.Gaps != nil {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestALateWriteMovesTheMark(t *testing.T) {
	var b book
	b.speaks(0, "aa").speaks(100, "aa").event(120, "sent_late", `{"seq":2,"late_us":7000}`).event(121, "sent_late", `{"seq":1,"late_us":900}`)
	if got := b.one(t, parse(t, heardDialect)); got.MarkUS != us(107) || got.AudioEndUS != us(107) {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestAGreetingIsATurnWithoutAMark(t *testing.T) {
	d := parse(t, agentDialect)
	var b book
	b.gets(0, `{"type":"hello"}`).gets(5, `{"type":"answer","text":"Hi!"}`).gets(9, `{"type":"answer","text":" Yes?"}`)
	b.sends(20, `{"item":"time?"}`).sends(21, `{"type":"go"}`).gets(60, `{"type":"answer","text":"Noon."}`).gets(70, `{"type":"done"}`)
	turns := b.turns(d)
	if states(turns) != "done done" {
		t.Fatalf("turns %s", asJSON(turns))
	}
	greeting, answer := turns[0], turns[1]
	if greeting.Text.Answer != "Hi! Yes?" || greeting.MarkUS != 0 || greeting.FirstMessageUS != 0 || greeting.DoneUS != us(9) || greeting.FirstSeq != 2 {
		t.Errorf("greeting %s", asJSON(greeting))
	}
	if answer.Text.Answer != "Noon." || answer.MarkUS != us(21) || answer.FirstMessageUS != us(60) || answer.FirstSeq != 4 || answer.Request != "time?" {
		t.Errorf("answer %s", asJSON(answer))
	}
}

func TestPartsOfTheNextRequestWaitForTheirMark(t *testing.T) {
	var b book
	b.sends(0, `{"item":"a"}`).sends(1, `{"type":"go"}`).gets(10, `{"type":"answer","text":"x"}`)
	b.sends(20, `{"item":"b"}`).sends(25, frame(4)).gets(30, `{"type":"answer","text":"y"}`).gets(40, `{"type":"done"}`)
	b.sends(50, `{"type":"go"}`).gets(60, `{"type":"answer","text":"z"}`).gets(70, `{"type":"done"}`)
	turns := b.turns(parse(t, agentDialect))
	if states(turns) != "done done" {
		t.Fatalf("turns %s", asJSON(turns))
	}
	if first := turns[0]; first.Text.Answer != "xy" || first.LastSeq != 7 || first.Messages != 5 || first.AudioStartUS != 0 {
		t.Errorf("first %s", asJSON(first))
	}
	if second := turns[1]; second.Request != "b" || second.FirstSeq != 4 || second.MarkUS != us(50) || second.AudioStartUS != us(25) || second.Messages != 5 || second.Text.Answer != "z" {
		t.Errorf("second %s", asJSON(second))
	}
	var barge book
	barge.sends(0, `{"item":"a"}`).sends(1, `{"type":"go"}`).gets(10, `{"type":"answer","text":"x"}`).sends(20, `{"item":"b"}`).sends(21, `{"type":"go"}`).gets(30, `{"type":"done"}`)
	if turns := barge.turns(parse(t, agentDialect)); states(turns) != "cut done" || turns[1].Request != "b" || turns[1].FirstSeq != 4 {
		t.Errorf("turns %s", asJSON(turns))
	}
}

func TestAMessageOfTheEndMayBeTheMark(t *testing.T) {
	d := parse(t, `
dialect: 1
name: committed
in:
  audio: {rate: 16000, ms: 100, frame: {binary: [chunk]}, end: [{text: '{"type":"commit"}', mark: true}]}
receive:
  text: {path: "$.text"}
  done: {"$.type": done}
`)
	var b book
	b.speaks(0, "aaaa").gets(50, `{"text":"x"}`).gets(60, `{"type":"done"}`).speaks(100, "aaaa").sends(110, `{"type":"commit"}`).gets(130, `{"text":"y"}`).gets(140, `{"type":"done"}`)
	got := b.one(t, d)
	if got.State != TurnDone || got.MarkUS != us(110) || got.AudioEndUS != us(100) || got.FirstMessageUS != us(130) || got.FirstTextUS != us(50) || got.Text.Answer != "xy" {
		t.Errorf("turn %s", asJSON(got))
	}
	agent := parse(t, strings.Replace(agentDialect, `}}'}}`, `}}'}, end: [{text: '{"stop":true}', mark: true}]}`, 1))
	var heard book
	heard.sends(0, frame(4)).gets(20, `{"type":"answer","text":"x"}`).sends(30, `{"stop":true}`).gets(40, `{"type":"done"}`).sends(50, `{"stop":true}`)
	if got := heard.one(t, agent); got.MarkUS != us(0) || got.State != TurnDone {
		t.Errorf("the service heard the end itself, and the turn is %s", asJSON(got))
	}
}

func TestDoneIsNotTheEndOfAudio(t *testing.T) {
	var b book
	b.sends(0, `{"item":"a"}`).sends(1, `{"type":"go"}`).gets(10, `{"type":"answer","text":"x"}`).gets(20, `{"type":"done"}`)
	b.gets(25, `{"type":"rate"}`).gets(30, `{"type":"sound","audio":"AAAA"}`).gets(40, `{"type":"answer","text":"!"}`).gets(50, `{"type":"heard","text":"hm"}`)
	got := b.one(t, parse(t, agentDialect))
	if got.Text.User != "hm" {
		t.Errorf("the text of a person is %q", got.Text.User)
	}
	if got.State != TurnDone || got.DoneUS != us(20) || got.FirstAudioUS != us(30) || got.Text.Answer != "x!" || got.LastSeq != 8 || got.Messages != 7 {
		t.Errorf("turn %s", asJSON(got))
	}
}

const silentDialect = `
dialect: 1
name: silent
in:
  text: {send: [{text: '{"prompt":"{{text}}"}'}]}
receive:
  text: {path: "$.delta"}
  done: {silence: 2s}
`

func TestASilenceEndsATurnLiveAsInARecordedLog(t *testing.T) {
	d := parse(t, silentDialect)
	var b book
	b.sends(0, `{"prompt":"a"}`).gets(2500, `{"delta":"x"}`).gets(4499, `{"delta":"y"}`).gets(5000, `{"type":"ping"}`).gets(6499, `{"type":"ping"}`)
	b.sends(7000, `{"prompt":"b"}`).gets(7100, `{"delta":"z"}`).closes(9100, 1006, "target")
	recorded := b.turns(d)
	if states(recorded) != "done done" || recorded[0].DoneUS != us(4499) || recorded[0].Text.Answer != "xy" || recorded[0].LastSeq != 4 || recorded[1].DoneUS != us(7100) {
		t.Fatalf("turns %s", asJSON(recorded))
	}
	for _, early := range []int64{0, 1999, 2000, 2600} { // ms by which the clock of Tick is ahead of the log
		r := NewReader(d, nil)
		for i := range b.messages {
			if due := r.Next(); !due.IsZero() && due.UnixMicro() <= b.messages[i].At.UnixMicro()+early*1000 {
				r.Tick(due)
			}
			r.Read(&b.messages[i])
		}
		live, _ := r.Turns(0)
		if diff := cmp.Diff(recorded, live); diff != "" {
			t.Errorf("live, %d ms ahead (-recorded +live):\n%s", early, diff)
		}
	}
	r := NewReader(d, nil)
	for i := range b.messages[:2] {
		r.Read(&b.messages[i])
	}
	if due := r.Next(); due.UnixMicro() != us(4500) {
		t.Errorf("due %v", due)
	}
	r.Tick(time.UnixMicro(us(4500)))
	if _, state, _, _ := r.Last(); state != TurnDone {
		t.Errorf("state %s", state)
	}
}

// TestTheLastTextMayFollowTheFinish has a service that keeps its last text until it is told
// that nothing more comes.
func TestTheLastTextMayFollowTheFinish(t *testing.T) {
	d := parse(t, silentDialect+"finish: [{text: bye}]\n")
	b := new(book).sends(0, `{"prompt":"a"}`).gets(100, `{"delta":"x"}`).gets(4000, `{"delta":"y"}`)
	if got := b.one(t, d); got.DoneUS != us(100) || got.Text.Answer != "xy" {
		t.Errorf("before the finish %s", asJSON(got))
	}
	b.sends(5000, "bye").gets(5100, `{"delta":"z"}`).closes(5200, 1000, "person")
	if got := b.one(t, d); got.State != TurnDone || got.DoneUS != us(5100) || got.Text.Answer != "xyz" || got.LastSeq != 5 {
		t.Errorf("after the finish %s", asJSON(got))
	}
}

func TestAStepThatFailsFailsItsTurn(t *testing.T) {
	d := parse(t, agentDialect)
	var b book
	b.sends(0, `{"item":"a"}`).event(10, "step_failed", `{"step":"in.text.send[1]","wait":"$.type: ready","within":"5s"}`)
	if got := b.one(t, d); got.State != TurnFailed || got.Error.Code != "step_failed" || got.Error.Message != "in.text.send[1]: no message with $.type: ready within 5s" {
		t.Errorf("turn %s", asJSON(got))
	}
	var end book
	end.sends(0, frame(4)).event(10, "step_failed", `{"step":"in.audio.end[0]","detail":"x"}`).event(11, "step_failed", `{"step":"open[2]","detail":"x"}`)
	if got := end.one(t, d); got.State != TurnOpen {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestAKeepAliveOfSilenceIsNoRequest(t *testing.T) {
	d := parse(t, agentDialect+"keepalive: {every: 4s, when: idle-audio, send: silence}\n")
	var b book
	b.sends(0, frame(4)).sends(4000, frame(4))
	if turns := b.turns(d); len(turns) != 0 {
		t.Errorf("turns %s", asJSON(turns))
	}
	b.sends(5000, `{"audio":"AQID"}`).sends(5100, frame(4)).gets(5200, `{"type":"done"}`).sends(9000, frame(4))
	if got := b.one(t, d); got.AudioStartUS != us(5000) || got.MarkUS != us(5100) || got.LastSeq != 5 {
		t.Errorf("turn %s", asJSON(got))
	}
}

func TestTurnsReturnsWhatChanged(t *testing.T) {
	d := parse(t, chatDialect)
	r := NewReader(d, nil)
	var b book
	b.sends(0, `{"prompt":"a"}`).gets(1, `{"type":"end"}`).sends(2, `{"prompt":"b"}`).gets(3, `{"delta":"x"}`).gets(4, `{"type":"noise"}`)
	var revision int64
	var seen []string
	for i := range b.messages {
		r.Read(&b.messages[i])
		var turns []Turn
		turns, revision = r.Turns(revision)
		for _, turn := range turns {
			seen = append(seen, fmt.Sprint(turn.N, turn.State))
		}
	}
	if want := []string{"1open", "1done", "2open", "2open", "2open"}; !slices.Equal(seen, want) {
		t.Errorf("changes %v, want %v", seen, want)
	}
}

func TestAReaderKeepsTheNewestTurns(t *testing.T) {
	d := parse(t, chatDialect)
	r := NewReader(d, nil)
	var b book
	b.sends(0, `{"prompt":"a"}`).gets(1, `{"type":"end","delta":"x","usage":{"in":1}}`)
	for range MaxTurns + 5 {
		r.Read(&b.messages[0])
		r.Read(&b.messages[1])
	}
	turns, _ := r.Turns(0)
	if len(turns) != MaxTurns || turns[0].N != 6 || turns[0].Text.Answer != "x" || turns[0].Usage["input_tokens"] != 1 {
		t.Errorf("%d turns, the first is %s", len(turns), asJSON(turns[0]))
	}
}
