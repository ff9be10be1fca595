//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/web/internal/store"
)

func turnsAreSummedUp(t *testing.T, o store.Options) {
	s := open(t, o)
	for i, id := range []string{"chat", "asr", "plain"} {
		r := bridge.Record{ID: id, Kind: "session", OpenedBy: []string{"zoe", "li", "zoe"}[i], OpenedAt: start.Add(time.Duration(i) * 10 * time.Minute)}
		if err := s.StartSession(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := s.EndSession(t.Context(), id, bridge.Ending{At: start.Add(time.Hour), Code: 1000, Clean: true}, bridge.Counts{}); err != nil {
			t.Fatal(err)
		}
	}
	late := &dialect.TurnError{Code: "504", Message: "request timeout", Seq: 3}
	keep := func(id string, turns ...dialect.Turn) {
		if err := s.ReplaceTurns(t.Context(), id, "by", turns); err != nil {
			t.Fatal(err)
		}
	}
	keep("chat", dialect.Turn{N: 1, Text: dialect.TurnText{Answer: "raise it", User: "Why?"}}, dialect.Turn{N: 2, Error: late}, dialect.Turn{N: 3, Error: &dialect.TurnError{Code: "1"}})
	two := []dialect.Segment{{Text: "one"}, {Text: "two"}}
	keep("asr", dialect.Turn{N: 1, Text: dialect.TurnText{User: "one two"}, Segments: two}, dialect.Turn{N: 2, Segments: two[:1]})

	list, err := s.Sessions(t.Context(), bridge.SessionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bridge.TurnSummary{}
	for _, r := range list {
		got[r.ID] = r.Turns
	}
	want := map[string]bridge.TurnSummary{"chat": {Turns: 3, Error: late}, "asr": {Turns: 2, Sentences: 3}, "plain": {}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	failed, err := s.Sessions(t.Context(), bridge.SessionFilter{Failed: true})
	if err != nil || len(failed) != 1 || failed[0].ID != "chat" {
		t.Errorf("failed: %v %v", failed, err)
	}

	places, err := s.FindTurns(t.Context(), []string{"asr", "chat", "plain"}, func(texts bridge.TurnTexts) (n int) {
		for _, text := range [][]byte{texts.Answer, texts.Asked, texts.Error} {
			if strings.Contains(string(text), "504: request") || string(text) == "one two" {
				n++
			}
		}
		return n
	})
	if err != nil || fmt.Sprint(places) != "[{asr 1 1} {chat 2 1}]" {
		t.Errorf("found %v %v", places, err)
	}
	if turn, before, err := s.StoredTurn(t.Context(), bridge.TurnPlace{Session: "asr", N: 2}); err != nil || before != 2 || turn.N != 2 {
		t.Errorf("turn %d after %d sentences: %v", turn.N, before, err)
	}
	if _, _, err := s.StoredTurn(t.Context(), bridge.TurnPlace{Session: "asr", N: 9}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such turn: %v", err)
	}

	counts, err := s.CountOpened(t.Context(), bridge.SessionFilter{})
	if err != nil || len(counts) != 2 || counts[1].Sessions != 2 || !counts[1].From.Equal(start.Truncate(bridge.OpenedQuarter)) {
		t.Errorf("opened: %v %v", counts, err)
	}
	if names, err := s.Openers(t.Context(), bridge.SessionFilter{}); err != nil || fmt.Sprint(names) != "[li zoe]" {
		t.Errorf("by %v %v", names, err)
	}
}
