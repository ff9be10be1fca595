package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/reply"
)

const (
	writeTime  = 5 * time.Second        // for one event; whoever cannot take it comes back where it was
	pingTime   = 20 * time.Second       // between pings; proxies cut sockets that are idle for 60 s
	pace       = 50 * time.Millisecond  // between batches of rows
	countsTime = 500 * time.Millisecond // between counters, while rows come
	lastTime   = time.Second            // for the last rows, when the process ends
)

// errSlow says that the browser did not take an event in time.
var errSlow = errors.New("viewer is too slow")

// feed is what a viewer is shown: a *bridge.Cursor, or a pastFeed.
type feed interface {
	// Next waits for something new; io.EOF after the last row of an ended session.
	Next(ctx context.Context) (bridge.Update, error)
	Close()
}

// viewer is a browser attached to a session.
type viewer struct {
	handler *Handler
	conn    *socket
	reader
	session *bridge.Session // nil when it has ended
	info    func() bridge.Info
	feed    feed
	busy    atomic.Bool   // listen is sending, and hears no pong meanwhile
	shown   chan struct{} // closed when all of an ended session was shown

	// of show
	counted   int64     // the newest seq that counters were shown with
	countsAt  time.Time // when counters were shown the last time
	countsDue time.Time // when they are to be shown again; zero when nothing has changed
}

// show passes on what the feed has until ctx ends. Rows that come thick are shown
// in batches; the first one after a pause goes out at once.
func (v *viewer) show(ctx context.Context) error {
	for {
		u, err := v.next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			close(v.shown)
			<-ctx.Done() // it may still be looked at
			return nil
		case err != nil:
			return err
		}
		if err := v.tell(ctx, u); err != nil {
			return err
		}
		if n := len(u.Rows); n > 0 && n < maxRows { // a full batch: it has to catch up
			reply.Pause(ctx, pace)
		}
	}
}

// next waits for the feed, or until counters are due.
func (v *viewer) next(ctx context.Context) (bridge.Update, error) {
	if v.countsDue.IsZero() {
		return v.feed.Next(ctx)
	}
	soon, cancel := context.WithDeadline(ctx, v.countsDue)
	defer cancel()
	u, err := v.feed.Next(soon)
	if err != nil && !errors.Is(err, io.EOF) && soon.Err() != nil && ctx.Err() == nil {
		info := v.info()
		return bridge.Update{Info: &info}, nil
	}
	return u, err
}

// tell sends an update: what is true first, then rows.
func (v *viewer) tell(ctx context.Context, u bridge.Update) error {
	now := time.Now()
	if u.Info == nil && !v.countsDue.IsZero() && !now.Before(v.countsDue) {
		info := v.info()
		u.Info = &info
	}
	if u.Info != nil {
		v.counted, v.countsAt, v.countsDue = u.Info.LastSeq, now, time.Time{}
		if err := v.checkSees(ctx, u.Info); err != nil {
			return err
		}
		if err := v.write(ctx, &wire.ServerEvent{Type: "state", State: v.state(u.Info)}); err != nil {
			return err
		}
	}
	if len(u.Rows) == 0 {
		return nil
	}
	if v.session == nil {
		if err := v.checkPast(ctx); err != nil {
			return err
		}
	}
	last := u.Rows[len(u.Rows)-1].Seq
	if last > v.counted && v.countsDue.IsZero() {
		v.countsDue = v.countsAt.Add(countsTime)
	}
	event := wire.ServerEvent{Type: "rows", Rows: wireRows(u.Rows), LastSeq: max(last, v.info().LastSeq)}
	return v.write(ctx, &event)
}

// checkSees ends the look of who may no longer see the session.
func (v *viewer) checkSees(ctx context.Context, info *bridge.Info) error {
	bounded, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	sees, err := v.handler.seesSession(bounded, &v.person, info)
	if err != nil && ctx.Err() == nil && v.handler.errors.MapError(err).Code == "store_unavailable" {
		return nil // nobody can change that either, until the store is back
	}
	if err == nil && !sees {
		return &reply.Fault{Code: "access_ended", Values: map[string]string{"owner": info.Access.OwnerName}}
	}
	return err
}

// checkPast is checkSees for a session that has ended, of which nobody tells what has
// changed since.
func (v *viewer) checkPast(ctx context.Context) error {
	info, err := v.handler.known(ctx, v.info().ID)
	if err != nil {
		return err
	}
	return v.checkSees(ctx, &info)
}

// write sends one event.
func (v *viewer) write(ctx context.Context, e *wire.ServerEvent) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode %s: %w", e.Type, err)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if err := v.conn.Write(ctx, websocket.MessageText, raw); err != nil {
		return errors.Join(errSlow, err)
	}
	return nil
}

// keepAlive pings the browser, and lets go of one that is gone without a word.
func (v *viewer) keepAlive(ctx context.Context) {
	for reply.Pause(ctx, pingTime) {
		answered, cancel := context.WithTimeout(ctx, pingTime)
		err := v.conn.Ping(answered)
		cancel()
		if err != nil && !v.busy.Load() {
			_ = v.conn.CloseNow()
			return
		}
	}
}
