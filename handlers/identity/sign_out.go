package identity

import (
	"context"
	"fmt"
	"net/http"
)

// SignedOutPath is the page for people who have signed out.
const SignedOutPath = "/signed-out"

// SignOut ends the sign-in of this browser, and what it holds open. The address is
// where the person goes on, to end the sign-in of the provider or proxy as well.
func (g *Guard) SignOut(w http.ResponseWriter, r *http.Request, p *Person) (address string, err error) {
	if g.browsers == nil {
		return "/", nil
	}
	g.leases.spare(r.Context())
	if p.browser != "" {
		if err := g.Store.EndSignIn(r.Context(), p.browser); err != nil {
			return "", fmt.Errorf("end sign-in: %w", err)
		}
	}
	g.leases.end(RefusedSignedOut, func(h *hold) bool { return h.key == p.lease() })
	if g.Settings.Mode == ModeOIDC {
		g.browsers.drop(w)
	}
	g.tell(r, Event{Kind: EventSignedOut, Person: *p, Of: p.ID})
	return g.signedOutURL(r.Context()), nil
}

// SignOutEverywhere ends all sign-ins of a person, and what they hold open
// anywhere; by is who wants that.
func (g *Guard) SignOutEverywhere(r *http.Request, by *Person, id string) error {
	if g.browsers == nil {
		return nil
	}
	g.leases.spare(r.Context())
	if err := g.Store.SignOutPerson(r.Context(), id); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	g.leases.end(RefusedSignedOut, func(h *hold) bool { return h.person == id })
	g.tell(r, Event{Kind: EventSignedOut, Person: *by, Of: id})
	return nil
}

// Renew lets a browser that had signed out come back, after its person chose to.
func (g *Guard) Renew(w http.ResponseWriter, r *http.Request) error {
	c, err := g.claims(r)
	if err != nil {
		return err
	}
	p := g.person(c)
	if p.Role == Nobody {
		return &RefusedError{Code: RefusedNoRole}
	}
	if err := g.outdated(r.Context(), c); err != nil || g.browsers == nil {
		return err
	}
	s, found, err := g.browsers.find(r.Context(), r)
	if err != nil || found && s.Person == p.ID && s.Ended.IsZero() {
		return err
	}
	return g.greet(w, r, c, &p)
}

// signedOutURL is where a person goes after signing out here.
func (g *Guard) signedOutURL(ctx context.Context) string {
	if g.signIn != nil {
		return g.signIn.endURL(ctx)
	}
	if g.Settings.SignOutURL != "" {
		return g.Settings.SignOutURL
	}
	return SignedOutPath
}

func (g *Guard) tell(r *http.Request, e Event) {
	if g.Audit == nil {
		return
	}
	e.Peer = r.RemoteAddr
	g.Audit(r.Context(), e)
}
