package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
)

const (
	setPinned    = `update sessions set pinned = $1 where id = $2 and not deleting`
	claimExpired = `update sessions set deleting = $1 where id = $2 and ended_at is not null and not pinned`
	deletable    = sessionColumns + `where s.ended_at is not null and not s.pinned and (s.deleting or s.ended_at < $1) order by s.ended_at, s.id limit $2`
	sumPayloads  = `select cast(coalesce(sum(bytes_sent + bytes_received), 0) as bigint) from counts`

	sweptAtOnce  = 100            // sessions in one call of Sweep
	unlistedTime = 24 * time.Hour // a dialect that came with a request is kept so long without a session
)

// ErrPinned is the error of Sweep for a session that is pinned just before its
// deletion.
var ErrPinned = errors.New("store: the session is pinned")

// Retention limits the ended sessions that are kept, by age and size. The zero value
// keeps all.
type Retention struct {
	Age   time.Duration // since the end; 0 is for ever
	Bytes int64         // of payload in all sessions together; 0 is no bound
}

// SetPinned keeps a session from the retention sweep, or no longer. ErrNotFound when
// there is none, or when its deletion has begun.
func (s *Store) SetPinned(ctx context.Context, session string, pinned bool) error {
	n, err := rowsAffected(s.write.ExecContext(ctx, setPinned, pinned, session))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("pin session %s: %w", session, err)
	}
	return nil
}

// Sweep deletes ended sessions that r does not keep, in the order in which they ended,
// with an audit entry for each. It spares pinned and running sessions. It deletes a
// bounded number and reports whether more are left.
func (s *Store) Sweep(ctx context.Context, r Retention) (deleted int, more bool, err error) {
	expired, err := s.expired(ctx, r)
	if err != nil {
		return 0, false, fmt.Errorf("sweep: %w", err)
	}
	for i := range expired {
		switch err := s.sweepOne(ctx, &expired[i]); {
		case errors.Is(err, ErrPinned), errors.Is(err, ErrNotFound):
		case err != nil:
			return deleted, false, fmt.Errorf("sweep: %w", err)
		default:
			deleted++
		}
	}
	if _, err := s.write.ExecContext(ctx, forgetUnlisted, s.now().Add(-unlistedTime).UnixMicro()); err != nil {
		return deleted, false, fmt.Errorf("sweep dialects: %w", err)
	}
	return deleted, len(expired) == sweptAtOnce, nil
}

// expired lists the sessions to delete: those beyond the age limit, and the oldest ones
// until the rest is within the size limit.
func (s *Store) expired(ctx context.Context, r Retention) ([]bridge.Record, error) {
	before := int64(-1 << 62) // no session is older, but an interrupted deletion continues
	if r.Age > 0 {
		before = s.now().Add(-r.Age).UnixMicro()
	}
	old, err := s.records(ctx, deletable, before, sweptAtOnce)
	if err != nil || r.Bytes <= 0 || len(old) == sweptAtOnce {
		return old, err
	}
	var total int64
	if err := s.read.QueryRowContext(ctx, sumPayloads).Scan(&total); err != nil {
		return nil, err
	}
	for i := range old {
		total -= payloadOf(&old[i])
	}
	if total <= r.Bytes {
		return old, nil
	}
	oldest, err := s.records(ctx, deletable, int64(1<<62), sweptAtOnce)
	if err != nil {
		return nil, err
	}
	for i := len(old); i < len(oldest) && total > r.Bytes; i++ { // the first ones are beyond the age limit
		old = append(old, oldest[i])
		total -= payloadOf(&oldest[i])
	}
	return old, nil
}

func payloadOf(r *bridge.Record) int64 { return r.Counts.BytesSent + r.Counts.BytesReceived }

// sweepOne writes the audit entry of a deletion and deletes the session, unless it was
// pinned since it was listed.
func (s *Store) sweepOne(ctx context.Context, r *bridge.Record) error {
	entry := audit.Entry{
		Action: audit.SessionDelete, Outcome: audit.OK, Detail: "retention",
		Object: audit.Object{Session: r.ID, Service: r.ServiceID, ServiceName: r.ServiceName},
	}
	if err := s.Record(ctx, entry); err != nil {
		return err
	}
	var claimed int64
	err := s.deleteStep(ctx, func(tx *sql.Tx) (err error) {
		claimed, err = rowsAffected(tx.ExecContext(ctx, claimExpired, true, r.ID))
		return err
	})
	if err == nil && claimed == 0 {
		err = ErrPinned
	}
	if err == nil {
		err = s.DeleteSession(ctx, r.ID)
	}
	if err != nil {
		entry.Outcome = audit.Failed
		return errors.Join(err, s.Record(ctx, entry))
	}
	return nil
}
