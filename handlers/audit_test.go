package handlers_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/audit"
	"duplex/handlers"
	"duplex/handlers/identity"
)

func TestWhatCannotBeWrittenIsNotDone(t *testing.T) {
	c := start(t)
	c.memoryLog.fails(errors.New("disk full"))
	for name, f := range map[string]func() (*http.Response, string){
		"session": func() (*http.Response, string) { return c.request("POST", "/api/sessions", `{"service":"one"}`) },
		"relay": func() (*http.Response, string) {
			return c.request("GET", "/relay/one/", "", upgrading(c.url))
		},
		"create": func() (*http.Response, string) {
			return c.request("POST", "/api/services", `{"name":"a","address":"ws://h/"}`)
		},
		"replace": func() (*http.Response, string) {
			return c.request("PUT", "/api/services/one", `{"name":"a","address":"ws://h/"}`)
		},
		"delete":      func() (*http.Response, string) { return c.request("DELETE", "/api/services/one", "") },
		"audit list":  func() (*http.Response, string) { return c.request("GET", "/api/audit", "") },
		"audit lines": func() (*http.Response, string) { return c.request("GET", "/api/audit?format=jsonl", "") },
	} {
		res, body := f()
		if code, _ := fault(t, body); res.StatusCode != http.StatusServiceUnavailable || code != "audit_unavailable" {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
		if strings.Contains(body, "disk full") {
			t.Errorf("%s shows the cause: %s", name, body)
		}
	}
	if c.dials.Load() != 0 || c.memoryStore.saved.Load() != 0 {
		t.Errorf("%d dials, %d saved", c.dials.Load(), c.memoryStore.saved.Load())
	}
	c.memoryLog.fails(nil)
	if res, body := c.request("GET", "/api/audit", ""); res.StatusCode != http.StatusOK {
		t.Errorf("when it can be written again: %d %s", res.StatusCode, body)
	}
}

// upgrading makes a request a WebSocket handshake from a page of origin.
func upgrading(origin string) func(*http.Request) {
	return func(r *http.Request) {
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Origin": origin,
			"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			r.Header.Set(name, value)
		}
	}
}

func TestWhatComesToNothingIsWrittenTwice(t *testing.T) {
	for name, v := range map[string]struct {
		method, path, body string
		want               []string
	}{
		"refused by the target": {"POST", "/api/sessions", `{"service":"one"}`, []string{"session.open ok", "session.refused failed handshake_refused"}},
		"refused by the policy": {
			"POST", "/api/sessions", `{"address":"ws://169.254.169.254/"}`,
			[]string{"session.open ok", "policy.denied refused target_blocked"},
		},
		"no such service": {"POST", "/api/sessions", `{"service":"two"}`, nil},
		"a wrong address": {"POST", "/api/sessions", `{"address":"ftp://host/"}`, nil},
		"name taken": {
			"POST", "/api/services", `{"name":"taken","address":"ws://h/","credential":{"kind":"bearer","token":"a-secret"}}`,
			[]string{"service.create ok", "secret.set ok token", "service.create failed name_taken"},
		},
		"replaced": {"PUT", "/api/services/one", `{"name":"a","address":"ws://h/"}`, []string{"service.update ok"}},
		"deleted":  {"DELETE", "/api/services/one", "", []string{"service.delete ok"}},
	} {
		c := start(t)
		c.request(v.method, v.path, v.body)
		if diff := cmp.Diff(v.want, c.memoryLog.written()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEntriesSayWhoAndFromWhereAndInWhichRequest(t *testing.T) {
	log := &lockedBuilder{}
	c := start(t, func(o *handlers.Options) { o.Log = log.logger() })
	c.request("POST", "/api/sessions", `{"service":"one","address":"`+c.address()+`/v1?key=a-secret","headers":[{"name":"X-A","value":"a-secret"}]}`)
	if len(c.memoryLog.entries) != 2 {
		t.Fatalf("%+v", c.memoryLog.entries)
	}
	host := strings.TrimPrefix(c.address(), "ws://")
	for _, e := range c.memoryLog.entries {
		want := audit.Object{Session: "viewer", Service: "one", ServiceName: "One", Target: host}
		if e.Person != (audit.Person{ID: "local", Name: "local"}) || e.Object != want || !strings.HasPrefix(e.Peer, "127.0.0.1:") {
			t.Errorf("%+v", e)
		}
		if e.Request == "" || !strings.Contains(log.String(), "id="+e.Request) {
			t.Errorf("request %q is not in the log", e.Request)
		}
		if strings.Contains(fmt.Sprint(e), "a-secret") {
			t.Errorf("more than names: %+v", e)
		}
	}
}

func TestStrangersDoNotFillTheLog(t *testing.T) {
	c := start(t)
	for range 5 {
		c.request("GET", "/relay/one/", "", upgrading("https://elsewhere.example"))
	}
	if diff := cmp.Diff([]string{"policy.denied refused origin_refused"}, c.memoryLog.written()); diff != "" {
		t.Error(diff)
	}
}

func TestSignInsAreWritten(t *testing.T) {
	d := &memoryLog{}
	o := start(t).options()
	o.Audit = d
	handlers.New(o)
	li := identity.Person{ID: "issuer|li", Name: "Li Wei"}
	for _, e := range []identity.Event{
		{Kind: identity.EventSignedIn, Person: li},
		{Kind: identity.EventRefused, Code: "peer_refused"},
		{Kind: identity.EventRefused, Code: "peer_refused"},
		{Kind: identity.EventTokenMade, Person: li, Of: "one"},
		{Kind: identity.EventTokenRevoked, Person: li, Of: "one"},
		{Kind: identity.EventSignedOut, Person: li, Of: li.ID},
		{Kind: identity.EventSignedOut, Person: li, Of: "issuer|zoe"},
	} {
		o.Identity.Audit(t.Context(), e)
	}
	want := []string{
		"signin ok", "signin.refused refused peer_refused", "token.create ok one", "token.revoke ok one", "signout ok", "signout ok issuer|zoe",
	}
	if diff := cmp.Diff(want, d.written()); diff != "" {
		t.Error(diff)
	}
	if got := d.entries[0].Person; got != (audit.Person{ID: li.ID, Name: li.Name}) {
		t.Errorf("who: %+v", got)
	}
}

func TestAuditPageAndCallSelectAlike(t *testing.T) {
	c := start(t)
	for _, name := range []string{"a", "taken"} {
		c.request("POST", "/api/services", `{"name":"`+name+`","address":"ws://h/"}`)
	}
	_, page := c.request("GET", "/audit?q=taken&who=LOCAL", "")
	_, body := c.request("GET", "/api/audit?q=taken&who=LOCAL", "")
	if strings.Count(page, `data-testid="audit-row"`) != 2 || strings.Count(body, `"name_taken"`) != 1 || strings.Count(body, `"seq"`) != 2 {
		t.Errorf("page: %s\ncall: %s", page, body)
	}
	if !strings.Contains(page, `data-head="ab12"`) || !strings.Contains(page, "Chain intact up to entry 1") {
		t.Error("the page does not say how the chain stands")
	}
	for _, path := range []string{"/audit", "/api/audit"} {
		for _, q := range []string{"action=nothing", "outcome=maybe", "from=yesterday", "to=x", "before=-1", "q=" + strings.Repeat("x", 1001)} {
			if res, _ := c.request("GET", path+"?"+q, ""); res.StatusCode != http.StatusBadRequest {
				t.Errorf("%s?%.20s: %d", path, q, res.StatusCode)
			}
		}
	}
	res, lines := c.request("GET", "/api/audit?format=jsonl&q=taken", "")
	if got := strings.Count(lines, "\n"); got != 2 || !strings.Contains(res.Header.Get("Content-Disposition"), "duplex-audit.jsonl") {
		t.Errorf("%d lines, %v", got, res.Header)
	}
	var reads int
	for _, e := range c.memoryLog.entries {
		if e.Action == audit.AuditRead {
			reads++
		}
	}
	if reads != 1 || !slices.Contains(c.memoryLog.written(), "admin.audit.export ok") {
		t.Errorf("%d readings are written, %v", reads, c.memoryLog.written())
	}
}
