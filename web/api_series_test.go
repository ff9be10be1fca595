package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
)

// series is the answer of the call.
type series struct {
	dialect.Series

	Turns []struct {
		N           int               `json:"n"`
		State       dialect.TurnState `json:"state"`
		FromUS      int64             `json:"from_us"`
		ToUS        int64             `json:"to_us"`
		MarkUS      int64             `json:"mark_us"`
		FirstTextUS int64             `json:"first_text_us"`
		DoneUS      int64             `json:"done_us"`
		Asked       string            `json:"asked"`
		Characters  int               `json:"characters"`
		Messages    int64             `json:"messages"`
		GapP95US    *int64            `json:"gap_p95_us"`
	}
}

func (p *program) series(session, query string) series {
	p.t.Helper()
	var out series
	p.call("GET", "/api/sessions/"+session+"/series"+query, nil, http.StatusOK, &out)
	return out
}

func sum(list []int64) (total int64) {
	for _, n := range list {
		total += n
	}
	return total
}

// A series agrees with the log and the turns, live, when the session has ended, and after a
// restart.
func TestSeriesIsThatOfTheLog(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProgram(t, "--data", data)
	p.savesDialect(echoDialect)
	session := p.open(object{"address": p.demo("echo", "none").Address, "dialect": "our-echo"})
	for _, text := range []string{"stays", "silent"} {
		p.call("POST", "/api/sessions/"+session.ID+"/ask", object{"text": text}, http.StatusOK, nil)
	}
	check := func(when string) {
		t.Helper()
		rows, turns, got := p.rows(session.ID, "limit=500").Messages, p.turns(session.ID, ""), p.series(session.ID, "?points=20")
		var sent, bytes int64
		for _, row := range rows {
			if row.Direction == transcript.Sent {
				sent++
				bytes += row.Size
			}
		}
		if sum(got.Sent) != sent || sum(got.SentBytes) != bytes || sum(got.Received) != sent || len(got.Sent) > 20 {
			t.Errorf("%s: %+v", when, got)
		}
		if got.Gaps == nil || len(got.Turns) != 2 {
			t.Fatalf("%s: gaps %+v, turns %+v", when, got.Gaps, got.Turns)
		}
		for i, turn := range turns {
			f := got.Turns[i]
			if f.N != turn.N || f.State != dialect.TurnDone || f.FromUS != turn.MarkUS || f.ToUS != turn.DoneUS || f.FirstTextUS != turn.FirstTextUS ||
				f.Asked != turn.Request || f.Characters != len(turn.Text.Answer) || f.Messages != turn.Messages || *f.GapP95US != turn.Gaps.P95US {
				t.Errorf("%s: turn %+v, figures %+v", when, turn, f)
			}
		}
		second := p.series(session.ID, fmt.Sprintf("?from_us=%d&to_us=%d&points=1", turns[1].MarkUS, turns[1].DoneUS+1))
		if len(second.Turns) != 1 || second.Turns[0].N != 2 || second.Gaps.MaxUS != turns[1].Gaps.MaxUS {
			t.Errorf("%s: the second turn: %+v", when, second)
		}
	}
	check("live")
	p.call("POST", "/api/sessions/"+session.ID+"/close", object{"code": 1000}, http.StatusOK, nil)
	until(t, "the session is closed", func() bool { return p.turns(session.ID, "") != nil })
	check("ended")
	before := p.series(session.ID, "")
	p.stop()
	p = startProgram(t, "--data", data)
	check("after a restart")
	if diff := cmp.Diff(before, p.series(session.ID, ""), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("after a restart (-before):\n%s", diff)
	}
	p.call("PUT", "/api/sessions/"+session.ID+"/dialect", object{"dialect": ""}, http.StatusOK, nil)
	if plain := p.series(session.ID, ""); len(plain.Turns) != 0 || plain.RateUnit != "" || !slices.Equal(plain.Received, before.Received) {
		t.Errorf("without a dialect: %+v", plain)
	}
}
