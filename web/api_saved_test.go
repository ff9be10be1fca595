package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type savedMessage struct {
	ID, Name, Folder, Type, Opcode string
	Position                       int
	Size                           int64
}

// keep saves a message with a service.
func (p *program) keep(service, folder, name, kind string, body io.Reader) savedMessage {
	p.t.Helper()
	q := url.Values{"name": {name}, "folder": {folder}, "type": {kind}}
	res, raw := p.do("POST", "/api/services/"+service+"/messages?"+q.Encode(), "application/octet-stream", body)
	if res.StatusCode != http.StatusCreated {
		p.t.Fatalf("keep: %d %s", res.StatusCode, raw)
	}
	var m, again savedMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		p.t.Fatal(err)
	}
	p.call("GET", "/api/services/"+service+"/messages/"+m.ID, nil, http.StatusOK, &again)
	if diff := cmp.Diff(m, again); diff != "" {
		p.t.Errorf("saved (-) and read (+):\n%s", diff)
	}
	return m
}

func decoded(t *testing.T, raw []byte) (out object) {
	t.Helper()
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *program) kept(service string) []savedMessage {
	p.t.Helper()
	var list struct{ Messages []savedMessage }
	p.call("GET", "/api/services/"+service+"/messages", nil, http.StatusOK, &list)
	return list.Messages
}

func (p *program) keptBody(service, id string) []byte {
	p.t.Helper()
	res, raw := p.do("GET", "/api/services/"+service+"/messages/"+id+"/body", "", nil)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/octet-stream" {
		p.t.Fatalf("body: %d %s %.200s", res.StatusCode, res.Header.Get("Content-Type"), raw)
	}
	return raw
}

func TestSavedMessagesOfAService(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	service := p.demo("echo", "none").ID
	if list := p.kept(service); list == nil || len(list) != 0 {
		t.Errorf("a new service keeps %v", list)
	}
	hostile := "<script>alert(1)</script> \u202e\u2066gnp.exe"
	large := bytes.Repeat([]byte{0, 1, 0xff}, 4<<20)
	first := p.keep(service, "", hostile, "json", strings.NewReader(`{"a": 12345678901234567890}`))
	second := p.keep(service, "", "file", "file", bytes.NewReader(large))
	third := p.keep(service, "Folder", "empty", "text", strings.NewReader(""))
	want := []savedMessage{
		{ID: first.ID, Name: hostile, Type: "json", Opcode: "text", Size: 27},
		{ID: second.ID, Name: "file", Type: "file", Opcode: "binary", Position: 1, Size: int64(len(large))},
		{ID: third.ID, Name: "empty", Folder: "Folder", Type: "text", Opcode: "text"},
	}
	if diff := cmp.Diff(want, p.kept(service)); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(p.keptBody(service, second.ID), large) || len(p.keptBody(service, third.ID)) != 0 {
		t.Error("a body is altered")
	}
	path := "/api/services/" + service + "/messages/"
	res, part := p.do("GET", path+second.ID+"/body", "", nil, func(r *http.Request) { r.Header.Set("Range", "bytes=1048575-1048578") })
	if res.StatusCode != http.StatusPartialContent || !bytes.Equal(part, large[1048575:1048579]) {
		t.Errorf("range: %d, %d bytes", res.StatusCode, len(part))
	}
	p.call("PATCH", path+second.ID, object{"folder": "Folder", "position": 0, "name": "renamed"}, http.StatusOK, nil)
	res, raw := p.do("PUT", path+third.ID+"?name=third&folder=Folder&type=hex", "text/plain", strings.NewReader("\xff"))
	if res.StatusCode != http.StatusOK || at(decoded(t, raw), "opcode") != "binary" {
		t.Errorf("replaced: %d %s", res.StatusCode, raw)
	}
	p.call("DELETE", path+first.ID, nil, http.StatusNoContent, nil)
	var names []string
	for _, m := range p.kept(service) {
		names = append(names, fmt.Sprintf("%s/%s %d", m.Folder, m.Name, m.Position))
	}
	if diff := cmp.Diff([]string{"Folder/renamed 0", "Folder/third 1"}, names); diff != "" {
		t.Error(diff)
	}
	if e := p.refused("GET", path+first.ID, nil, http.StatusNotFound); e.Code != "saved_not_found" {
		t.Errorf("%+v", e)
	}
	if e := p.refused("GET", "/api/services/"+p.demo("stream", "none").ID+"/messages/"+third.ID, nil, http.StatusNotFound); e.Code != "saved_not_found" {
		t.Errorf("in another service: %+v", e)
	}
}

func TestSavedMessageKeepsToTheLimitOfItsService(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	var service object
	p.call("POST", "/api/services", object{"name": "small", "address": "ws://127.0.0.1:9/", "limits": object{"max_message_bytes": 1000}}, http.StatusCreated, &service)
	id := fmt.Sprint(service["id"])
	p.keep(id, "", "as large as can be", "text", strings.NewReader(strings.Repeat("x", 1000)))
	res, raw := p.do("POST", "/api/services/"+id+"/messages?name=a&type=text", "", io.LimitReader(zeros{}, 1001)) // without a length
	if res.StatusCode != http.StatusRequestEntityTooLarge || at(decoded(t, raw), "error", "code") != "saved_too_large" {
		t.Errorf("%d %s", res.StatusCode, raw)
	}
	if list := p.kept(id); len(list) != 1 {
		t.Errorf("it keeps %v", list)
	}
	p.call("DELETE", "/api/services/"+id, nil, http.StatusNoContent, nil)
	if e := p.refused("GET", "/api/services/"+id+"/messages", nil, http.StatusNotFound); e.Code != "service_not_found" {
		t.Errorf("%+v", e)
	}
}

// The demo's services move to another port at some starts; the messages saved with them
// stay.
func TestSavedMessagesOfADemoOutliveARestart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProgram(t, "--data", data)
	demo := p.demo("stream", "none")
	m := p.keep(demo.ID, "Prompts", "poem", "json", strings.NewReader(`{"prompt": "a poem"}`))
	p.stop()
	u, err := url.Parse(demo.Address)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	p = startProgram(t, "--data", data)
	moved := p.demo("stream", "none")
	if moved.ID != demo.ID || moved.Address == demo.Address {
		t.Errorf("the demo was at %s and is at %s", demo.Address, moved.Address)
	}
	if got := string(p.keptBody(demo.ID, m.ID)); got != `{"prompt": "a poem"}` {
		t.Errorf("after the restart: %q", got)
	}
}
