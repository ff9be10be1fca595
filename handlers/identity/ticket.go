package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A ticket lets a page of another origin open one relay in a person's name. The page
// has no cookie of ours and no access token: its own back end asks for the ticket and
// hands it over.

// TicketLife is how long a ticket is good for.
const TicketLife = time.Minute

const (
	ticketMark = "dpt_" // so that a ticket is known for one wherever it turns up
	maxTickets = 1000   // of one person at a time
	spentKept  = 10 * time.Minute
)

// The reasons of a TicketError, as the audit log has them.
const (
	TicketUnknown = "unknown" // never made here, or long ago
	TicketUsed    = "used"
	TicketLate    = "late"
	TicketForeign = "foreign" // made for another service
	TicketPerson  = "person"  // its person or their token may no longer come
	TicketDoubled = "doubled" // more than one came
)

// RefusedTicket is the code of a RefusedError.
const RefusedTicket = "ticket_refused"

// ErrTooManyTickets says that a person has as many tickets as they can.
var ErrTooManyTickets = errors.New("identity: too many tickets at a time")

// TicketError says why a ticket is refused. Person is whose it was, when it is known.
type TicketError struct {
	Reason  string
	Service string // it was made for; "" when it is not known
	Person  Person
	Again   bool // it was refused before
}

// Error implements error.
func (e *TicketError) Error() string { return "ticket refused: " + e.Reason }

// Ticket is a ticket that was accepted.
type Ticket struct {
	Service string // id of the service it is for
	Person  Person
}

// tickets keeps the tickets that were made, by their hashes, until spentKept has
// passed. They live in memory: a ticket is used within a minute, at the process that made it.
type tickets struct {
	mu   sync.Mutex // guards all below
	made map[[sha256.Size]byte]*madeTicket
}

type madeTicket struct {
	Ticket

	at      time.Time
	spent   bool
	refused bool
}

func newTickets() *tickets { return &tickets{made: map[[sha256.Size]byte]*madeTicket{}} }

// MakeTicket makes a ticket with which p connects to a service through the relay. Its
// text is returned once and not kept.
func (g *Guard) MakeTicket(p *Person, service string) (ticket string, until time.Time, err error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	ticket = ticketMark + base64.RawURLEncoding.EncodeToString(secret[:])
	now := g.Now()
	t := g.tickets
	t.mu.Lock()
	defer t.mu.Unlock()
	have := 0
	for hash, made := range t.made {
		switch {
		case now.Sub(made.at) > spentKept:
			delete(t.made, hash)
		case made.Person.ID == p.ID && !made.spent && now.Sub(made.at) <= TicketLife:
			have++
		}
	}
	if have >= maxTickets {
		return "", time.Time{}, ErrTooManyTickets
	}
	t.made[sha256.Sum256([]byte(ticket))] = &madeTicket{Ticket: Ticket{Service: service, Person: *p}, at: now}
	return ticket, now.Add(TicketLife), nil
}

// IsTicket reports whether a text has the form of a ticket.
func IsTicket(text string) bool { return strings.HasPrefix(text, ticketMark) }

// ByTicket returns the person and the service of a ticket, and uses the ticket up.
// Headers that say who it is are gone from r. The error is a *TicketError, a
// *RefusedError for a connection that nothing can be believed of, or of the store.
func (g *Guard) ByTicket(r *http.Request, ticket string) (Ticket, error) {
	g.mode.headers().take(r.Header)
	if g.Settings.Mode == ModeNone {
		if err := g.mode.peer(r); err != nil {
			return Ticket{}, err
		}
	}
	made, err := g.tickets.spend(ticket, g.Now())
	if err != nil {
		return Ticket{}, err
	}
	if g.Store == nil {
		return made.Ticket, nil
	}
	valid, err := g.isStillValid(r.Context(), &made)
	if err != nil {
		return Ticket{}, fmt.Errorf("look for the ticket's person: %w", err)
	}
	if !valid {
		return Ticket{}, &TicketError{Reason: TicketPerson, Service: made.Service, Person: made.Person}
	}
	return made.Ticket, nil
}

// spend takes a ticket out of use.
func (t *tickets) spend(ticket string, now time.Time) (madeTicket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	made, found := t.made[sha256.Sum256([]byte(ticket))]
	if !found {
		return madeTicket{}, &TicketError{Reason: TicketUnknown}
	}
	refusal := &TicketError{Service: made.Service, Person: made.Person, Again: made.refused}
	switch {
	case made.spent:
		refusal.Reason = TicketUsed
	case now.Sub(made.at) > TicketLife:
		refusal.Reason = TicketLate
	default:
		made.spent = true
		return *made, nil
	}
	made.spent, made.refused = true, true
	return madeTicket{}, refusal
}

// isStillValid reports whether the person of a ticket may still come: they have not
// signed out, nor was their token revoked. It gives them the role that they have now.
func (g *Guard) isStillValid(ctx context.Context, made *madeTicket) (bool, error) {
	p := &made.Person
	out, err := g.Store.SignedOutAt(ctx, p.ID)
	if err != nil || !out.IsZero() && !made.at.After(out) {
		return false, err
	}
	if !p.Until.IsZero() && g.Now().After(p.Until.Add(g.Settings.Grace)) {
		return false, nil
	}
	if p.browser != "" {
		s, found, err := g.Store.SignIn(ctx, p.browser)
		if err != nil || !found || !s.Ended.IsZero() {
			return false, err
		}
	}
	if p.Token != nil {
		if _, found, err := g.Store.TokenByHash(ctx, p.Token.Hash); err != nil || !found {
			return false, err
		}
	}
	known, found, err := g.Store.Person(ctx, p.ID)
	if err != nil {
		return false, err
	}
	if found {
		p.Groups = known.Groups
		p.Role, p.RoleBy = g.Settings.Roles.of(known.Groups)
	}
	return p.Role != Nobody, nil
}
