package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

type searchPage struct {
	Sessions []struct {
		Session  wire.State
		Found    int
		More     bool
		Messages []wire.Row
	}
	Searched, Total struct{ Sessions, Messages int64 }
	Next            string
}

// searched is a whole search, from answer to answer.
type searched struct {
	found             map[string]int // by session
	shown             map[string]int
	order             []string
	answers           int
	sessions, total   int64
	messages, inTotal int64
}

func (p *program) search(query string) searched {
	p.t.Helper()
	out := searched{found: map[string]int{}, shown: map[string]int{}}
	for next := "first"; next != ""; out.answers++ {
		var page searchPage
		path := "/api/search?" + query
		if next != "first" {
			path += "&next=" + next
		}
		p.call("GET", path, nil, http.StatusOK, &page)
		if next == "first" {
			out.total, out.inTotal = page.Total.Sessions, page.Total.Messages
		}
		out.sessions += page.Searched.Sessions
		out.messages += page.Searched.Messages
		for _, s := range page.Sessions {
			if out.found[s.Session.ID] == 0 {
				out.order = append(out.order, s.Session.ID)
			}
			out.found[s.Session.ID] += s.Found
			out.shown[s.Session.ID] += len(s.Messages)
		}
		next = page.Next
	}
	return out
}

func TestAllSessionsAreSearched(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	long, _ := p.ticks(3000)
	hello := p.echo()
	for range 4 {
		p.send(hello.ID, "text", "", "Hello 77 needle")
	}
	p.attach(hello.ID, 0).awaitRows(9)
	for range 45 { // more than are listed at a time
		s := p.echo()
		p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, nil)
	}
	for _, budget := range []string{"", "&budget_ms=0"} {
		got := p.search("q=77" + budget)
		if fmt.Sprint(got.order) != fmt.Sprint([]string{hello.ID, long.ID}) || got.found[hello.ID] != 8 || got.shown[hello.ID] != 3 || got.shown[long.ID] != 3 {
			t.Errorf("%s: %+v", budget, got)
		}
		if want := len(p.rows(long.ID, "q=77&limit=1000").Messages); got.found[long.ID] != want {
			t.Errorf("%s: %d found in the long one, want %d", budget, got.found[long.ID], want)
		}
		if got.sessions != 47 || got.total != 47 || got.messages != got.inTotal || got.messages < 3000 {
			t.Errorf("%s: %d of %d sessions, %d of %d messages", budget, got.sessions, got.total, got.messages, got.inTotal)
		}
		if budget != "" && got.answers < 47 {
			t.Errorf("without time there were %d answers", got.answers)
		}
	}
	if got := p.search("q=seq"); got.found[long.ID] != 1000 { // counted no further
		t.Errorf("%+v", got)
	}
	for query, want := range map[string]int{
		"q=needle&service=ticker": 0, "q=needle&service=echo": 1, "q=needle&state=closed": 0, "q=needle&state=open": 1,
		"q=needle&by=nobody": 0, "q=needle&by=loc": 1, "q=NEEDLE": 0, "q=NEEDLE&fold=1": 1, "q=ne%2Bdle&regex=1": 1,
		"q=needle&to_us=" + itoa(hello.OpenedAtUS): 0, "q=needle&from_us=" + itoa(hello.OpenedAtUS): 1,
	} {
		if got := p.search(query); len(got.order) != want {
			t.Errorf("%s: found in %d sessions, want %d", query, len(got.order), want)
		}
	}
}

func TestSearchSurvivesTheDeletionOfWhereItIs(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	older, _ := p.ticks(300)
	newer, _ := p.ticks(3000)
	var page searchPage
	p.call("GET", "/api/search?q=77&budget_ms=0", nil, http.StatusOK, &page)
	if !strings.HasSuffix(page.Next, newer.ID) {
		t.Fatalf("goes on at %q", page.Next)
	}
	p.call("DELETE", "/api/sessions/"+newer.ID, nil, http.StatusNoContent, nil)
	if got := p.search("q=77&next=" + page.Next); got.found[older.ID] == 0 && got.sessions != 2 {
		t.Errorf("%+v", got)
	}
}

func TestWrongSearchesAreRefused(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for query, want := range map[string]string{
		"": "missing_field q", "q=(&regex=1": "bad_search q", "q=a&next=1.2": "bad_value next", "q=a&next=x.1.1.id": "bad_value next",
		"q=a&next=1.-2.1.id": "bad_value next", "q=a&state=dead": "bad_value state", "q=a&by=%00": "bad_value by",
		"q=a&service=" + strings.Repeat("s", 201): "bad_value service", "q=a&from_us=monday": "bad_value from_us",
		"q=a&budget_ms=10001": "bad_value budget_ms", "q=" + strings.Repeat("a", 1001): "search_too_long q",
	} {
		e := p.refused("GET", "/api/search?"+query, nil, http.StatusBadRequest)
		if got := e.Code + " " + e.Field; got != want {
			t.Errorf("%.60s: %s, want %s", query, got, want)
		}
	}
}
