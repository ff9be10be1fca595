package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"duplex/bridge/transcript"
)

// selectCourse reads no payload but packed ones, which have their times with them. Size,
// direction and opcode come as one number: half of the time goes into the columns of the
// answer.
//
//nolint:gosec // no text of others
var selectCourse = `select case when further > 0 then seq else at_us end, ` + packedBody + `, size * 16
	+ case direction when '` + string(transcript.Received) + `' then 8 when '` + string(transcript.Sent) + `' then 4 else 0 end
	+ case opcode when '` + string(transcript.Text) + `' then 1 when '` + string(transcript.Binary) + `' then 2 else 0 end
	from messages ` + within + ` order by seq`

const (
	courseSeqs = 32_768 // of one query
	courseLead = 256    // rows before the time
)

var (
	courseDirections = [...]transcript.Direction{transcript.Event, transcript.Sent, transcript.Received}
	courseOpcodes    = [...]transcript.Opcode{"", transcript.Text, transcript.Binary}
)

// Course hands the rows of a session to add, in order, from a few before the time on, until
// add returns false. They have their time, size, direction and opcode only. It does nothing for
// an unknown session.
func (s *Store) Course(ctx context.Context, session string, from time.Time, add func(*transcript.Row) bool) error {
	last, err := s.lastSeq(ctx, session)
	if err != nil {
		return fmt.Errorf("read course: %w", wrapReadError(err))
	}
	seq, err := s.SeqAt(ctx, session, from)
	if err != nil {
		return fmt.Errorf("read course: %w", wrapReadError(err))
	}
	for after := max(0, seq-1-courseLead); after < last; after += courseSeqs {
		more, err := s.readCourse(ctx, session, after, min(after+courseSeqs, last)+1, add)
		if err != nil {
			return fmt.Errorf("read course: %w", wrapReadError(err))
		}
		if !more {
			break
		}
	}
	return nil
}

func (s *Store) readCourse(ctx context.Context, session string, after, before int64, add func(*transcript.Row) bool) (more bool, err error) {
	q := transcript.Query{After: after, Before: before}
	rows, err := s.read.QueryContext(ctx, selectCourse, session, firstOf(q), before)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	var r transcript.Row
	var place, facts int64
	var body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&place, &body, &facts); err != nil {
			return false, err
		}
		r.Direction, r.Opcode = courseDirections[facts>>2&3], courseOpcodes[facts&3]
		if body == nil {
			r.At, r.Size = time.UnixMicro(place), facts>>4
			if !add(&r) {
				return false, nil
			}
			continue
		}
		packed, err := unpack(&transcript.Row{Seq: place, Direction: r.Direction, Opcode: r.Opcode}, body, q)
		if err != nil {
			return false, err
		}
		for _, m := range packed {
			m.Seq, m.Preview = 0, nil
			if !add(&m) {
				return false, nil
			}
		}
	}
	return true, rows.Err()
}
