package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/web/internal/ssotest"
)

const appOrigin = "https://app.example"

type ticket struct {
	Ticket, URL, Subprotocol string
	ExpiresAtUS              int64 `json:"expires_at_us"`
}

func (b *browser) ticket(service string) ticket {
	b.t.Helper()
	res, body := b.ask("POST", "/api/relay-tickets", `{"service":"`+service+`"}`)
	var made ticket
	if err := json.Unmarshal([]byte(body), &made); err != nil || res.StatusCode != http.StatusCreated {
		b.t.Fatal(res.StatusCode, body)
	}
	return made
}

// fromApp is a handshake as the page of another origin makes it; cookies go along where
// the browser has some. It returns the answer's status and error code.
func (b *browser) fromApp(path, origin string, subprotocols ...string) (*websocket.Conn, int, string) {
	b.t.Helper()
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	conn, res, err := websocket.Dial(b.t.Context(), "wss"+strings.TrimPrefix(b.team.public, "https")+path, &websocket.DialOptions{
		HTTPClient: b.http, HTTPHeader: header, Subprotocols: subprotocols,
	})
	if err == nil {
		b.t.Cleanup(func() { _ = conn.CloseNow() })
		return conn, res.StatusCode, ""
	}
	if res == nil {
		b.t.Fatal(err)
	}
	raw := make([]byte, 1024)
	n, _ := res.Body.Read(raw)
	var answer struct{ Error struct{ Code string } }
	_ = json.Unmarshal(raw[:n], &answer)
	return nil, res.StatusCode, answer.Error.Code
}

// heard returns a target that echoes, and the handshakes that it got.
func heard(t *testing.T) (address string, asked <-chan *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 20)
	address = echoingTarget(t, func(ctx context.Context, conn *websocket.Conn, r *http.Request) {
		requests <- r.Clone(context.Background())
		for {
			kind, payload, err := conn.Read(ctx)
			if err != nil || conn.Write(ctx, kind, payload) != nil {
				return
			}
		}
	}, "chat")
	return address, requests
}

func (b *browser) saveService(body string) string {
	b.t.Helper()
	res, answer := b.ask("POST", "/api/services", body)
	var saved savedService
	if err := json.Unmarshal([]byte(answer), &saved); err != nil || res.StatusCode != http.StatusCreated {
		b.t.Fatal(res.StatusCode, answer)
	}
	return saved.ID
}

func TestRelayTakesAPageOfAnotherOriginWithATicketAlone(t *testing.T) {
	m := startTeam(t, ssotest.Options{}, "--relay-origins=https://listed.example")
	ada := m.enter("ada")
	address, asked := heard(t)
	service := ada.saveService(`{"name":"one","address":"` + address + `","relay_origins":["` + appOrigin + `"]}`)
	other := ada.saveService(`{"name":"two","address":"` + address + `"}`)
	stranger := m.browser() // a page that has no cookie

	fresh := func(service string) ticket { return ada.ticket(service) }
	for name, tt := range map[string]struct {
		from    *browser
		service string
		origin  string
		ticket  *ticket
		status  int
		code    string
	}{
		"a cookie and no ticket":        {ada, service, appOrigin, nil, 403, "ticket_required"},
		"a cookie, listed for all":      {ada, service, "https://listed.example", nil, 403, "ticket_required"},
		"nothing":                       {stranger, service, appOrigin, nil, 401, "sign_in_required"},
		"another origin":                {stranger, service, "https://evil.example", new(fresh(service)), 403, "origin_refused"},
		"an origin of another service":  {stranger, other, appOrigin, new(fresh(other)), 403, "origin_refused"},
		"null":                          {stranger, service, "null", new(fresh(service)), 403, "origin_refused"},
		"a ticket for another service":  {stranger, service, appOrigin, new(fresh(other)), 403, "ticket_refused"},
		"a ticket nobody made":          {stranger, service, appOrigin, &ticket{Ticket: "dpt_x", Subprotocol: "duplex.ticket.dpt_x"}, 403, "ticket_refused"},
		"a ticket, listed for all":      {stranger, other, "https://listed.example", new(fresh(other)), 101, ""},
		"a ticket, listed with service": {stranger, service, appOrigin, new(fresh(service)), 101, ""},
		"a ticket, no origin":           {stranger, service, "", new(fresh(service)), 101, ""},
		"a ticket and a cookie":         {ada, service, appOrigin, new(fresh(service)), 101, ""},
		"own page":                      {ada, service, m.public, nil, 101, ""},
		"a cookie, no origin":           {ada, service, "", nil, 101, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var subprotocols []string
			if tt.ticket != nil {
				subprotocols = []string{tt.ticket.Subprotocol}
			}
			conn, status, code := tt.from.fromApp("/relay/"+tt.service+"/", tt.origin, subprotocols...)
			if status != tt.status || code != tt.code {
				t.Fatalf("%d %s, want %d %s", status, code, tt.status, tt.code)
			}
			if conn == nil {
				return
			}
			if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "hello" {
				t.Errorf("came back as %q: %v", got, err)
			}
			if tt.ticket != nil && conn.Subprotocol() != tt.ticket.Subprotocol {
				t.Errorf("subprotocol %q", conn.Subprotocol())
			}
			if r := <-asked; strings.Contains(r.RequestURI+r.Header.Get("Sec-WebSocket-Protocol"), "dpt_") {
				t.Errorf("the target was asked for %s with %v", r.RequestURI, r.Header)
			}
		})
	}
}

func TestTicketIsGoodForOneConnectionWithinAMinute(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, "--relay-origins="+appOrigin)
	ada := m.enter("ada")
	address, asked := heard(t)
	service := ada.saveService(`{"name":"one","address":"` + address + `?saved=1"}`)
	_, token := ada.token(`"relay"`)
	backend := m.script(token)
	page := m.browser()

	made := backend.ticket(service)
	if left := time.Until(time.UnixMicro(made.ExpiresAtUS)); left < 0 || left > time.Minute {
		t.Errorf("good for %v", left)
	}
	if made.URL != "wss"+strings.TrimPrefix(m.public, "https")+"/relay/"+service+"/" || made.Subprotocol != "duplex.ticket."+made.Ticket {
		t.Errorf("made %+v", made)
	}
	conn, status, code := page.fromApp("/relay/"+service+"/more?sig=a%2Bb/c=&ticket="+made.Ticket+"&flag", appOrigin, "other", "chat")
	if status != 101 || conn.Subprotocol() != "chat" {
		t.Fatalf("%d %s", status, code)
	}
	if r := <-asked; r.RequestURI != "/more?saved=1&sig=a%2Bb/c=&flag" || strings.Contains(r.Header.Get("Sec-WebSocket-Protocol"), "ticket") {
		t.Errorf("the target was asked for %s with %v", r.RequestURI, r.Header)
	}
	for range 2 {
		if _, status, code := page.fromApp("/relay/"+service+"/", appOrigin, made.Subprotocol); status != 403 || code != "ticket_refused" {
			t.Errorf("a used ticket: %d %s", status, code)
		}
	}
	doubled := []string{backend.ticket(service).Subprotocol, backend.ticket(service).Subprotocol}
	if _, status, code := page.fromApp("/relay/"+service+"/", appOrigin, doubled...); status != 403 || code != "ticket_refused" {
		t.Errorf("two tickets: %d %s", status, code)
	}
	// A refusal uses a ticket up as well.
	burnt := backend.ticket(service)
	if _, _, code := page.fromApp("/relay/"+service+"/", "https://evil.example", burnt.Subprotocol); code != "origin_refused" {
		t.Errorf("another origin: %s", code)
	}
	if _, _, code := page.fromApp("/relay/"+service+"/", appOrigin, burnt.Subprotocol); code != "ticket_refused" {
		t.Errorf("after that: %s", code)
	}
	res, body := m.enter("olga").ask("GET", "/api/audit?who=ada&limit=1000", "")
	for _, want := range []string{`"action":"ticket.create"`, `"action":"ticket.use"`, `"detail":"used"`, `"action":"ticket.refused"`} {
		if !strings.Contains(strings.ReplaceAll(body, `": "`, `":"`), want) {
			t.Errorf("%d: no %s in the audit log", res.StatusCode, want)
		}
	}
	if all := body + m.logs.String(); strings.Contains(all, made.Ticket) || strings.Contains(all, burnt.Ticket) {
		t.Error("a ticket is written down")
	}
}

// Of many who show a ticket at once, one gets on. It follows its service to another
// name, and not the name to another service.
func TestTicketIsForOneConnectionToOneService(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, "--relay-origins="+appOrigin)
	ada := m.enter("ada")
	address, _ := heard(t)
	service := ada.saveService(`{"name":"one","address":"` + address + `"}`)
	made := ada.ticket(service)
	statuses := make(chan int, 12)
	for range cap(statuses) {
		page := m.browser()
		go func() {
			_, status, _ := page.fromApp("/relay/one", appOrigin, made.Subprotocol)
			statuses <- status
		}()
	}
	count := map[int]int{}
	for range cap(statuses) {
		count[<-statuses]++
	}
	if count[http.StatusSwitchingProtocols] != 1 || count[http.StatusForbidden] != cap(statuses)-1 {
		t.Errorf("at once: %v", count)
	}

	made = ada.ticket(service)
	for _, name := range []string{"Authorization", "Cookie", "X-Duplex-Ticket"} {
		res, body := m.browser().ask("GET", "/api/lease?ticket="+made.Ticket, "", func(r *http.Request) { r.Header.Set(name, "Bearer "+made.Ticket) })
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("at another route, in %s: %d %s", name, res.StatusCode, body)
		}
	}
	if res, body := ada.ask("PUT", "/api/services/"+service, `{"name":"renamed","address":"`+address+`"}`); res.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	if _, status, code := m.browser().fromApp("/relay/renamed", appOrigin, made.Subprotocol); status != http.StatusSwitchingProtocols {
		t.Errorf("renamed: %d %s", status, code)
	}
	made = ada.ticket("renamed")
	if res, body := ada.ask("DELETE", "/api/services/"+service, ""); res.StatusCode != http.StatusNoContent {
		t.Fatal(body)
	}
	ada.saveService(`{"name":"renamed","address":"` + address + `"}`)
	if _, status, code := m.browser().fromApp("/relay/renamed", appOrigin, made.Subprotocol); code != "ticket_refused" {
		t.Errorf("another service of the name: %d %s", status, code)
	}
}

// A ticket lets its person in with the rights that they have now.
func TestTicketEndsWithWhatItsPersonMay(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, "--relay-origins="+appOrigin)
	ada, linus := m.enter("ada"), m.enter("linus")
	address, _ := heard(t)
	service := ada.saveService(`{"name":"one","address":"` + address + `"}`)
	id, token := ada.token(`"relay"`)
	page := m.browser()
	refused := func(name string, made ticket, want string) {
		t.Helper()
		if _, status, code := page.fromApp("/relay/"+service+"/", appOrigin, made.Subprotocol); code != want {
			t.Errorf("%s: %d %s, want %s", name, status, code, want)
		}
	}
	byToken := m.script(token).ticket(service)
	if res, body := ada.ask("DELETE", "/api/tokens/"+id, ""); res.StatusCode != http.StatusNoContent {
		t.Fatal(body)
	}
	refused("the token is revoked", byToken, "ticket_refused")

	hidden := linus.ticket(service)
	if res, body := ada.ask("PUT", "/api/services/"+service, `{"name":"one","address":"`+address+`","shared":false}`); res.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	refused("the service is private now", hidden, "service_not_found")

	last := ada.ticket(service)
	if res, body := ada.ask("POST", "/api/sign-out", `{"everywhere":true}`); res.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	refused("its person has signed out", last, "ticket_refused")
}

// With one local user a listed page needs no ticket, and a ticket does no harm.
func TestLocalRelayTakesListedOriginsAndPrograms(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--relay-origins", appOrigin+" http://localhost:5173")
	service := p.demo("echo", "none").ID
	host := strings.TrimPrefix(p.url, "http://")
	for name, tt := range map[string]struct {
		origin, host, forwarded string
		status                  int
	}{
		"no origin":         {"", "", "", 101},
		"listed":            {appOrigin, "", "", 101},
		"listed second":     {"http://localhost:5173", "", "", 101},
		"another":           {"https://evil.example", "", "", 403},
		"another port":      {"http://localhost:5174", "", "", 403},
		"rebound name":      {"http://evil.example", "evil.example", "", 421},
		"program, rebound":  {"", "evil.example" + host[strings.LastIndexByte(host, ':'):], "", 421},
		"listed, forwarded": {appOrigin, "", "203.0.113.7", 403},
	} {
		header := http.Header{}
		if tt.origin != "" {
			header.Set("Origin", tt.origin)
		}
		if tt.forwarded != "" {
			header.Set("X-Forwarded-For", tt.forwarded)
		}
		for _, subprotocol := range []string{"", "ticket"} {
			var offered []string
			if subprotocol != "" {
				var made ticket
				p.call("POST", "/api/relay-tickets", object{"service": service}, http.StatusCreated, &made)
				offered = []string{made.Subprotocol}
			}
			conn, res, err := websocket.Dial(t.Context(), "ws://"+host+"/relay/"+service+"/", &websocket.DialOptions{HTTPHeader: header, Host: tt.host, Subprotocols: offered})
			if res == nil || res.StatusCode != tt.status {
				t.Errorf("%s %s: %v, %v", name, subprotocol, res, err)
			}
			if conn != nil {
				_ = conn.CloseNow()
			}
		}
	}

	if e := p.refused("POST", "/api/relay-tickets", object{"service": "none"}, http.StatusNotFound); e.Code != "service_not_found" {
		t.Errorf("no such service: %+v", e)
	}
	if e := p.refused("POST", "/api/relay-tickets", object{}, http.StatusBadRequest); e.Code != "missing_field" {
		t.Errorf("no service: %+v", e)
	}
}
