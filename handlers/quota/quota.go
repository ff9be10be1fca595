// Package quota bounds the number of open sessions, relays and viewers.
package quota

import (
	"context"
	"slices"
	"sync"

	"duplex/bridge"
	"duplex/handlers/identity"
)

// Quota counts the viewers and the open sessions and relays of each person.
type Quota struct {
	Hub      *bridge.Hub
	Identity *identity.Guard
	MaxOpen  int // sessions and relays of one person; 0 is no bound

	viewers, dialling counters
}

// The bounds of viewers at one time. With one local user there is no bound per person.
const (
	maxViewers         = 500 // of one session
	maxViewersOfPerson = 100
)

// counters counts open things by key. It is safe for concurrent use.
type counters struct {
	mu sync.Mutex // guards n
	n  map[string]int
}

// enter adds one to each of the keys, unless one would pass its limit; 0 is no limit.
// leave subtracts it again.
func (c *counters) enter(quota bridge.Quota, limits map[string]int) (leave func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, limit := range limits {
		if limit > 0 && c.n[key] >= limit {
			return nil, &bridge.QuotaError{Quota: quota, Limit: int64(limit)}
		}
	}
	if c.n == nil {
		c.n = map[string]int{}
	}
	for key := range limits {
		c.n[key]++
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for key := range limits {
			if c.n[key]--; c.n[key] == 0 {
				delete(c.n, key)
			}
		}
	}, nil
}

// EnterViewer counts a viewer of a session.
func (q *Quota) EnterViewer(p *identity.Person, session string) (leave func(), err error) {
	limits := map[string]int{"session " + session: maxViewers}
	if q.Identity.Settings.Mode != identity.ModeNone {
		limits["person "+p.ID] = maxViewersOfPerson
	}
	return q.viewers.enter(bridge.QuotaViewers, limits)
}

// EnterOpen counts a dial of the person. It refuses a person who has reached MaxOpen
// sessions and relays. The caller calls leave when the dial has succeeded or failed.
func (q *Quota) EnterOpen(ctx context.Context) (leave func(), err error) {
	person := identity.Of(ctx)
	if q.MaxOpen <= 0 {
		return func() {}, nil
	}
	leave, err = q.dialling.enter(bridge.QuotaOpen, map[string]int{person.ID: q.MaxOpen})
	if err != nil {
		return nil, err
	}
	open := q.Hub.Sessions()
	own := len(slices.DeleteFunc(open, func(info bridge.Info) bool { return info.Access.Owner != person.ID }))
	if own+q.dialling.of(person.ID) > q.MaxOpen {
		leave()
		return nil, &bridge.QuotaError{Quota: bridge.QuotaOpen, Limit: int64(q.MaxOpen)}
	}
	return leave, nil
}

func (c *counters) of(key string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[key]
}
