package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"duplex/bridge/wire"
)

// long opens a session of a service, and fills it with more than the sockets on the way
// of its export take. It has ended then.
func (m *teammate) long(service string) (session string) {
	m.t.Helper()
	session = m.opens(service)
	path := "/api/sessions/" + session
	payload := strings.Repeat("0123456789", 3_000)
	for i := range 300 { // each comes back, so there are two pages of them
		var sent struct{ Seq int64 }
		m.gets("POST", fmt.Sprintf("%s/messages?opcode=text&client_id=c%d", path, i), payload, &sent)
	}
	m.gets("POST", path+"/close", `{}`, &wire.State{})
	return session
}

// Who may no longer see a session does not get the rest of a download that is under way,
// and nobody gets a part of one for the whole.
func TestExportEndsWithWhatLetItBegin(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada := p.teammate("ada", "dev")
	echo := ""
	for _, s := range p.demosAs(ada) {
		if s.Demo == "echo" && s.Credential["kind"] == "none" {
			echo = s.Address
		}
	}
	for _, c := range []struct {
		name string
		end  func(service, session string, inBrowser func(*http.Request))
	}{
		{"made private", func(service, _ string, _ func(*http.Request)) {
			ada.gets("PUT", "/api/services/"+service, `{"name":"made private","address":"`+echo+`","shared":false}`, &object{})
		}},
		{"deleted", func(_, session string, _ func(*http.Request)) {
			if came, raw := ada.tries(call{"DELETE", ""}, "/api/sessions/"+session, ""); came != "204" {
				t.Fatal(came, raw)
			}
		}},
		{"signed out", func(_, _ string, inBrowser func(*http.Request)) {
			p.do("POST", "/api/sign-out", "application/json", strings.NewReader(`{}`), inBrowser)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res, _ := p.do("GET", "/history", "", nil, as("ben", "dev"), page)
			cookie := res.Cookies()[0]
			inBrowser := func(r *http.Request) { // of ben's
				as("ben", "dev")(r)
				r.AddCookie(cookie)
			}
			service := ada.saves(c.name, echo, true)
			session := ada.long(service)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/api/sessions/"+session+"/export", nil)
			if err != nil {
				t.Fatal(err)
			}
			inBrowser(req)
			res, err = new(http.Client).Do(req)
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(res, err)
			}
			defer func() { _ = res.Body.Close() }()
			c.end(service, session, inBrowser)
			<-time.After(1100 * time.Millisecond) // it waits for its reader meanwhile
			if n, err := io.Copy(io.Discard, res.Body); err == nil {
				t.Errorf("all of it came, or what looks so: %d bytes", n)
			}
		})
	}
}

func (p *program) demosAs(m *teammate) []savedService {
	p.t.Helper()
	var list struct{ Services []savedService }
	m.gets("GET", "/api/services", "", &list)
	return list.Services
}
