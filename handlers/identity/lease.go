package identity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	sweepTime = 500 * time.Millisecond // between looks at what is held open
	overlap   = 10 * time.Second       // how far the clocks of two processes may be apart
)

// leases is what people hold open, and until when somebody vouches for them. No
// proxy cuts a WebSocket when its person's sign-in ends, so this does.
type leases struct {
	grace time.Duration
	now   func() time.Time

	mu    sync.Mutex // guards all below
	holds map[*hold]struct{}
}

// hold is one socket. Those of one key are renewed together.
type hold struct {
	key    string // of a browser, or of a person who uses none
	person string // ID
	role   Role
	since  time.Time
	until  time.Time
	end    context.CancelCauseFunc
	spared bool // it is the request that ends the others, and has to be answered
}

func newLeases(grace time.Duration, now func() time.Time) *leases {
	return &leases{grace: grace, now: now, holds: map[*hold]struct{}{}}
}

// tokenLease begins the key of what a token holds open.
const tokenLease = "token "

// lease is the key of what a person holds open in one browser. Programs have no
// cookie: theirs are renewed by any request of the person's programs.
func (p *Person) lease() string {
	switch {
	case p.browser != "":
		return p.browser
	case p.Token != nil:
		return tokenLease + p.Token.ID
	}
	return "person " + p.ID
}

// renew prolongs what the person holds open. What was opened in another role ends,
// to be opened again in the new one.
func (l *leases) renew(p *Person) {
	key := p.lease()
	l.prolong(key, p.Until)
	l.end(RefusedLease, func(h *hold) bool { return h.key == key && h.role != p.Role })
}

func (l *leases) prolong(key string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range l.holds {
		if h.key == key && until.After(h.until) {
			h.until = until
		}
	}
}

// move gives what a person holds open in a browser to the browser's new sign-in.
func (l *leases) move(before string, p *Person) {
	l.mu.Lock()
	for h := range l.holds {
		if h.key == before && h.person == p.ID {
			h.key = p.lease()
		}
	}
	l.mu.Unlock()
	l.renew(p)
}

// end ends what is held open at once, where which says so.
func (l *leases) end(code string, which func(*hold) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range l.holds {
		if !h.spared && which(h) {
			h.end(&RefusedError{Code: code})
		}
	}
}

// expire ends what nobody has vouched for in time.
func (l *leases) expire() {
	late := l.now().Add(-l.grace)
	l.end(RefusedLease, func(h *hold) bool { return h.until.Before(late) })
}

func (l *leases) add(h *hold) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds[h] = struct{}{}
}

func (l *leases) remove(h *hold) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.holds, h)
}

// peopleOfTokens lists the people whose programs hold something open.
func (l *leases) peopleOfTokens() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	people := map[string]bool{}
	for h := range l.holds {
		if strings.HasPrefix(h.key, tokenLease) {
			people[h.person] = true
		}
	}
	return slices.Collect(maps.Keys(people))
}

// spare keeps the hold of a request out of what the request itself is about to end.
func (l *leases) spare(ctx context.Context) {
	h, _ := ctx.Value(holdKey{}).(*hold)
	if h == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h.spared = true
}

// of returns what renews a hold, and until when it lasts.
func (l *leases) of(h *hold) (key string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return h.key, h.until
}

func (l *leases) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.holds) == 0
}

type holdKey struct{}

// Hold returns a context for something that p holds open. It ends when nobody
// vouches for p any more; context.Cause is then a *RefusedError. The caller calls
// release when it is over. It is ended by Watch, which has to run.
func (g *Guard) Hold(ctx context.Context, p *Person) (held context.Context, release func()) {
	held, end := context.WithCancelCause(ctx)
	if p.Until.IsZero() {
		return held, func() { end(nil) }
	}
	h := &hold{key: p.lease(), person: p.ID, role: p.Role, since: p.since, until: p.Until, end: end}
	g.leases.add(h)
	return context.WithValue(held, holdKey{}, h), func() {
		g.leases.remove(h)
		end(nil)
	}
}

// Confirm looks again whether somebody vouches for p, for whom Hold returned held: in the
// store, since another process may have learned first that nobody does. The error is a
// *RefusedError, or the store's.
func (g *Guard) Confirm(held context.Context, p *Person) error {
	if refusal, ok := errors.AsType[*RefusedError](context.Cause(held)); ok {
		return refusal
	}
	h, _ := held.Value(holdKey{}).(*hold)
	if h == nil || g.Store == nil {
		return nil
	}
	key, until := g.leases.of(h)
	if until.Before(g.Now().Add(-g.leases.grace)) {
		return refuse(RefusedLease, nil)
	}
	out, err := g.Store.SignedOutAt(held, p.ID)
	if err != nil {
		return fmt.Errorf("look for sign-outs: %w", err)
	}
	if !out.IsZero() && !out.Before(h.since) {
		return refuse(RefusedSignedOut, nil)
	}
	if err := g.confirmKey(held, key, p); err != nil {
		return err
	}
	return g.confirmRole(held, p, h.since)
}

// confirmKey looks again at the token or the browser that a request came with.
func (g *Guard) confirmKey(ctx context.Context, key string, p *Person) error {
	switch {
	case p.Token != nil:
		_, found, err := g.Store.TokenByHash(ctx, p.Token.Hash)
		if err != nil {
			return fmt.Errorf("look for token: %w", err)
		}
		if !found {
			return refuse(RefusedToken, errors.New("the access token was revoked"))
		}
	case p.browser != "":
		s, found, err := g.Store.SignIn(ctx, key)
		if err != nil {
			return fmt.Errorf("look for the sign-in: %w", err)
		}
		if !found || !s.Ended.IsZero() {
			return refuse(RefusedSignedOut, nil)
		}
		if role, _ := g.Settings.Roles.of(s.Groups); role < p.Role {
			return refuse(RefusedLease, fmt.Errorf("the role is %q now", role))
		}
	}
	return nil
}

// confirmRole looks whether the person was here meanwhile, with groups that give less.
func (g *Guard) confirmRole(ctx context.Context, p *Person, since time.Time) error {
	known, found, err := g.Store.Person(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("look for person: %w", err)
	}
	if !found || p.Token == nil && known.Seen.Before(since) { // what a token may follows from the row in any case
		return nil
	}
	if role, _ := g.Settings.Roles.of(known.Groups); role < p.Role {
		return refuse(RefusedLease, fmt.Errorf("the role is %q now", role))
	}
	return nil
}

// askLater asks again of the person of a token that holds something open, when that is
// due, and ends it when nobody vouches for them. The provider may take long to answer.
func (g *Guard) askLater(ctx context.Context, known *Known) {
	if g.signIn == nil || known.ID == "" || g.Now().Sub(known.Seen) <= g.Settings.Lease {
		return
	}
	id := known.ID
	if _, asking := g.asking.LoadOrStore(id, true); asking {
		return
	}
	g.tasks.Go(func() {
		defer g.asking.Delete(id)
		_, err := g.standing(ctx, id)
		if refusal, ok := errors.AsType[*RefusedError](err); ok && refusal.Code != RefusedUnreachable {
			g.leases.end(refusal.Code, func(h *hold) bool { return h.person == id && strings.HasPrefix(h.key, tokenLease) })
		}
	})
}

// Watch ends what is held open too long, until ctx ends. What other processes know
// of the people reaches this one through the store.
func (g *Guard) Watch(ctx context.Context) {
	ticker := time.NewTicker(sweepTime)
	defer ticker.Stop()
	defer g.tasks.Wait()
	since := g.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if g.leases.idle() {
			since = g.Now()
			continue
		}
		next := g.Now()
		if err := g.sweep(ctx, since.Add(-overlap)); err != nil {
			g.Log.LogAttrs(ctx, slog.LevelWarn, "sign-ins cannot be read", slog.Any("error", err))
			next = since
		}
		since = next
	}
}

// sweep learns what has changed, then ends what is over. When the store does not
// answer, what this process knows by itself counts.
func (g *Guard) sweep(ctx context.Context, since time.Time) error {
	defer g.leases.expire()
	if g.Store == nil {
		return nil
	}
	changed, err := g.Store.ChangedSignIns(ctx, since)
	if err != nil {
		return err
	}
	for _, s := range changed {
		if s.Ended.IsZero() {
			g.leases.prolong(s.ID, s.Until)
			role, _ := g.Settings.Roles.of(s.Groups)
			g.leases.end(RefusedLease, func(h *hold) bool { return h.key == s.ID && role < h.role })
		} else {
			g.leases.end(RefusedSignedOut, func(h *hold) bool { return h.key == s.ID })
		}
	}
	revoked, err := g.Store.RevokedTokens(ctx, since)
	if err != nil {
		return err
	}
	g.endTokens(revoked)
	return errors.Join(g.endSignedOut(ctx, since), g.endDemoted(ctx))
}

// endDemoted ends what programs hold open of people who may less by now.
func (g *Guard) endDemoted(ctx context.Context) error {
	for _, id := range g.leases.peopleOfTokens() {
		known, found, err := g.Store.Person(ctx, id)
		if err != nil {
			return err
		}
		g.askLater(ctx, &known)
		if role, _ := g.Settings.Roles.of(known.Groups); found {
			g.leases.end(RefusedLease, func(h *hold) bool {
				return h.person == id && strings.HasPrefix(h.key, tokenLease) && role < h.role
			})
		}
	}
	return nil
}

// endSignedOut ends what programs hold open of people who were signed out: those of
// browsers have ended with their sign-ins.
func (g *Guard) endSignedOut(ctx context.Context, since time.Time) error {
	people, err := g.Store.SignedOut(ctx, since)
	if err != nil {
		return err
	}
	g.leases.end(RefusedSignedOut, func(h *hold) bool {
		at, out := people[h.person]
		return out && h.since.Before(at)
	})
	return nil
}
