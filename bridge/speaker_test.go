package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
	"duplex/bridge/testkit"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
)

// listener is a target that keeps each message with the time of its arrival.
type listener struct {
	mu       sync.Mutex // guards all below
	messages []arrived
	more     chan struct{} // closed and replaced with every message
}

type arrived struct {
	at      time.Time
	kind    websocket.MessageType
	payload string
}

func newListener() *listener { return &listener{more: make(chan struct{})} }

// listen answers a message with the result of answer; "" is no answer.
func (l *listener) listen(answer func(string) string) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, conn *websocket.Conn) {
		for {
			kind, payload, err := conn.Read(ctx)
			if err != nil {
				return
			}
			l.add(arrived{time.Now(), kind, string(payload)})
			if said := answer(string(payload)); said != "" {
				_ = conn.Write(ctx, websocket.MessageText, []byte(said))
			}
		}
	}
}

func (l *listener) add(m arrived) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = append(l.messages, m)
	close(l.more)
	l.more = make(chan struct{})
}

// await returns the messages when there are n.
func (l *listener) await(tb testing.TB, n int) []arrived {
	tb.Helper()
	late := time.After(90 * time.Second)
	for {
		l.mu.Lock()
		messages, more := l.messages, l.more
		l.mu.Unlock()
		if len(messages) >= n {
			return messages
		}
		select {
		case <-more:
		case <-late:
			tb.Fatalf("%d of %d messages", len(messages), n)
		}
	}
}

func silent(string) string { return "" }

func readDialect(tb testing.TB, source string) *dialect.Dialect {
	tb.Helper()
	d, err := dialect.Parse([]byte("dialect: 1\nname: test\n" + source))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// speak opens a session that speaks a dialect.
func speak(tb testing.TB, h *bridge.Hub, address, source string, secrets ...string) *bridge.Session {
	tb.Helper()
	r := request(tb, address)
	r.Speech = &bridge.Speech{Dialect: readDialect(tb, source), Values: dialect.Values{Secrets: map[string]vault.Secret{}}}
	for i := 0; i < len(secrets); i += 2 {
		r.Speech.Values.Secrets[secrets[i]] = vault.NewSecret(secrets[i+1])
	}
	s, err := h.Open(tb.Context(), r)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close(context.Background(), 1000, "") })
	return s
}

// brief returns the messages of a log, without events.
func brief(log []transcript.Message) []string {
	var all []string
	for _, m := range log {
		if m.Direction != transcript.Event {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Direction, m.Payload, m.Sender)))
		}
	}
	return all
}

const opening = `
secrets: [key]
open: [{send: {text: '{"open":"{{secret.key}}"}'}}, {wait: {"$.type": ready}, within: 5s}]
in: {text: {send: [{text: '{"ask":"{{text|json}}"}'}]}}
receive: {envelope: json, done: {"$.type": done}}
finish: [{text: bye}]
`

// answerOpening answers as opening expects.
func answerOpening(message string) string {
	switch {
	case strings.HasPrefix(message, `{"open"`):
		return `{"type":"ready"}`
	case strings.HasPrefix(message, `{"ask"`):
		return `{"type":"done"}`
	}
	return ""
}

func TestDialectOpensAsksAndFinishesWithoutItsSecretInTheLog(t *testing.T) {
	t.Parallel()
	m, l := newMemory(), newListener()
	h := newHub(t, m, 0)
	s := speak(t, h, peer(t, l.listen(answerOpening)), opening, "key", "top-secret-1")
	seq, err := s.Prompt(t.Context(), "one", "c1")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Prompt(t.Context(), "one", "c1"); err != nil || again != seq {
		t.Errorf("the same client id gave %d, %v", again, err)
	}
	if info := s.Info().Speech; info == nil || !info.Ready || info.Audio != nil {
		t.Errorf("state %+v", info)
	}
	awaitTurn(t, s, dialect.TurnDone)
	if err := s.Close(t.Context(), 1000, ""); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	want := []string{
		`sent {"open":"{{secret.key}}"} dialect`, `received {"type":"ready"}`,
		`sent {"ask":"one"} dialect`, `received {"type":"done"}`, "sent bye dialect",
	}
	if got := brief(m.log("s1")); !slices.Equal(got, want) {
		t.Errorf("log %q", got)
	}
	var wire []string
	for _, message := range l.await(t, 3) {
		wire = append(wire, message.payload)
	}
	if want := []string{`{"open":"top-secret-1"}`, `{"ask":"one"}`, "bye"}; !slices.Equal(wire, want) {
		t.Errorf("the target got %q", wire)
	}
	if m.log("s1")[seq-1].ClientID != "c1" {
		t.Errorf("%d is not the prompt's row", seq)
	}
}

func TestFailedOpeningIsToldAndLeavesTheSessionOpen(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := speak(t, newHub(t, m, 0), peer(t, quiet), strings.Replace(opening, "5s", "50ms", 1), "key", "top-secret-1")
	_, err := s.Prompt(t.Context(), "one", "")
	step, ok := errors.AsType[*dialect.StepError](err)
	if !ok || step.Step != "open[1]" {
		t.Fatalf("%v", err)
	}
	if _, err := s.Send(t.Context(), text("by hand")); err != nil {
		t.Error("the session is not open:", err)
	}
	var said struct{ Step, Wait, Within string }
	failed := func(row transcript.Message) bool { return row.Event == string(bridge.EventStepFailed) }
	for !slices.ContainsFunc(m.log("s1"), failed) { // it is stored beside the error of the prompt
		<-time.After(time.Millisecond)
	}
	log := m.log("s1")
	_ = json.Unmarshal(log[slices.IndexFunc(log, failed)].Payload, &said)
	if said.Step != "open[1]" || said.Wait != "$.type: ready" || said.Within != "50ms" {
		t.Errorf("the log says %+v", said)
	}
}

func TestRequestsThatTheDialectCannotTakeAreRefused(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := newHub(t, m, 0)
	address := peer(t, quiet)
	none := open(t, h, address)
	if _, err := none.Prompt(t.Context(), "x", ""); !errors.Is(err, bridge.ErrNoDialect) {
		t.Error(err)
	}
	s := speak(t, h, address, `
in: {text: {send: [{text: "{{text}}"}]}}
receive: {envelope: json}
limits: {chars: 10, message: 1KB}
`)
	if _, err := s.PlayAudio(t.Context(), &speech.Clip{Rate: 8000, Channels: 1}, 1); !errors.Is(err, bridge.ErrTakesNoAudio) {
		t.Error(err)
	}
	_, err := s.Prompt(t.Context(), "十一个字不能发送的一二", "")
	if over, ok := errors.AsType[*bridge.OverLimitError](err); !ok || *over != (bridge.OverLimitError{Limit: bridge.LimitChars, Value: 11, Max: 10}) {
		t.Error(err)
	}
	if got := brief(m.log("s2")); len(got) > 0 {
		t.Errorf("sent %q", got)
	}
	if _, err := s.Prompt(t.Context(), "十个字可以发送的一二", ""); err != nil {
		t.Error(err)
	}
}

// A text is refused when only the built message exceeds the limit.
func TestBuiltMessageAboveTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := speak(t, newHub(t, m, 0), peer(t, quiet), `
in: {text: {send: [{text: '{"t":"{{text|json}}"}'}]}}
receive: {envelope: json}
limits: {message: 1KB}
`)
	_, err := s.Prompt(t.Context(), strings.Repeat(`"`, 1020), "")
	if over, ok := errors.AsType[*bridge.OverLimitError](err); !ok || over.Limit != bridge.LimitMessage || over.Max != 1024 || over.Value <= 1024 {
		t.Errorf("%v", err)
	}
	if got := brief(m.log("s1")); len(got) > 0 {
		t.Errorf("sent %q", got)
	}
}

const recogniser = `
in: {audio: {rate: 16000, encoding: s16le, ms: %d, end: [{text: end}]}}
receive: {envelope: json, done: {"$.type": done}}
`

// tone returns a clip with samples that differ.
func tone(d time.Duration) *speech.Clip {
	c := &speech.Clip{Rate: 16000, Channels: 1, Samples: make([]int16, int(d.Seconds()*16000))}
	for i := range c.Samples {
		c.Samples[i] = int16(8000 * math.Sin(float64(i)/20))
	}
	return c
}

// pacing returns how far the gaps between frames are off, and the time from the first frame
// to the last message. Of the gaps it is the 95th percentile where tests run one at a time,
// else the 50th: other tests hold up single frames, but a wrong schedule moves most of them.
func pacing(messages []arrived, frame time.Duration) (off, took time.Duration) {
	var gaps []time.Duration
	frames := messages[:len(messages)-1]
	for i := 1; i < len(frames); i++ {
		gaps = append(gaps, (frames[i].at.Sub(frames[i-1].at) - frame).Abs())
	}
	slices.Sort(gaps)
	return gaps[len(gaps)*testkit.Pick(50, 95, 95)/100], messages[len(messages)-1].at.Sub(messages[0].at)
}

// steady is a connection beside the tested one that only writes by the clock: it shows how
// punctual this machine is at the moment.
type steady struct {
	listener *listener
	count    int
}

func startSteady(tb testing.TB, frame time.Duration, count int) *steady {
	tb.Helper()
	c := &steady{listener: newListener(), count: count}
	conn, _, err := websocket.Dial(tb.Context(), peer(tb, c.listener.listen(silent)), nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.CloseNow() })
	go func() {
		began := time.Now()
		for i := range count {
			<-time.After(time.Until(began.Add(time.Duration(i) * frame)))
			_ = conn.Write(tb.Context(), websocket.MessageBinary, make([]byte, 640))
		}
	}()
	return c
}

// demandPunctual compares the gaps between frames with the schedule (see pacing): they are
// less than 5 ms off, or, on a machine that is too busy for that, hardly more than beside it
// or than their source, which is off by itself.
func (c *steady) demandPunctual(tb testing.TB, messages []arrived, frame, source time.Duration) {
	tb.Helper()
	off, took := pacing(messages, frame)
	beside, _ := pacing(c.listener.await(tb, c.count), frame)
	beside = max(beside, source)
	tb.Logf("%d messages: gaps %v off (beside it %v), end after %v", len(messages), off, beside, took)
	if off >= 5*time.Millisecond && off > 4*beside {
		tb.Errorf("gaps %v off, beside it %v", off, beside)
	}
}

// A WAV goes out in real time although each batch takes 15 ms to be stored. With
// DUPLEX_FULL it is 60 s long.
func TestAudioIsPacedInRealTime(t *testing.T) {
	m, l := newMemory(), newListener()
	m.slow = 15 * time.Millisecond
	length := 3 * time.Second
	if testkit.Full() {
		length = time.Minute
	}
	s := speak(t, newHub(t, m, 0), peer(t, l.listen(silent)), fmt.Sprintf(recogniser, 40))
	clip := tone(length)
	playing, err := s.PlayAudio(t.Context(), clip, 1)
	if err != nil || playing.Total != length || len(playing.Notes) > 0 {
		t.Fatal(playing, err)
	}
	if _, err := s.PlayAudio(t.Context(), clip, 1); !errors.Is(err, bridge.ErrAudioBusy) {
		t.Error("a second clip:", err)
	}
	frames := int(length / (40 * time.Millisecond))
	beside := startSteady(t, 40*time.Millisecond, frames)
	messages := l.await(t, frames+1)
	beside.demandPunctual(t, messages, 40*time.Millisecond, 0)
	if took := messages[frames].at.Sub(messages[0].at); (took - length).Abs() > 200*time.Millisecond {
		t.Errorf("it ended after %v", took)
	}
	want, _ := speech.Encode("s16le", clip.Samples)
	var got strings.Builder
	for _, message := range messages[:frames] {
		got.WriteString(message.payload)
	}
	if got.String() != string(want) {
		t.Error("the target got other samples")
	}
	awaitPlaying(t, s, bridge.PlayDone)
	var offs []time.Duration // between the stamps of the log and the arrival of frames
	for _, row := range m.log("s1") {
		if row.Direction == transcript.Sent && len(offs) < frames {
			offs = append(offs, messages[len(offs)].at.Sub(row.At).Abs())
		}
	}
	slices.Sort(offs)
	if off, quiet := offs[len(offs)/2], offs[0]; off > 2*time.Millisecond+10*quiet {
		t.Errorf("half of the frames arrive more than %v off their stamps", off)
	}
}

// awaitTurn returns when the newest turn has a state.
func awaitTurn(tb testing.TB, s *bridge.Session, state dialect.TurnState) {
	tb.Helper()
	late := time.After(10 * time.Second)
	for {
		changed := s.TurnsChanged()
		turns, _ := s.Turns(0)
		if len(turns) > 0 && turns[len(turns)-1].State == state {
			return
		}
		select {
		case <-changed:
		case <-late:
			tb.Fatalf("turns are %+v, want %s", turns, state)
		}
	}
}

func awaitPlaying(tb testing.TB, s *bridge.Session, state bridge.PlayState) bridge.Playing {
	tb.Helper()
	late := time.After(10 * time.Second)
	for {
		changed := s.TurnsChanged()
		now, _ := s.Playing()
		if now.State == state {
			return now
		}
		select {
		case <-changed:
		case <-late:
			tb.Fatalf("it is %+v, want %s", now, state)
		}
	}
}

func TestClipOfAnotherRateIsConvertedAndSaid(t *testing.T) {
	t.Parallel()
	l := newListener()
	s := speak(t, newHub(t, newMemory(), 0), peer(t, l.listen(silent)), fmt.Sprintf(recogniser, 100))
	playing, err := s.PlayAudio(t.Context(), &speech.Clip{Rate: 8000, Channels: 2, Samples: make([]int16, 16000)}, 0)
	if err != nil || len(playing.Notes) != 2 || playing.Total != time.Second {
		t.Fatal(playing, err)
	}
	if messages := l.await(t, 11); messages[10].payload != "end" || len(messages[9].payload) != 3200 {
		t.Errorf("%d bytes, then %q", len(messages[9].payload), messages[10].payload)
	}
}

func TestAudioIsStopped(t *testing.T) {
	t.Parallel()
	l := newListener()
	s := speak(t, newHub(t, newMemory(), 0), peer(t, l.listen(silent)), fmt.Sprintf(recogniser, 20))
	playing, err := s.PlayAudio(t.Context(), tone(time.Minute), 1)
	if err != nil {
		t.Fatal(err)
	}
	l.await(t, 5)
	if s.StopAudio("other") || !s.StopAudio(playing.ID) {
		t.Error("the clip was not stopped once")
	}
	now := awaitPlaying(t, s, bridge.PlayStopped)
	if now.Sent < 80*time.Millisecond || now.Sent > 10*time.Second {
		t.Errorf("%+v", now)
	}
	messages := l.await(t, int(now.Sent/(20*time.Millisecond))+1)
	if last := messages[len(messages)-1].payload; last != "end" {
		t.Errorf("the last message is %q", last)
	}
	if _, err := s.PlayAudio(t.Context(), tone(100*time.Millisecond), 0); err != nil {
		t.Error("another clip:", err)
	}
}

// Samples come in bursts, and go out evenly.
func TestMicrophoneGoesOutEvenly(t *testing.T) {
	l := newListener()
	s := speak(t, newHub(t, newMemory(), 0), peer(t, l.listen(silent)), fmt.Sprintf(recogniser, 40))
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	microphone, err := s.Microphone(48000)
	if err != nil {
		t.Fatal(err)
	}
	beside := startSteady(t, 40*time.Millisecond, 50)
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	var written []arrived
	for i := range 50 { // 40 ms each, in writes of odd sizes
		written = append(written, arrived{at: time.Now()})
		burst := make([]byte, 3840)
		cut := 1 + 37*i
		if _, err := microphone.Write(burst[:cut]); err != nil {
			t.Fatal(err)
		}
		if _, err := microphone.Write(burst[cut:]); err != nil {
			t.Fatal(err)
		}
		<-tick.C
	}
	if err := microphone.Close(); err != nil {
		t.Fatal(err)
	}
	now := awaitPlaying(t, s, bridge.PlayDone)
	if !now.Live || (now.Sent-2*time.Second).Abs() > 50*time.Millisecond {
		t.Errorf("%+v", now)
	}
	messages := l.await(t, 51)
	source, _ := pacing(written, 40*time.Millisecond)
	beside.demandPunctual(t, messages[:len(messages)-1], 40*time.Millisecond, source)
	if _, err := microphone.Write(make([]byte, 10)); !errors.Is(err, bridge.ErrClosed) {
		t.Error("a write after the end:", err)
	}
}

// Audio as fast as possible waits for a target that does not read, and a reply is not lost
// behind it.
func TestFastAudioKeepsBackPressure(t *testing.T) {
	t.Parallel()
	reading := make(chan struct{})
	l := newListener()
	listen := l.listen(silent)
	s := speak(t, newHub(t, newMemory(), 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		<-reading
		listen(ctx, conn)
	}), fmt.Sprintf(recogniser, 1000))
	length := 12 * time.Minute // 23 MB, more than the buffers between hold
	if _, err := s.PlayAudio(t.Context(), &speech.Clip{Rate: 16000, Channels: 1, Samples: make([]int16, 16000*int(length.Seconds()))}, 0); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for last, now := int64(-1), int64(0); now != last || now == 0; now = s.Info().Counts.Sent {
		last = now
		<-tick.C
	}
	if sent := s.Info().Counts.BytesSent; sent > 18<<20 {
		t.Errorf("%d bytes were queued for a target that reads none", sent)
	}
	close(reading)
	messages := l.await(t, int(length.Seconds())+1)
	if messages[len(messages)-1].payload != "end" {
		t.Error("no end")
	}
}

// The times of each of 20 sessions that play at once are kept.
func TestTwentySessionsPlayOnTime(t *testing.T) {
	const sessions = 20
	h := newHub(t, newMemory(), 0)
	var all sync.WaitGroup
	beside := startSteady(t, 40*time.Millisecond, 50)
	for range sessions {
		l := newListener()
		s := speak(t, h, peer(t, l.listen(silent)), fmt.Sprintf(recogniser, 40))
		all.Go(func() {
			if _, err := s.PlayAudio(t.Context(), tone(2*time.Second), 1); err != nil {
				t.Error(err)
				return
			}
			messages := l.await(t, 51)
			beside.demandPunctual(t, messages, 40*time.Millisecond, 0)
			if took := messages[50].at.Sub(messages[0].at); (took - 2*time.Second).Abs() > 200*time.Millisecond {
				t.Errorf("it ended after %v", took)
			}
		})
	}
	all.Wait()
}

// The keep-alive messages of a dialect do not keep a session that nobody watches.
func TestKeepaliveDoesNotProlongASessionWithoutViewers(t *testing.T) {
	t.Parallel()
	l := newListener()
	s := speak(t, newHub(t, newMemory(), 700*time.Millisecond), peer(t, l.listen(silent)), `
receive: {envelope: json}
keepalive: {every: 100ms, when: idle-sent, send: {text: alive}}
`)
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Error("the session is kept")
	}
	if messages := l.await(t, 4); messages[0].payload != "alive" {
		t.Errorf("%q", messages[0].payload)
	}
}

// An addressed pair of services answers at most so often, and the log says what was dropped.
func TestRepliesAboveTheRateAreToldAndDropped(t *testing.T) {
	t.Parallel()
	m, l := newMemory(), newListener()
	s := speak(t, newHub(t, m, 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		for range 100 {
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"ping"}`))
		}
		l.listen(silent)(ctx, conn)
	}), `
receive: {envelope: json}
reply: [{when: {"$.type": ping}, send: {text: pong}}]
`)
	l.await(t, dialect.MaxReplyRate)
	await(t, s.Watch(bridge.Viewer{ID: "v"}, 0), 100)
	if err := s.Close(t.Context(), 1000, ""); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	replies, dropped := 0, 0
	for _, row := range m.log("s1") {
		var said struct{ Count, Rate int }
		if row.Event == string(bridge.EventRepliesDropped) && json.Unmarshal(row.Payload, &said) == nil && said.Rate == dialect.MaxReplyRate {
			dropped += said.Count
		}
		if row.Direction == transcript.Sent {
			replies++
		}
	}
	if replies+dropped != 100 || replies > 2*dialect.MaxReplyRate {
		t.Errorf("%d replies, %d dropped", replies, dropped)
	}
}
