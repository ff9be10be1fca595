package bridge

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// The times of a store that is away.
const (
	probeInterval = 500 * time.Millisecond // between probes, while anything is live
	probeTimeout  = time.Second            // a store that does not answer within it is away
	firstPause    = 50 * time.Millisecond  // before a batch is tried again; doubled up to lastPause
	lastPause     = 2 * time.Second
	glanceTime    = 10 * time.Second        // how long the store is probed after somebody has used it
	sendPatience  = 1500 * time.Millisecond // how long a send waits for a store that is away
)

// custody is the Recorder of a Hub, with the knowledge of whether it can be reached.
// It tries again what failed because the store is away: a restart or a lock that is
// held for long costs time and nothing else.
type custody struct {
	Recorder

	log  *slog.Logger
	told func() // is called when the store has gone or returned

	mu          sync.Mutex    // guards all below
	unreachable bool          // the last probe failed
	failing     int           // calls that wait to be tried again
	since       time.Time     // when the store went away; zero while it is here
	changed     chan struct{} // closed and replaced when it goes or returns
	watched     bool          // something is live
	until       time.Time     // somebody uses the store
	probing     bool
}

func newCustody(r Recorder, log *slog.Logger, told func()) *custody {
	return &custody{Recorder: r, log: log, told: told, changed: make(chan struct{})}
}

// away says since when the store has been away, zero when it is here, and gives a
// channel that is closed when that changes.
func (c *custody) away() (since time.Time, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since, c.changed
}

// whileHere returns a context for a read that somebody waits for: it ends when the
// store goes away, and soon when it is away already.
func (c *custody) whileHere(ctx context.Context) (context.Context, context.CancelFunc) {
	since, changed := c.away()
	if !since.IsZero() {
		return context.WithTimeout(ctx, probeTimeout)
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-changed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// awaitReturn returns when the store is here, or ctx has ended.
func (c *custody) awaitReturn(ctx context.Context) {
	for {
		since, changed := c.away()
		if since.IsZero() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// check is nil while the store is here. One that has just gone is waited for, no
// longer than sendPatience from when it went; then it is ErrStoreAway.
func (c *custody) check(ctx context.Context) error {
	for {
		since, changed := c.away()
		if since.IsZero() {
			return nil
		}
		left := sendPatience - time.Since(since)
		if left <= 0 {
			return ErrStoreAway
		}
		timer := time.NewTimer(left)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}

// patience fires when the store has been away for longer than a send waits. It is nil
// while the store is here; changed is closed when that changes.
func (c *custody) patience() (over <-chan time.Time, changed <-chan struct{}) {
	since, changed := c.away()
	if since.IsZero() {
		return nil, changed
	}
	return time.After(sendPatience - time.Since(since)), changed
}

// update applies a change of what is known by a call that began at some time, and tells
// whom it concerns. Cause is the error of the call.
func (c *custody) update(began time.Time, cause error, change func()) {
	if c.turn(began, cause, change) {
		c.told()
	}
}

// turn reports whether the store has gone or returned by a change.
func (c *custody) turn(began time.Time, cause error, change func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	away := c.unreachable || c.failing > 0
	if away == !c.since.IsZero() {
		return false
	}
	if away {
		c.since = began // a call may fail only after it has waited
		c.log.Warn("the store is away; what is to be stored waits", "error", cause)
	} else {
		c.log.Info("the store is back", "away_for", time.Since(c.since))
		c.since = time.Time{}
	}
	close(c.changed)
	c.changed = make(chan struct{})
	return true
}

// retry calls do until its error is not that the store is away or full. Between, it calls
// again, when there is such a function. A store that is full is not away: people read in
// it, and delete to make room.
func (c *custody) retry(do func() error, again func()) error {
	began := time.Now()
	err, failing := do(), false
	fails := func(now bool) {
		switch {
		case now && !failing:
			c.update(began, err, func() { c.failing++ })
		case !now && failing:
			c.update(began, nil, func() { c.failing-- })
		}
		failing = now
	}
	defer func() { fails(false) }()
	for pause := firstPause; errors.Is(err, ErrStoreAway) || errors.Is(err, ErrStoreFull); pause = min(2*pause, lastPause) {
		fails(errors.Is(err, ErrStoreAway))
		<-time.After(pause/2 + rand.N(pause/2)) //nolint:gosec // many sessions wait: they do not come back in one moment
		if again != nil {
			again()
		}
		if !failing {
			began = time.Now()
		}
		err = do()
	}
	return err
}

// finishing says that a session ends. A Recorder that has little room may keep some for
// its last messages.
func (c *custody) finishing(session string) {
	if r, ok := c.Recorder.(interface{ Finishing(session string) }); ok {
		r.Finishing(session)
	}
}

// endSession stores how a session ended, whenever the store takes it.
func (c *custody) endSession(session string, e Ending, counts Counts) error {
	return c.retry(func() error {
		return c.EndSession(context.Background(), session, e, counts) // nobody waits for it
	}, nil)
}

// watch probes the store until unwatch, so that people learn of its absence before
// they send. A store that is away by then is probed until it returns.
func (c *custody) watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = true
	c.start()
}

// glance probes the store for a while, for somebody who is about to use it.
func (c *custody) glance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Now().Add(glanceTime)
	c.start()
}

// start begins to probe. The caller holds mu.
func (c *custody) start() {
	if !c.probing {
		c.probing = true
		go c.probe()
	}
}

func (c *custody) unwatch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = false
}

func (c *custody) probe() {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for c.probed() {
		<-tick.C
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
		err := c.Ping(ctx)
		cancel()
		c.update(began, err, func() { c.unreachable = errors.Is(err, ErrStoreAway) })
	}
}

// probed reports whether anybody still has to know.
func (c *custody) probed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probing = c.watched || c.unreachable || time.Now().Before(c.until)
	return c.probing
}
