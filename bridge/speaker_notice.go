package bridge

import (
	"context"
	"time"

	"duplex/bridge/diagnose"
	"duplex/bridge/dialect"
)

// newest is the newest turn, as far as the state of a session shows it.
type newest struct {
	n     int
	state dialect.TurnState
	mark  int64 // microseconds since 1970; 0 before
	err   *dialect.TurnError
	ready bool
}

// review brings the state of the session up to date after a batch, and reports whether it has
// changed. The caller holds mu.
func (p *speaker) review() bool {
	now := newest{ready: p.driver.Ready()}
	now.n, now.state, now.mark, now.err = p.reader.Last()
	if p.playing != nil && p.playing.State == PlayRunning {
		now.mark = 0 // each frame moves it
	}
	before := p.newest
	p.newest = now
	if now.n != before.n {
		p.notice = nil
	}
	if now.err != nil && (before.err == nil || now.n != before.n) {
		p.notice = p.explain(now.err)
	}
	changed := now.n != before.n || now.state != before.state || now.mark != before.mark || now.ready != before.ready
	if changed {
		p.announce()
	}
	return changed
}

// lastNotice returns the finding for the last error that no answer followed; nil for none.
func (p *speaker) lastNotice() *diagnose.Finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.reader.Failure(); e != nil && p.notice == nil {
		return p.explain(e)
	}
	return p.notice
}

// explain returns the finding for the error of a turn.
func (p *speaker) explain(e *dialect.TurnError) *diagnose.Finding {
	conn := p.session.conn
	found := diagnose.Reported(&p.session.record.Report, diagnose.ServiceError{Code: conn.Mask(e.Code), Words: conn.Mask(e.Message), Seq: e.Seq}, p.known(e))
	return &found
}

// known returns the explanation of an error by the dialect; nil for none.
func (p *speaker) known(e *dialect.TurnError) *diagnose.Known {
	return knownError(p.dialect, *e)
}

// catchUpWait bounds the wait for the last messages to be read at the end of a session. A
// store that goes away ends it at once.
const catchUpWait = 2 * time.Second

// explainClose adds what the dialect knows about the end of the connection.
func (p *speaker) explainClose(c *diagnose.Closing, now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), catchUpWait)
	defer cancel()
	here, done := p.session.hub.custody.whileHere(ctx)
	defer done()
	p.session.log.awaitAll(here)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.newest.state == dialect.TurnOpen && p.newest.mark > 0 {
		c.Waiting = now.Sub(time.UnixMicro(p.newest.mark))
	}
	if e := p.reader.Failure(); e != nil {
		c.LastError = diagnose.ServiceError{Code: p.session.conn.Mask(e.Code), Words: p.session.conn.Mask(e.Message), Seq: e.Seq}
		c.Known = p.known(e)
	}
	if s, known := p.dialect.ExplainClose(c.Code, c.Reason); known && c.Known == nil {
		c.Known = &diagnose.Known{Cause: s.Cause, Fix: s.Fix}
	}
	if p.dialect.Limits.IdleCountsAudio {
		c.Idle = now.Sub(p.driver.AudioAt())
	}
}
