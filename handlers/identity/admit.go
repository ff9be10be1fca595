package identity

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// LeaseParts is into how many parts a lease is divided: pages ask for it again after
// one of them.
const LeaseParts = 3

// metTime is how exactly it is known when a person was here.
const metTime = time.Minute

// admit finds out which browser a request comes from, refuses one that has signed
// out, and renews its lease.
func (g *Guard) admit(w http.ResponseWriter, r *http.Request, c *claims, p *Person) error {
	ctx := r.Context()
	if err := g.outdated(ctx, c); err != nil {
		return err
	}
	if g.Settings.Mode != ModeOIDC {
		if err := g.recognise(w, r, c, p); err != nil {
			return err
		}
		if err := g.meet(ctx, p); err != nil {
			return err
		}
	}
	g.leases.renew(p)
	return nil
}

// outdated refuses evidence from before the person was signed out everywhere. That
// of headers has no date: there the proxy decides.
func (g *Guard) outdated(ctx context.Context, c *claims) error {
	if c.issued.IsZero() || c.browser != "" {
		return nil
	}
	at, err := g.Store.SignedOutAt(ctx, c.personID())
	if err != nil {
		return fmt.Errorf("look for sign-outs: %w", err)
	}
	if !c.issued.After(at) && !at.IsZero() {
		return refuse(RefusedSignedOut, nil)
	}
	return nil
}

// recognise finds the browser behind a proxy. One that opens a page for the first
// time gets a cookie; programs need none.
func (g *Guard) recognise(w http.ResponseWriter, r *http.Request, c *claims, p *Person) error {
	ctx := r.Context()
	s, found, err := g.browsers.find(ctx, r)
	if err != nil {
		return fmt.Errorf("look for the browser: %w", err)
	}
	switch {
	case found && s.Person == p.ID && !s.Ended.IsZero():
		return refuse(RefusedSignedOut, nil)
	case found && s.Person == p.ID:
		p.browser = s.ID
		return g.vouch(ctx, s, p)
	case opensPage(r) && p.Role != Nobody: // nothing is kept of those who may do nothing
		return g.greet(w, r, c, p)
	}
	return nil
}

// greet begins a sign-in of a browser.
func (g *Guard) greet(w http.ResponseWriter, r *http.Request, c *claims, p *Person) error {
	id, err := g.browsers.give(w, r)
	if err != nil {
		return err
	}
	p.browser = id
	now := g.Now()
	err = g.begin(r.Context(), p, SignIn{
		ID: id, Person: p.ID, Issuer: c.issuer, Subject: c.subject, Name: p.Name, Email: p.Email, Groups: p.Groups,
		Made: now, Seen: now, Until: p.Until,
	})
	if err == nil {
		g.tell(r, Event{Kind: EventSignedIn, Person: *p})
	}
	return err
}

// begin keeps a new sign-in and who it is of.
func (g *Guard) begin(ctx context.Context, p *Person, s SignIn) error {
	if err := g.keep(ctx, p); err != nil {
		return err
	}
	if err := g.Store.PutSignIn(ctx, s); err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	return nil
}

// meet keeps that a person was here, now and then, and at once when they may do other
// things than before: their tokens follow that. Nothing is kept of strangers.
func (g *Guard) meet(ctx context.Context, p *Person) error {
	known, found, err := g.Store.Person(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("look for person: %w", err)
	}
	role, _ := g.Settings.Roles.of(known.Groups)
	if !found && p.Role == Nobody || found && role == p.Role && g.Now().Sub(known.Seen) < metTime {
		return nil
	}
	return g.keep(ctx, p)
}

// keep keeps what is known of a person now: what their tokens may follows from it. What
// programs hold open for them in another role ends.
func (g *Guard) keep(ctx context.Context, p *Person) error {
	if err := g.Store.PutPerson(ctx, *p); err != nil {
		return fmt.Errorf("keep person: %w", err)
	}
	g.leases.end(RefusedLease, func(h *hold) bool {
		return h.person == p.ID && h.role != p.Role && strings.HasPrefix(h.key, tokenLease)
	})
	return nil
}

// vouch writes down that a browser was vouched for again, for other processes that
// hold its sockets; not at every request.
func (g *Guard) vouch(ctx context.Context, s SignIn, p *Person) error {
	if role, _ := g.Settings.Roles.of(s.Groups); role != p.Role {
		s.Groups = p.Groups
		if err := g.Store.PutSignIn(ctx, s); err != nil {
			return fmt.Errorf("keep sign-in: %w", err)
		}
		if err := g.keep(ctx, p); err != nil {
			return err
		}
	}
	if p.Role == Nobody || p.Until.Sub(s.Until) < g.Settings.Lease/(2*LeaseParts) {
		return nil
	}
	if err := g.Store.SeeSignIn(ctx, s.ID, p.Until); err != nil {
		return fmt.Errorf("renew sign-in: %w", err)
	}
	return nil
}
