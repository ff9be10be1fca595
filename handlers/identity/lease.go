package identity

import (
	"context"
	"log/slog"
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
		if which(h) {
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

func (l *leases) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.holds) == 0
}

// Hold returns a context for something that p holds open. It ends when nobody
// vouches for p any more; context.Cause is then a *RefusedError. The caller calls
// release when it is over. It is ended by Watch, which has to run.
func (g *Guard) Hold(ctx context.Context, p *Person) (held context.Context, release func()) {
	held, end := context.WithCancelCause(ctx)
	if p.Until.IsZero() {
		return held, func() { end(nil) }
	}
	h := &hold{key: p.lease(), person: p.ID, role: p.Role, since: g.Now(), until: p.Until, end: end}
	g.leases.add(h)
	return held, func() {
		g.leases.remove(h)
		end(nil)
	}
}

// Watch ends what is held open too long, until ctx ends. What other processes know
// of the people reaches this one through the store.
func (g *Guard) Watch(ctx context.Context) {
	ticker := time.NewTicker(sweepTime)
	defer ticker.Stop()
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
		} else {
			g.leases.end(RefusedSignedOut, func(h *hold) bool { return h.key == s.ID })
		}
	}
	revoked, err := g.Store.RevokedTokens(ctx, since)
	if err != nil {
		return err
	}
	g.endTokens(revoked)
	return g.endSignedOut(ctx, since)
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
