package identity

import (
	"cmp"
	"fmt"
	"net/http"
)

// SignOut ends the sign-in of this browser and its sockets. It returns the address where
// the person also signs out of the provider or proxy.
func (g *Guard) SignOut(w http.ResponseWriter, r *http.Request, p *Person) (address string, err error) {
	if g.browsers == nil {
		return "/", nil
	}
	g.leases.Spare(r.Context())
	if p.SignIn != "" {
		if err := g.Store.EndSignIn(r.Context(), p.SignIn); err != nil {
			return "", fmt.Errorf("end sign-in: %w", err)
		}
	}
	g.leases.EndSession(p)
	g.verdicts.reportEvent(r, Event{Kind: EventSignedOut, Person: *p, Of: p.ID})
	if g.provider != nil {
		g.browsers.Drop(w)
		return g.provider.EndURL(r.Context(), SignedOutPath), nil
	}
	return cmp.Or(g.Settings.SignOutURL, SignedOutPath), nil
}

// SignOutEverywhere ends all sign-ins, sockets and earlier proofs of a person; by asks for
// it.
func (g *Guard) SignOutEverywhere(r *http.Request, by *Person, id string) error {
	if g.browsers == nil {
		return nil
	}
	g.leases.Spare(r.Context())
	if err := g.Store.SignOutPerson(r.Context(), id); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	g.leases.EndPerson(id)
	g.verdicts.reportEvent(r, Event{Kind: EventSignedOut, Person: *by, Of: id})
	return nil
}
