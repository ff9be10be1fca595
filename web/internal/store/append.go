package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"duplex/bridge/transcript"
)

// Bounds of one transaction of the committer, which gathers no further once it
// has passed one of them.
const (
	maxCommitRows  = 8192
	maxCommitBytes = 16 << 20
	commitTimeout  = time.Minute
)

// Append stores the next messages of a session, all or none, and returns when they
// survive the death of the process. Their seqs follow the last one without a gap,
// or it is ErrNotNext. An error of ctx says that nothing was stored: a batch that
// the committer has taken is waited for, since only it knows how that ends.
func (s *Store) Append(ctx context.Context, session string, batch []transcript.Message) error {
	if len(batch) == 0 {
		return nil
	}
	if err := checkBatch(batch); err != nil {
		return fmt.Errorf("append to %s: %w", session, err)
	}
	if err := s.commits.append(ctx, session, batch); err != nil {
		return fmt.Errorf("append to %s: %w", session, err)
	}
	return nil
}

func checkBatch(batch []transcript.Message) error {
	for i := range batch {
		m := &batch[i]
		if m.Seq != batch[0].Seq+int64(i) {
			return ErrNotNext
		}
		if err := checkText(m.Event, m.Sender, m.ClientID); err != nil {
			return err
		}
	}
	return nil
}

// committer is the one goroutine that writes messages. Whatever waits while one
// transaction is being synced becomes the next, so many sessions share a sync.
type committer struct {
	db       *sql.DB
	log      *slog.Logger
	inserts  inserts
	requests chan *request // unbuffered: what was not taken is still the caller's
	stop     chan struct{}
	done     sync.WaitGroup
}

// request is one call of Append.
type request struct {
	session string
	batch   []transcript.Message
	answer  chan error // has room for its one answer
}

func newCommitter(ctx context.Context, db *sql.DB, sizes []int, log *slog.Logger) (*committer, error) {
	prepared, err := prepareInserts(ctx, db, sizes)
	if err != nil {
		return nil, fmt.Errorf("prepare inserts: %w", err)
	}
	c := &committer{db: db, log: log, inserts: prepared, requests: make(chan *request), stop: make(chan struct{})}
	c.done.Go(c.run)
	return c, nil
}

// close waits for the commit under way.
func (c *committer) close() error {
	close(c.stop)
	c.done.Wait()
	return c.inserts.close()
}

func (c *committer) append(ctx context.Context, session string, batch []transcript.Message) error {
	r := &request{session: session, batch: batch, answer: make(chan error, 1)}
	select {
	case c.requests <- r:
		return <-r.answer
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stop:
		return ErrClosed
	}
}

func (c *committer) run() {
	for {
		select {
		case r := <-c.requests:
			c.commit(c.gather(r))
		case <-c.stop:
			return
		}
	}
}

// gather takes what waits beside the first request.
func (c *committer) gather(first *request) []*request {
	group, rows, size := []*request{first}, len(first.batch), sizeOf(first.batch)
	for rows < maxCommitRows && size < maxCommitBytes {
		select {
		case r := <-c.requests:
			group = append(group, r)
			rows += len(r.batch)
			size += sizeOf(r.batch)
		default:
			return group
		}
	}
	return group
}

func sizeOf(batch []transcript.Message) (size int) {
	for i := range batch {
		size += len(batch[i].Payload)
	}
	return size
}

// commit stores the group in one transaction. Where that fails, every batch is
// tried alone, so one that cannot be stored takes no other with it.
func (c *committer) commit(group []*request) {
	err := c.store(group)
	if err == nil {
		for _, r := range group {
			r.answer <- nil
		}
		return
	}
	_, unsure := errors.AsType[*commitError](err)
	if len(group) == 1 && !unsure {
		group[0].answer <- err
		return
	}
	c.log.Warn("commit of messages failed; trying its batches alone", "sessions", len(group), "error", err)
	for _, r := range group {
		r.answer <- c.alone(r, unsure)
	}
}

// alone stores one batch of a group that failed. When the answer to the group's
// commit was lost, the batch may be stored already.
func (c *committer) alone(r *request, unsure bool) error {
	if unsure {
		stored, err := c.isStored(r)
		if err != nil || stored {
			return err
		}
	}
	err := c.store([]*request{r})
	if _, lost := errors.AsType[*commitError](err); lost {
		if stored, checkErr := c.isStored(r); checkErr == nil && stored {
			return nil
		}
	}
	return err
}

// store writes a group in one transaction. It outlives the callers: the end of
// their contexts must not undo what others wait for.
func (c *committer) store(group []*request) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	return inTx(ctx, c.db, func(tx *sql.Tx) error {
		for _, r := range group {
			if err := c.inserts.batch(ctx, tx, r.session, r.batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// isStored reports whether the session has come to the end of the batch.
func (c *committer) isStored(r *request) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	var last int64
	err := c.db.QueryRowContext(ctx, selectLastSeq, r.session).Scan(&last)
	return last >= r.batch[len(r.batch)-1].Seq, err
}
