package bridge

import (
	"context"
	"errors"
	"io"
	"time"

	"duplex/bridge/transcript"
)

// MaxRows is the number of rows that are read from a log at a time.
const MaxRows = 1000

// Viewer is a browser attached to a session.
type Viewer struct {
	ID     string
	Name   string
	Person string // id of the person
	MayOwn bool   // the session can be handed over to them
}

// Cursor is the position of a viewer in a session's log. It has no queue: a slow viewer
// falls behind and delays nobody. It is for one goroutine.
type Cursor struct {
	session  *Session
	after    int64 // the newest seq that Next returned
	revision int   // of the Info that Next returned
}

// Update holds the changes since the last call of Next.
type Update struct {
	Info  *Info            // set at first, and when anything but counters changed
	Rows  []transcript.Row // ascending, without gaps behind the last update; must not be changed
	Forms *Forms           // of Rows; nil without rows
}

// Watch attaches a viewer that has the rows up to after. The session does not end for want
// of viewers while it is attached.
func (s *Session) Watch(v Viewer, after int64) *Cursor {
	c := &Cursor{session: s, after: max(after, 0), revision: -1}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers[c], s.watching = v, nil
	s.stopKeeping()
	s.noteViewers()
	return c
}

// Close detaches the viewer.
func (c *Cursor) Close() {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, watching := s.viewers[c]; !watching {
		return
	}
	delete(s.viewers, c)
	s.watching = nil
	s.keep()
	s.noteViewers()
}

// Next waits for an update. It returns io.EOF when the session has ended and all was
// returned.
func (c *Cursor) Next(ctx context.Context) (Update, error) {
	for {
		info, revised := c.newInfo()
		stored, stepped, _ := c.session.log.progress()
		var again <-chan time.Time
		if info != nil && info.StoreAway { // at once: reading rows may take long
			return Update{Info: info}, nil
		}
		if info != nil || stored > c.after {
			u, err := c.readUpdate(ctx, info, stored)
			if !errors.Is(err, ErrStoreAway) {
				return u, err
			}
			if info != nil { // it needs no store
				return Update{Info: info}, nil
			}
			again = time.After(lastPause / 2)
			stepped = nil // rows wait already, but cannot be read
		} else if c.ended() {
			return Update{}, io.EOF
		}
		select {
		case <-revised:
		case <-stepped:
		case <-again:
		case <-ctx.Done():
			return Update{}, ctx.Err()
		}
	}
}

// readUpdate reads the rows behind the cursor.
func (c *Cursor) readUpdate(ctx context.Context, info *Info, stored int64) (Update, error) {
	u := Update{Info: info}
	if stored <= c.after {
		return u, nil
	}
	w, err := c.session.readWindow(ctx, c.after, stored)
	if err != nil {
		return Update{}, err
	}
	if len(w.rows) > 0 {
		c.after = w.rows[len(w.rows)-1].Seq
		u.Rows, u.Forms = w.rows, &w.Forms
	}
	return u, nil
}

// newInfo returns the session's Info if Next has not returned it yet, and a channel that is
// closed at the next change.
func (c *Cursor) newInfo() (*Info, <-chan struct{}) {
	s := c.session
	s.mu.Lock()
	fresh, changed := s.revision != c.revision, s.changed
	c.revision = s.revision
	s.mu.Unlock()
	if !fresh {
		return nil, changed
	}
	info := s.Info()
	return &info, changed
}

// ended reports whether there will be no update. The caller has seen that there is none now.
func (c *Cursor) ended() bool {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finished && s.revision == c.revision
}
