package bridge_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
)

const chat = `
in: {text: {send: [{text: '{"ask":"{{text|json}}"}'}]}}
receive:
  envelope: json
  text: [{when: {"$.type": delta}, path: "$.text", mode: append}]
  done: {"$.type": done}
  error: {when: {"$.type": error}, code: "$.code", message: "$.words"}
limits: {request: %s}
errors:
  E1: {cause: {en: "It was too much.", zh: "太多了。"}, fix: {en: "Ask for less.", zh: "请少问一些。"}}
  "4008": {cause: {en: "It was idle."}, fix: {en: "Go on."}}
`

// answerChat answers a question by its text.
func answerChat(ctx context.Context, conn *websocket.Conn) {
	for {
		_, payload, err := conn.Read(ctx)
		if err != nil {
			return
		}
		say := func(messages ...string) {
			for _, m := range messages {
				_ = conn.Write(ctx, websocket.MessageText, []byte(m))
			}
		}
		switch question := string(payload); {
		case strings.Contains(question, "hello"):
			say(`{"type":"delta","text":"one "}`, `{"type":"delta","text":"two"}`, `{"type":"done"}`)
		case strings.Contains(question, "much"):
			say(`{"type":"error","code":"E1","words":"too much of top-secret-1"}`)
		case strings.Contains(question, "close"):
			_ = conn.Close(4008, "")
		case strings.Contains(question, "lost"):
			_ = conn.Close(4999, "lost it")
		}
	}
}

func TestAskReturnsTheFinishedTurn(t *testing.T) {
	t.Parallel()
	h := newHub(t, newMemory(), 0)
	s := speak(t, h, peer(t, answerChat), fmt.Sprintf(chat, "10s"))
	for n := 1; n <= 2; n++ {
		var states []dialect.TurnState
		turn, notes, err := h.Ask(t.Context(), s, bridge.Question{Text: "hello"}, func(turn dialect.Turn) { states = append(states, turn.State) })
		if err != nil || len(notes) > 0 {
			t.Fatal(err, notes)
		}
		if turn.N != n || turn.State != dialect.TurnDone || turn.Text.Answer != "one two" || turn.Request != "hello" {
			t.Errorf("%+v", turn)
		}
		if turn.FirstTextUS < turn.MarkUS || turn.DoneUS < turn.FirstTextUS {
			t.Errorf("times %d, %d, %d", turn.MarkUS, turn.FirstTextUS, turn.DoneUS)
		}
		if len(states) == 0 || states[len(states)-1] != dialect.TurnDone {
			t.Errorf("told %v", states)
		}
	}
	if turns, _ := s.Turns(0); len(turns) != 2 {
		t.Errorf("%d turns", len(turns))
	}
}

func TestAskGivesUpAMuteService(t *testing.T) {
	t.Parallel()
	h := newHub(t, newMemory(), 0)
	s := speak(t, h, peer(t, answerChat), fmt.Sprintf(chat, "300ms"))
	began := time.Now()
	turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "mute"}, nil)
	if took := time.Since(began); err != nil || turn.State != dialect.TurnCut || took < 300*time.Millisecond || took > 3*time.Second {
		t.Errorf("%+v, %v after %v", turn, err, took)
	}
	if turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "hello", Timeout: 5 * time.Second}, nil); err != nil || turn.State != dialect.TurnDone {
		t.Errorf("the next one: %+v, %v", turn, err)
	}
}

func TestAskOfAServiceThatIsNeverReady(t *testing.T) {
	t.Parallel()
	h := newHub(t, newMemory(), 0)
	never := strings.Replace(fmt.Sprintf(chat, "200ms"), "done:", "ready: {\"$.type\": never}\n  done:", 1)
	s := speak(t, h, peer(t, quiet), never)
	if turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "x"}, nil); err != nil || turn.State != dialect.TurnCut {
		t.Errorf("%+v, %v", turn, err)
	}
	s = speak(t, h, peer(t, quiet), `open: [{wait: {"$.type": never}, within: 100ms}]`+fmt.Sprintf(chat, "5s"))
	if turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "x"}, nil); err != nil || turn.State != dialect.TurnFailed || !strings.Contains(turn.Error.Message, "open[0]") {
		t.Errorf("%+v, %v", turn, err)
	}
	s = speak(t, h, peer(t, func(_ context.Context, conn *websocket.Conn) { _ = conn.Close(4003, "go away") }), never)
	if turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "x", Timeout: 5 * time.Second}, nil); err != nil || turn.State != dialect.TurnFailed || turn.Error.Code != "4003" || turn.Error.Message != "go away" {
		t.Errorf("%+v, %v", turn, err)
	}
}

func TestAskWithSpeech(t *testing.T) {
	t.Parallel()
	h, l := newHub(t, newMemory(), 0), newListener()
	s := speak(t, h, peer(t, l.listen(func(message string) string {
		if message == "end" {
			return `{"type":"final","text":"heard"}`
		}
		return ""
	})), `
in: {audio: {rate: 16000, encoding: s16le, ms: 20, end: [{text: end}]}}
receive: {envelope: json, text: [{when: {"$.type": final}, path: "$.text", mode: append}], done: {"$.type": final}}
`)
	turn, notes, err := h.Ask(t.Context(), s, bridge.Question{Clip: &speech.Clip{Rate: 8000, Channels: 1, Samples: make([]int16, 2400)}}, nil)
	if err != nil || len(notes) != 1 || notes[0].Code != speech.NoteResampled {
		t.Fatal(err, notes)
	}
	if turn.State != dialect.TurnDone || turn.Text.Answer != "heard" || turn.Audio == nil || turn.Audio.UserMS != 300 {
		t.Errorf("%+v", turn)
	}
	if length := turn.AudioEndUS - turn.AudioStartUS; length < 275_000 || length > 1_000_000 {
		t.Errorf("audio of %d us", length)
	}
}

// An error inside a message fails the turn and is told while the session stays open, in the
// words of the dialect and without secrets.
func TestErrorInAMessageIsExplained(t *testing.T) {
	t.Parallel()
	h := newHub(t, newMemory(), 0)
	s := speak(t, h, peer(t, answerChat), "secrets: [key]\nhandshake: {headers: [[X-Key, \"{{secret.key}}\"]]}"+fmt.Sprintf(chat, "5s"), "key", "top-secret-1")
	turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "much"}, nil)
	if err != nil || turn.State != dialect.TurnFailed || turn.Error.Code != "E1" {
		t.Fatalf("%+v, %v", turn, err)
	}
	info := s.Info()
	if info.State != bridge.Open || info.Speech.Notice == nil {
		t.Fatalf("%v, %+v", info.State, info.Speech)
	}
	notice := info.Speech.Notice
	if notice.Rule != "dialect_error" || notice.Known.Cause["zh"] != "太多了。" || notice.Known.Fix["en"] != "Ask for less." {
		t.Errorf("%+v", notice)
	}
	if notice.Said == nil || notice.Said.Values["code"] != "E1" || strings.Contains(fmt.Sprint(notice), "top-secret") || !strings.Contains(notice.Said.Values["words"], "too much") {
		t.Errorf("said %+v", notice.Said)
	}
	if _, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "hello"}, nil); err != nil {
		t.Fatal(err)
	}
	if left := s.Info().Speech.Notice; left != nil {
		t.Errorf("the notice stays: %+v", left)
	}
}

func TestCloseIsExplainedByTheDialectAndByItsLimit(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]string{"close": "dialect_error", "lost": "closed_by_application"} {
		h := newHub(t, newMemory(), 0)
		s := speak(t, h, peer(t, answerChat), fmt.Sprintf(chat, "5s"))
		turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: question}, nil)
		if err != nil || turn.State != dialect.TurnFailed {
			t.Errorf("%s: %+v, %v", question, turn, err)
		}
		<-s.Done()
		if found := s.Info().Ending.Finding; found == nil || found.Rule != want {
			t.Errorf("%s: %+v", question, found)
		}
	}
	h := newHub(t, newMemory(), 0)
	s := speak(t, h, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		_, _, _ = conn.Read(ctx)
		<-time.After(500 * time.Millisecond)
	}), fmt.Sprintf(chat, "500ms"))
	if _, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "mute", Timeout: 5 * time.Second}, nil); err != nil {
		t.Error(err)
	}
	<-s.Done()
	if found := s.Info().Ending.Finding; found == nil || found.Rule != "limit_request" || found.Values["limit_request"] == "" {
		t.Errorf("%+v", found)
	}
}

// A mark that is stored late is measured from its writing.
func TestMarkIsTheTimeOfWriting(t *testing.T) {
	t.Parallel()
	m, l := newMemory(), newListener()
	h := newHub(t, m, 0)
	s := speak(t, h, peer(t, l.listen(func(string) string { return `{"type":"done"}` })), fmt.Sprintf(chat, "5s"))
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	release := m.hold()
	var released time.Time
	stored := make(chan struct{})
	go func() {
		defer close(stored)
		for s.Info().Counts.Sent == 0 {
			<-time.After(time.Millisecond)
		}
		<-time.After(50 * time.Millisecond)
		released = time.Now()
		release()
	}()
	turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-stored
	if turn.MarkUS < released.UnixMicro() || turn.FirstMessageUS < turn.MarkUS {
		t.Errorf("released at %d: %+v", released.UnixMicro(), turn)
	}
}

// An error before the question fails it in the service's words.
func TestErrorBeforeTheQuestionAnswersIt(t *testing.T) {
	t.Parallel()
	h := newHub(t, newMemory(), 0)
	s := speak(t, h, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"error","code":"E1","words":"auth failed"}`))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}), fmt.Sprintf(chat, "5s"))
	<-s.Done()
	turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "hello"}, nil)
	if err != nil || turn.State != dialect.TurnFailed || turn.Error == nil || turn.Error.Code != "E1" || turn.Error.Message != "auth failed" {
		t.Errorf("%+v, %v", turn, err)
	}
	if found := s.Info().Ending.Finding; found == nil || found.Rule != "dialect_error" || found.Known.Fix["en"] != "Ask for less." {
		t.Errorf("%+v", found)
	}
}

// The last text of some services comes after the message with which their dialect ends.
func TestLastQuestionGetsWhatComesAfterTheEnd(t *testing.T) {
	t.Parallel()
	h, l := newHub(t, newMemory(), 0), newListener()
	s := speak(t, h, peer(t, l.listen(func(message string) string {
		return `{"text":"after ` + message + ` "}`
	})), `
in: {text: {send: [{text: "{{text}}"}]}}
receive: {envelope: json, text: [{path: "$.text", mode: append}], done: {silence: 200ms}}
finish: [{text: bye}]
`)
	turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "hello", Last: true}, nil)
	if err != nil || turn.State != dialect.TurnDone || turn.Text.Answer != "after hello after bye " {
		t.Errorf("%+v, %v", turn, err)
	}
}
