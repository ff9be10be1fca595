package identity

import (
	"context"
	"fmt"
	"time"

	"duplex/handlers/identity/lease"
	"duplex/handlers/identity/principal"
	"duplex/handlers/identity/ticket"
)

const seenTime = time.Minute // precision of Known.Seen

// people keeps the records of people, from which the rights of their access tokens and
// tickets follow.
type people struct {
	store  Store
	roles  *Roles
	leases *lease.Leases
	grace  time.Duration
	now    func() time.Time
}

// keepPerson stores a person. Sockets of their access tokens with another role end.
func (l *people) keepPerson(ctx context.Context, p *Person) error {
	if err := l.store.PutPerson(ctx, *p); err != nil {
		return fmt.Errorf("keep person: %w", err)
	}
	l.leases.EndOtherRole(p)
	return nil
}

// noteSeen stores a person once in seenTime, and at once when their role has changed.
// Strangers without a role are not stored.
func (l *people) noteSeen(ctx context.Context, p *Person) error {
	known, found, err := l.store.Person(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("look for person: %w", err)
	}
	role, _ := l.roles.Of(known.Groups)
	if !found && p.Role == Nobody || found && role == p.Role && l.now().Sub(known.Seen) < seenTime {
		return nil
	}
	return l.keepPerson(ctx, p)
}

// keepSignIn stores a new sign-in and its person.
func (l *people) keepSignIn(ctx context.Context, p *Person, s SignIn) error {
	if err := l.keepPerson(ctx, p); err != nil {
		return err
	}
	if err := l.store.PutSignIn(ctx, s); err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	return nil
}

// checkSignedOut refuses a proof that was issued before its person was signed out of all
// browsers. Headers have no time of issue: there the proxy decides.
func (l *people) checkSignedOut(ctx context.Context, c *principal.Claims) error {
	if c.Issued.IsZero() || c.SignIn != "" {
		return nil
	}
	at, err := l.store.SignedOutAt(ctx, c.PersonID())
	if err != nil {
		return fmt.Errorf("look for sign-outs: %w", err)
	}
	if !c.Issued.After(at) && !at.IsZero() {
		return principal.Refuse(RefusedSignedOut, nil)
	}
	return nil
}

// checkTicket reports whether the person of a ticket may still use it: they have not
// signed out, and their access token was not revoked. It updates the person's role.
func (l *people) checkTicket(ctx context.Context, t *ticket.Ticket) (bool, error) {
	p := &t.Person
	out, err := l.store.SignedOutAt(ctx, p.ID)
	if err != nil || !out.IsZero() && !t.Made.After(out) {
		return false, err
	}
	if !p.Until.IsZero() && l.now().After(p.Until.Add(l.grace)) {
		return false, nil
	}
	if p.SignIn != "" {
		s, found, err := l.store.SignIn(ctx, p.SignIn)
		if err != nil || !found || !s.Ended.IsZero() {
			return false, err
		}
	}
	if p.Token != nil {
		if _, found, err := l.store.TokenByHash(ctx, p.Token.Hash); err != nil || !found {
			return false, err
		}
	}
	known, found, err := l.store.Person(ctx, p.ID)
	if err != nil {
		return false, err
	}
	if found {
		p.Groups = known.Groups
		p.Role, p.RoleBy = l.roles.Of(known.Groups)
	}
	return p.Role != Nobody, nil
}
