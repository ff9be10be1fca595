package bridge

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// DialLimits bounds the dials of one person, failed dials and relays included, so that
// nobody can scan ports through the server. 0 is no limit.
type DialLimits struct {
	PerMinute int // to all targets
	PerTarget int // to one target
}

// DialLimitError says that a person dials too often. Nothing was dialled.
type DialLimitError struct {
	Host  string // the target that was dialled too often; "" for all targets together
	Limit int    // dials in a minute
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
	pruneAt int // the number of buckets at which full ones are deleted
}

type budgetKey struct{ person, host string } // host is "" for all targets

// bucket holds the number of dials that were left at a time. They grow back.
type bucket struct {
	left float64
	at   time.Time
}

// minPrune keeps a small map from being pruned at every dial.
const minPrune = 1024

func newBudget(limits DialLimits, now func() time.Time) *budget {
	return &budget{limits: limits, now: now, buckets: map[budgetKey]bucket{}, pruneAt: minPrune}
}

// take counts a dial. A dial above the limit is not counted, and the error is a
// *DialLimitError.
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
	b.prune(now)
	return nil
}

// wait returns the time until a bucket has a dial left. The caller holds mu.
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
	return min(float64(limit), held.left+max(0, grown)) // the clock may have been set back
}

func (b *budget) spend(key budgetKey, limit int, now time.Time) {
	if limit > 0 {
		b.buckets[key] = bucket{left: b.left(key, limit, now) - 1, at: now}
	}
}

// prune deletes full buckets, which equal missing ones. The bucket of a person bounds the
// number of their buckets that are not full. The caller holds mu.
func (b *budget) prune(now time.Time) {
	if len(b.buckets) < b.pruneAt {
		return
	}
	maps.DeleteFunc(b.buckets, func(key budgetKey, _ bucket) bool {
		limit := b.limits.PerTarget
		if key.host == "" {
			limit = b.limits.PerMinute
		}
		return b.left(key, limit, now) >= float64(limit)
	})
	b.pruneAt = max(minPrune, 2*len(b.buckets))
}
