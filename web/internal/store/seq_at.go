package store

import (
	"context"
	"fmt"
	"time"
)

// SeqAt returns the seq of the first message of a session at or after a time; of the last
// one when all are before it, and 0 when there is none. In a log, seqs and times have the
// same order, so a binary search reads few rows: 18 of 300,000.
func (s *Store) SeqAt(ctx context.Context, session string, at time.Time) (int64, error) {
	last, err := s.lastSeq(ctx, session)
	if err != nil {
		return 0, fmt.Errorf("find time: %w", err)
	}
	low, high, wanted := int64(1), last, at.UnixMicro()
	for low < high {
		middle := low + (high-low)/2
		row, err := readRow(ctx, s.read, session, middle)
		if err != nil {
			return 0, fmt.Errorf("find time: %w", err)
		}
		if row.At.UnixMicro() < wanted {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return high, nil
}
