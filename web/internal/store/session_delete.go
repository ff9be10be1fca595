package store

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	selectLength = `select s.ended_at is not null, c.last_seq from sessions s join counts c on c.session = s.id where s.id = $1`
	markDeleting = `update sessions set deleting = $1 where id = $2 and ended_at is not null`
	// The newest rows up to a seq, as many as one transaction may delete.
	selectSizes    = `select seq, further, size from messages where session = $1 and seq <= $2 order by seq desc limit $3`
	deletePacked   = `delete from bodies where session = $1 and seq in (select seq from messages where session = $1 and seq > $2 and further > 0)`
	deleteMessages = `delete from messages where session = $1 and seq > $2`
	deleteParts    = `delete from bodies where (session, seq, part) in
		(select session, seq, part from bodies where session = $1 and seq > $2 order by seq, part limit $3)`
	shortenLog    = `update counts set last_seq = $1 where session = $2`
	deleteSession = `delete from sessions where id = $1`

	// The size of one transaction of a deletion: SQLite has one writer, and live sessions
	// wait for it; on a full disk it has to fit into the reserve.
	deletedAtOnce = 2000    // rows
	deletedBytes  = 1 << 20 // of payload in the rows
	deletedParts  = 1       // of large payloads, of 1 MiB each
)

// DeleteSession deletes an ended session with its log. The error is ErrNotFound for an
// unknown session, ErrRunning for an open one. It deletes the log from its end, piece by
// piece, so that an interrupted deletion leaves a shorter log without gaps; another call
// continues it. On a full disk it uses the reserve.
func (s *Store) DeleteSession(ctx context.Context, id string) error {
	var ended bool
	var last int64
	if err := s.read.QueryRowContext(ctx, selectLength, id).Scan(&ended, &last); err != nil {
		return fmt.Errorf("delete session: %w", notFound(err))
	}
	if !ended {
		return fmt.Errorf("delete session %s: %w", id, ErrRunning)
	}
	if err := s.deleteLog(ctx, id, last); err != nil {
		return fmt.Errorf("delete messages of %s: %w", id, err)
	}
	if err := s.deleteStep(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, deleteSession, id)
		return err
	}); err != nil {
		return fmt.Errorf("delete session %s: %w", id, err)
	}
	return nil
}

func (s *Store) deleteLog(ctx context.Context, id string, last int64) error {
	err := s.deleteStep(ctx, func(tx *sql.Tx) error { // from now on it cannot be pinned
		_, err := tx.ExecContext(ctx, markDeleting, true, id)
		return err
	})
	if err != nil {
		return err
	}
	for {
		if err := s.deletePartsBehind(ctx, id, last); err != nil {
			return err
		}
		if last == 0 {
			return nil
		}
		if last, err = s.newLength(ctx, id, last); err != nil {
			return err
		}
		if err := s.deleteStep(ctx, func(tx *sql.Tx) error { return truncateLog(ctx, tx, id, last) }); err != nil {
			return err
		}
	}
}

// newLength returns the last seq of a log after the deletion of its newest messages.
func (s *Store) newLength(ctx context.Context, id string, last int64) (int64, error) {
	type sized struct{ seq, further, size int64 }
	newest, err := collectRows(ctx, s.read, func(row scanner) (m sized, err error) {
		err = row.Scan(&m.seq, &m.further, &m.size)
		return m, err
	}, selectSizes, id, last, deletedAtOnce)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, m := range newest {
		if m.size > inlineBytes && m.further == 0 {
			m.size = 0 // its payload is in parts
		}
		if total += m.size; total > deletedBytes {
			return m.seq + m.further, nil
		}
		last = m.seq - 1
	}
	if len(newest) < deletedAtOnce {
		return 0, nil
	}
	return last, nil
}

// deletePartsBehind deletes the large payloads of deleted messages.
func (s *Store) deletePartsBehind(ctx context.Context, id string, last int64) error {
	for {
		var n int64
		err := s.deleteStep(ctx, func(tx *sql.Tx) (err error) {
			n, err = rowsAffected(tx.ExecContext(ctx, deleteParts, id, last, deletedParts))
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// deleteStep runs a step of a deletion in a transaction. When the disk is short of space
// it then shrinks the file and empties the write-ahead log.
func (s *Store) deleteStep(ctx context.Context, do func(*sql.Tx) error) error {
	err := s.urgent(func() error { return inTx(ctx, s.write, do) })
	if err != nil || s.space == nil || s.space.free() >= s.space.floor {
		return err
	}
	if err := s.urgent(func() error { return s.vacuum(ctx) }); err != nil && !isFull(err) {
		return err
	}
	return s.checkpoint(ctx)
}

// truncateLog deletes the messages after a seq.
func truncateLog(ctx context.Context, tx *sql.Tx, id string, last int64) error {
	for _, statement := range []string{deletePacked, deleteMessages} {
		if _, err := tx.ExecContext(ctx, statement, id, last); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, shortenLog, last, id)
	return err
}
