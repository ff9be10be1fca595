package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/wire"
)

type labelPage struct {
	Labels []struct {
		Label string
		Count int64
	}
	NextAfter int64 `json:"next_after"`
}

const labelledDialect = `
dialect: 1
name: labelled
receive: {label: "$.type", text: {path: "$.delta", when: {"$.type": delta}}}
`

func TestMessagesAreFilteredByLabel(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(labelledDialect)
	session := p.open(object{"address": p.demo("echo", "none").Address, "dialect": "labelled"})
	for i := range 12 {
		payload := fmt.Sprintf(`{"type":"delta","delta":"word %d "}`, i)
		switch i % 4 {
		case 2:
			payload = `{"type":"a b&c"}`
		case 3:
			payload = `plain`
		}
		p.send(session.ID, "text", fmt.Sprint("c", i), payload)
	}
	until(t, "all are echoed", func() bool { return p.labelState(session.ID).LastSeq == 25 })

	var counted labelPage
	p.call("GET", "/api/sessions/"+session.ID+"/labels", nil, http.StatusOK, &counted)
	got := map[string]int64{}
	for _, l := range counted.Labels {
		got[l.Label] = l.Count
	}
	if diff := cmp.Diff(map[string]int64{"delta": 12, "a b&c": 6, "": 6}, got); diff != "" || counted.NextAfter != 25 {
		t.Errorf("counted to %d (-want +got):\n%s", counted.NextAfter, diff)
	}

	for query, want := range map[string]int{
		"label=delta":                                   12,
		"label=delta&direction=received":                6,
		"label=delta&label=" + url.QueryEscape("a b&c"): 18,
		"label=":               6,
		"label=nothing":        0,
		"label=delta&q=word+1": 2,
	} {
		if rows := p.found(session.ID, query); len(rows) != want {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
	}
	rows := p.found(session.ID, "label=delta&direction=received")
	if rows[0].Gist != "word 0 " || rows[0].Joins != "append" || rows[0].Path != "$.delta" {
		t.Errorf("%+v", rows[0])
	}
	p.refused("GET", "/api/sessions/"+session.ID+"/messages?label="+url.QueryEscape(string(make([]byte, 500))), nil, http.StatusBadRequest)
}

// found continues a search to the end of the log, four rows at a time.
func (p *program) found(session, query string) []wire.Row {
	p.t.Helper()
	var all []wire.Row
	last := p.labelState(session).LastSeq
	for after := int64(0); after < last; {
		page := p.rows(session, fmt.Sprintf("limit=4&after=%d&%s", after, query))
		if page.NextAfter <= after {
			p.t.Fatalf("%s stops at %d", query, after)
		}
		all, after = append(all, page.Messages...), page.NextAfter
	}
	return all
}

func (p *program) labelState(session string) (state wire.State) {
	p.t.Helper()
	p.call("GET", "/api/sessions/"+session, nil, http.StatusOK, &state)
	return state
}
