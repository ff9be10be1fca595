package api

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"duplex/handlers/reply"

	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/shape"
)

// MessageStore reads the logs of sessions.
type MessageStore interface {
	// Rows returns rows in ascending order; a *transcript.QueryError when the search
	// is not a regular expression.
	Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error)
	// SeqAt returns the seq of the first message at or after a time; of the last one
	// when all are before it, and 0 when there is none.
	SeqAt(ctx context.Context, session string, at time.Time) (int64, error)
	// Body opens a payload for reading anywhere in it; StoreErrors.NotFound.
	Body(ctx context.Context, session string, seq int64) (io.ReadSeekCloser, transcript.Row, error)
}

// LogSearch searches the log of one session within a time budget.
type LogSearch struct {
	Store  MessageStore
	Turns  TurnSearchStore
	Errors *reply.Mapper
	Now    func() time.Time
}

// The search time of one request. It then answers with the rows so far and the place to
// continue.
const (
	defaultSearchTime = 5 * time.Second
	maxSearchTime     = 10 * time.Second

	// After the first match the request answers after this fraction of its time, so that
	// the match is shown soon.
	shownSooner = 5
)

// The number of messages per query of the store. It grows while a query takes less than a
// moment, because each query has a fixed cost, and shrinks where payloads are large, so
// that the search ends in time.
const (
	leastPiece = 16
	firstPiece = 64
	mostPiece  = 16 << 10
	moment     = 10 * time.Millisecond
)

const (
	// A message that cannot be searched within this time is skipped and named in the
	// answer.
	givenUpAfter = defaultSearchTime

	// One query may take this long even when the budget is shorter; otherwise nothing
	// would be searched.
	leastSearchTime = 200 * time.Millisecond
)

// budget is the search time of a request.
type budget struct {
	now       func() time.Time
	whole     time.Duration
	ends      time.Time
	endsFound time.Time
}

func (h *LogSearch) newBudget(d time.Duration) budget {
	now := h.Now()
	return budget{now: h.Now, whole: d, ends: now.Add(d), endsFound: now.Add(d / shownSooner)}
}

// over reports whether to answer now.
func (b budget) over(found bool) bool {
	now := b.now()
	return now.After(b.ends) || found && now.After(b.endsFound)
}

// findings are the results of a search so far. Rows between after and before are not
// searched yet.
type findings struct {
	rows          []transcript.Row
	after, before int64

	slow    int64 // a message that takes longer than the request may; 0 for none
	skipped int64 // a message that was left out because it takes too long; 0 for none
}

// search searches the range of a query until it has enough rows, reaches the end, or runs
// out of time. Last is the newest seq to search. A single large message may take longer
// than that with a complex expression: it is named as slow, or skipped when the request
// had the full time. keep selects among the rows of the query; nil keeps all.
func (h *LogSearch) search(ctx context.Context, session string, q transcript.Query, last int64, b budget, keep keepRow) (findings, error) {
	f := findings{after: q.After, before: last + 1}
	if q.Before > 0 {
		f.before = min(f.before, q.Before)
	}
	start, left := f, b.ends.Sub(b.now())
	until := b.now().Add(max(left, leastSearchTime))
	for piece := int64(firstPiece); f.before-f.after > 1 && len(f.rows) < q.Limit; {
		part := f.nextPart(q, piece)
		part.Until = until
		began := b.now()
		rows, err := h.Store.Rows(ctx, session, part)
		if unfinished, ok := errors.AsType[*transcript.UnfinishedError](err); ok {
			f.stopAtSeq(part, keep.of(rows), unfinished.Seq)
			if left >= b.whole/2 { // of a search in many sessions, others may have taken the time
				f.nameSlow(start, q.Latest, unfinished.Seq, b.whole)
			}
			break
		}
		if err != nil {
			return f, err
		}
		f.addRows(part, rows, keep)
		if b.over(len(f.rows) > 0) {
			break
		}
		piece = nextPiece(piece, b.now().Sub(began))
	}
	return f, nil
}

// nextPart returns the next piece that is not searched yet.
func (f *findings) nextPart(q transcript.Query, piece int64) transcript.Query {
	q.Limit -= len(f.rows)
	if q.Latest {
		q.After, q.Before = max(f.after, f.before-1-piece), f.before
	} else {
		q.After, q.Before = f.after, min(f.before, f.after+1+piece)
	}
	return q
}

// addRows adds the rows of a part. A part with the full number of rows was not searched to
// its end.
func (f *findings) addRows(part transcript.Query, rows []transcript.Row, keep keepRow) {
	full := len(rows) == part.Limit
	switch {
	case part.Latest && full:
		f.before = rows[0].Seq
	case part.Latest:
		f.before = part.After + 1
	case full:
		f.after = rows[len(rows)-1].Seq
	default:
		f.after = part.Before - 1
	}
	if rows = keep.of(rows); part.Latest {
		f.rows = slices.Concat(rows, f.rows)
	} else {
		f.rows = append(f.rows, rows...)
	}
}

// stopAtSeq adds the rows of a part that ran out of time at the message seq.
func (f *findings) stopAtSeq(part transcript.Query, rows []transcript.Row, seq int64) {
	if part.Latest {
		f.before, f.rows = seq+1, slices.Concat(rows, f.rows)
	} else {
		f.after, f.rows = seq-1, append(f.rows, rows...)
	}
}

// nameSlow names the message at which the time ran out, when the request has made no
// progress: that message alone took the whole time.
func (f *findings) nameSlow(start findings, latest bool, seq int64, whole time.Duration) {
	switch {
	case f.after != start.after || f.before != start.before:
	case whole < givenUpAfter:
		f.slow = seq
	case latest:
		f.before, f.skipped = seq, seq
	default:
		f.after, f.skipped = seq, seq
	}
}

func nextPiece(piece int64, took time.Duration) int64 {
	switch {
	case took < moment:
		return min(4*piece, mostPiece)
	case took > 4*moment:
		return max(piece/4, leastPiece)
	}
	return piece
}

// foundRows returns the rows of an answer, each with a snippet when they were searched
// for and the budget has time for it.
func (h *LogSearch) foundRows(ctx context.Context, session string, q transcript.Query, rows []transcript.Row, noter *dialect.Noter, b budget) ([]wire.Row, error) {
	out := shape.Rows(rows, noter)
	if q.Text == "" || len(rows) == 0 {
		return out, nil
	}
	finder, err := transcript.NewFinder(q)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if out[i].Snippet, err = h.snippet(ctx, session, finder, &rows[i], b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// snippet returns the match in a row, which may lie far behind the row's preview; nil
// when the message has been deleted.
func (h *LogSearch) snippet(ctx context.Context, session string, finder *transcript.Finder, row *transcript.Row, b budget) (*wire.Snippet, error) {
	if s, found := finder.InPreview(row); found {
		return shape.Snippet(row, s), nil
	}
	body, _, err := h.Store.Body(ctx, session, row.Seq)
	if errors.Is(err, h.Errors.StoreErrors.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	s, found, err := finder.InPayload(row.ShownAs(), timedBody{body, b})
	if errors.Is(err, transcript.ErrTimeOver) {
		return nil, nil
	}
	if err != nil || !found {
		return nil, err
	}
	return shape.Snippet(row, s), nil
}

// timedBody is a payload that cannot be read after a time.
type timedBody struct {
	io.ReadSeeker
	budget budget
}

// Read implements io.Reader.
func (t timedBody) Read(p []byte) (int, error) {
	if t.budget.now().After(t.budget.ends.Add(t.budget.whole / shownSooner)) {
		return 0, transcript.ErrTimeOver
	}
	return t.ReadSeeker.Read(p)
}
