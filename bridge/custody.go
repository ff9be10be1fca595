package bridge

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Times for a store that is away.
const (
	probeInterval = 250 * time.Millisecond  // between probes, while a connection is live
	probeTimeout  = time.Second             // without an answer in this time the store is away
	firstPause    = 50 * time.Millisecond   // before a call is tried again; doubled up to lastPause
	lastPause     = time.Second             // viewers learn within 2 s that the store is back
	glanceTime    = 10 * time.Second        // how long the store is probed after a request
	sendPatience  = 1500 * time.Millisecond // how long a send waits for a store that is away
)

// custody is the Recorder of a Hub that knows whether the store is away. It repeats calls
// that failed because the store is away, so a restart of the store, or a lock that is held
// for long, only delays them.
type custody struct {
	Recorder

	log  *slog.Logger
	told func()       // called when the store has gone or returned
	held atomic.Int64 // times that a log was full

	mu          sync.Mutex    // guards all below
	unreachable bool          // the last probe failed
	failing     int           // calls that wait to be repeated
	since       time.Time     // when the store went away; zero while it is here
	changed     chan struct{} // closed and replaced when it goes or returns
	watched     bool          // a connection is live
	until       time.Time     // the end of the probing that glance began
	probing     bool
}

func newCustody(r Recorder, log *slog.Logger, told func()) *custody {
	return &custody{Recorder: r, log: log, told: told, changed: make(chan struct{})}
}

// away returns since when the store has been away, zero when it is not, and a channel that
// is closed when that changes.
func (c *custody) away() (since time.Time, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since, c.changed
}

// whileHere returns a context for a read: it ends when the store goes away, and after
// probeTimeout when it is away already.
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

// awaitReturn returns when the store is not away, or ctx has ended.
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

// checkHere returns nil when the store is not away. It waits for a store that is away until
// sendPatience after it went; then the error is ErrStoreAway.
func (c *custody) checkHere(ctx context.Context) error {
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

// awayFor returns a channel that fires when the store has been away for limit, nil while it
// is not away, and a channel that is closed when it goes or returns. Both are nil for
// noLimit.
func (c *custody) awayFor(limit time.Duration) (tooLong <-chan time.Time, turned <-chan struct{}) {
	if limit == noLimit {
		return nil, nil
	}
	since, turned := c.away()
	if since.IsZero() {
		return nil, turned
	}
	return time.After(limit - time.Since(since)), turned
}

// update applies the result of a call that began at a time, and calls told when the store
// has gone or returned by it. Cause is the error of the call.
func (c *custody) update(began time.Time, cause error, change func()) {
	if c.applyChange(began, cause, change) {
		c.told()
	}
}

// applyChange reports whether the store has gone or returned by a change.
func (c *custody) applyChange(began time.Time, cause error, change func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	away := c.unreachable || c.failing > 0
	if away == !c.since.IsZero() {
		return false
	}
	if away {
		c.since = began // not now: the call may have waited for long
		c.log.Warn("the store is away; what is to be stored waits", "error", cause)
	} else {
		c.log.Info("the store is back", "away_for", time.Since(c.since))
		c.since = time.Time{}
	}
	close(c.changed)
	c.changed = make(chan struct{})
	return true
}

// retry calls do until its error is neither ErrStoreAway nor ErrStoreFull, and the function
// again, if there is one, before each repeat. A full store is not away: people can read it,
// and delete sessions to make room.
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
		<-time.After(pause/2 + rand.N(pause/2)) //nolint:gosec // random, so that waiting sessions do not all return at once
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

// finishing tells the Recorder that a session ends. A store with little room may reserve
// some for its last messages.
func (c *custody) finishing(session string) {
	if r, ok := c.Recorder.(interface{ Finishing(session string) }); ok {
		r.Finishing(session)
	}
}

// endSession stores the ending of a session. It waits while the store is away.
func (c *custody) endSession(session string, e Ending, counts Counts) error {
	return c.retry(func() error {
		return c.EndSession(context.Background(), session, e, counts) // it outlives every request
	}, nil)
}

// watch probes the store until unwatch, so that viewers learn that it is away before they
// send. If it is away at unwatch, it is probed until it returns.
func (c *custody) watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = true
	c.startProbing()
}

// glance probes the store for glanceTime, for a request that is about to use it.
func (c *custody) glance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Now().Add(glanceTime)
	c.startProbing()
}

// startProbing starts the prober unless it runs. The caller holds mu.
func (c *custody) startProbing() {
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
	for c.keepsProbing() {
		<-tick.C
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
		err := c.Ping(ctx)
		cancel()
		c.update(began, err, func() { c.unreachable = errors.Is(err, ErrStoreAway) })
	}
}

// keepsProbing reports whether the prober continues.
func (c *custody) keepsProbing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.probing = c.watched || c.unreachable || time.Now().Before(c.until)
	return c.probing
}
