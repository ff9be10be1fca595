package bridge

import (
	"context"
	"sync/atomic"
	"time"
)

// lostAfter is how many pings in a row may stay without a pong.
const lostAfter = 2

// pinger keeps the connection alive, RFC 6455 section 5.5.2: gateways cut a
// WebSocket that is idle, and a peer that is gone says nothing.
type pinger struct {
	session  *Session
	interval time.Duration // 0 is off

	heard  atomic.Int64 // messages read: whoever sends them lives, even while a pong waits behind them
	behind atomic.Bool  // the reader waits for the log, so nothing can be heard
	missed atomic.Int64 // pings in a row
}

func (p *pinger) run(ctx context.Context) {
	if p.interval <= 0 {
		return
	}
	tick := time.NewTicker(p.interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if p.ping(ctx) >= lostAfter {
			_ = p.session.conn.CloseNow()
			return
		}
	}
}

// ping sends one and waits at most an interval for its pong. It returns how many
// have been missed in a row.
func (p *pinger) ping(ctx context.Context) int64 {
	heard := p.heard.Load()
	wait, cancel := context.WithTimeout(ctx, p.interval)
	defer cancel()
	err := p.session.conn.Ping(wait)
	switch {
	case err == nil, p.behind.Load(), p.heard.Load() != heard:
		p.missed.Store(0)
	case ctx.Err() == nil:
		p.session.log.note(EventPingLost, facts{"missed": p.missed.Add(1)})
	}
	return p.missed.Load()
}
