package bridge

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// DialLimits is how often one person may connect, failed attempts and relays included:
// or the server would look for open ports on behalf of whoever asks. 0 is no bound.
type DialLimits struct {
	PerMinute int // to all targets together
	PerTarget int // to one target, in a minute
}

// DialLimitError says that a person has connected too often. Nothing was dialled.
type DialLimitError struct {
	Host  string // the target with too many; "" when all together are too many
	Limit int    // in a minute
	Wait  time.Duration
}

// Error implements error.
func (e *DialLimitError) Error() string {
	return fmt.Sprintf("more than %d dials in a minute, again in %v", e.Limit, e.Wait)
}

// budget counts dials in token buckets: one for each person, one for each of their
// targets. It is safe for concurrent use.
type budget struct {
	limits DialLimits
	now    func() time.Time

	mu      sync.Mutex // guards all below
	buckets map[budgetKey]bucket
	sweepAt int // how many there may be before those that are full again are dropped
}

type budgetKey struct{ person, host string } // host is "" for all together

// bucket is how many dials were left at a moment; they grow back.
type bucket struct {
	left float64
	at   time.Time
}

// leastSweep keeps a small map from being swept at every dial.
const leastSweep = 1024

func newBudget(limits DialLimits, now func() time.Time) *budget {
	return &budget{limits: limits, now: now, buckets: map[budgetKey]bucket{}, sweepAt: leastSweep}
}

// take counts a dial, unless it is one too many: then the error is a *DialLimitError
// and none is counted.
func (b *budget) take(person, host string) error {
	if b.limits == (DialLimits{}) {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	all, one := budgetKey{person, ""}, budgetKey{person, host}
	if wait := b.wait(all, b.limits.PerMinute, now); wait > 0 {
		return &DialLimitError{Limit: b.limits.PerMinute, Wait: wait}
	}
	if wait := b.wait(one, b.limits.PerTarget, now); wait > 0 {
		return &DialLimitError{Host: host, Limit: b.limits.PerTarget, Wait: wait}
	}
	b.spend(all, b.limits.PerMinute, now)
	b.spend(one, b.limits.PerTarget, now)
	b.sweep(now)
	return nil
}

// wait is how long until a bucket has a dial left; 0 when it has. The caller holds mu.
func (b *budget) wait(key budgetKey, limit int, now time.Time) time.Duration {
	missing := 1 - b.left(key, limit, now)
	if limit == 0 || missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(limit) * float64(time.Minute))
}

func (b *budget) left(key budgetKey, limit int, now time.Time) float64 {
	held, known := b.buckets[key]
	if !known {
		return float64(limit)
	}
	grown := now.Sub(held.at).Minutes() * float64(limit)
	return min(float64(limit), held.left+max(0, grown)) // a clock that was set back takes nothing away
}

func (b *budget) spend(key budgetKey, limit int, now time.Time) {
	if limit > 0 {
		b.buckets[key] = bucket{left: b.left(key, limit, now) - 1, at: now}
	}
}

// sweep drops the buckets that are full: they are as good as none. A person's own
// bucket bounds how many of theirs are not, so few are left. The caller holds mu.
func (b *budget) sweep(now time.Time) {
	if len(b.buckets) < b.sweepAt {
		return
	}
	maps.DeleteFunc(b.buckets, func(key budgetKey, _ bucket) bool {
		limit := b.limits.PerTarget
		if key.host == "" {
			limit = b.limits.PerMinute
		}
		return b.left(key, limit, now) >= float64(limit)
	})
	b.sweepAt = max(leastSweep, 2*len(b.buckets))
}
