package main

import (
	"fmt"
	"net/http"
	"testing"

	"duplex/bridge/wire"
)

func TestSessionsAreListedFromAPlaceAndByFilter(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	var ids []string
	for range 5 {
		ids = append(ids, p.echo().ID)
	}
	for _, id := range ids[1:] {
		p.call("POST", "/api/sessions/"+id+"/close", object{}, http.StatusOK, nil)
	}
	for query, want := range map[string][]int{
		"limit=2": {4, 3}, "limit=2&before=" + ids[3]: {2, 1}, "limit=2&after=" + ids[1]: {3, 2}, "after=" + ids[4]: {},
		"state=open": {0}, "state=closed&limit=1": {4}, "state=broken": {}, "limit=2&with_running=1": {4, 3, 0},
		"service=nothing": {}, "service=echo&limit=1": {4},
	} {
		var list struct{ Sessions []wire.State }
		p.call("GET", "/api/sessions?"+query, nil, http.StatusOK, &list)
		got, wanted := []string{}, []string{}
		for _, s := range list.Sessions {
			got = append(got, s.ID)
		}
		for _, i := range want {
			wanted = append(wanted, ids[i])
		}
		if fmt.Sprint(got) != fmt.Sprint(wanted) {
			t.Errorf("%s: %v, want %v", query, got, wanted)
		}
	}
}

func TestSessionIsDeletedOnceItHasEnded(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	s := p.echo()
	seq := p.send(s.ID, "text", "", "hello")
	path := "/api/sessions/" + s.ID
	if e := p.refused("DELETE", path, nil, http.StatusConflict); e.Code != "session_running" {
		t.Errorf("while it runs: %+v", e)
	}
	p.call("POST", path+"/close", object{}, http.StatusOK, nil)
	p.call("DELETE", path, nil, http.StatusNoContent, nil)
	for _, gone := range []string{path, path + "/messages", path + "/messages/" + itoa(seq), path + "/export"} {
		if e := p.refused("GET", gone, nil, http.StatusNotFound); e.Code != "session_not_found" {
			t.Errorf("%s: %+v", gone, e)
		}
	}
	if e := p.refused("DELETE", path, nil, http.StatusNotFound); e.Code != "session_not_found" {
		t.Errorf("twice: %+v", e)
	}
}

// Nobody records a relay unless its service says so: the list goes on behind it all
// the same.
func TestListGoesOnBehindARelay(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	older := p.echo()
	if _, _, err := p.relay("/relay/"+p.demo("echo", "none").ID+"/", "duplex.demo"); err != nil {
		t.Fatal(err)
	}
	var list struct{ Sessions []wire.State }
	p.call("GET", "/api/sessions", nil, http.StatusOK, &list)
	if len(list.Sessions) != 2 || list.Sessions[0].Kind != "relay" {
		t.Fatalf("listed as %+v", list)
	}
	p.call("GET", "/api/sessions?before="+list.Sessions[0].ID, nil, http.StatusOK, &list)
	if len(list.Sessions) != 1 || list.Sessions[0].ID != older.ID {
		t.Errorf("behind the relay: %+v", list)
	}
}
