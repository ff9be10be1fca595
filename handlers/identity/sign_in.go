package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"duplex/bridge/vault"
	"duplex/handlers/identity/oidc"
	"duplex/handlers/identity/origin"
	"duplex/handlers/identity/principal"
)

// SignIn begins a sign-in, or repeats one that has ended. It returns the address to
// redirect the browser to: the provider's page, or the path back.
func (g *Guard) SignIn(w http.ResponseWriter, r *http.Request, back string) (address string, err error) {
	back = Back(back)
	if g.provider != nil {
		return g.provider.Begin(w, r, back)
	}
	return back, g.Renew(w, r)
}

// Back returns the path to go to after a sign-in: the one asked for, when it is a page of
// the console that does not sign in or out, or "/".
func Back(asked string) string {
	back := origin.LocalPath(asked)
	if u, err := url.Parse(back); err != nil || u.Path == "/sign-in" || u.Path == CallbackPath || u.Path == SignedOutPath {
		return "/"
	}
	return back
}

// FinishSignIn finishes a sign-in with the provider's answer and returns the path where it
// began.
func (g *Guard) FinishSignIn(w http.ResponseWriter, r *http.Request) (back string, err error) {
	if g.provider == nil {
		return "", principal.Refuse(RefusedStale, errors.New("people do not sign in here"))
	}
	var p Person
	result, err := g.provider.Finish(w, r)
	if err == nil {
		p, err = g.storeSignIn(w, r, result)
	}
	if err != nil {
		g.verdicts.recordVerdict(r, newArrival(r, g.Now()), &p, err)
		return "", err
	}
	g.verdicts.reportEvent(r, Event{Kind: EventSignedIn, Person: p})
	return result.Back, nil
}

// storeSignIn stores a sign-in under a new id, which nobody can have known before (session
// fixation), and ends the browser's earlier sign-in. The same person's sockets stay open.
func (g *Guard) storeSignIn(w http.ResponseWriter, r *http.Request, result *oidc.Result) (Person, error) {
	ctx, c := r.Context(), result.Claims
	p := g.newPerson(c)
	if p.Role == Nobody {
		if err := g.people.noteSeen(ctx, &p); err != nil {
			return p, err
		}
		return p, principal.Refuse(RefusedNoRole, fmt.Errorf("none of the groups %q has a role", c.Groups))
	}
	id, err := g.browsers.Give(w, r)
	if err != nil {
		return p, err
	}
	p.SignIn = id
	now := g.Now()
	err = g.people.keepSignIn(ctx, &p, SignIn{
		ID: id, Person: p.ID, Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, Email: c.Email, Groups: c.Groups,
		Refresh: vault.NewSecret(result.Refresh), Made: now, Seen: now, Until: result.Until,
	})
	before := g.browsers.SignInID(r)
	if err != nil || before == "" {
		return p, err
	}
	g.leases.Move(before, &p)
	if err := g.Store.EndSignIn(ctx, before); err != nil {
		return p, fmt.Errorf("end sign-in: %w", err)
	}
	return p, nil
}

// Renew begins a new sign-in in a browser that had signed out, when its person chose to.
func (g *Guard) Renew(w http.ResponseWriter, r *http.Request) error {
	c, err := g.readClaims(r)
	if err != nil {
		return err
	}
	p := g.newPerson(c)
	if p.Role == Nobody {
		return &RefusedError{Code: RefusedNoRole}
	}
	if g.browsers == nil {
		return nil
	}
	if err := g.people.checkSignedOut(r.Context(), c); err != nil {
		return err
	}
	s, found, err := g.browsers.Find(r.Context(), r)
	if err != nil || found && s.Person == p.ID && s.Ended.IsZero() {
		return err
	}
	return g.beginSignIn(w, r, c, &p)
}
