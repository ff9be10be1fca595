// Package lease ends the sockets of people whose proof of identity has ended. No proxy
// cuts a WebSocket when a sign-in ends, so this does.
package lease

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"duplex/handlers/identity/principal"
)

// Store shares knowledge about people with other processes. Its methods are those of
// identity.Store.
type Store interface {
	SignIn(ctx context.Context, id string) (s principal.SignIn, found bool, err error)
	ChangedSignIns(ctx context.Context, since time.Time) ([]principal.SignIn, error)
	SignedOut(ctx context.Context, since time.Time) (map[string]time.Time, error)
	SignedOutAt(ctx context.Context, person string) (time.Time, error)
	TokenByHash(ctx context.Context, hash string) (t principal.AccessToken, found bool, err error)
	RevokedTokens(ctx context.Context, since time.Time) ([]string, error)
	Person(ctx context.Context, id string) (k principal.Known, found bool, err error)
}

// Options configures Leases.
type Options struct {
	Grace time.Duration // after which an expired lease ends
	Now   func() time.Time
	Log   *slog.Logger
	Store Store // nil in mode none
	Roles *principal.Roles

	// CheckHolder asks the provider whether it still vouches for the owner of an access
	// token. It is called once per CheckAfter, and may take long. Nil in modes without one.
	CheckHolder func(ctx context.Context, person string) error
	CheckAfter  time.Duration
}

// Leases keeps the leases of open sockets. It is safe for concurrent use.
type Leases struct {
	Options

	tasks    sync.WaitGroup // of Watch
	checking sync.Map       // IDs of people in a CheckHolder

	mu    sync.Mutex // guards holds, their fields, and ended
	holds map[*hold]struct{}
	ended map[string]int64 // holds that were ended, by the code of the refusal
}

// hold is the lease of one socket. Holds with one key are renewed together.
type hold struct {
	key    string // as of keyOf
	person string // ID
	role   principal.Role
	since  time.Time
	until  time.Time
	end    context.CancelCauseFunc
	spared bool // its request ends the others, and has to be answered
	ended  bool // and counted
}

type holdKey struct{}

// New returns Leases without holds.
func New(o Options) *Leases {
	return &Leases{Options: o, holds: map[*hold]struct{}{}, ended: map[string]int64{principal.RefusedLease: 0, principal.RefusedSignedOut: 0, principal.RefusedToken: 0}}
}

// Figures returns the number of sockets with a lease, and how many were ended so far, by the
// code of the refusal.
func (l *Leases) Figures() (held int, ended map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.holds), maps.Clone(l.ended)
}

const tokenPrefix = "token " // of the keys of access tokens

// leaseKeyOf returns the key under which a person's holds are renewed: the sign-in of one
// browser, or one access token, or else all programs of the person.
func leaseKeyOf(p *principal.Person) string {
	switch {
	case p.SignIn != "":
		return p.SignIn
	case p.Token != nil:
		return tokenPrefix + p.Token.ID
	}
	return "person " + p.ID
}

// Hold returns a context for a socket of p. Watch ends it when p's proof of identity ends;
// context.Cause is then a *principal.RefusedError. The caller calls release when the socket
// is closed.
func (l *Leases) Hold(ctx context.Context, p *principal.Person) (held context.Context, release func()) {
	held, end := context.WithCancelCause(ctx)
	if p.Until.IsZero() {
		return held, func() { end(nil) }
	}
	h := &hold{key: leaseKeyOf(p), person: p.ID, role: p.Role, since: p.Since, until: p.Until, end: end}
	l.mu.Lock()
	l.holds[h] = struct{}{}
	l.mu.Unlock()
	return context.WithValue(held, holdKey{}, h), func() {
		l.mu.Lock()
		delete(l.holds, h)
		l.mu.Unlock()
		end(nil)
	}
}

// Spare keeps the hold of a request from being ended by the request itself.
func (l *Leases) Spare(ctx context.Context) {
	if h, _ := ctx.Value(holdKey{}).(*hold); h != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		h.spared = true
	}
}

// Renew prolongs the holds of p to p.Until. Those with another role end; their sockets
// connect again with the new role.
func (l *Leases) Renew(p *principal.Person) {
	key := leaseKeyOf(p)
	l.prolong(key, p.Until)
	l.endHolds(principal.RefusedLease, func(h *hold) bool { return h.key == key && h.role != p.Role })
}

// Move transfers p's holds of an earlier sign-in to p.SignIn, and renews them.
func (l *Leases) Move(signIn string, p *principal.Person) {
	l.mu.Lock()
	for h := range l.holds {
		if h.key == signIn && h.person == p.ID {
			h.key = leaseKeyOf(p)
		}
	}
	l.mu.Unlock()
	l.Renew(p)
}

// EndSession ends the holds that are renewed together with those of p.
func (l *Leases) EndSession(p *principal.Person) {
	key := leaseKeyOf(p)
	l.endHolds(principal.RefusedSignedOut, func(h *hold) bool { return h.key == key })
}

// EndPerson ends the holds of a person who was signed out.
func (l *Leases) EndPerson(id string) {
	l.endHolds(principal.RefusedSignedOut, func(h *hold) bool { return h.person == id })
}

// EndToken ends the holds of a revoked access token.
func (l *Leases) EndToken(id string) {
	l.endHolds(principal.RefusedToken, func(h *hold) bool { return h.key == tokenPrefix+id })
}

// EndOtherRole ends the holds of p's access tokens that have another role than p.
func (l *Leases) EndOtherRole(p *principal.Person) {
	l.endHolds(principal.RefusedLease, func(h *hold) bool { return h.ofToken(p.ID) && h.role != p.Role })
}

// ofToken reports whether the hold belongs to an access token of a person.
func (h *hold) ofToken(person string) bool {
	return h.person == person && strings.HasPrefix(h.key, tokenPrefix)
}

func (l *Leases) prolong(key string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range l.holds {
		if h.key == key && until.After(h.until) {
			h.until = until
		}
	}
}

// endHolds ends the holds that match, but for spared ones.
func (l *Leases) endHolds(code string, match func(*hold) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range l.holds {
		if !h.spared && !h.ended && match(h) {
			h.ended = true
			l.ended[code]++
			h.end(&principal.RefusedError{Code: code})
		}
	}
}

// tokenHolders returns the IDs of the owners of access tokens with holds.
func (l *Leases) tokenHolders() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	people := map[string]bool{}
	for h := range l.holds {
		if strings.HasPrefix(h.key, tokenPrefix) {
			people[h.person] = true
		}
	}
	return slices.Collect(maps.Keys(people))
}
