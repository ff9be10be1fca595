package store

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	selectLength   = `select s.ended_at is not null, c.last_seq from sessions s join counts c on c.session = s.id where s.id = $1`
	deleteMessages = `delete from messages where session = $1 and seq > $2`
	deleteParts    = `delete from bodies where session = $1 and seq > $2`
	shortenLog     = `update counts set last_seq = $1 where session = $2`
	deleteSession  = `delete from sessions where id = $1`

	deletedAtOnce = 2000 // messages in one transaction: SQLite has one writer, and live sessions wait for it
)

// DeleteSession deletes a session that has ended, with its log. ErrNotFound when
// there is none, ErrRunning while it runs. The log goes from its end, piece by piece,
// so that one that is left over when the process dies is shorter and not torn.
func (s *Store) DeleteSession(ctx context.Context, id string) error {
	var ended bool
	var last int64
	if err := s.read.QueryRowContext(ctx, selectLength, id).Scan(&ended, &last); err != nil {
		return fmt.Errorf("delete session: %w", notFound(err))
	}
	if !ended {
		return fmt.Errorf("delete session %s: %w", id, ErrRunning)
	}
	for last > 0 {
		last = max(0, last-deletedAtOnce)
		err := inTx(ctx, s.write, func(tx *sql.Tx) error { return shorten(ctx, tx, id, last) })
		if err != nil {
			return fmt.Errorf("delete messages of %s: %w", id, err)
		}
	}
	if _, err := s.write.ExecContext(ctx, deleteSession, id); err != nil {
		return fmt.Errorf("delete session %s: %w", id, err)
	}
	return nil
}

// shorten deletes what is behind a seq.
func shorten(ctx context.Context, tx *sql.Tx, id string, last int64) error {
	for _, statement := range []string{deleteParts, deleteMessages} {
		if _, err := tx.ExecContext(ctx, statement, id, last); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, shortenLog, last, id)
	return err
}
