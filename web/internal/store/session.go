package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

const (
	insertSession = `insert into sessions (id, kind, service, service_name, address, opened_by, opened_at, report,
		close_code, close_reason, clean, finding, owner, owner_name, shared, rights, dialect, dialect_vars, environment)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, '', $11, $12, $13, $14, $15, $16, $17)`
	insertCounts = `insert into counts (session, last_seq, sent, received, events, bytes_sent, bytes_received)
		values ($1, 0, 0, 0, 0, 0, 0)`
	endSession = `update sessions set ended_at = $1, close_code = $2, close_reason = $3, clean = $4, finding = $5 where id = $6`

	setDelivered    = `update counts set delivered_seq = $1 where session = $2 and delivered_seq < $1`
	selectDelivered = `select delivered_seq from counts where session = $1`
	selectUnsure    = `select count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) from messages
		where session = $1 and seq > $2 and direction = 'sent' and event = ''`
	markUnsure = `update messages set event = '` + string(bridge.MarkUnsure) + `' where session = $1 and seq > $2 and direction = 'sent' and event = ''`

	setDialect = `update sessions set dialect = $1, turns_by = '' where id = $2`
	setAccess  = `update sessions set owner = $1, owner_name = $2, shared = $3, rights = $4 where id = $5`
	setCounts  = `update counts set sent = $1, received = $2, events = $3, bytes_sent = $4, bytes_received = $5 where session = $6`

	sessionColumns = `select s.id, s.kind, s.service, s.service_name, s.address, s.opened_by, s.opened_at, s.report,
		s.ended_at, s.close_code, s.close_reason, s.clean, s.finding, s.owner, s.owner_name, s.shared, s.rights, s.pinned, s.name,
		s.dialect, s.dialect_vars, s.environment, c.last_seq, c.sent, c.received, c.events, c.bytes_sent, c.bytes_received
		from sessions s join counts c on c.session = s.id `
	selectSession = sessionColumns + `where s.id = $1`
	selectRunning = sessionColumns + `where s.ended_at is null order by s.opened_at, s.id`
)

// sessionTime bounds the writing of the start or the end of a session.
const sessionTime = 5 * time.Second

// StartSession stores a session that has begun, without counts and ending.
func (s *Store) StartSession(ctx context.Context, r bridge.Record) error {
	if err := checkText(r.ID, string(r.Kind), r.ServiceID, r.ServiceName, r.Address, r.OpenedBy, r.Access.Owner, r.Access.OwnerName, r.Dialect, r.Environment); err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	report, err := encodeJSON(r.Report)
	if err != nil {
		return fmt.Errorf("start session: %w", err)
	}
	vars := "{}"
	if len(r.Vars) > 0 {
		if vars, err = encodeJSON(r.Vars); err != nil {
			return fmt.Errorf("start session: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, sessionTime)
	defer cancel()
	err = inTx(ctx, s.write, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, insertSession, r.ID, string(r.Kind), r.ServiceID, r.ServiceName, r.Address, r.OpenedBy,
			micros(r.OpenedAt), report, []byte{}, false, r.Access.Owner, r.Access.OwnerName, r.Access.Shared, r.Access.Rights,
			r.Dialect, vars, r.Environment)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, insertCounts, r.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("start session %s: %w", r.ID, s.wrapAway(err))
	}
	return nil
}

// EndSession stores the ending and the counts of a session. The error is ErrNotFound when
// it was never started.
func (s *Store) EndSession(ctx context.Context, session string, e bridge.Ending, c bridge.Counts) error {
	ctx, cancel := context.WithTimeout(ctx, sessionTime)
	defer cancel()
	err := s.urgent(func() error {
		return inTx(ctx, s.write, func(tx *sql.Tx) error { return end(ctx, tx, session, e, c) })
	})
	if err != nil {
		return fmt.Errorf("end session %s: %w", session, s.wrapAway(err))
	}
	s.forgetEnding(session)
	return nil
}

// SetDialect stores the dialect that a session is read by, or returns ErrNotFound.
func (s *Store) SetDialect(ctx context.Context, session, name string) error {
	err := checkText(name)
	if err == nil {
		err = inTx(ctx, s.write, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, deleteTurns, session); err != nil { // they were read by another dialect
				return err
			}
			return changedOne(tx.ExecContext(ctx, setDialect, name, session))
		})
	}
	if err != nil {
		return fmt.Errorf("choose dialect of session %s: %w", session, err)
	}
	return nil
}

// SetAccess stores the owner and the other viewers' rights of a session, or returns
// ErrNotFound.
func (s *Store) SetAccess(ctx context.Context, session string, a bridge.Access) error {
	err := checkText(a.Owner, a.OwnerName)
	if err == nil {
		var n int64
		n, err = rowsAffected(s.write.ExecContext(ctx, setAccess, a.Owner, a.OwnerName, a.Shared, a.Rights, session))
		if err == nil && n == 0 {
			err = ErrNotFound
		}
	}
	if err != nil {
		return fmt.Errorf("share session %s: %w", session, err)
	}
	return nil
}

func end(ctx context.Context, tx *sql.Tx, session string, e bridge.Ending, c bridge.Counts) error {
	finding := ""
	if e.Finding != nil {
		var err error
		if finding, err = encodeJSON(e.Finding); err != nil {
			return err
		}
	}
	n, err := rowsAffected(tx.ExecContext(ctx, endSession, e.At.UnixMicro(), e.Code, []byte(e.Reason), e.Clean, finding, session))
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	_, err = tx.ExecContext(ctx, setCounts, c.Sent, c.Received, c.Events, c.BytesSent, c.BytesReceived, session)
	return err
}

// Session returns one session, or ErrNotFound. The counts of an open session are those of
// its stored messages.
func (s *Store) Session(ctx context.Context, id string) (bridge.Record, error) {
	r, err := scanRecord(s.read.QueryRowContext(ctx, selectSession, id))
	if err != nil {
		return bridge.Record{}, fmt.Errorf("read session: %w", err)
	}
	return r, nil
}

// RecoverSessions ends every session that a dead process left open: it adds an event to
// the log, and marks the sent messages that may not have arrived. A session with an end
// event in its log gets that end. It returns the number of these sessions. Call it at
// start, before any session is opened.
func (s *Store) RecoverSessions(ctx context.Context) (int, error) {
	open, err := s.records(ctx, selectRunning)
	if err != nil {
		return 0, fmt.Errorf("recover sessions: %w", err)
	}
	for _, r := range open {
		if err := s.interrupt(ctx, &r); err != nil {
			return 0, fmt.Errorf("recover session %s: %w", r.ID, err)
		}
	}
	return len(open), nil
}

func (s *Store) interrupt(ctx context.Context, r *bridge.Record) error {
	return s.urgent(func() error {
		return inTx(ctx, s.write, func(tx *sql.Tx) error { return s.interruptIn(ctx, tx, r) })
	})
}

func (s *Store) interruptIn(ctx context.Context, tx *sql.Tx, r *bridge.Record) error {
	tail, err := tailOf(ctx, tx, r)
	if err != nil {
		return err
	}
	if ending, ended := bridge.Concluded(r, tail); ended {
		return end(ctx, tx, r.ID, ending, r.Counts)
	}
	found := bridge.Interruption{At: r.OpenedAt}
	if len(tail) > 0 {
		found.At = tail[len(tail)-1].At
	}
	var delivered int64
	if err := tx.QueryRowContext(ctx, selectDelivered, r.ID).Scan(&delivered); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, selectUnsure, r.ID, delivered).Scan(&found.Unsure, &found.From, &found.To); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, markUnsure, r.ID, delivered); err != nil {
		return err
	}
	event, ending := bridge.Interrupted(r, found)
	if err := s.commits.inserts.insertRequest(ctx, tx, newRequest(r.ID, []transcript.Message{event}, delivered)); err != nil {
		return err
	}
	counts := r.Counts
	counts.Events++
	return end(ctx, tx, r.ID, ending, counts)
}

// tailOf returns the last two messages of a log, oldest first, with the payloads that are
// in their rows.
func tailOf(ctx context.Context, tx *sql.Tx, r *bridge.Record) (tail []transcript.Message, err error) {
	last, err := readMessages(ctx, tx, r.ID, transcript.Query{After: r.LastSeq - 2, Before: r.LastSeq + 1})
	for i := range last {
		tail = append(tail, last[i].Message)
	}
	return tail, err
}

// scanner is a row of *sql.Rows, or the only row of *sql.Row.
type scanner interface{ Scan(dest ...any) error }

func scanRecord(row scanner) (r bridge.Record, err error) {
	var (
		openedAt        int64
		endedAt         sql.NullInt64
		report, finding string
		vars            string
		reason          []byte
		e               bridge.Ending
	)
	err = row.Scan(&r.ID, &r.Kind, &r.ServiceID, &r.ServiceName, &r.Address, &r.OpenedBy, &openedAt, &report,
		&endedAt, &e.Code, &reason, &e.Clean, &finding,
		&r.Access.Owner, &r.Access.OwnerName, &r.Access.Shared, &r.Access.Rights, &r.Pinned, &r.Name,
		&r.Dialect, &vars, &r.Environment,
		&r.LastSeq, &r.Counts.Sent, &r.Counts.Received, &r.Counts.Events, &r.Counts.BytesSent, &r.Counts.BytesReceived)
	if err != nil {
		return r, notFound(err)
	}
	r.OpenedAt = timeOf(openedAt)
	if err := decodeJSON(report, &r.Report); err != nil {
		return r, fmt.Errorf("report of %s: %w", r.ID, err)
	}
	if vars != "{}" {
		if err := decodeJSON(vars, &r.Vars); err != nil {
			return r, fmt.Errorf("variables of %s: %w", r.ID, err)
		}
	}
	if !endedAt.Valid {
		return r, nil
	}
	e.At, e.Reason, r.Ending = timeOf(endedAt.Int64), string(reason), &e
	if finding != "" {
		if err := decodeJSON(finding, &e.Finding); err != nil {
			return r, fmt.Errorf("finding of %s: %w", r.ID, err)
		}
	}
	return r, nil
}

// notFound maps sql.ErrNoRows to ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
