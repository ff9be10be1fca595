package identity

import (
	"context"
	"errors"
	"net/http"
)

// ErrNoTokens says that mode none has no access tokens: programs of this machine need none.
var ErrNoTokens = errors.New("identity: no tokens in mode none")

// MakeToken makes an access token of p and returns it with its text, which cannot be read
// again.
func (g *Guard) MakeToken(r *http.Request, p *Person, t AccessToken) (AccessToken, string, error) {
	if g.Store == nil {
		return t, "", ErrNoTokens
	}
	if err := g.people.keepPerson(r.Context(), p); err != nil { // a person who has opened no page is not stored yet
		return t, "", err
	}
	t, text, err := g.tokens.Make(r.Context(), p.ID, t)
	if err != nil {
		return t, "", err
	}
	g.verdicts.reportEvent(r, Event{Kind: EventTokenMade, Person: *p, Of: t.ID})
	return t, text, nil
}

// RevokeToken revokes an access token of p and ends its sockets; false when p has none of
// that id.
func (g *Guard) RevokeToken(r *http.Request, p *Person, id string) (bool, error) {
	if g.Store == nil {
		return false, nil
	}
	found, err := g.Store.RevokeToken(r.Context(), p.ID, id)
	if err != nil || !found {
		return found, err
	}
	g.leases.EndToken(id)
	g.verdicts.reportEvent(r, Event{Kind: EventTokenRevoked, Person: *p, Of: id})
	return true, nil
}

// RoleOf returns the role of a person by their stored groups.
func (g *Guard) RoleOf(ctx context.Context, person string) (Role, error) {
	if g.Store == nil {
		return Admin, nil
	}
	known, found, err := g.Store.Person(ctx, person)
	if err != nil || !found {
		return Nobody, err
	}
	role, _ := g.Settings.Roles.Of(known.Groups)
	return role, nil
}
