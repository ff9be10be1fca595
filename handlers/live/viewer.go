package live

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// serve runs until the browser leaves or cannot keep up, until the person's proof of
// identity ends, or until ends, the context of the process, ends.
func (v *viewer) serve(ends, held context.Context) {
	// The end of the process sends a close frame, and so does not end ctx.
	ctx, leave := context.WithCancel(context.WithoutCancel(ends))
	var tasks sync.WaitGroup
	tasks.Go(func() {
		defer leave()
		v.listen(ctx)
	})
	stopPings := bridge.Repeat(pingTime, func() bool { return v.ping(ctx) })
	tasks.Go(func() {
		if err := v.sendTurns(ctx); err != nil {
			leave() // the socket failed
		}
	})
	stopEnds := whenOver(ends, func() {
		v.awaitShown(ctx)                                                       // the sessions have ended before, and their last rows have the reason
		v.conn.Close(websocket.StatusServiceRestart, "server is shutting down") // asks the page to connect again: the log is kept
	})
	stopHeld := whenOver(held, func() { v.dismiss(ctx, context.Cause(held)) })
	switch err := v.sendUpdates(ctx); {
	case err == nil || ctx.Err() != nil || errors.Is(err, errGone):
	default:
		v.dismiss(ctx, err)
	}
	leave()
	stopPings()
	stopEnds()
	stopHeld()
	v.conn.Cut()
	tasks.Wait()
}

// awaitShown waits up to lastTime until the last rows are sent.
func (v *viewer) awaitShown(ctx context.Context) {
	last, cancel := context.WithTimeout(ctx, lastTime)
	defer cancel()
	select {
	case <-v.shown:
	case <-last.Done():
	}
}

// sendUpdates sends the updates of the feed until ctx ends. A row is sent at once; where rows
// come faster than rowPace they are gathered, the more the faster they come.
func (v *viewer) sendUpdates(ctx context.Context) error {
	for {
		u, err := v.awaitUpdate(ctx)
		switch {
		case errors.Is(err, io.EOF):
			close(v.shown)
			<-ctx.Done() // the ended session may still be on screen
			return nil
		case err != nil:
			return err
		}
		if err := v.sendUpdate(ctx, u); err != nil {
			return err
		}
		if n := len(u.Rows); n > 0 && n < bridge.MaxRows { // a full batch: it has to catch up
			reply.Pause(ctx, min(time.Duration(n)*rowPace, pace))
		}
	}
}

// seesTime bounds the check that the viewer may still see the session.
const seesTime = 2 * time.Second

// awaitUpdate waits for the feed, or until counters are due.
func (v *viewer) awaitUpdate(ctx context.Context) (bridge.Update, error) {
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

// sendUpdate sends an update: the state first, then rows.
func (v *viewer) sendUpdate(ctx context.Context, u bridge.Update) error {
	now := time.Now()
	if u.Info == nil && !v.countsDue.IsZero() && !now.Before(v.countsDue) {
		info := v.info()
		u.Info = &info
	}
	if u.Info != nil {
		v.counted, v.countsAt, v.countsDue = u.Info.LastSeq, now, time.Time{}
		if err := v.requireSees(ctx, u.Info); err != nil {
			return err
		}
		if err := v.writeEvent(&wire.ServerEvent{Type: wire.TypeState, State: v.State(u.Info)}); err != nil {
			return err
		}
		v.beginOnce.Do(func() { close(v.begun) })
	}
	if len(u.Rows) == 0 {
		return nil
	}
	if v.session == nil {
		if err := v.requireSeesPast(ctx); err != nil {
			return err
		}
	}
	last := u.Rows[len(u.Rows)-1].Seq
	if last > v.counted && v.countsDue.IsZero() {
		v.countsDue = v.countsAt.Add(countsTime)
	}
	noter, newest := v.rowNoter(ctx), max(last, v.info().LastSeq)
	for rows := u.Rows; len(rows) > 0; {
		n := countFitting(rows)
		raw, err := u.Forms.Form(v.labels.name+" "+strconv.FormatInt(rows[0].Seq, 10), func() ([]byte, error) {
			return encodeEvent(&wire.ServerEvent{Type: wire.TypeRows, Rows: shape.Rows(rows[:n], noter), LastSeq: newest})
		})
		if err != nil {
			return err
		}
		if err := v.write(raw); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// countFitting returns how many rows fit into one event, at least one.
func countFitting(rows []transcript.Row) int {
	size := 0
	for i := range rows {
		if size += rowSize + len(rows[i].Preview); size > maxRowsEvent && i > 0 {
			return i
		}
	}
	return len(rows)
}

// requireSees returns an error when the viewer may no longer see the session.
func (v *viewer) requireSees(ctx context.Context, info *bridge.Info) error {
	bounded, cancel := context.WithTimeout(ctx, seesTime)
	defer cancel()
	sees, err := v.handler.Load.SeesSession(bounded, &v.Person, info)
	if err != nil && ctx.Err() == nil && v.handler.Errors.MapError(err).Code == reply.CodeStoreUnavailable {
		return nil // without the store nobody can change the access either
	}
	if err == nil && !sees {
		return &reply.Error{Code: reply.CodeAccessEnded, Values: map[string]string{"owner": info.Access.OwnerName}}
	}
	return err
}

// requireSeesPast is requireSees for an ended session. It reads the access from the store
// again.
func (v *viewer) requireSeesPast(ctx context.Context) error {
	info, err := v.handler.Load.AnySession(ctx, v.info().ID)
	if err != nil {
		return err
	}
	return v.requireSees(ctx, &info)
}

// ping pings the browser, and ends the socket and returns false when it does not answer.
func (v *viewer) ping(ctx context.Context) bool {
	answered, cancel := context.WithTimeout(ctx, pongTime)
	defer cancel()
	if err := v.conn.AwaitPong(answered); err != nil && !v.busy.Load() {
		v.conn.Cut()
		return false
	}
	return ctx.Err() == nil
}
