package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"duplex/bridge/transcript"
)

const (
	selectPayloads = `select seq, size, coalesce(body, preview) from messages ` + inRange
	selectBackward = selectPayloads + ` desc`
)

// candidate is a message that matches, or one with a payload in parts that has not been
// searched.
type candidate struct {
	seq, size int64
	large     bool
}

// searchReader returns a reader of the rows with a matching payload. Large payloads are read
// after the window's query: each needs a connection, and two per search could exceed
// the pool.
func (s *Store) searchReader(finder *transcript.Finder) reader {
	return func(ctx context.Context, session string, q transcript.Query, limit int) ([]transcript.Row, error) {
		found, unfinished := s.scanPayloads(ctx, session, q, finder, limit)
		if unfinished != nil && !isUnfinished(unfinished) {
			return nil, unfinished
		}
		var out []transcript.Row
		for _, c := range found {
			if len(out) == limit {
				return out, nil
			}
			if c.large {
				from, _, err := finder.FindReader(s.searchedBody(ctx, session, c, q.Until))
				if errors.Is(err, transcript.ErrTimeOver) {
					return out, &transcript.UnfinishedError{Seq: c.seq}
				}
				if err != nil {
					return nil, err
				}
				if from < 0 {
					continue
				}
			}
			row, err := s.readFound(ctx, session, c.seq, q.Heads)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
		return out, unfinished
	}
}

// readFound returns a row that a search has found.
func (s *Store) readFound(ctx context.Context, session string, seq int64, head bool) (transcript.Row, error) {
	if head {
		return scanRowHead(s.read.QueryRowContext(ctx, selectRowHead, session, seq))
	}
	return s.readRow(ctx, session, seq)
}

// scanPayloads searches the payloads of one window, and stops at limit small matches. With an
// *transcript.UnfinishedError it returns the matches found before.
func (s *Store) scanPayloads(ctx context.Context, session string, q transcript.Query, finder *transcript.Finder, limit int) (found []candidate, err error) {
	query := selectPayloads
	if q.Latest {
		query = selectBackward
	}
	rows, err := s.read.QueryContext(ctx, query, session, q.After, q.Before, string(q.Direction), string(q.Opcode), q.Event)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var payload sql.RawBytes
	for limit > 0 && rows.Next() {
		var c candidate
		if err := rows.Scan(&c.seq, &c.size, &payload); err != nil {
			return nil, err
		}
		if s.isOver(q.Until) {
			return found, &transcript.UnfinishedError{Seq: c.seq}
		}
		c.large = int64(len(payload)) < c.size
		if c.large {
			found = append(found, c)
		} else if finder.Find(payload) != nil {
			found = append(found, c)
			limit--
		}
	}
	return found, rows.Err()
}

// searchedBody is a large payload that cannot be read beyond a time.
func (s *Store) searchedBody(ctx context.Context, session string, c candidate, until time.Time) *largeBody {
	body := s.largeBody(ctx, session, c.seq, c.size)
	body.over = func() error {
		if s.isOver(until) {
			return transcript.ErrTimeOver
		}
		return ctx.Err()
	}
	return body
}

func (s *Store) isOver(until time.Time) bool { return !until.IsZero() && s.now().After(until) }

func isUnfinished(err error) bool {
	_, unfinished := errors.AsType[*transcript.UnfinishedError](err)
	return unfinished
}
