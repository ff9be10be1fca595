package store

import (
	"context"
	"database/sql"

	"duplex/bridge/transcript"
)

const (
	selectPayloads = `select seq, size, coalesce(body, preview) from messages ` + inWindow
	selectBackward = selectPayloads + ` desc`
)

// candidate is a message that matches, or one whose payload lies in parts and has
// not been looked at.
type candidate struct {
	seq, size int64
	large     bool
}

// search gives a reader of the rows whose payload matches. Large payloads are read
// after the window's query: they need a connection of their own, and two for each
// search could be more than there are.
func (s *Store) search(match matcher) reader {
	return func(ctx context.Context, session string, q transcript.Query, limit int) ([]transcript.Row, error) {
		found, err := s.scan(ctx, session, q, match, limit)
		if err != nil {
			return nil, err
		}
		var out []transcript.Row
		for _, c := range found {
			if len(out) == limit {
				break
			}
			if c.large {
				ok, err := match.stream(s.largeBody(ctx, session, c.seq, c.size))
				if err != nil {
					return nil, err
				}
				if !ok {
					continue
				}
			}
			row, err := s.row(ctx, session, c.seq)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
		return out, nil
	}
}

// scan reads the payloads of one window. It stops once limit small ones match: no
// more are needed.
func (s *Store) scan(ctx context.Context, session string, q transcript.Query, match matcher, limit int) (found []candidate, err error) {
	query := selectPayloads
	if q.Latest {
		query = selectBackward
	}
	rows, err := s.read.QueryContext(ctx, query, session, q.After, q.Before, string(q.Direction))
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
		c.large = int64(len(payload)) < c.size
		if c.large {
			found = append(found, c)
		} else if match.whole(payload) {
			found = append(found, c)
			limit--
		}
	}
	return found, rows.Err()
}
