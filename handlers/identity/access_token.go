package identity

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// AccessToken lets a program of a person in, without the person. Of the token itself
// only a hash is kept.
type AccessToken struct {
	ID     string
	Hash   string // SHA-256 of the token, in hex
	Person string // ID of whose it is
	Name   string // what it is for, in the person's words
	Scopes []Scope
	Made   time.Time
	Until  time.Time
	Used   time.Time // zero when never
}

// Scope is a kind of thing that a token is good for. No token is good for what takes
// an admin, or for making tokens.
type Scope string

// The scopes.
const (
	ScopeRead     Scope = "read"     // look at services, sessions and transcripts
	ScopeSessions Scope = "sessions" // open sessions, send, close
	ScopeServices Scope = "services" // save and delete services
	ScopeRelay    Scope = "relay"    // connect through a relay
	ScopePerson   Scope = ""         // only who is there in person
)

// Scopes is every scope a token may have.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeSessions, ScopeServices, ScopeRelay} }

// Tokens keeps access tokens.
type Tokens interface {
	// PutToken keeps a new one.
	PutToken(ctx context.Context, t AccessToken) error
	// TokenByHash returns one that is not revoked.
	TokenByHash(ctx context.Context, hash string) (t AccessToken, found bool, err error)
	// Tokens returns those of a person that are not revoked, the newest first.
	Tokens(ctx context.Context, person string) ([]AccessToken, error)
	// RevokeToken revokes one of a person; false when they have none of that id.
	RevokeToken(ctx context.Context, person, id string) (bool, error)
	// RevokedTokens returns the ids of those that were revoked since.
	RevokedTokens(ctx context.Context, since time.Time) ([]string, error)
	// UseToken writes down that one was used now.
	UseToken(ctx context.Context, id string) error
	// Person returns what was known of a person when they were here the last time.
	Person(ctx context.Context, id string) (k Known, found bool, err error)
}

const (
	tokenMark = "dpx_"      // so that a token is known for one wherever it turns up
	usedPause = time.Minute // between two notes of a token's use
)

// Bounds of a token.
const (
	MaxTokenLife = 366 * 24 * time.Hour
	MaxTokens    = 50 // of one person
)

// ErrNoTokens says that there is nobody to tell apart: with one local user, programs
// of this machine need no token.
var ErrNoTokens = errors.New("identity: no tokens in mode none")

// MakeToken makes a token of p and returns it, which can never be done again.
func (g *Guard) MakeToken(r *http.Request, p *Person, t AccessToken) (AccessToken, string, error) {
	if g.Store == nil {
		return t, "", ErrNoTokens
	}
	token := tokenMark + rand.Text()
	if err := g.keep(r.Context(), p); err != nil { // who has opened no page yet has a token all the same
		return t, "", err
	}
	t.ID, t.Hash, t.Person, t.Made = strings.ToLower(rand.Text()[:16]), hashOf(token), p.ID, g.Now()
	if err := g.Store.PutToken(r.Context(), t); err != nil {
		return t, "", fmt.Errorf("keep token: %w", err)
	}
	g.tell(r, Event{Kind: EventTokenMade, Person: *p, Of: t.ID})
	return t, token, nil
}

// RevokeToken ends a token of p, and what is held open with it; false when p has none
// of that id.
func (g *Guard) RevokeToken(r *http.Request, p *Person, id string) (bool, error) {
	if g.Store == nil {
		return false, nil
	}
	found, err := g.Store.RevokeToken(r.Context(), p.ID, id)
	if err != nil || !found {
		return found, err
	}
	g.endTokens([]string{id})
	g.tell(r, Event{Kind: EventTokenRevoked, Person: *p, Of: id})
	return true, nil
}

// endTokens ends what is held open with tokens.
func (g *Guard) endTokens(ids []string) {
	for _, id := range ids {
		g.leases.end(RefusedToken, func(h *hold) bool { return h.key == tokenLease+id })
	}
}

// tokenOf is the access token that a request shows, which it no longer has then.
// Anything else in Authorization is left to the mode.
func tokenOf(h http.Header) (token string, shown bool) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(token, tokenMark) {
		return "", false
	}
	h.Del("Authorization")
	return token, true
}

// byToken is the person whose token a request shows. What they may follows from the
// groups they have now, as standing knows them.
func (g *Guard) byToken(ctx context.Context, token string) (Person, error) {
	now := g.Now()
	t, found, err := g.Store.TokenByHash(ctx, hashOf(token))
	switch {
	case err != nil:
		return Person{}, fmt.Errorf("look for token: %w", err)
	case !found:
		return Person{}, refuse(RefusedToken, errors.New("no such access token"))
	case !now.Before(t.Until):
		return Person{}, refuse(RefusedToken, errors.New("the access token has expired"))
	}
	known, err := g.standing(ctx, t.Person)
	if err != nil {
		return Person{}, err
	}
	out, err := g.Store.SignedOutAt(ctx, t.Person)
	if err != nil {
		return Person{}, fmt.Errorf("look for sign-outs: %w", err)
	}
	if !out.IsZero() && !t.Made.After(out) {
		return Person{}, refuse(RefusedSignedOut, nil)
	}
	if now.Sub(t.Used) > usedPause {
		if err := g.Store.UseToken(ctx, t.ID); err != nil {
			return Person{}, fmt.Errorf("use token: %w", err)
		}
	}
	p := Person{ID: known.ID, Name: known.Name, Email: known.Email, Groups: known.Groups, Until: t.Until, Token: &t}
	p.Role, p.RoleBy = g.Settings.Roles.of(known.Groups)
	return p, nil
}

// DefaultAway is how long tokens work without their person when Settings.Away is 0.
const DefaultAway = 7 * 24 * time.Hour

// standing returns what is known of a token's person now. A provider that gave them a
// refresh token is asked again once a lease, and its "no" ends the token. Nobody else
// can be asked: there the person must have been here within Settings.Away, since who has
// left the company comes no more.
func (g *Guard) standing(ctx context.Context, person string) (Known, error) {
	known, found, err := g.Store.Person(ctx, person)
	if err != nil {
		return known, fmt.Errorf("look for person: %w", err)
	}
	away := cmp.Or(g.Settings.Away, DefaultAway)
	if !found || g.Now().Sub(known.Seen) > away {
		return known, refuse(RefusedToken, fmt.Errorf("its person was not here for %v", away))
	}
	if g.signIn == nil || g.Now().Sub(known.Seen) <= g.Settings.Lease {
		return known, nil
	}
	if asked, err := g.signIn.askAbout(ctx, &known); !asked || err != nil {
		return known, err
	}
	if known, _, err = g.Store.Person(ctx, person); err != nil {
		return known, fmt.Errorf("look for person: %w", err)
	}
	return known, nil
}

// RoleOf returns the role that a person has by what is known of them.
func (g *Guard) RoleOf(ctx context.Context, person string) (Role, error) {
	if g.Store == nil {
		return Admin, nil
	}
	known, found, err := g.Store.Person(ctx, person)
	if err != nil || !found {
		return Nobody, err
	}
	role, _ := g.Settings.Roles.of(known.Groups)
	return role, nil
}

// Within reports whether the person may do what takes a scope: whoever is there
// themselves may, a token only what it is for. To act in a session includes to look
// at it.
func (p *Person) Within(scope Scope) bool {
	if p.Token == nil {
		return true
	}
	for _, has := range p.Token.Scopes {
		if scope != ScopePerson && (has == scope || scope == ScopeRead && (has == ScopeSessions || has == ScopeServices)) {
			return true
		}
	}
	return false
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
