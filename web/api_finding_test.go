package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/wire"
)

// ticks opens a session on the ticker, waits for all its messages and its end, and
// returns the rows.
func (p *program) ticks(count int) (wire.State, []wire.Row) {
	p.t.Helper()
	s := p.open(object{"service": p.demo("ticker", "none").ID, "params": []object{
		{"name": "rate", "value": "0"}, {"name": "size", "value": "64"}, {"name": "count", "value": fmt.Sprint(count)},
	}})
	v := p.attach(s.ID, 0)
	v.awaitState(func(s *wire.State) bool { return s.State == "closed" })
	return *v.state, v.awaitRows(int64(count) + 2) // and connected and closed
}

func TestRowsAroundAPlaceInTheLog(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s, rows := p.ticks(2000)
	at := func(query string) int64 {
		t.Helper()
		var page struct {
			rowPage
			AtSeq int64 `json:"at_seq"`
		}
		p.call("GET", "/api/sessions/"+s.ID+"/messages?limit=100&"+query, nil, http.StatusOK, &page)
		if !slices.ContainsFunc(page.Messages, func(r wire.Row) bool { return r.Seq == page.AtSeq }) || len(page.Messages) < 50 {
			t.Errorf("%s: %d rows do not hold row %d", query, len(page.Messages), page.AtSeq)
		}
		return page.AtSeq
	}
	for _, seq := range []int64{1, 2, 1000, 2002} {
		if got := at("around=" + itoa(seq)); got != seq {
			t.Errorf("around %d: %d", seq, got)
		}
		us := rows[seq-1].AtUS
		first := slices.IndexFunc(rows, func(r wire.Row) bool { return r.AtUS >= us })
		if got := at("at_us=" + itoa(us)); got != rows[first].Seq {
			t.Errorf("at the time of %d: %d, want %d", seq, got, rows[first].Seq)
		}
	}
	if got := at("at_us=0"); got != 1 {
		t.Errorf("before all: %d", got)
	}
	if got := at("around=9223372036854775807"); got != 2002 {
		t.Errorf("behind all: %d", got)
	}
	if got := at("at_us=" + itoa(s.EndedAtUS+1e9)); got != 2002 {
		t.Errorf("after all: %d", got)
	}
	for _, query := range []string{"around=5&after=1", "at_us=5&before=9", "around=5&latest=1"} {
		if e := p.refused("GET", "/api/sessions/"+s.ID+"/messages?"+query, nil, http.StatusBadRequest); e.Code != "bad_value" || e.Field != "around" {
			t.Errorf("%s: %+v", query, e)
		}
	}
}

// A search that has no time left answers with less, and who goes on misses nothing.
func TestSearchGoesOnWhereItsTimeWasOver(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s, _ := p.ticks(5000)
	for _, query := range []string{"q=seq%22:77", "q=seq%22:%5Cd*7,&regex=1", "direction=event", "q=nothing"} {
		var want []int64
		for after := int64(0); after < s.LastSeq; { // one answer, but on a slow machine
			page := p.rows(s.ID, fmt.Sprintf("limit=1000&budget_ms=10000&after=%d&%s", after, query))
			if page.NextAfter <= after {
				t.Fatalf("%s: goes on at %d after %d", query, page.NextAfter, after)
			}
			after = page.NextAfter
			for _, row := range page.Messages {
				want = append(want, row.Seq)
			}
		}
		var found []int64
		answers := 0
		for after := int64(0); after < s.LastSeq; answers++ {
			page := p.rows(s.ID, fmt.Sprintf("limit=1000&budget_ms=0&after=%d&%s", after, query))
			if page.NextAfter <= after {
				t.Fatalf("%s: goes on at %d after %d", query, page.NextAfter, after)
			}
			after = page.NextAfter
			for _, row := range page.Messages {
				found = append(found, row.Seq)
			}
		}
		if !slices.Equal(found, want) || answers < 10 {
			t.Errorf("%s: %d rows in %d answers, want %d", query, len(found), answers, len(want))
		}
	}
}

func TestLatestRowsOfASearchGoOnBackwards(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s, _ := p.ticks(2000)
	var found []int64
	for before := s.LastSeq + 1; before > 1; {
		var page struct {
			rowPage
			NextBefore int64 `json:"next_before"`
		}
		p.call("GET", fmt.Sprintf("/api/sessions/%s/messages?q=seq%%22:77&latest=1&limit=3&budget_ms=0&before=%d", s.ID, before), nil, http.StatusOK, &page)
		if page.NextBefore >= before || page.NextBefore == 0 {
			t.Fatalf("goes on at %d before %d", page.NextBefore, before)
		}
		before = page.NextBefore
		for _, row := range slices.Backward(page.Messages) {
			found = append(found, row.Seq)
		}
	}
	slices.Reverse(found)
	want := p.rows(s.ID, "q=seq%22:77&limit=1000").Messages
	if len(found) != len(want) || found[0] != want[0].Seq || !slices.IsSorted(found) {
		t.Errorf("%d rows, want %d", len(found), len(want))
	}
}

func TestFoundRowsShowTheirMatch(t *testing.T) {
	t.Parallel()
	const large = 1 << 20 // of which no row holds more than a beginning
	p := startProgram(t)
	s := p.echo()
	p.send(s.ID, "text", "", strings.Repeat("é", 3000)+`{"needle":true}`)
	p.send(s.ID, "binary", "", strings.Repeat("\x00", 500)+"needle\xff")
	p.send(s.ID, "text", "", strings.Repeat("x", large)+"NEEDLE")
	p.attach(s.ID, 0).awaitRows(7)
	rows := p.rows(s.ID, "q=n%5Beé%5D%2Bdle&regex=1&fold=1&direction=sent&budget_ms=10000").Messages
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range []wire.Snippet{
		{Offset: 6002, Before: strings.Repeat("é", 31) + `{"`, Match: "needle", After: `":true}`},
		{Offset: 500, Before: strings.Repeat("00", 32), Match: "6e6565646c65", After: "ff"},
		{Offset: large, Before: strings.Repeat("x", 64), Match: "NEEDLE"},
	} {
		if got := rows[i].Snippet; got == nil || *got != want {
			t.Errorf("row %d: %+v, want %+v", i, got, want)
		}
	}
	if rows := p.rows(s.ID, "").Messages; rows[1].Snippet != nil {
		t.Error("a row that was not searched for has a snippet")
	}
}

func TestWrongExpressionsAreExplained(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	for pattern, want := range map[string]string{
		"abc[x":                        "closing ] is missing, at character 4: [x",
		"(ab":                          "closing ) is missing",
		"日本**":                         "two repetitions follow each other, at character 3: **",
		"(a{1000}){1000}":              "counts to more than 1,000, at character 10: {1000}",
		"a{1001}":                      "counts to more than 1,000, at character 2",
		"(?<=x)y":                      "no such group, or it uses lookaround or a backreference, which are not supported, at character 1: (?<=x)y",
		`abc\`:                         "ends with a single",
		"a)":                           "closes nothing",
		`x\y`:                          `no such escape, at character 2: \y`,
		strings.Repeat(`\pL{900}`, 20): "smaller counts",
	} {
		e := p.refused("GET", "/api/sessions/"+s.ID+"/messages?regex=1&q="+url.QueryEscape(pattern), nil, http.StatusBadRequest)
		if e.Code != "bad_search" || e.Field != "q" || !strings.Contains(e.Message, want) {
			t.Errorf("%.40s: %s", pattern, e.Message)
		}
	}
	e := p.refused("GET", "/api/sessions/"+s.ID+"/messages?q="+strings.Repeat("a", 1001), nil, http.StatusBadRequest)
	if e.Code != "search_too_long" || !strings.Contains(e.Message, "1000 bytes") {
		t.Errorf("too long: %+v", e)
	}
}

func TestRowsAreFilteredByOpcodeAndEvent(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	p.send(s.ID, "text", "", "text one")
	p.send(s.ID, "binary", "", "binary one")
	p.attach(s.ID, 0).awaitRows(5)
	p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, nil)
	for query, want := range map[string]int{
		"opcode=binary": 2, "opcode=text": 2, "opcode=binary&direction=sent": 1, "opcode=binary&q=one": 2,
		"event=closed": 1, "event=connected": 1, "event=ping_lost": 0, "event=closed&direction=sent": 0, "event=closed&q=1000": 1,
	} {
		if rows := p.rows(s.ID, query).Messages; len(rows) != want {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
	}
}

// A slow expression over large messages is stopped and named. A message is left out only
// after the whole time of a request.
func TestExpressionOverLargeMessagesKeepsItsBudget(t *testing.T) {
	p := startProgram(t)
	s := p.echo()
	large := strings.Repeat("abcdefgh0123", 1<<20) // 12 MiB
	before := p.send(s.ID, "text", "", strings.Repeat("a", 50)+"zz")
	first := p.send(s.ID, "text", "", large)
	ask := func(after int64, budget int) (page struct {
		rowPage
		SlowSeq    int64 `json:"slow_seq"`
		SkippedSeq int64 `json:"skipped_seq"`
	}, took time.Duration,
	) {
		t.Helper()
		q := url.QueryEscape("(([a-z]+[0-9]*)+x?){40}zz$")
		began := time.Now()
		p.call("GET", fmt.Sprintf("/api/sessions/%s/messages?direction=sent&regex=1&q=%s&after=%d&budget_ms=%d", s.ID, q, after, budget), nil, http.StatusOK, &page)
		return page, time.Since(began)
	}
	page, _ := ask(0, 400)
	if len(page.Messages) != 1 || page.Messages[0].Seq != before || page.NextAfter != first-1 || page.SlowSeq != 0 {
		t.Errorf("what lies before the large one: %+v", page)
	}
	page, took := ask(first-1, 400)
	if page.SlowSeq != first || page.NextAfter != first-1 || page.SkippedSeq != 0 {
		t.Errorf("with little time: %+v", page)
	}
	if took > 3*time.Second { // without a bound it takes more than twice as long
		t.Errorf("answered after %v", took)
	}
	page, _ = ask(first-1, 5000)
	if page.SlowSeq != 0 || page.NextAfter < first || page.SkippedSeq != first {
		t.Errorf("with all the time: %+v", page)
	}
}
