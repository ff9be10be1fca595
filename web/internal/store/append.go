package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

// Bounds of one transaction of the committer: it adds no request once one of them is
// passed.
const (
	maxCommitMessages = 8192
	maxCommitBytes    = 16 << 20
)

// A transaction may take commitTime, and a second more for each commitRate bytes. After
// that the link counts as cut, and the batch is tried again.
const (
	commitTime = 8 * time.Second
	commitRate = 1 << 20
	closeTime  = 5 * time.Second // for the commit under way when the store is closed
)

// Append stores the next messages of a session, all or none, and returns when they
// survive the death of the process. Their seqs have to follow the last one without a gap;
// otherwise the error is ErrNotNext. After bridge.ErrStoreAway the batch may be stored;
// appending it again does not store it twice. After an error of ctx nothing was stored:
// once the committer has the batch, Append waits for its result.
func (s *Store) Append(ctx context.Context, session string, batch []transcript.Message, delivered int64) error {
	if len(batch) == 0 {
		return s.keepDelivered(ctx, session, delivered)
	}
	if err := checkBatch(batch); err != nil {
		return fmt.Errorf("append to %s: %w", session, err)
	}
	if err := s.admitWrite(session); err != nil {
		return fmt.Errorf("append to %s: %w", session, s.wrapAway(err))
	}
	r := newRequest(session, batch, delivered) // not by the committer: it has one core
	err := s.commits.append(ctx, r)
	if isFull(err) && s.isEnding(session) {
		err = s.urgent(func() error { return s.commits.append(ctx, r) })
	}
	if err != nil {
		return fmt.Errorf("append to %s: %w", session, s.wrapAway(err))
	}
	return nil
}

// keepDelivered stores the newest delivered seq when no further message carries it.
func (s *Store) keepDelivered(ctx context.Context, session string, delivered int64) error {
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	if _, err := s.write.ExecContext(ctx, setDelivered, delivered, session); err != nil {
		return fmt.Errorf("keep what %s has sent: %w", session, s.wrapAway(err))
	}
	return nil
}

func checkBatch(batch []transcript.Message) error {
	next := batch[0].Seq
	for i := range batch {
		m := &batch[i]
		if m.Seq != next {
			return ErrNotNext
		}
		next = m.Last() + 1
		if err := checkText(m.Event, m.Sender, m.ClientID); err != nil {
			return err
		}
	}
	return nil
}

// committer writes messages, in one goroutine. Requests that arrive while a transaction
// is synced form the next transaction, so many sessions share a sync.
type committer struct {
	db       *sql.DB
	log      *slog.Logger
	observe  func(rows int, took time.Duration, err error) // nil for nothing
	inserts  inserts
	requests chan *request // unbuffered: a request that was not received still belongs to the caller
	stop     chan struct{}
	done     sync.WaitGroup
	life     context.Context //nolint:containedctx // of transactions, which outlive the callers
	end      context.CancelFunc

	// unsure holds the last seq of a batch by its session, when the answer to its commit
	// was lost. It belongs to run.
	unsure map[string]int64
}

// request is one call of Append, ready to be written.
type request struct {
	session     string
	first, last int64     // seq
	lastAt      time.Time // of the last message
	delivered   int64
	pieces      []piece
	tally       bridge.Counts
	answer      chan error // buffered for its one answer
}

func newRequest(session string, batch []transcript.Message, delivered int64) *request {
	last := &batch[len(batch)-1]
	r := &request{
		session: session, first: batch[0].Seq, last: last.Last(), lastAt: last.At, delivered: delivered,
		pieces: cutPieces(batch), answer: make(chan error, 1),
	}
	for i := range batch {
		m := &batch[i]
		switch count, size := int64(m.Len()), int64(len(m.Payload)); m.Direction {
		case transcript.Sent:
			r.tally.Sent += count
			r.tally.BytesSent += size
		case transcript.Received:
			r.tally.Received += count
			r.tally.BytesReceived += size
		case transcript.Event:
			r.tally.Events += count
		}
	}
	return r
}

func (r *request) messages() int { return int(r.last - r.first + 1) }

// size returns the bytes of the messages.
func (r *request) size() int { return int(r.tally.BytesSent + r.tally.BytesReceived) }

func newCommitter(ctx context.Context, db *sql.DB, engine string, log *slog.Logger, observe func(int, time.Duration, error)) (*committer, error) {
	prepared, err := prepareInserts(ctx, db, engine)
	if err != nil {
		return nil, fmt.Errorf("prepare inserts: %w", err)
	}
	c := &committer{
		db: db, log: log, observe: observe, inserts: prepared, requests: make(chan *request), stop: make(chan struct{}), unsure: map[string]int64{},
	}
	c.life, c.end = context.WithCancel(context.WithoutCancel(ctx))
	c.done.Go(c.runCommits)
	return c, nil
}

// close waits for the commit under way, at most closeTime.
func (c *committer) close() error {
	close(c.stop)
	late := time.AfterFunc(closeTime, c.end)
	c.done.Wait()
	late.Stop()
	c.end()
	return c.inserts.close()
}

func (c *committer) append(ctx context.Context, r *request) error {
	select {
	case c.requests <- r:
		return <-r.answer
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stop:
		return ErrClosed
	}
}

func (c *committer) runCommits() {
	for {
		select {
		case r := <-c.requests:
			c.commitGroup(c.gatherRequests(r))
		case <-c.stop:
			return
		}
	}
}

// gatherRequests receives the requests that wait behind the first.
func (c *committer) gatherRequests(first *request) []*request {
	group, messages, size := []*request{first}, first.messages(), first.size()
	for messages < maxCommitMessages && size < maxCommitBytes {
		select {
		case r := <-c.requests:
			group = append(group, r)
			messages += r.messages()
			size += r.size()
		default:
			return group
		}
	}
	return group
}

// commitGroup stores the group in one transaction. When one batch makes it fail, every
// batch is tried alone, so that the others are stored.
func (c *committer) commitGroup(group []*request) {
	err := c.storeGroup(group)
	heals, known := judgeError(err)
	final := known && !heals
	switch {
	case err == nil:
		for _, r := range group {
			r.answer <- nil
		}
	case final && (len(group) > 1 || len(c.unsure) > 0):
		c.log.Debug("commit of messages failed; trying its batches alone", "sessions", len(group), "error", err)
		for _, r := range group {
			r.answer <- c.commitAlone(r)
		}
	default:
		for _, r := range group {
			r.answer <- err
		}
	}
}

// commitAlone stores one batch. When the last stored message is the batch's own, its
// commit had succeeded and only the answer was lost.
func (c *committer) commitAlone(r *request) error {
	err := c.storeGroup([]*request{r})
	last, unsure := c.unsure[r.session]
	if !unsure || last != r.last || !errors.Is(err, ErrNotNext) {
		return err
	}
	stored, readErr := c.isStored(r)
	switch {
	case readErr != nil:
		return readErr
	case !stored:
		return err
	}
	delete(c.unsure, r.session)
	return nil
}

// storeGroup writes a group in one transaction. It outlives the callers: the end of one
// caller's context must not undo the batches of others.
func (c *committer) storeGroup(group []*request) error {
	var size, messages int
	for _, r := range group {
		size += r.size()
		messages += r.messages()
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(c.life, commitTime+time.Duration(size/commitRate)*time.Second)
	defer cancel()
	err := c.insert(ctx, group)
	if c.observe != nil {
		c.observe(messages, time.Since(began), err)
	}
	_, lost := errors.AsType[*commitError](err)
	for _, r := range group {
		switch {
		case lost:
			c.unsure[r.session] = r.last
		case err == nil:
			delete(c.unsure, r.session)
		}
	}
	return err
}

func (c *committer) insert(ctx context.Context, group []*request) error {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }() // back to the pool
	return inTx(ctx, conn, func(tx *sql.Tx) error { return c.inserts.insertGroup(ctx, conn, tx, group) })
}

// isStored reports whether the last message of the batch is in the log. Its time
// distinguishes it from another writer's message.
func (c *committer) isStored(r *request) (bool, error) {
	ctx, cancel := context.WithTimeout(c.life, commitTime)
	defer cancel()
	row, err := readRow(ctx, c.db, r.session, r.last)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return row.At.UnixMicro() == r.lastAt.UnixMicro(), err
}
