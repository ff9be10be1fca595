package bridge

import (
	"context"
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
	err := conn.AwaitPong(pong)
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
	onFlood func() // is called once, by take, when there have been too many

	since time.Time // the begin of the second that is counted
	count int
}

// take counts a ping and reports whether to answer it. It is for the reading goroutine.
func (c *pingCounter) take() bool {
	if c.count > maxPings { // it is a flood
		return false
	}
	if now := c.now(); now.Sub(c.since) >= time.Second {
		c.since, c.count = now, 0
	}
	if c.count++; c.count > maxPings {
		c.onFlood()
		return false
	}
	return true
}
