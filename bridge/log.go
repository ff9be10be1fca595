package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"duplex/bridge/transcript"
)

// What may wait for the recorder before the one who appends has to wait too. This
// bounds the memory of a session whose store lags: back-pressure, never loss.
const (
	maxPendingMessages = 4096
	maxPendingBytes    = 2 << 20
)

// errLogClosed is what appending to the log of an ended session gets.
var errLogClosed = errors.New("log is closed")

// log is the end of a session's log that is written to. It numbers messages, hands
// them to the recorder in batches, and says how far the log may be shown: a message
// is stored before anybody sees it.
type log struct {
	session string
	custody *custody
	started time.Time // its wall clock and its monotonic clock: later times are derived from both
	now     func() time.Time

	mu        sync.Mutex // guards all below
	pending   []transcript.Message
	bytes     int64 // payload of pending
	last      int64 // newest seq given out
	stored    int64 // newest seq that may be shown
	err       error // of the recorder; nothing is accepted after it
	closed    bool
	counts    Counts
	free      bool          // the queue takes whatever comes
	delivered int64         // newest sent message that was written to its socket
	recorded  int64         // as much of it as the recorder was told
	held      []int64       // messages of the batch under way that are not to be sent any more
	changed   chan struct{} // closed and replaced when there is room, more is stored, or all is over

	queued chan struct{} // has a token when the writer has something to look at
	broken chan struct{} // closed when the recorder has failed
	done   chan struct{} // closed when the writer has returned
}

func newLog(session string, c *custody, now func() time.Time) *log {
	l := &log{
		session: session, custody: c, started: now(), now: now,
		changed: make(chan struct{}), queued: make(chan struct{}, 1),
		broken: make(chan struct{}), done: make(chan struct{}),
	}
	go l.write()
	return l
}

// append numbers m and queues it. It waits while the queue is full, until ctx ends.
func (l *log) append(ctx context.Context, m transcript.Message) (int64, error) {
	for {
		seq, wait, err := l.tryQueue(m)
		if wait == nil || err != nil {
			return seq, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// appendSoon is append for somebody who waits: it gives up with ErrStoreAway when the
// store is away for longer than a send waits. Nothing is queued then.
func (l *log) appendSoon(ctx context.Context, m transcript.Message) (int64, error) {
	for {
		seq, wait, err := l.tryQueue(m)
		if wait == nil || err != nil {
			return seq, err
		}
		over, turned := l.custody.patience()
		select {
		case <-wait:
		case <-turned:
		case <-over:
			return 0, ErrStoreAway
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// tryQueue queues m, or returns what to wait for before trying again.
func (l *log) tryQueue(m transcript.Message) (seq int64, wait <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := int64(len(m.Payload))
	full := len(l.pending) >= maxPendingMessages || l.bytes+size > maxPendingBytes
	if full && len(l.pending) > 0 && !l.free && !l.over() { // one message larger than the queue is let in alone
		return 0, l.changed, nil
	}
	seq, err = l.queue(m)
	return seq, nil, err
}

// queue numbers m and adds it. The caller holds mu.
func (l *log) queue(m transcript.Message) (int64, error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.closed {
		return 0, errLogClosed
	}
	l.last++
	m.Seq = l.last
	m.At = l.started.Add(l.now().Sub(l.started))
	l.pending = append(l.pending, m)
	l.bytes += int64(len(m.Payload))
	l.counts.add(m)
	l.signal()
	return m.Seq, nil
}

// over reports whether nothing is queued any more. The caller holds mu.
func (l *log) over() bool { return l.err != nil || l.closed }

// release lets in whatever still comes. It is for a connection that was cut, of
// which there is little: what waits for room then need not wait for the store.
func (l *log) release() {
	l.custody.finishing(l.session)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = true
	l.broadcast()
}

// signal makes the writer look.
func (l *log) signal() { wake(l.queued) }

// write is the one goroutine that talks to the recorder. What gathers while a
// batch is being stored is the next batch, so a busy log commits rarely and an idle
// one at once.
func (l *log) write() {
	defer close(l.done)
	for {
		batch, closed := l.take()
		if len(batch) == 0 {
			if closed {
				return
			}
			l.idle()
			continue
		}
		err := l.keep(batch)
		l.wrote(batch, err)
		if err != nil {
			return
		}
	}
}

// settleTime is how long a log is quiet before it is stored on its own account that
// the last messages were sent.
const settleTime = time.Second

// idle returns when the writer has something to look at. What was sent meanwhile is
// told to the recorder, so that it is not called unsure should the process die.
func (l *log) idle() {
	l.mu.Lock()
	delivered, recorded := l.delivered, l.recorded
	l.mu.Unlock()
	if delivered == recorded {
		<-l.queued
		return
	}
	quiet := time.NewTimer(settleTime)
	defer quiet.Stop()
	select {
	case <-l.queued:
	case <-quiet.C:
		err := l.custody.Append(context.Background(), l.session, nil, delivered)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.recorded = delivered; errors.Is(err, ErrStoreAway) {
			l.recorded = recorded // later
		}
	}
}

// keep hands a batch to the recorder until that has it. While the store is away it
// waits here, and what comes meanwhile in the queue.
func (l *log) keep(batch []transcript.Message) error {
	return l.custody.retry(func() error {
		l.mu.Lock()
		delivered := l.delivered
		l.recorded = delivered
		l.mu.Unlock()
		// The session's context may be over while its last messages still have to be kept.
		return l.custody.Append(context.Background(), l.session, batch, delivered)
	}, func() { l.markHeld(batch) })
}

// hold says that a message that is not stored yet is not to be sent any more. Its
// row says so, unless it was stored meanwhile; the event after it does in any case.
func (l *log) hold(seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > 0 && seq >= l.pending[0].Seq {
		markNotSent(&l.pending[seq-l.pending[0].Seq])
	} else {
		l.held = append(l.held, seq)
	}
}

// markHeld marks what is not to be sent any more in a batch that was not stored.
func (l *log) markHeld(batch []transcript.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, seq := range l.held {
		if at := seq - batch[0].Seq; at >= 0 && at < int64(len(batch)) {
			markNotSent(&batch[at])
		}
	}
	l.held = nil
}

// markNotSent frees the client id too: the same message may be sent again.
func markNotSent(m *transcript.Message) { m.Event, m.ClientID = string(MarkNotSent), "" }

// sent says that a message was written to its socket, and all sent ones before it.
func (l *log) sent(seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delivered = max(l.delivered, seq)
	if len(l.pending) == 0 {
		l.signal()
	}
}

// take empties the queue.
func (l *log) take() (batch []transcript.Message, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch, l.pending, l.bytes = l.pending, nil, 0
	if len(batch) > 0 {
		l.broadcast() // there is room again
	}
	return batch, l.closed
}

func (l *log) wrote(batch []transcript.Message, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.err = fmt.Errorf("record session: %w", err)
		close(l.broken)
	} else {
		l.stored = batch[len(batch)-1].Seq
	}
	l.broadcast()
}

// broadcast wakes everybody who waits. The caller holds mu.
func (l *log) broadcast() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// await returns when seq is stored, however long the store is away.
func (l *log) await(ctx context.Context, seq int64) error {
	for {
		stored, changed, err := l.progress()
		switch {
		case stored >= seq:
			return nil
		case err != nil:
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// wait returns when seq is stored. It gives up with ErrStoreAway when the store is
// away for longer than a send waits, and with the error of life when that ends.
func (l *log) wait(life context.Context, seq int64) error {
	for {
		stored, changed, err := l.progress()
		switch {
		case stored >= seq:
			return nil
		case err != nil:
			return err
		}
		over, turned := l.custody.patience()
		select {
		case <-changed:
		case <-turned:
		case <-over:
			return ErrStoreAway
		case <-life.Done():
			return context.Cause(life)
		}
	}
}

// progress says how far the log may be shown, and gives a channel that is closed
// when that changes.
func (l *log) progress() (stored int64, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stored, l.changed, l.err
}

// close refuses further messages, stores what waits, and returns the totals.
func (l *log) close() (Counts, error) {
	l.custody.finishing(l.session)
	l.mu.Lock()
	l.closed = true
	l.broadcast()
	l.mu.Unlock()
	l.signal()
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts, l.err
}

// totals is how much has passed so far, stored or not.
func (l *log) totals() (Counts, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts, l.stored
}

func (c *Counts) add(m transcript.Message) {
	switch m.Direction {
	case transcript.Sent:
		c.Sent++
		c.BytesSent += int64(len(m.Payload))
	case transcript.Received:
		c.Received++
		c.BytesReceived += int64(len(m.Payload))
	case transcript.Event:
		c.Events++
	}
}
