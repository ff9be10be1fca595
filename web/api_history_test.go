package main

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"duplex/bridge/wire"
)

// chatted is an ended session of the demo's chat with one answer.
func (p *program) chatted(question string) string {
	p.t.Helper()
	id := p.open(object{"service": p.demo("stream", "none").ID}).ID
	p.call("POST", "/api/sessions/"+id+"/ask", object{"text": question}, http.StatusOK, nil)
	p.call("POST", "/api/sessions/"+id+"/close", object{}, http.StatusOK, nil)
	return id
}

type answersPage struct {
	Sessions []struct {
		Session wire.State
		Texts   int
		Turns   []struct {
			N       int
			Stream  string
			Snippet wire.Snippet
		}
	}
	Searched struct{ Sessions int64 }
	Next     string
}

func TestAnswersAreSearchedByTheirJoinedText(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	chat, plain := p.chatted("Why a request timeout?"), p.closed(t)
	var found answersPage
	for until := time.Now().Add(time.Minute); len(found.Sessions) == 0 && time.Now().Before(until); { // turns are stored just after the end
		p.call("GET", "/api/search?in=answers&fold=1&q="+url.QueryEscape("REQUEST TIMEOUT"), nil, http.StatusOK, &found)
	}
	if len(found.Sessions) != 1 || found.Sessions[0].Session.ID != chat || found.Sessions[0].Texts != 1 {
		t.Fatalf("found %+v, and not %s alone, without %s", found.Sessions, chat, plain)
	}
	hit := found.Sessions[0].Turns[0]
	if hit.N != 1 || hit.Stream != "answer" || hit.Snippet.Match != "request timeout" {
		t.Errorf("the hit is %+v", hit)
	}
	if found.Searched.Sessions != 2 || found.Next != "" {
		t.Errorf("searched %d sessions, next %q", found.Searched.Sessions, found.Next)
	}
	var list struct{ Sessions []wire.State }
	p.call("GET", "/api/sessions", nil, http.StatusOK, &list)
	i := slices.IndexFunc(list.Sessions, func(s wire.State) bool { return s.ID == chat })
	if s := list.Sessions[i]; s.Turns != 1 || s.Outcome != "closed 1000" || s.Failed {
		t.Errorf("the list says %d turns, %q, %v", s.Turns, s.Outcome, s.Failed)
	}
}

func TestDaysAreThoseOfATimeZone(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.closed(t)
	for _, zone := range []string{"UTC", "Asia/Kathmandu", "Pacific/Kiritimati"} {
		var out struct {
			Days []struct {
				Day      string
				FromUS   int64 `json:"from_us"`
				ToUS     int64 `json:"to_us"`
				Sessions int64
			}
		}
		p.call("GET", "/api/history/days?zone="+zone, nil, http.StatusOK, &out)
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Days) != 1 || out.Days[0].Sessions != 1 {
			t.Fatalf("%s: %+v", zone, out.Days)
		}
		from := time.UnixMicro(out.Days[0].FromUS).In(place)
		if out.Days[0].Day != from.Format(time.DateOnly) || from.Hour() != 0 || from.Minute() != 0 || out.Days[0].ToUS-out.Days[0].FromUS != (24*time.Hour).Microseconds() {
			t.Errorf("%s: %+v", zone, out.Days[0])
		}
	}
}

func TestSeveralSessionsAreOneFile(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	a, b := p.closed(t), p.echo().ID // one still runs
	res, raw := p.do("GET", "/api/history/export?format=txt&session="+b+"&session="+a+"&session="+a, "", nil)
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Disposition"), "duplex-2-sessions.txt.zip") {
		t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Disposition"))
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(content); err != nil || text.Len() == 0 {
			t.Errorf("%s: %d bytes, %v", file.Name, text.Len(), err)
		}
	}
	if want := []string{"duplex-" + a + ".txt", "duplex-" + b + ".txt"}; !slices.Equal(names, want) {
		t.Errorf("the file has %v, and not %v", names, want)
	}
}

// A deletion names what stays, can be undone, and is dropped with the server: nothing is
// deleted before its time.
func TestDeletionWaitsAndCanBeUndone(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProgram(t, "--data", data)
	loose, kept, running := p.closed(t), p.closed(t), p.echo().ID
	p.pin(kept, true)
	var plan struct {
		ID       string
		Sessions []string
		LeftOut  []struct{ ID, Reason string } `json:"left_out"`
	}
	plans := func() {
		t.Helper()
		p.call("POST", "/api/history/deletions", object{"sessions": []string{loose, kept, running, "nothing"}}, http.StatusAccepted, &plan)
	}
	plans()
	reasons := map[string]string{}
	for _, left := range plan.LeftOut {
		reasons[left.ID] = left.Reason
	}
	if !slices.Equal(plan.Sessions, []string{loose}) || reasons[kept] != "pinned" || reasons[running] != "running" || reasons["nothing"] != "gone" {
		t.Errorf("planned %v, left out %v", plan.Sessions, reasons)
	}
	p.call("DELETE", "/api/history/deletions/"+plan.ID, nil, http.StatusNoContent, nil)
	p.refused("DELETE", "/api/history/deletions/"+plan.ID, nil, http.StatusNotFound)
	plans()
	p.stop()
	p = startProgram(t, "--data", data)
	p.rows(loose, "")
}
