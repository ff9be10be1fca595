package identity

import (
	"fmt"
	"net/http"
	"time"

	"duplex/handlers/identity/proxy"
)

// MakeTicket makes a ticket with which p connects to a service through the relay. Its text
// is returned once and not kept.
func (g *Guard) MakeTicket(p *Person, service string) (text string, until time.Time, err error) {
	now := g.Now()
	if text, err = g.tickets.Issue(p, service, now); err != nil {
		return "", time.Time{}, err
	}
	return text, now.Add(TicketLife), nil
}

// ByTicket uses a ticket up and returns its person and service. It removes the identity
// headers from r. The error is a *TicketError, a *RefusedError for an untrusted
// connection, or the store's.
func (g *Guard) ByTicket(r *http.Request, text string) (Ticket, error) {
	proxy.TakeHeaders(r.Header, g.mode.Headers())
	if g.Settings.Mode == ModeNone {
		if err := g.mode.CheckPeer(r); err != nil {
			return Ticket{}, err
		}
	}
	t, err := g.tickets.Spend(text, g.Now())
	if err != nil {
		return Ticket{}, err
	}
	if g.Store == nil {
		return t, nil
	}
	valid, err := g.people.checkTicket(r.Context(), &t)
	if err != nil {
		return Ticket{}, fmt.Errorf("look for the ticket's person: %w", err)
	}
	if !valid {
		return Ticket{}, &TicketError{Reason: TicketPerson, Service: t.Service, Person: t.Person}
	}
	return t, nil
}
