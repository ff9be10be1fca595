package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/wire"
)

func (p *program) closed(t *testing.T) (id string) {
	t.Helper()
	id = p.echo().ID
	p.send(id, "text", "", strings.Repeat("x", 1000))
	p.call("POST", "/api/sessions/"+id+"/close", object{}, http.StatusOK, nil)
	return id
}

func (p *program) pin(id string, pinned bool) wire.State {
	p.t.Helper()
	var state wire.State
	p.call("PUT", "/api/sessions/"+id+"/pin", object{"pinned": pinned}, http.StatusOK, &state)
	return state
}

func TestRetentionKeepsWhatIsPinned(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProgram(t, "--data", data)
	loose, kept := p.closed(t), p.closed(t)
	running := p.echo().ID
	for _, id := range []string{kept, running} {
		if state := p.pin(id, true); !state.Pinned {
			t.Errorf("%+v", state)
		}
		var state wire.State
		if p.call("GET", "/api/sessions/"+id, nil, http.StatusOK, &state); !state.Pinned {
			t.Errorf("%s is not pinned", id)
		}
	}
	var list struct{ Sessions []wire.State }
	p.call("GET", "/api/sessions", nil, http.StatusOK, &list)
	for _, s := range list.Sessions {
		if s.Pinned != (s.ID != loose) {
			t.Errorf("%s: pinned %v", s.ID, s.Pinned)
		}
	}
	if _, html := p.do("GET", "/history", "", nil); bytes.Count(html, []byte(`data-pinned="true"`)) != 2 {
		t.Error("the history does not show what is pinned")
	}
	services, before := p.do("GET", "/api/services", "", nil)
	p.stop()
	p = startProgram(t, "--data", data, "--retention-bytes", "1")
	for { // the sweep begins at start, in its own time
		if res, _ := p.do("GET", "/api/sessions/"+loose, "", nil); res.StatusCode == http.StatusNotFound {
			break
		}
	}
	p.rows(kept, "")
	p.rows(running, "")
	var log struct{ Entries []auditLine }
	p.call("GET", "/api/audit?action=session.delete", nil, http.StatusOK, &log)
	if len(log.Entries) != 1 || log.Entries[0].Session != loose || log.Entries[0].Detail != "retention" || log.Entries[0].PersonName != "" {
		t.Errorf("audit: %+v", log.Entries)
	}
	if _, after := p.do("GET", "/api/services", "", nil); services.StatusCode != http.StatusOK || bytes.Count(before, []byte(`"id"`)) != bytes.Count(after, []byte(`"id"`)) {
		t.Error("the services have changed")
	}
	p.refused("PUT", "/api/sessions/"+loose+"/pin", object{"pinned": true}, http.StatusNotFound)
	if e := p.refused("PUT", "/api/sessions/"+kept+"/pin", object{}, http.StatusBadRequest); e.Code != "missing_field" {
		t.Errorf("%+v", e)
	}
}

func TestOwnersAndAdminsPin(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	m := p.makes(t, true, "pinned")
	body := `{"pinned":true}`
	for name, want := range map[string]string{"ben dev": "owner_required", "vera staff": "role_required", "ada dev": "200", "olga ops": "200"} {
		person, group, _ := strings.Cut(name, " ")
		if came, raw := p.teammate(person, group).tries(call{"PUT", ""}, "/api/sessions/"+m.session+"/pin", body); came != want {
			t.Errorf("%s: %s, want %s: %s", name, came, want, raw)
		}
	}
}
