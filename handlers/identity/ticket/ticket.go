// Package ticket issues relay tickets. A ticket lets a page of another origin open one
// relay in a person's name. The page has neither the console's cookie nor an access
// token: its own back end requests the ticket and hands it over.
package ticket

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"time"

	"duplex/handlers/identity/principal"
)

// Life is the time in which a ticket can be used.
const Life = time.Minute

const (
	mark      = "dpt_" // so that scanners recognise a leaked ticket
	maxUnused = 1000   // of one person at a time
	spentKept = 10 * time.Minute
)

// The reasons of an Error, as the audit log has them.
const (
	Unknown = "unknown" // not made by this process, or long ago
	Used    = "used"
	Late    = "late"
	Foreign = "foreign" // made for another service
	Person  = "person"  // its person has signed out, or their token was revoked
	Doubled = "doubled" // the request carried more than one
)

// ErrTooMany says that a person has too many unused tickets.
var ErrTooMany = errors.New("identity: too many tickets at a time")

// Error is the refusal of a ticket. Person is its owner, when known.
type Error struct {
	Reason  string
	Service string // it was made for; "" when unknown
	Person  principal.Person
	Again   bool // it was refused before
}

// Error implements error.
func (e *Error) Error() string { return "ticket refused: " + e.Reason }

// Ticket is a ticket that was accepted.
type Ticket struct {
	Service string // id of the service it is for
	Person  principal.Person
	Made    time.Time
}

// Tickets keeps the hashes of issued tickets until spentKept has passed. It keeps them in
// memory: a ticket is used within a minute, at the process that made it. It is safe for
// concurrent use.
type Tickets struct {
	mu     sync.Mutex // guards issued
	issued map[[sha256.Size]byte]*issued
}

type issued struct {
	Ticket

	spent   bool
	refused bool
}

// New returns an empty Tickets.
func New() *Tickets { return &Tickets{issued: map[[sha256.Size]byte]*issued{}} }

// Is reports whether a text has the form of a ticket.
func Is(text string) bool { return strings.HasPrefix(text, mark) }

// Issue makes a ticket with which p connects to a service through the relay. Its text is
// returned once and not kept. The error is ErrTooMany.
func (t *Tickets) Issue(p *principal.Person, service string, now time.Time) (text string, err error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	text = mark + base64.RawURLEncoding.EncodeToString(secret[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	unused := 0
	for hash, other := range t.issued {
		switch {
		case now.Sub(other.Made) > spentKept:
			delete(t.issued, hash)
		case other.Person.ID == p.ID && !other.spent && now.Sub(other.Made) <= Life:
			unused++
		}
	}
	if unused >= maxUnused {
		return "", ErrTooMany
	}
	t.issued[sha256.Sum256([]byte(text))] = &issued{Ticket: Ticket{Service: service, Person: *p, Made: now}}
	return text, nil
}

// Spend uses a ticket up and returns it. The error is an *Error.
func (t *Tickets) Spend(text string, now time.Time) (Ticket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, ok := t.issued[sha256.Sum256([]byte(text))]
	if !ok {
		return Ticket{}, &Error{Reason: Unknown}
	}
	refusal := &Error{Service: found.Service, Person: found.Person, Again: found.refused}
	switch {
	case found.spent:
		refusal.Reason = Used
	case now.Sub(found.Made) > Life:
		refusal.Reason = Late
	default:
		found.spent = true
		return found.Ticket, nil
	}
	found.spent, found.refused = true, true
	return Ticket{}, refusal
}
