// Package quota bounds how many sessions, relays and viewers are open at one time.
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

// The bounds of who watches at one time. With one local user there is no bound of a
// person.
const (
	maxViewers         = 500 // of one session
	maxViewersOfPerson = 100
)

// counters counts open things by key. It is safe for concurrent use.
type counters struct {
	mu sync.Mutex // guards n
	n  map[string]int
}

// enter counts one more of each of the keys, unless that is more than a limit; 0 is no
// limit. leave takes it back.
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

// EnterOpen refuses a person who has as many sessions and relays open as they may. Leave
// is called once the one that is dialled is open, or not.
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
