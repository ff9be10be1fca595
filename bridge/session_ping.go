package bridge

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pinger pings the target, because gateways cut an idle WebSocket (RFC 6455 section 5.5.2).
// A missing pong is logged and cuts the connection only after giveUp: a service that
// computes for a minute answers no ping. TCP finds a host that is gone, see bridge/frames.
type pinger struct {
	session  *Session
	interval time.Duration // 0 is off
	giveUp   time.Duration // without a pong for this long the connection is cut; 0 is never

	behind atomic.Bool  // the reader waits for the log, so no pong is read
	missed atomic.Int64 // pings in a row without a pong
	gaveUp atomic.Bool
}

// start pings until stop, which waits for a ping that is under way: ctx must have ended then.
func (p *pinger) start(ctx context.Context) (stop func()) {
	now := p.session.hub.Now
	heard := now()
	return Repeat(p.interval, func() bool {
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

// ping sends a ping, waits for its pong and returns how many were missed in a row. It logs
// the first, the second, the fourth and so on, so that a service that never answers does not
// fill its log.
func (p *pinger) ping(ctx context.Context, wait time.Duration) int64 {
	conn := p.session.conn
	read, written := conn.Moved()
	pong, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := conn.Ping(pong)
	nowRead, nowWritten := conn.Moved()
	switch {
	// A target that sends or reads is alive: a ping or its pong may wait behind a large
	// message for long.
	case err == nil, p.behind.Load(), nowRead != read, conn.Writing() && nowWritten != written:
		p.missed.Store(0)
	case ctx.Err() == nil:
		if missed := p.missed.Add(1); missed&(missed-1) == 0 {
			p.session.log.appendEvent(EventPingLost, facts{"missed": missed})
		}
	}
	return p.missed.Load()
}

// Limits of the target's pings. Each needs a pong, so a flood would keep the reader busy.
const (
	maxPings  = 100         // in a second
	floodWait = time.Second // for the answer to the close frame
)

// pingCounter counts the target's pings.
type pingCounter struct {
	now     func() time.Time
	flooded chan struct{} // closed when there have been too many

	mu    sync.Mutex // guards all below
	since time.Time  // the begin of the second that is counted
	count int
}

func newPingCounter(now func() time.Time) *pingCounter {
	return &pingCounter{now: now, flooded: make(chan struct{})}
}

// take counts a ping and reports whether to answer it.
func (c *pingCounter) take(context.Context, []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count > maxPings { // flooded is closed
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
