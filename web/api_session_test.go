package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

func TestSessionFromOpenToExport(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	if s.State != "open" || s.Handshake.Status != 101 || len(s.Handshake.RequestHeaders) == 0 || s.Handshake.PhasesUS.Total == 0 {
		t.Errorf("opened as %+v", s)
	}
	payload := "{\"id\":9007199254740993,\"text\":\"é\x00\"}"
	seq := p.send(s.ID, "text", "", payload)
	p.send(s.ID, "binary", "", "\x00\xff\x10")
	rows := p.attach(s.ID, 0).awaitRows(seq + 3)
	if rows[0].Event != "connected" || rows[1].Preview != payload || rows[1].Sender != "local" {
		t.Errorf("rows %+v", rows)
	}
	for _, row := range rows[1:] {
		want := map[string]string{"text": payload, "binary": "\x00\xff\x10"}[string(row.Opcode)]
		res, body := p.do("GET", "/api/sessions/"+s.ID+"/messages/"+itoa(row.Seq), "", nil)
		if string(body) != want || res.Header.Get("Content-Type") != "application/octet-stream" ||
			!strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%d: %q %v", row.Seq, body, res.Header)
		}
	}
	var closed wire.State
	p.call("POST", "/api/sessions/"+s.ID+"/close", object{"code": 4001, "reason": "done"}, http.StatusOK, &closed)
	if closed.State != "closed" || closed.CloseCode != 4001 || closed.CloseReason != "done" || !closed.Clean || closed.Sent != 2 || closed.Received != 2 {
		t.Errorf("closed as %+v", closed)
	}
	for format, kind := range map[string]string{"jsonl": "application/x-ndjson", "har": "application/json", "txt": "text/plain; charset=utf-8"} {
		res, body := p.do("GET", "/api/sessions/"+s.ID+"/export?format="+format, "", nil)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != kind || !strings.Contains(string(body), "9007199254740993") {
			t.Errorf("%s: %d %s %.200s", format, res.StatusCode, res.Header.Get("Content-Type"), body)
		}
	}
	var list struct{ Sessions []wire.State }
	p.call("GET", "/api/sessions?limit=1", nil, http.StatusOK, &list)
	if len(list.Sessions) != 1 || list.Sessions[0].ID != s.ID || list.Sessions[0].State != "closed" {
		t.Errorf("listed as %+v", list)
	}
	if e := p.refused("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusConflict); e.Code != "session_closed" {
		t.Errorf("closing twice: %+v", e)
	}
	if e := p.refused("POST", "/api/sessions/"+s.ID+"/messages?opcode=text", nil, http.StatusConflict); e.Code != "session_closed" {
		t.Errorf("sending to the dead: %+v", e)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestBodyIsReadInRanges(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	payload := strings.Repeat("0123456789", 300_000) // 3 MB, which lies in parts
	seq := p.send(s.ID, "text", "", payload)
	path := "/api/sessions/" + s.ID + "/messages/" + itoa(seq)
	tests := []struct {
		ranges string
		status int
		want   string
	}{
		{"bytes=0-9", http.StatusPartialContent, "0123456789"},
		{"bytes=1500005-1500009", http.StatusPartialContent, "56789"},
		{"bytes=-3", http.StatusPartialContent, "789"},
		{"bytes=9000000-", http.StatusRequestedRangeNotSatisfiable, ""},
	}
	for _, tt := range tests {
		res, body := p.do("GET", path, "", nil, func(r *http.Request) { r.Header.Set("Range", tt.ranges) })
		if res.StatusCode != tt.status || tt.want != "" && string(body) != tt.want {
			t.Errorf("%s: %d %.50s", tt.ranges, res.StatusCode, body)
		}
	}
	res, body := p.do("GET", path, "", nil)
	if string(body) != payload || res.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("whole: %d bytes, %v", len(body), res.Header)
	}
	etag := res.Header.Get("ETag")
	if res, _ := p.do("GET", path, "", nil, func(r *http.Request) { r.Header.Set("If-None-Match", etag) }); res.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %d", res.StatusCode)
	}
	if e := p.refused("GET", "/api/sessions/"+s.ID+"/messages/999", nil, http.StatusNotFound); e.Code != "message_not_found" {
		t.Errorf("no such message: %+v", e)
	}
}

func TestSameClientIDIsOneMessage(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	first := p.send(s.ID, "text", "c1", "once")
	if again := p.send(s.ID, "text", "c1", "once"); again != first {
		t.Errorf("sent twice, as %d and %d", first, again)
	}
	v := p.attach(s.ID, 0)
	v.say(wire.ViewerEvent{Type: "send", ClientID: "c1", Opcode: "text", Text: "once"})
	v.await(func(e wire.ServerEvent) bool {
		if e.Type == "sent" && (e.ClientID != "c1" || e.Seq != first) {
			t.Errorf("answered with %+v", e)
		}
		return e.Type == "sent"
	})
	p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, nil)
	if rows := p.rows(s.ID, "direction=sent").Messages; len(rows) != 1 {
		t.Errorf("%d messages were sent", len(rows))
	}
}

func TestMessageOverTheLimitIsNotSent(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.open(object{"service": p.demo("echo", "none").ID, "limits": object{"max_message_bytes": 1000}})
	large := strings.Repeat("x", 1001)
	for name, body := range map[string]*strings.Reader{"said": strings.NewReader(large), "chunked": strings.NewReader(large)} {
		res, raw := p.do("POST", "/api/sessions/"+s.ID+"/messages?opcode=text", "", body, func(r *http.Request) {
			if name == "chunked" {
				r.ContentLength = -1
			}
		})
		if res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(raw), "message_too_large") {
			t.Errorf("%s: %d %s", name, res.StatusCode, raw)
		}
	}
	v := p.attach(s.ID, 0)
	v.say(wire.ViewerEvent{Type: "send", ClientID: "c", Opcode: "text", Text: large})
	v.await(func(e wire.ServerEvent) bool {
		if e.Type == "refused" && (e.Error.Code != "message_too_large" || e.ClientID != "c") {
			t.Errorf("refused with %+v", e.Error)
		}
		return e.Type == "refused"
	})
	if rows := p.rows(s.ID, "direction=sent").Messages; len(rows) != 0 {
		t.Errorf("%d messages were sent", len(rows))
	}
	if e := p.refused("POST", "/api/sessions/"+s.ID+"/close", object{"code": 1006}, http.StatusBadRequest); e.Code != "bad_close_code" {
		t.Errorf("closing with 1006: %+v", e)
	}
	res, raw := p.do("POST", "/api/sessions/"+s.ID+"/messages?opcode=text", "", strings.NewReader("\xff"))
	if res.StatusCode != http.StatusBadRequest || !strings.Contains(string(raw), "invalid_utf8") {
		t.Errorf("text that is not UTF-8: %d %s", res.StatusCode, raw)
	}
}

func TestLogIsSearchedOnTheServer(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	for _, text := range []string{"Alpha", "beta", "gamma alpha"} {
		p.send(s.ID, "text", "", text)
	}
	p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, nil)
	last := p.rows(s.ID, "latest=1&limit=1").Messages[0].Seq
	for query, want := range map[string]int{
		"q=alpha&direction=sent":            1,
		"q=alpha&fold=1&direction=sent":     2,
		"q=^[ab]&regex=1&direction=sent":    1,
		"q=nothing":                         0,
		"direction=received":                3,
		"direction=event":                   2,
		"after=1&before=3":                  1,
		"latest=1&limit=2":                  2,
		"q=ALPHA&fold=1&latest=1&limit=100": 4,
	} {
		page := p.rows(s.ID, query)
		if len(page.Messages) != want {
			t.Errorf("%s: %d rows, want %d", query, len(page.Messages), want)
		}
		if !strings.Contains(query, "before") && page.NextAfter != last {
			t.Errorf("%s: next_after %d, want %d", query, page.NextAfter, last)
		}
	}
	if e := p.refused("GET", "/api/sessions/"+s.ID+"/messages?q=(&regex=1", nil, http.StatusBadRequest); e.Code != "bad_search" || e.Field != "q" {
		t.Errorf("broken expression: %+v", e)
	}
}

func TestRefusedCredentialIsExplained(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	service := p.demo("echo", "bearer")
	e := p.refused("POST", "/api/sessions", object{"service": service.ID, "credential": object{"kind": "bearer", "token": "wrong-token-7"}}, http.StatusBadGateway)
	if e.Code != "handshake_refused" || e.Status != 401 || e.Body == "" || e.Diagnosis == nil || e.Diagnosis.Cause == "" ||
		strings.HasPrefix(e.Diagnosis.Cause, "diagnosis.") || e.Handshake.Status != 401 {
		t.Errorf("%+v", e)
	}
	raw, _ := json.Marshal(e)
	if strings.Contains(string(raw), "wrong-token-7") {
		t.Errorf("the token is shown: %s", raw)
	}
	service = p.demo("echo", "iam_password")
	e = p.refused("POST", "/api/sessions", object{"service": service.ID, "credential": object{
		"kind": "iam_password", "iam_endpoint": service.Credential["iam_endpoint"], "domain": service.Credential["domain"],
		"user": service.Credential["user"], "project": service.Credential["project"], "password": "wrong-password",
	}}, http.StatusBadGateway)
	if e.Code != "credential_refused" || e.Diagnosis == nil {
		t.Errorf("%+v", e)
	}
}
