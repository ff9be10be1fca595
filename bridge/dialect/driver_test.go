package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/transcript"
)

// began is the time at which the connections of these tests open.
var began = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

// play is a driver whose clock a test moves.
type play struct {
	t      *testing.T
	driver *Driver
	now    time.Time
	sent   []sentMessage
	ended  []Outcome
	failed []error
	lost   int
}

// sentMessage is a message with the time of its writing, after the beginning.
type sentMessage struct {
	at time.Duration
	Outgoing
}

func (m sentMessage) String() string {
	mark := ""
	if m.Mark {
		mark = " *"
	}
	if m.Opcode == transcript.Text {
		return fmt.Sprintf("%v %s%s", m.at, m.Wire, mark)
	}
	return fmt.Sprintf("%v [%d]%s", m.at, len(m.Wire), mark)
}

func newPlay(t *testing.T, source string) *play {
	t.Helper()
	d := parse(t, source)
	u, _ := url.Parse("ws://127.0.0.1/v1")
	c, err := d.Connect(Values{}, u, began)
	if err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, driver: NewDriver(c), now: began}
	p.take(p.driver.Start(began))
	return p
}

func (p *play) take(a Actions) {
	for _, m := range a.Send {
		at := p.now
		if m.At.After(at) {
			at = m.At
		}
		p.sent = append(p.sent, sentMessage{at.Sub(began), m})
	}
	p.ended = append(p.ended, a.Ended...)
	p.failed = append(p.failed, a.Failed...)
	p.lost += a.Dropped
}

// pass moves the clock, and calls Tick at each time that the driver asks for.
func (p *play) pass(d time.Duration) {
	p.t.Helper()
	until := p.now.Add(d)
	for calls := 0; ; calls++ {
		next := p.driver.Next()
		if next.IsZero() || next.After(until) {
			break
		}
		if calls > 100_000 {
			p.t.Fatal("the driver asks for the same time for ever")
		}
		if next.After(p.now) {
			p.now = next
		}
		p.take(p.driver.Tick(p.now))
	}
	p.now = until
}

func (p *play) receive(payload string) {
	p.take(p.driver.Observe(&transcript.Message{At: p.now, Direction: transcript.Received, Opcode: transcript.Text, Payload: []byte(payload)}))
}

func (p *play) prompt(request int64, text string) {
	p.take(p.driver.Prompt(request, text, p.now))
}

// want compares what was sent since the last call.
func (p *play) want(want ...string) {
	p.t.Helper()
	got := []string{}
	for _, m := range p.sent {
		got = append(got, m.String())
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("sent %q, want %q", got, want)
	}
	p.sent = nil
}

const head = "dialect: 1\nname: test\n"

func TestOpeningScriptWaitsAndCaptures(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
open:
  - send: {text: '{"command":"START"}'}
  - wait: {"$.resp_type": START}
    within: 5s
  - capture: {handler: "$.event.id"}
in: {text: {send: [{text: '{"id":{{handler}},"text":"{{text|json}}"}'}]}}
receive: {envelope: json, ready: {"$.resp_type": GO}}
`)
	p.want(`0s {"command":"START"}`)
	p.prompt(1, `say "hi"`)
	p.receive(`{"resp_type":"HELLO"}`)
	p.receive(`{"resp_type":"START","event":{"id":9007199254740993}}`)
	if p.driver.Ready() {
		t.Error("ready before the message that says so")
	}
	p.want()
	p.receive(`{"resp_type":"GO"}`)
	p.want(`0s {"id":9007199254740993,"text":"say \"hi\""} *`)
	if len(p.ended) != 2 || p.ended[0] != (Outcome{}) || p.ended[1] != (Outcome{Request: 1}) {
		t.Errorf("outcomes %v", p.ended)
	}
}

// A service may greet before Start is called, and a text may be asked before.
func TestServiceGreetsBeforeTheStart(t *testing.T) {
	t.Parallel()
	d := parse(t, head+`
open: [{wait: {"$.type": created}}, {send: {text: update}}, {quiet: 500ms}]
in: {text: {send: [{text: "{{text}}"}]}}
receive: {envelope: json}
`)
	c, err := d.Connect(Values{}, &url.URL{Scheme: "ws", Host: "127.0.0.1"}, began)
	if err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, driver: NewDriver(c), now: began}
	p.receive(`{"type":"created"}`)
	p.prompt(1, "hi")
	p.take(p.driver.Start(began))
	p.want("0s update")
	p.pass(300 * time.Millisecond)
	p.receive(`{"type":"greeting"}`) // the quiet begins again
	p.pass(499 * time.Millisecond)
	p.want()
	p.pass(time.Millisecond)
	p.want("800ms hi *")
}

func TestReadyMayComeDuringTheOpening(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
open: [{wait: {"$.type": created}}, {send: {text: update}}, {wait: {"$.type": updated}}]
in: {text: {send: [{text: "{{text}}"}]}}
receive: {envelope: json, ready: {"$.type": created}}
`)
	p.receive(`{"type":"created"}`)
	p.want(`0s update`)
	p.receive(`{"type":"updated"}`)
	if !p.driver.Ready() {
		t.Error("not ready")
	}
}

func TestWaitThatIsNotMetNamesTheStep(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
open: [{send: {text: hi}}, {wait: {"$.type": ready, "$.n": "/^1/"}, within: 3s}]
in: {text: {send: [{text: "{{text}}"}]}}
receive: {envelope: json}
`)
	p.prompt(7, "later")
	p.pass(2999 * time.Millisecond)
	if p.driver.Err() != nil {
		t.Fatal("too early:", p.driver.Err())
	}
	p.pass(time.Millisecond)
	step, ok := errors.AsType[*StepError](p.driver.Err())
	if !ok || step.Step != "open[1]" || step.Within != 3*time.Second || step.Wait != "$.type: ready, $.n: /^1/" {
		t.Fatalf("%+v", p.driver.Err())
	}
	if len(p.ended) != 2 || p.ended[1].Request != 7 || !errors.Is(p.ended[1].Err, step) {
		t.Errorf("outcomes %v", p.ended)
	}
	if p.driver.Ready() || !p.driver.Next().IsZero() {
		t.Error("the driver goes on")
	}
	p.prompt(8, "again")
	if p.ended[2].Request != 8 || p.ended[2].Err == nil {
		t.Errorf("outcomes %v", p.ended)
	}
}

func TestFailedWaitOfATextLeavesTheNextOne(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
in: {text: {send: [{text: "start {{text}}"}, {wait: {"$.type": started}, within: 1s}, {text: "go {{text}}", mark: true}]}}
receive: {envelope: json}
`)
	p.prompt(1, "a")
	p.prompt(2, "b")
	p.want("0s start a")
	p.pass(time.Second)
	p.want("1s start b")
	p.receive(`{"type":"started"}`)
	p.want("1s go b *")
	step, ok := errors.AsType[*StepError](p.ended[1].Err)
	if !ok || step.Step != "in.text.send[1]" || p.ended[2] != (Outcome{Request: 2}) {
		t.Errorf("outcomes %v", p.ended)
	}
}

func TestCancelSendsItsMessages(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
in: {text: {send: [{text: "go {{text}}"}]}}
receive: {envelope: json}
cancel: [{text: '{"type":"stop"}'}]
`)
	p.prompt(1, "a")
	p.take(p.driver.Cancel(2, p.now))
	p.want("0s go a *", `0s {"type":"stop"}`)
	if p.ended[2] != (Outcome{Request: 2}) {
		t.Errorf("outcomes %v", p.ended)
	}
}

func TestErrorOfTheServiceEndsAWait(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
open: [{send: {text: hi}}, {wait: {"$.type": ready}}]
receive: {envelope: json, error: {when: {"$.type": error}, code: "$.code", message: "$.words"}}
`)
	p.receive(`{"type":"error","code":401,"words":"no"}`)
	var failure *ServiceError
	if !errors.As(p.driver.Err(), &failure) || *failure != (ServiceError{Code: "401", Message: "no"}) {
		t.Errorf("%v", p.driver.Err())
	}
}

const asr = head + `
in: {audio: {rate: 8000, encoding: s16le, ms: 100, %s}}
receive: {envelope: json}
limits: {%s}
`

// clip returns n milliseconds of samples at 8 kHz.
func clip(ms int) []int16 {
	samples := make([]int16, 8*ms)
	for i := range samples {
		samples[i] = int16(i%200 - 100)
	}
	return samples
}

func TestFramesKeepTheirScheduleAndTheEndComesWithTheEndOfTheAudio(t *testing.T) {
	t.Parallel()
	p := newPlay(t, fmt.Sprintf(asr, "end: [{text: end}]", ""))
	p.take(p.driver.Play(1, clip(60_000), false, DialectPace, p.now))
	p.pass(61 * time.Second)
	if len(p.sent) != 601 {
		t.Fatalf("%d messages", len(p.sent))
	}
	for i, m := range p.sent[:600] {
		if want := AudioLead + time.Duration(i)*100*time.Millisecond; m.at != want || len(m.Wire) != 1600 {
			t.Fatalf("frame %d of %d bytes at %v, want %v", i, len(m.Wire), m.at, want)
		}
		if m.Mark != (i == 599) {
			t.Errorf("frame %d has mark %v", i, m.Mark)
		}
	}
	if last := p.sent[600]; last.String() != "1m0.025s end" {
		t.Errorf("the end is %s", last)
	}
	if p.ended[1] != (Outcome{Request: 1}) {
		t.Errorf("outcomes %v", p.ended)
	}
}

// A late call sends what is due at once, and later frames are on time again.
func TestDelaysDoNotAddUp(t *testing.T) {
	t.Parallel()
	p := newPlay(t, fmt.Sprintf(asr, "end: []", ""))
	p.take(p.driver.Play(1, clip(1000), false, 1, p.now))
	p.take(p.driver.Tick(p.now))
	p.now = p.now.Add(450 * time.Millisecond)
	p.pass(0)
	p.want("25ms [1600]", "450ms [1600]", "450ms [1600]", "450ms [1600]", "450ms [1600]")
	p.pass(time.Second)
	if first := p.sent[0].String(); first != "525ms [1600]" {
		t.Errorf("the next frame is %s", first)
	}
}

func TestPaceFactorsAndTheRateOfTheService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pace   float64
		limits string
		want   time.Duration // of the last of 10 frames
	}{
		{0.5, "", AudioLead + 1800*time.Millisecond},
		{1, "", AudioLead + 900*time.Millisecond},
		{2, "", AudioLead + 450*time.Millisecond},
		{0, "", 0},
		{DialectPace, "", AudioLead + 900*time.Millisecond},
		{2, "rate: 1.0", AudioLead + 900*time.Millisecond},
		{0, "rate: 1.5", AudioLead + 600*time.Millisecond},
	} {
		p := newPlay(t, fmt.Sprintf(asr, "end: []", c.limits))
		p.take(p.driver.Play(1, clip(1000), false, c.pace, p.now))
		p.pass(5 * time.Second)
		if len(p.sent) != 10 || p.sent[9].at != c.want {
			t.Errorf("pace %v %s: %v", c.pace, c.limits, p.sent)
		}
	}
}

func TestHeldAudioWaits(t *testing.T) {
	t.Parallel()
	p := newPlay(t, fmt.Sprintf(asr, "end: []", ""))
	p.driver.HoldAudio(true)
	p.take(p.driver.Play(1, clip(10_000), false, 0, p.now))
	p.pass(time.Minute)
	p.want()
	p.driver.HoldAudio(false)
	p.take(p.driver.Tick(p.now))
	if len(p.sent) != fastFrames {
		t.Errorf("%d frames at once", len(p.sent))
	}
	p.pass(0)
	if len(p.sent) != 100 {
		t.Errorf("%d frames", len(p.sent))
	}
}

func TestFirstLastAndEndMessages(t *testing.T) {
	t.Parallel()
	const first = `first: {text: 'f {{chunk|base64}}'}, frame: {text: 'm {{chunk|base64}}'}, last: {text: 'l {{chunk|base64}}'}`
	brief := func(p *play) string {
		var all []string
		for _, m := range p.sent {
			word, audio, _ := strings.Cut(string(m.Wire), " ")
			if m.Mark {
				word += "*"
			}
			all = append(all, fmt.Sprintf("%s%d", word, len(audio)*3/4/16))
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct {
		name, audio, limits string
		ms                  int
		want                string
	}{
		{"divides evenly", first, "", 300, "f100 m100 l*100"},
		{"a rest", first, "", 250, "f100 m100 l*50"},
		{"one frame", first, "", 100, "f100 l*0"},
		{"less than a frame", first, "", 40, "f40 l*0"},
		{"no audio", first, "", 0, "l*0"},
		{"a last message without audio", `frame: {text: 'm {{chunk|base64}}'}, last: {text: bye}`, "", 200, "m100 m100 bye*0"},
		{"the mark is at the end", first + `, end: [{text: stop, mark: true}]`, "", 200, "f100 l100 stop*0"},
		{"a small rest goes with the frame before it", first, "frame: [800B, 64KB]", 220, "f100 l*120"},
		{"or is padded", first, "frame: [800B, 1600B]", 220, "f100 m100 l*50"},
		{"a short clip is padded", first, "frame: [800B, 64KB]", 20, "f50 l*0"},
		{"silence follows", `frame: {text: 'm {{chunk|base64}}'}, silence_after_end_ms: 150`, "", 100, "m100 m100 m*50"},
	} {
		p := newPlay(t, fmt.Sprintf(asr, c.audio, c.limits))
		p.take(p.driver.Play(1, clip(c.ms), false, 1, p.now))
		p.pass(5 * time.Second)
		if got := brief(p); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if len(p.ended) != 2 || p.ended[1].Err != nil {
			t.Errorf("%s: outcomes %v", c.name, p.ended)
		}
	}
}

func TestContainers(t *testing.T) {
	t.Parallel()
	for container, want := range map[string][]int{"strip": {1600, 800}, "keep": {44, 1600, 800}, "wav-stream": {1644, 800}} {
		p := newPlay(t, fmt.Sprintf(asr, "container: "+container, ""))
		p.take(p.driver.Play(1, clip(150), false, 1, p.now))
		p.pass(5 * time.Second)
		var sizes []int
		for _, m := range p.sent {
			sizes = append(sizes, len(m.Wire))
		}
		if !slices.Equal(sizes, want) {
			t.Errorf("%s: %v, want %v", container, sizes, want)
		}
		if container != "strip" && string(p.sent[0].Wire[:4]) != "RIFF" {
			t.Errorf("%s: no header", container)
		}
	}
}

func TestStoppedAudioEndsAsTheServiceWants(t *testing.T) {
	t.Parallel()
	p := newPlay(t, fmt.Sprintf(asr, "last: {text: last}, end: [{text: end}]", ""))
	p.take(p.driver.Play(1, clip(10_000), false, 1, p.now))
	p.pass(250 * time.Millisecond)
	p.take(p.driver.StopAudio(1, p.now))
	p.pass(5 * time.Second)
	p.want("25ms [1600]", "125ms [1600]", "225ms [1600]", "325ms last *", "325ms end")
	if p.driver.Play(2, clip(100), false, 1, p.now); p.driver.audio == nil {
		t.Error("no other audio can follow")
	}
}

func TestLiveAudioGoesOutEvenlyAndEndsWithALastFrame(t *testing.T) {
	t.Parallel()
	p := newPlay(t, fmt.Sprintf(asr, "last: {text: 'l {{chunk|base64}}'}", ""))
	p.take(p.driver.Play(1, nil, true, 1, p.now))
	late := []int{0, 25, 5, 30} // milliseconds
	for i := range 100 {
		p.take(p.driver.Feed(1, clip(20), p.now))
		p.pass(time.Duration(20+late[(i+1)%4]-late[i%4]) * time.Millisecond)
	}
	p.take(p.driver.CloseAudio(1, p.now))
	p.pass(time.Second)
	if len(p.sent) < 20 {
		t.Fatalf("%d messages", len(p.sent))
	}
	for i := 1; i < 19; i++ {
		if gap := p.sent[i].at - p.sent[i-1].at; gap != 100*time.Millisecond {
			t.Errorf("frame %d came %v after the one before it", i, gap)
		}
	}
	if last := string(p.sent[len(p.sent)-1].Wire); !strings.HasPrefix(last, "l ") {
		t.Errorf("the last message is %q", last)
	}
}

func TestPausedMicrophone(t *testing.T) {
	t.Parallel()
	for limits, want := range map[string]int{"": 4, "idle: 20s": 14} {
		p := newPlay(t, fmt.Sprintf(asr, "end: []", limits))
		p.take(p.driver.Play(1, nil, true, 1, p.now))
		feed := func() {
			for range 10 {
				p.take(p.driver.Feed(1, clip(20), p.now))
				p.pass(20 * time.Millisecond)
			}
		}
		feed()
		p.pass(time.Second)
		feed()
		p.take(p.driver.CloseAudio(1, p.now))
		p.pass(time.Second)
		total := 0
		for i, m := range p.sent {
			total += len(m.Wire)
			if i > 0 && limits != "" && m.at-p.sent[i-1].at != 100*time.Millisecond {
				t.Errorf("%s: frame %d came %v after the one before it", limits, i, m.at-p.sent[i-1].at)
			}
		}
		if got := len(p.sent); got < want-1 || got > want+1 || total < 6400 {
			t.Errorf("%q: %d frames of %d bytes, want about %d", limits, got, total, want)
		}
	}
}

// A pause keeps the rest of the audio. Where the service ends a connection without audio,
// silence goes out on time.
func TestPausedFile(t *testing.T) {
	t.Parallel()
	for limits, silent := range map[string]int{"": 0, "idle: 20s": 10} {
		p := newPlay(t, fmt.Sprintf(asr, "end: [{text: end}]", limits))
		p.take(p.driver.Play(1, clip(500), false, 1, p.now))
		p.pass(150 * time.Millisecond)
		before := len(p.sent)
		p.take(p.driver.PauseAudio(1, true, p.now))
		p.pass(time.Second)
		if sent, total := p.driver.Progress(1); sent > 300*time.Millisecond || total != 500*time.Millisecond {
			t.Errorf("%q: %v of %v were sent in the pause", limits, sent, total)
		}
		if got := len(p.sent) - before; got < silent || got > silent+1 {
			t.Errorf("%q: %d frames in the pause, want %d", limits, got, silent)
		}
		p.take(p.driver.PauseAudio(1, false, p.now))
		p.pass(time.Second)
		loud := 0
		for i, m := range p.sent {
			if m.Opcode == transcript.Binary && strings.Trim(string(m.Wire), "\x00") != "" {
				loud++
			}
			if i > 0 && limits != "" && m.Opcode == transcript.Binary && m.at-p.sent[i-1].at != 100*time.Millisecond {
				t.Errorf("%s: frame %d came %v after the one before it", limits, i, m.at-p.sent[i-1].at)
			}
		}
		if last := p.sent[len(p.sent)-1]; loud != 5 || string(last.Wire) != "end" {
			t.Errorf("%q: %d frames of sound, and then %s", limits, loud, last)
		}
		if p.ended[1] != (Outcome{Request: 1}) {
			t.Errorf("outcomes %v", p.ended)
		}
	}
}

func TestAPausedFileCanBeStopped(t *testing.T) {
	t.Parallel()
	p := newPlay(t, fmt.Sprintf(asr, "end: [{text: end}]", ""))
	p.take(p.driver.Play(1, clip(500), false, 1, p.now))
	p.pass(150 * time.Millisecond)
	p.take(p.driver.PauseAudio(1, true, p.now))
	p.pass(time.Second)
	p.take(p.driver.StopAudio(1, p.now))
	p.pass(time.Second)
	if last := p.sent[len(p.sent)-1]; string(last.Wire) != "end" || p.ended[1] != (Outcome{Request: 1}) {
		t.Errorf("the end is %s, outcomes %v", last, p.ended)
	}
}

func TestKeepalive(t *testing.T) {
	t.Parallel()
	const dialect = head + `
in: {audio: {rate: 8000, encoding: s16le, ms: 100}, text: {send: [{text: "{{text}}"}]}}
receive: {envelope: json}
keepalive: {every: 4s, when: %s, send: %s}
`
	note := "{text: alive}"
	p := newPlay(t, fmt.Sprintf(dialect, "idle-sent", note))
	p.pass(3 * time.Second)
	p.prompt(1, "hi")
	p.pass(6 * time.Second)
	p.want("3s hi *", "7s alive")
	p.take(p.driver.Observe(&transcript.Message{At: p.now, Direction: transcript.Sent, Payload: []byte("by a person")}))
	p.pass(4 * time.Second)
	p.want("13s alive")

	p = newPlay(t, fmt.Sprintf(dialect, "idle-audio", "silence"))
	p.pass(2 * time.Second)
	p.prompt(1, "hi")
	p.pass(3 * time.Second)
	p.want("2s hi *", "4s [1600]")
	p.take(p.driver.Play(2, clip(200), false, 1, p.now))
	p.pass(5 * time.Second)
	p.want("5.025s [1600]", "5.125s [1600] *", "9.125s [1600]")

	p = newPlay(t, fmt.Sprintf(dialect, "always", note))
	p.prompt(1, "hi")
	p.pass(9 * time.Second)
	p.want("0s hi *", "4s alive", "8s alive")
}

func TestRepliesAreAnsweredAndBounded(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
receive: {envelope: json}
reply: [{when: {"$.type": ping}, send: {text: '{"type":"pong","event_id":{{$.ping_event.event_id}}}'}}]
`)
	p.receive(`{"type":"ping","ping_event":{"event_id":9007199254740993}}`)
	p.want(`0s {"type":"pong","event_id":9007199254740993}`)
	p.receive(`{"type":"ping"}`)
	if len(p.failed) != 1 {
		t.Errorf("a reply without its value: %v", p.failed)
	}
	p.pass(time.Second)
	for i := range 100 {
		p.receive(fmt.Sprintf(`{"type":"ping","ping_event":{"event_id":%d}}`, i))
	}
	if len(p.sent) != MaxReplyRate || p.lost != 100-MaxReplyRate {
		t.Errorf("%d replies, %d dropped", len(p.sent), p.lost)
	}
	p.pass(time.Second)
	p.receive(`{"type":"ping","ping_event":{"event_id":5}}`)
	if len(p.sent) != MaxReplyRate+1 {
		t.Error("no reply after a second")
	}
}

// Two services that answer each other's pings send at most MaxReplyRate messages a second.
func TestTwoDialectsThatAnswerEachOtherDoNotLoop(t *testing.T) {
	t.Parallel()
	const source = head + `
receive: {envelope: json}
reply: [{when: {"$.type": ping}, send: {text: '{"type":"ping"}'}}]
`
	a, b := newPlay(t, source), newPlay(t, source)
	a.receive(`{"type":"ping"}`)
	total := 0
	for range 300 { // 3 s
		from, to := a, b
		for range 2 {
			sent := from.sent
			from.sent = nil
			for _, m := range sent {
				total++
				to.receive(string(m.Wire))
			}
			from, to = to, from
		}
		a.pass(10 * time.Millisecond)
		b.pass(10 * time.Millisecond)
	}
	if total > 2*3*MaxReplyRate {
		t.Errorf("%d messages in 3 s", total)
	}
}

func TestFinishSendsTheLastMessagesAndCutsRequestsShort(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
in: {text: {send: [{text: "{{text}}"}, {wait: {"$.type": ok}}]}}
receive: {envelope: json}
finish: [{text: '{"type":"Close"}'}]
keepalive: {every: 1s, when: always, send: {text: alive}}
`)
	p.prompt(1, "hi")
	p.sent = nil
	p.take(p.driver.Finish(2, p.now))
	p.want(`0s {"type":"Close"}`)
	if len(p.ended) != 3 || !errors.Is(p.ended[1].Err, ErrFinished) || p.ended[2] != (Outcome{Request: 2}) {
		t.Errorf("outcomes %v", p.ended)
	}
	p.pass(time.Minute)
	p.receive(`{"type":"ok"}`)
	p.want()
}

func TestMessageAboveTheLimitIsNotSent(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
in: {text: {send: [{text: '{"text":"{{text|json}}"}'}]}}
receive: {envelope: json}
limits: {message: 1KB}
`)
	p.prompt(1, strings.Repeat(`"`, 600))
	p.want()
	var size *SizeError
	if !errors.As(p.ended[1].Err, &size) || size.Limit != 1024 || size.Size <= 1024 {
		t.Errorf("%v", p.ended[1].Err)
	}
}

func TestCountersCountEachMessage(t *testing.T) {
	t.Parallel()
	p := newPlay(t, head+`
counters: {seq: 1}
in: {audio: {rate: 8000, encoding: s16le, ms: 100, frame: {text: '{"n":{{seq++}}}'}, last: {text: '{"n":{{-seq++}}}'}}}
receive: {envelope: json}
`)
	p.take(p.driver.Play(1, clip(300), false, 0, p.now))
	p.pass(time.Second)
	var numbers []json.Number
	for _, m := range p.sent {
		var body struct{ N json.Number }
		if err := json.Unmarshal(m.Wire, &body); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, body.N)
	}
	if fmt.Sprint(numbers) != "[1 2 3 -4]" {
		t.Errorf("%v", numbers)
	}
}
