package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"duplex/bridge/transcript"
)

// cursorRows is how many rows a cursor fetches at a time.
const cursorRows = 1000

// Viewer is somebody who watches a session.
type Viewer struct {
	ID     string
	Name   string
	Person string // the id of who it is
	MayOwn bool   // whether the session can be handed over to them
}

// Cursor is a viewer's place in a session's log. It owns no queue: a viewer that
// is slow falls behind in the log and delays nobody. One goroutine may use it.
type Cursor struct {
	session  *Session
	after    int64 // the newest seq that was handed out
	revision int   // of the Info that was handed out
}

// Update is what is new for a viewer.
type Update struct {
	Info *Info            // set when something other than counters changed, and the first time
	Rows []transcript.Row // ascending, without gaps after the last ones
}

// Watch attaches a viewer, from the row behind after on. The session lives on at
// least as long as it is watched.
func (s *Session) Watch(v Viewer, after int64) *Cursor {
	c := &Cursor{session: s, after: max(after, 0), revision: -1}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers[c] = v
	s.stopKeeping()
	s.revise()
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
	s.keep()
	s.revise()
}

// Next waits for something new. It returns io.EOF when the session has ended and
// everything was handed out.
func (c *Cursor) Next(ctx context.Context) (Update, error) {
	for {
		info, revised := c.news()
		stored, stepped, _ := c.session.log.progress()
		var again <-chan time.Time
		if info != nil && info.StoreAway { // to be said at once; to read rows may take long
			return Update{Info: info}, nil
		}
		if info != nil || stored > c.after {
			u, err := c.update(ctx, info, stored)
			if !errors.Is(err, ErrStoreAway) {
				return u, err
			}
			if info != nil { // what is true needs no store
				return Update{Info: info}, nil
			}
			again = time.After(lastPause / 2)
			stepped = nil // more is stored than can be read
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

// update reads what is stored behind the cursor.
func (c *Cursor) update(ctx context.Context, info *Info, stored int64) (Update, error) {
	u := Update{Info: info}
	if stored <= c.after {
		return u, nil
	}
	s := c.session
	reading, cancel := s.hub.custody.whileHere(ctx)
	defer cancel()
	rows, err := s.hub.Library.Rows(reading, s.record.ID, transcript.Query{After: c.after, Limit: cursorRows})
	if err != nil && reading.Err() != nil && ctx.Err() == nil {
		err = ErrStoreAway
	}
	if err != nil {
		return Update{}, fmt.Errorf("read log: %w", err)
	}
	if len(rows) > 0 {
		c.after = rows[len(rows)-1].Seq
	}
	u.Rows = rows
	return u, nil
}

// news returns the session's Info if it is newer than the one handed out, and a
// channel that is closed at the next change.
func (c *Cursor) news() (*Info, <-chan struct{}) {
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

// ended reports whether nothing can come any more. The caller has just seen that
// nothing is new.
func (c *Cursor) ended() bool {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finished && s.revision == c.revision
}
