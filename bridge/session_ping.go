package bridge

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pinger keeps the connection alive, RFC 6455 section 5.5.2: gateways cut a WebSocket
// that is idle. A pong that does not come is noted and cuts nothing, unless giveUp says
// so: a service that computes for a minute answers no ping. A host that is gone is
// found by TCP, see bridge/frames.
type pinger struct {
	session  *Session
	interval time.Duration // 0 is off
	giveUp   time.Duration // the silence after which the connection is cut; 0 is never

	behind atomic.Bool  // the reader waits for the log, so nothing can be heard
	missed atomic.Int64 // pings in a row
	gaveUp atomic.Bool
}

func (p *pinger) run(ctx context.Context) {
	now := p.session.hub.Now
	heard := now()
	every(ctx, p.interval, func() bool {
		wait := p.interval
		if p.giveUp > 0 {
			wait = min(wait, max(p.giveUp-now().Sub(heard), 0))
		}
		if p.ping(ctx, wait) == 0 {
			heard = now()
		}
		if p.giveUp == 0 || now().Sub(heard) < p.giveUp || ctx.Err() != nil {
			return true
		}
		p.gaveUp.Store(true)
		p.session.conn.Cut()
		return false
	})
}

// every calls do after each interval until it returns false or ctx ends; never, when
// the interval is 0.
func every(ctx context.Context, interval time.Duration, do func() bool) {
	if interval <= 0 {
		return
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if !do() {
			return
		}
	}
}

// ping sends one and waits for its pong. It returns how many have been missed in a row.
// The first one is noted, then the second, the fourth and so on: a service that never
// answers shall not fill its log.
func (p *pinger) ping(ctx context.Context, wait time.Duration) int64 {
	conn := p.session.conn
	read, written := conn.Moved()
	pong, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := conn.Ping(pong)
	nowRead, nowWritten := conn.Moved()
	switch {
	// A target that sends, or takes what is sent, lives: a ping or its pong may have to
	// wait behind a large message for long.
	case err == nil, p.behind.Load(), nowRead != read, conn.Writing() && nowWritten != written:
		p.missed.Store(0)
	case ctx.Err() == nil:
		if missed := p.missed.Add(1); missed&(missed-1) == 0 {
			p.session.log.appendEvent(EventPingLost, facts{"missed": missed})
		}
	}
	return p.missed.Load()
}

// Every ping has to be answered, so a flood of them would keep the reader busy.
const (
	maxPings  = 100 // of the target's, in a second
	floodWait = time.Second
)

// pingCounter counts the target's pings.
type pingCounter struct {
	now     func() time.Time
	flooded chan struct{} // closed when there have been too many

	mu    sync.Mutex // guards all below
	since time.Time  // when the second began that is counted
	count int
}

func newPingCounter(now func() time.Time) *pingCounter {
	return &pingCounter{now: now, flooded: make(chan struct{})}
}

// take reports whether a ping is to be answered.
func (c *pingCounter) take(context.Context, []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count > maxPings { // once is enough
		return false
	}
	if now := c.now(); now.Sub(c.since) >= time.Second {
		c.since, c.count = now, 0
	}
	if c.count++; c.count > maxPings {
		close(c.flooded)
		return false
	}
	return true
}
