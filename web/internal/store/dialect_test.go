//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/web/internal/store"
)

func dialectNames(t *testing.T, s *store.Store) (names []string) {
	t.Helper()
	all, err := s.SavedDialects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		names = append(names, d.Name)
	}
	return names
}

func dialectsComeBack(t *testing.T, o store.Options) {
	o.Now = func() time.Time { return start }
	s := open(t, o)
	want := bridge.SavedDialect{
		Name: "our-asr", Source: []byte("dialect: 1\nname: our-asr\n# é\n"), Sum: "a1", Listed: true, Owner: "sso|zoe",
		CreatedAt: start, UpdatedAt: start,
	}
	if err := s.CreateDialect(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.CreateDialect(t.Context(), &want), store.ErrDialectTaken)
	want.Source, want.Sum, want.Owner = []byte(`{"dialect":1}`), "b2", "sso|max"
	if err := s.ReplaceDialect(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	got, err := s.SavedDialect(t.Context(), "our-asr")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("dialect (-want +got):\n%s\n%v", diff, err)
	}
	if err := s.CreateDialect(t.Context(), &bridge.SavedDialect{Name: "a", Listed: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "our-asr"}, dialectNames(t, s)); diff != "" {
		t.Error(diff)
	}
	if err := s.DeleteDialect(t.Context(), "our-asr"); err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.DeleteDialect(t.Context(), "our-asr"), store.ErrNotFound)
	wantErr(t, s.ReplaceDialect(t.Context(), &want), store.ErrNotFound)
	_, err = s.Dialect(t.Context(), "our-asr")
	wantErr(t, err, store.ErrNotFound)
	for i := range bridge.MaxDialects - 1 {
		if err := s.CreateDialect(t.Context(), &bridge.SavedDialect{Name: fmt.Sprint("d", i), Listed: true}); err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, s.CreateDialect(t.Context(), &bridge.SavedDialect{Name: "one-more", Listed: true}), store.ErrTooManyDialects)
}

func unlistedDialectsAreForgotten(t *testing.T, o store.Options) {
	now := start
	o.Now = func() time.Time { return now }
	s := open(t, o)
	for _, name := range []string{"inline-1", "inline-1", "inline-2"} {
		if err := s.CreateDialect(t.Context(), &bridge.SavedDialect{Name: name, Sum: name}); err != nil {
			t.Fatal(err)
		}
	}
	if names := dialectNames(t, s); len(names) > 0 {
		t.Errorf("%v are listed", names)
	}
	if err := s.StartSession(t.Context(), bridge.Record{ID: "one", OpenedAt: now, Dialect: "inline-1"}); err != nil {
		t.Fatal(err)
	}
	sweep(t, s, store.Retention{})
	if _, err := s.SavedDialect(t.Context(), "inline-2"); err != nil {
		t.Errorf("a new one was forgotten: %v", err)
	}
	now = now.Add(25 * time.Hour)
	sweep(t, s, store.Retention{})
	_, err := s.SavedDialect(t.Context(), "inline-2")
	wantErr(t, err, store.ErrNotFound)
	if _, err := s.SavedDialect(t.Context(), "inline-1"); err != nil {
		t.Errorf("one of a session was forgotten: %v", err)
	}
}

func turnsComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	begin(t, s, "one")
	turns := []dialect.Turn{
		{
			N: 1, State: dialect.TurnDone, FirstSeq: 1, LastSeq: 5, Text: dialect.TurnText{Answer: "a\x00b é", User: "hello"},
			Pace: &dialect.Pace{FromUS: 1, ToUS: 7, StepUS: 5, Characters: []int64{2, 3}},
		},
		{N: 2, State: dialect.TurnFailed, Error: &dialect.TurnError{Code: "E1", Seq: 9}},
	}
	if err := s.KeepTurn(t.Context(), "one", "sum", &turns[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.KeepTurn(t.Context(), "unknown", "sum", &turns[0]); err != nil {
		t.Errorf("a turn of a session that was deleted: %v", err)
	}
	read := func(by string, want []dialect.Turn, wantFound bool) {
		t.Helper()
		got, last, found, err := s.Turns(t.Context(), "one", by, 0, 0)
		if diff := cmp.Diff(want, got); err != nil || found != wantFound || diff != "" || last != len(want) {
			t.Errorf("turns by %q: found %t, %v\n%s", by, found, err, diff)
		}
	}
	if err := s.ReplaceTurns(t.Context(), "one", "sum", turns); err != nil {
		t.Fatal(err)
	}
	read("sum", nil, false) // it runs
	if err := s.EndSession(t.Context(), "one", bridge.Ending{At: start}, bridge.Counts{}); err != nil {
		t.Fatal(err)
	}
	read("sum", nil, false) // an ended session can lack its last turn
	if err := s.ReplaceTurns(t.Context(), "one", "sum", turns); err != nil {
		t.Fatal(err)
	}
	read("sum", turns, true)
	for _, page := range []struct{ before, limit, from, to int }{{0, 1, 1, 2}, {2, 0, 0, 1}, {2, 5, 0, 1}, {1, 5, 0, 0}} {
		got, last, _, err := s.Turns(t.Context(), "one", "sum", page.before, page.limit)
		if diff := cmp.Diff(turns[page.from:page.to], got, cmpopts.EquateEmpty()); err != nil || diff != "" || last != 2 {
			t.Errorf("page %+v: last %d, %v\n%s", page, last, err, diff)
		}
	}
	read("other", nil, false)
	read("", nil, false)
	with, err := s.TurnsWithText(t.Context(), "one")
	if diff := cmp.Diff(turns[:1], with); err != nil || diff != "" {
		t.Errorf("turns with text: %v\n%s", err, diff)
	}
	if err := s.SetDialect(t.Context(), "one", "vosk"); err != nil {
		t.Fatal(err)
	}
	read("sum", nil, false)
	if with, err := s.TurnsWithText(t.Context(), "one"); err != nil || len(with) > 0 {
		t.Errorf("turns of the former dialect: %v, %v", with, err)
	}
	_, _, _, err = s.Turns(t.Context(), "unknown", "sum", 0, 0)
	wantErr(t, err, store.ErrNotFound)
}

func turnsGoWithTheirSession(t *testing.T, o store.Options) {
	s := open(t, o)
	endedAt(t, s, "one", start, 10)
	if err := s.ReplaceTurns(t.Context(), "one", "sum", []dialect.Turn{{N: 1}}); err != nil {
		t.Fatal(err)
	}
	if n := scalar(t, o, "select count(*) from turns"); n != 1 {
		t.Fatalf("%d turns are stored", n)
	}
	if err := s.DeleteSession(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if n := scalar(t, o, "select count(*) from turns"); n != 0 {
		t.Errorf("%d turns are left", n)
	}
}
