package store

import (
	"context"
	"fmt"
	"time"

	"duplex/bridge/transcript"
)

// selectCourse reads no payload. Size, direction and opcode come as one number: half of the
// time goes into the columns of the answer.
const selectCourse = `select at_us, size * 16
	+ case direction when '` + string(transcript.Received) + `' then 8 when '` + string(transcript.Sent) + `' then 4 else 0 end
	+ case opcode when '` + string(transcript.Text) + `' then 1 when '` + string(transcript.Binary) + `' then 2 else 0 end
	from messages where session = $1 and seq > $2 and seq < $3 order by seq`

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
	rows, err := s.read.QueryContext(ctx, selectCourse, session, after, before)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	var r transcript.Row
	var at, packed int64
	for rows.Next() {
		if err := rows.Scan(&at, &packed); err != nil {
			return false, err
		}
		r.At, r.Size = time.UnixMicro(at), packed>>4
		r.Direction, r.Opcode = courseDirections[packed>>2&3], courseOpcodes[packed&3]
		if !add(&r) {
			return false, nil
		}
	}
	return true, rows.Err()
}
