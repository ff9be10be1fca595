package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"duplex/bridge/transcript"
)

// payloadQuery returns the statement that reads the payloads of a window, and its
// arguments. It has no condition that is always true, which costs as much as one that is not.
func (s *Store) payloadQuery(session string, q transcript.Query, finder *transcript.Finder) (query string, args []any) {
	query = `select seq, further, size, coalesce(` + packedBody + `, body, preview) from messages ` + within
	args = []any{session, firstOf(q), q.Before}
	add := func(condition string, arg any) {
		args = append(args, arg)
		query += fmt.Sprintf(` and `+condition, len(args))
	}
	if q.Direction != "" {
		add(`direction = $%d`, string(q.Direction))
	}
	if q.Opcode != "" {
		add(`opcode = $%d`, string(q.Opcode))
	}
	if q.Event != "" {
		add(`event = $%d`, q.Event)
	}
	// SQLite compares short payloads itself, which their previews hold whole: to hand one over
	// costs more than to search it.
	addHas := func(column string, text any) {
		add(`(further > 0 or size > `+strconv.Itoa(transcript.PreviewBytes)+` or instr(`+column+`, $%d) > 0)`, text)
	}
	switch text, folded := finder.Text(); {
	case s.path == "" || text == nil:
	case !folded:
		addHas(`preview`, text)
	default:
		if part := caselessPart(text); len(part) > 1 { // lower copies the payload twice
			addHas(`preview`, part)
		}
		addHas(`lower(preview)`, string(text)) // lower changes ASCII letters only
	}
	query += ` order by seq`
	if q.Latest {
		query += ` desc`
	}
	return query, args
}

// caselessPart returns the longest part of an ASCII text that has no letters.
func caselessPart(text []byte) (longest []byte) {
	isLetter := func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }
	for _, part := range bytes.FieldsFunc(text, isLetter) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

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
		var kept storedRow
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
			if !kept.has(c.seq) { // a row may hold several that were found
				var err error
				if kept, err = s.readFound(ctx, session, c.seq, q.Heads); err != nil {
					return nil, err
				}
			}
			row, err := kept.message(c.seq)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
		return out, unfinished
	}
}

// readFound returns the row of a message that a search has found.
func (s *Store) readFound(ctx context.Context, session string, seq int64, head bool) (storedRow, error) {
	if head {
		return scanStoredHead(s.read.QueryRowContext(ctx, selectRowHead, session, seq))
	}
	return scanStored(s.read.QueryRowContext(ctx, selectRow, session, seq))
}

// scanPayloads searches the payloads of one window, and stops at limit small matches. With an
// *transcript.UnfinishedError it returns the matches found before.
func (s *Store) scanPayloads(ctx context.Context, session string, q transcript.Query, finder *transcript.Finder, limit int) (found []candidate, err error) {
	query, args := s.payloadQuery(session, q, finder)
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var payload sql.RawBytes
	for limit > 0 && rows.Next() {
		var c candidate
		var further int64
		if err := rows.Scan(&c.seq, &further, &c.size, &payload); err != nil {
			return nil, err
		}
		if s.isOver(q.Until) {
			return found, &transcript.UnfinishedError{Seq: nextSeq(c.seq, further, q)}
		}
		if further > 0 {
			packed := storedRow{Row: transcript.Row{Seq: c.seq}, further: further, body: payload}
			messages, err := packed.messages(q)
			if err != nil {
				return nil, err
			}
			for i := range messages {
				if limit > 0 && finder.Find(messages[i].Preview) != nil {
					found = append(found, candidate{seq: messages[i].Seq, size: messages[i].Size})
					limit--
				}
			}
			continue
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

// nextSeq returns the seq of the first message of a row that is in a range, in its order.
func nextSeq(seq, further int64, q transcript.Query) int64 {
	if q.Latest {
		return min(seq+further, q.Before-1)
	}
	return max(seq, q.After+1)
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
