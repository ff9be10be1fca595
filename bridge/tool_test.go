package bridge_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/demo/emulate"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

// A voice agent asks for a tool, gets the result, and is interrupted in its answer. The turns
// that are told live are those that a reader finds in the log.
func TestAToolCallAndAnInterruptionLiveAndRecorded(t *testing.T) {
	s := startTalk(t, "openai-realtime", emulate.Options{})
	send := func(payload string) {
		t.Helper()
		if _, err := s.Send(t.Context(), bridge.Outgoing{Opcode: transcript.Text, Payload: []byte(payload)}); err != nil {
			t.Fatal(err)
		}
	}
	send(`{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"search_flights","description":"","parameters":{"type":"object"}}]}}`)
	if _, err := s.Prompt(t.Context(), asked, "first"); err != nil {
		t.Fatal(err)
	}
	turns := s.until(t, func(turns []dialect.Turn) bool { return len(turns) == 1 && turns[0].State == dialect.TurnDone })
	if len(turns[0].Tools) != 1 || turns[0].Tools[0].Name != "search_flights" || turns[0].Tools[0].DoneSeq != 0 {
		t.Fatalf("calls: %+v", turns[0].Tools)
	}
	send(fmt.Sprintf(`{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":%q,"output":"6 results"}}`, turns[0].Tools[0].ID))
	send(`{"type":"response.create"}`)
	s.until(t, func(turns []dialect.Turn) bool {
		return len(turns) == 2 && turns[1].Audio != nil && turns[1].Audio.AnswerMS > 20
	})
	send(`{"type":"response.cancel"}`)
	send(`{"type":"conversation.item.truncate","item_id":"item_a","content_index":0,"audio_end_ms":20}`)
	turns = s.until(t, func(turns []dialect.Turn) bool {
		return len(turns) == 2 && turns[1].State == dialect.TurnDone && turns[1].Interrupted != nil && turns[1].Interrupted.PlayedMS == 20
	})
	if turns[0].Tools[0].Result != "6 results" {
		t.Errorf("result: %+v", turns[0].Tools[0])
	}
	_ = s.Close(t.Context(), 1000, "")
	turns = s.until(t, func([]dialect.Turn) bool { return s.Info().State == bridge.Closed })
	again := dialect.NewReader(s.dialect, s.emulator.Vars)
	for _, m := range s.store.log(s.Info().ID) {
		again.Read(&m)
	}
	recorded, _ := again.Turns(0)
	if diff := cmp.Diff(recorded, turns); diff != "" {
		t.Errorf("turns (-recorded +live):\n%s", diff)
	}
}

// until waits until the turns of a session are as wanted.
func (s *talk) until(t *testing.T, wanted func([]dialect.Turn) bool) []dialect.Turn {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		changed := s.TurnsChanged()
		turns, _ := s.Turns(0)
		if wanted(turns) {
			return slices.Clone(turns)
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("the turns stay %+v\n%s", turns, s.dump(t))
		}
	}
}
