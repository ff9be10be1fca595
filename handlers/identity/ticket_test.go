package identity_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"duplex/handlers/identity"
)

// ticketGuard is a guard of one local person on a clock.
func ticketGuard(t *testing.T) (g *identity.Guard, pass func(time.Duration)) {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	g, err := identity.New(identity.Options{
		Settings: identity.Settings{Mode: identity.ModeNone}, Origins: func() []string { return []string{"http://127.0.0.1:8080"} },
		Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, func(d time.Duration) { now = now.Add(d) }
}

func here() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/relay/one/", nil)
	r.RemoteAddr = "127.0.0.1:5000"
	return r
}

func makeTicket(t *testing.T, g *identity.Guard, service string) string {
	t.Helper()
	p, err := g.Identify(httptest.NewRecorder(), here())
	if err != nil {
		t.Fatal(err)
	}
	ticket, _, err := g.MakeTicket(&p, service)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func reasonOf(err error) string {
	if refused, ok := errors.AsType[*identity.TicketError](err); ok {
		return refused.Reason
	}
	return ""
}

func TestTicketHoldsForAMinuteAndOnce(t *testing.T) {
	g, pass := ticketGuard(t)
	first, second, third := makeTicket(t, g, "one"), makeTicket(t, g, "two"), makeTicket(t, g, "three")
	if first == second || !identity.IsTicket(first) || len(first) < 40 {
		t.Errorf("made %q and %q", first, second)
	}
	pass(identity.TicketLife)
	ticket, err := g.ByTicket(here(), first)
	if err != nil || ticket.Service != "one" || ticket.Person.ID != "local" || ticket.Person.Role != identity.Admin {
		t.Errorf("at its end: %+v, %v", ticket, err)
	}
	for range 2 {
		if _, err := g.ByTicket(here(), first); reasonOf(err) != identity.TicketUsed {
			t.Errorf("again: %v", err)
		}
	}
	pass(time.Microsecond)
	if _, err := g.ByTicket(here(), second); reasonOf(err) != identity.TicketLate {
		t.Errorf("late: %v", err)
	}
	for _, made := range []string{"", "dpt_", first + "x", first[:len(first)-1]} {
		if _, err := g.ByTicket(here(), made); reasonOf(err) != identity.TicketUnknown {
			t.Errorf("%q: %v", made, err)
		}
	}
	pass(time.Hour)
	makeTicket(t, g, "four") // which forgets the old ones
	if _, err := g.ByTicket(here(), third); reasonOf(err) != identity.TicketUnknown {
		t.Errorf("after an hour: %v", err)
	}
}

// A ticket of one local user is good at their machine alone.
func TestLocalTicketIsRefusedFromElsewhere(t *testing.T) {
	g, _ := ticketGuard(t)
	for code, edit := range map[string]func(*http.Request){
		identity.RefusedPeer:      func(r *http.Request) { r.RemoteAddr = "192.0.2.1:5000" },
		identity.RefusedForwarded: func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") },
	} {
		r := here()
		edit(r)
		_, err := g.ByTicket(r, makeTicket(t, g, "one"))
		if refused, ok := errors.AsType[*identity.RefusedError](err); !ok || refused.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestTicketsOfAPersonAreBounded(t *testing.T) {
	g, pass := ticketGuard(t)
	p, err := g.Identify(httptest.NewRecorder(), here())
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for ; made < 2000; made++ {
		if _, _, err = g.MakeTicket(&p, "one"); err != nil {
			break
		}
	}
	if made != 1000 || !errors.Is(err, identity.ErrTooManyTickets) {
		t.Errorf("made %d, then %v", made, err)
	}
	pass(identity.TicketLife + time.Second)
	makeTicket(t, g, "one")
}
