package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"duplex/bridge/transcript"
)

// Limits of the queue to the recorder. When it is full, append waits: a store that lags
// slows the session down, and no message is lost.
const (
	maxPendingMessages = 8192 // of 128 B, as many as maxPendingBytes: a sync of the disk is shared by all that come meanwhile
	maxPendingBytes    = 1 << 20
)

// errLogClosed is returned by append when the session has ended.
var errLogClosed = errors.New("log is closed")

// log numbers the messages of a session and stores them in batches. A message is shown
// to viewers and sent to the target only after it is stored.
type log struct {
	session string
	custody *custody
	started time.Time // later times are its wall clock plus the monotonic time since
	now     func() time.Time
	observe func([]transcript.Message) // called with each stored batch, before anybody else sees it; nil for none
	onError func()                     // called once when the recorder has failed

	mu        sync.Mutex           // guards all below
	pending   []transcript.Message // the queue
	spare     []transcript.Message // an empty one for the next batch, while the log is busy
	bytes     int64                // payload of pending
	last      int64                // the newest seq
	stored    int64                // the newest seq that is stored
	err       error                // of the recorder; append fails after it
	closed    bool
	counts    Counts
	unbounded bool          // the queue has no limit
	delivered int64         // the newest sent message that was written to its socket
	recorded  int64         // the value of delivered that the recorder has
	withheld  []int64       // messages of the current batch that will not be sent
	changed   chan struct{} // closed and replaced when there is room, when more is stored, and at the end
	isWriting bool          // the writer runs, or has returned for good

	queued chan struct{} // holds a token when the writer that runs has work
	done   chan struct{} // closed when the writer has returned for good
}

func newLog(session string, c *custody, now func() time.Time, observe func([]transcript.Message), onError func()) *log {
	return &log{
		session: session, custody: c, started: now(), now: now, observe: observe, onError: onError,
		changed: make(chan struct{}), queued: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// noLimit lets a caller wait for as long as the store is away.
const noLimit time.Duration = 0

// append numbers m and queues it. While the queue is full it waits, until ctx ends or the
// store has been away for patience: then the error is ErrStoreAway. After an error nothing
// is queued.
func (l *log) append(ctx context.Context, m transcript.Message, patience time.Duration) (int64, error) {
	for {
		seq, room, err := l.tryQueue(m)
		if room == nil || err != nil {
			return seq, err
		}
		l.custody.held.Add(1)
		if err := l.wait(ctx, room, patience); err != nil {
			return 0, err
		}
	}
}

// appendAll appends messages with numbers in a row, and returns the last. It waits for room
// without end.
func (l *log) appendAll(ctx context.Context, all []transcript.Message) (last int64, err error) {
	for {
		last, room, err := l.tryQueueAll(all)
		if room == nil || err != nil {
			return last, err
		}
		if err := l.wait(ctx, room, noLimit); err != nil {
			return 0, err
		}
	}
}

// tryQueueAll queues messages, all or none. When the queue is full it returns the channel to
// wait for.
func (l *log) tryQueueAll(all []transcript.Message) (last int64, room <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.waiting() >= maxPendingMessages || l.bytes > maxPendingBytes
	if full && !l.unbounded && !l.isOver() {
		return 0, l.changed, nil
	}
	now := l.now() // they were read together
	for i := range all {
		if last, err = l.queue(&all[i], now); err != nil {
			return 0, nil, err
		}
	}
	return last, nil, nil
}

// awaitStored returns when seq is stored. It gives up as append does.
func (l *log) awaitStored(ctx context.Context, seq int64, patience time.Duration) error {
	for {
		stored, changed, err := l.progress()
		switch {
		case stored >= seq:
			return nil
		case err != nil:
			return err
		}
		if err := l.wait(ctx, changed, patience); err != nil {
			return err
		}
	}
}

// wait returns when changed is closed, or when the store has gone or returned. It gives up
// as append does.
func (l *log) wait(ctx context.Context, changed <-chan struct{}, patience time.Duration) error {
	tooLong, turned := l.custody.awayFor(patience)
	select {
	case <-changed:
		return nil
	case <-turned:
		return nil
	case <-tooLong:
		return ErrStoreAway
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tryQueue queues m. When the queue is full it returns the channel to wait for.
func (l *log) tryQueue(m transcript.Message) (seq int64, room <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := int64(len(m.Payload))
	full := l.waiting() >= maxPendingMessages || l.bytes+size > maxPendingBytes
	if full && len(l.pending) > 0 && !l.unbounded && !l.isOver() { // a message larger than the queue is queued alone
		return 0, l.changed, nil
	}
	seq, err = l.queue(&m, l.now())
	return seq, nil, err
}

// waiting returns the number of messages in the queue. The caller holds mu.
func (l *log) waiting() int64 {
	if len(l.pending) == 0 {
		return 0
	}
	return l.last - l.pending[0].Seq + 1
}

// queue numbers m and adds a copy. It returns the seq of m, or of the last that m stands for.
// The caller holds mu.
func (l *log) queue(m *transcript.Message, now time.Time) (int64, error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.closed {
		return 0, errLogClosed
	}
	if m.At.After(now) {
		now = m.At // a message to be sent later has the time of its writing
	}
	l.pending = append(l.pending, *m)
	queued := &l.pending[len(l.pending)-1]
	queued.Seq, queued.At = l.last+1, l.started.Add(now.Sub(l.started))
	l.last = queued.Last()
	l.bytes += int64(len(m.Payload))
	l.counts.add(m)
	l.signal()
	return l.last, nil
}

// isOver reports whether append fails from now on. The caller holds mu.
func (l *log) isOver() bool { return l.err != nil || l.closed }

// release removes the limit of the queue. It is called when the connection was cut: few
// messages still come, and their reader need not wait for the store.
func (l *log) release() {
	l.custody.finishing(l.session)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unbounded = true
	l.broadcast()
}

// signal gives the writer work, and starts it if it does not run. The caller holds mu.
func (l *log) signal() {
	if !l.isWriting {
		l.isWriting = true
		go l.writeBatches()
	}
	wake(l.queued)
}

// writeBatches is the only goroutine that calls the recorder. The messages that arrive
// while a batch is being stored are the next batch, so a busy log commits rarely and an
// idle one at once. It returns when there is no work: the stack that a store needs is most
// of what an idle session would hold.
func (l *log) writeBatches() {
	for {
		batch, next := l.takeBatch()
		switch next {
		case writerRests:
			return
		case writerEnds:
			close(l.done)
			return
		case writerWaits:
			l.awaitQuiet()
			continue
		case writerStores:
		}
		err := l.store(batch)
		if err == nil && l.observe != nil {
			l.observe(batch)
		}
		l.noteStored(batch, err)
		if err != nil {
			l.onError()
			close(l.done)
			return
		}
	}
}

// settleTime is the quiet time after which a log stores, without a batch, that its last
// messages were sent.
const settleTime = time.Second

// awaitQuiet returns when the writer has work. After settleTime it stores which messages
// were sent, so that they are not marked unsure if the process dies.
func (l *log) awaitQuiet() {
	quiet := time.NewTimer(settleTime)
	defer quiet.Stop()
	select {
	case <-l.queued:
	case <-quiet.C:
		l.mu.Lock()
		delivered, recorded := l.delivered, l.recorded
		l.mu.Unlock()
		err := l.custody.Append(context.Background(), l.session, nil, delivered)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.recorded = delivered; errors.Is(err, ErrStoreAway) {
			l.recorded = recorded // try again later
		}
	}
}

// store gives a batch to the recorder. While the store is away it waits here, and the
// messages behind it in the queue.
func (l *log) store(batch []transcript.Message) error {
	return l.custody.retry(func() error {
		l.mu.Lock()
		delivered := l.delivered
		l.recorded = delivered
		l.mu.Unlock()
		// The session's context may have ended before its last messages are stored.
		return l.custody.Append(context.Background(), l.session, batch, delivered)
	}, func() { l.markWithheld(batch) })
}

// withhold marks a message that will not be sent because it is not stored yet. The mark
// is missing if it was stored in the meantime, but the send_failed event behind it is
// not.
func (l *log) withhold(seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !markNotSent(l.pending, seq) {
		l.withheld = append(l.withheld, seq)
	}
}

// markWithheld marks the withheld messages of a batch that was not stored.
func (l *log) markWithheld(batch []transcript.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, seq := range l.withheld {
		markNotSent(batch, seq)
	}
	l.withheld = nil
}

// markNotSent marks a message of a batch, and reports whether it is there. It removes the client
// id too, so that the same message can be sent again.
func markNotSent(batch []transcript.Message, seq int64) bool {
	at, found := slices.BinarySearchFunc(batch, seq, func(m transcript.Message, seq int64) int { return cmp.Compare(m.Seq, seq) })
	if found {
		batch[at].Event, batch[at].ClientID = string(MarkNotSent), ""
	}
	return found
}

// noteSent says that a message, and all sent messages before it, were written to the socket.
func (l *log) noteSent(seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delivered = max(l.delivered, seq)
	if len(l.pending) == 0 {
		l.signal()
	}
}

// writerStep says what the writer does next.
type writerStep int

const (
	writerStores writerStep = iota // a batch
	writerWaits                    // for more, or to store what was sent
	writerRests                    // until signal
	writerEnds
)

// takeBatch empties the queue.
func (l *log) takeBatch() (batch []transcript.Message, next writerStep) {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch, l.pending, l.spare, l.bytes = l.pending, l.spare, nil, 0
	if len(batch) > 0 {
		l.broadcast() // there is room again
		return batch, writerStores
	}
	l.pending = nil // an idle log holds no memory
	switch {
	case l.closed:
		return nil, writerEnds
	case l.delivered != l.recorded:
		return nil, writerWaits
	}
	l.isWriting = false
	return nil, writerRests
}

// noteStored takes the result of storing a batch, and the batch itself.
func (l *log) noteStored(batch []transcript.Message, err error) {
	last := batch[len(batch)-1].Last()
	clear(batch)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.err = fmt.Errorf("record session: %w", err)
	} else {
		l.stored, l.spare = last, batch[:0]
	}
	l.broadcast()
}

// broadcast wakes all callers that wait. The caller holds mu.
func (l *log) broadcast() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// progress returns the newest stored seq, the error of the recorder, and a channel that is
// closed when either changes.
func (l *log) progress() (stored int64, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stored, l.changed, l.err
}

// awaitAll returns when all messages of now are stored, or ctx ends.
func (l *log) awaitAll(ctx context.Context) {
	l.mu.Lock()
	last := l.last
	l.mu.Unlock()
	_ = l.awaitStored(ctx, last, noLimit) // an error is that of ctx, or the log's, which ends the session
}

// isRead reports whether seq is the newest message, so that none is on its way to the observer.
func (l *log) isRead(seq int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last == seq
}

// close refuses further messages, waits until the queue is stored, and returns the totals.
func (l *log) close() (Counts, error) {
	l.custody.finishing(l.session)
	l.mu.Lock()
	l.closed = true
	l.broadcast()
	l.signal()
	l.mu.Unlock()
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts, l.err
}

// totals returns the counts of all messages, and the newest stored seq.
func (l *log) totals() (Counts, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts, l.stored
}

func (c *Counts) add(m *transcript.Message) {
	switch m.Direction {
	case transcript.Sent:
		c.Sent++
		c.BytesSent += int64(len(m.Payload))
	case transcript.Received:
		c.Received += int64(m.Len())
		c.BytesReceived += int64(len(m.Payload))
	case transcript.Event:
		c.Events++
	}
}
