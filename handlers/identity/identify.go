package identity

import (
	"context"
	"fmt"
	"net/http"

	"duplex/handlers/identity/accesstoken"
	"duplex/handlers/identity/browser"
	"duplex/handlers/identity/principal"
	"duplex/handlers/identity/proxy"
)

// Identify returns the sender of r and renews the leases of their sockets. It removes the
// identity headers from r. A browser that opens its first page gets a cookie. The error is
// a *RefusedError, or the store's.
func (g *Guard) Identify(w http.ResponseWriter, r *http.Request) (p Person, err error) {
	arrival, since := newArrival(r, g.Now()), g.Now()
	defer func() {
		if err == nil && p.Role == Nobody {
			err = &RefusedError{Code: RefusedNoRole}
		}
		g.verdicts.recordVerdict(r, arrival, &p, err)
		p.Arrival, p.Since = arrival, since
	}()

	// 1. An access token acts for its owner, in every mode but none.
	if text, shown := accesstoken.FromHeader(r.Header); shown && g.Store != nil {
		proxy.TakeHeaders(r.Header, g.mode.Headers())
		return g.tokenOwner(r.Context(), text)
	}

	// 2. Otherwise the mode proves who it is: by headers, a token, or the cookie of a sign-in.
	claims, err := g.readClaims(r)
	if err != nil {
		return p, err
	}
	p = g.newPerson(claims)
	if g.Settings.Mode == ModeNone {
		return p, nil
	}

	// 3. A sign-out counts, although the proxy may still vouch for the person.
	if err := g.people.checkSignedOut(r.Context(), claims); err != nil {
		return p, err
	}
	if g.Settings.Mode != ModeOIDC { // where the cookie names the sign-in
		if err := g.recogniseBrowser(w, r, claims, &p); err != nil {
			return p, err
		}
		if err := g.people.noteSeen(r.Context(), &p); err != nil {
			return p, err
		}
	}

	// 4. The proof also renews the leases of the person's sockets.
	g.leases.Renew(&p)
	return p, nil
}

// tokenOwner returns the owner of an access token, with the role of their present groups.
func (g *Guard) tokenOwner(ctx context.Context, text string) (Person, error) {
	token, owner, err := g.tokens.Find(ctx, text)
	if err != nil {
		return Person{}, err
	}
	p := Person{ID: owner.ID, Name: owner.Name, Email: owner.Email, Groups: owner.Groups, Until: token.Until, Token: &token}
	p.Role, p.RoleBy = g.Settings.Roles.Of(owner.Groups)
	return p, nil
}

// readClaims returns the claims of the mode. It removes the identity headers in any case.
func (g *Guard) readClaims(r *http.Request) (*principal.Claims, error) {
	names := g.mode.Headers()
	err := g.mode.CheckPeer(r)
	if err == nil {
		err = proxy.CheckSingle(r.Header, names)
	}
	values := proxy.TakeHeaders(r.Header, names)
	if err != nil {
		return nil, err
	}
	return g.mode.Claims(r, values)
}

// newPerson returns the person of the claims, with their role and lease.
func (g *Guard) newPerson(c *principal.Claims) Person {
	p := Person{ID: c.PersonID(), Name: c.Label(), Email: c.Email, Groups: c.Groups, SignIn: c.SignIn}
	if g.Settings.Mode == ModeNone {
		p.ID, p.Role = "local", Admin
		return p
	}
	p.Role, p.RoleBy = g.Settings.Roles.Of(c.Groups)
	p.Until = g.Now().Add(g.Settings.Lease)
	if !c.Until.IsZero() && c.Until.Before(p.Until) {
		p.Until = c.Until
	}
	return p
}

// recogniseBrowser finds the sign-in of a browser behind a proxy, and begins one when a
// browser opens its first page. Programs need none.
func (g *Guard) recogniseBrowser(w http.ResponseWriter, r *http.Request, c *principal.Claims, p *Person) error {
	s, found, err := g.browsers.Find(r.Context(), r)
	if err != nil {
		return fmt.Errorf("look for the browser: %w", err)
	}
	switch {
	case found && s.Person == p.ID && !s.Ended.IsZero():
		return principal.Refuse(RefusedSignedOut, nil)
	case found && s.Person == p.ID:
		p.SignIn = s.ID
		return g.renewSignIn(r.Context(), s, p)
	case browser.OpensPage(r) && p.Role != Nobody: // people without a role are not stored
		return g.beginSignIn(w, r, c, p)
	}
	return nil
}

// renewSignIn stores a renewal for the other processes that hold the browser's sockets; not
// at every request.
func (g *Guard) renewSignIn(ctx context.Context, s SignIn, p *Person) error {
	if role, _ := g.Settings.Roles.Of(s.Groups); role != p.Role {
		s.Groups = p.Groups
		if err := g.Store.PutSignIn(ctx, s); err != nil {
			return fmt.Errorf("keep sign-in: %w", err)
		}
		if err := g.people.keepPerson(ctx, p); err != nil {
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

// beginSignIn begins the sign-in of a browser behind a proxy.
func (g *Guard) beginSignIn(w http.ResponseWriter, r *http.Request, c *principal.Claims, p *Person) error {
	id, err := g.browsers.Give(w, r)
	if err != nil {
		return err
	}
	p.SignIn = id
	now := g.Now()
	err = g.people.keepSignIn(r.Context(), p, SignIn{
		ID: id, Person: p.ID, Issuer: c.Issuer, Subject: c.Subject, Name: p.Name, Email: p.Email, Groups: p.Groups,
		Made: now, Seen: now, Until: p.Until,
	})
	if err == nil {
		g.verdicts.reportEvent(r, Event{Kind: EventSignedIn, Person: *p})
	}
	return err
}
