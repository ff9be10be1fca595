package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"duplex/bridge/transcript"
)

// Statements that read rows.
var (
	selectRow   = `select ` + storedColumns + ` from messages ` + holds
	selectFirst = `select ` + storedColumns + ` from messages ` + inRange + ` limit $7`
	selectLast  = `select ` + storedColumns + ` from messages ` + inRange + ` desc limit $7`

	// The same with heads. The payload of a large message is in parts.
	selectRowHead    = `select ` + columnNames() + headColumn + ` from messages ` + holds
	selectFirstHeads = `select ` + columnNames() + headColumn + ` from messages ` + inRange + ` limit $7`
	selectLastHeads  = `select ` + columnNames() + headColumn + ` from messages ` + inRange + ` desc limit $7`
)

var headColumn = `, further, coalesce(` + packedBody + `, body, (select substr(b.data, 1, ` + strconv.Itoa(transcript.HeadBytes) + `) from bodies b
	where b.session = messages.session and b.seq = messages.seq and b.part = 0 and messages.size > ` + strconv.Itoa(inlineBytes) + `), preview)`

var (
	// The rows that hold the messages from one on, and before another. The last condition is
	// for the planner of PostgreSQL, which does not know what the first one amounts to.
	within = `where session = $1 and seq >= (select max(seq) from messages where session = $1 and seq <= $2) and seq < $3
		and seq > $2 - ` + strconv.Itoa(maxPacked)

	inRange = within + ` and ($4 = '' or direction = $4)
		and ($5 = '' or opcode = $5) and ($6 = '' or event = $6) order by seq`
)

const (
	// The row that holds a message.
	holds = `where session = $1 and seq <= $2 order by seq desc limit 1`

	selectSeqOfID = `select seq from messages where session = $1 and client_id = $2 and client_id <> ''`

	windowSeqs = 4096
	searchers  = 3 // windows that one search reads at a time
)

// Rows returns rows of a session in ascending order; none for an unknown session. With
// Text it searches every payload of the range until it has enough rows or ctx ends, large
// ones part by part. The error is a *transcript.QueryError when Text is not a regular
// expression, and a *transcript.UnfinishedError with the rows found until then when the
// query's time was over.
func (s *Store) Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error) {
	if q.Limit <= 0 {
		q.Limit = transcript.DefaultLimit
	}
	last, err := s.lastSeq(ctx, session)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", wrapReadError(err))
	}
	if q.Before <= 0 || q.Before > last {
		q.Before = last + 1
	}
	read, size, abreast := s.listRows, int64(windowSeqs), 1
	switch {
	case q.Text != "":
		finder, err := transcript.NewFinder(q)
		if err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		read, abreast = s.searchReader(finder), searchers
	case q.Direction == "" && q.Opcode == "" && q.Event == "":
		size = int64(q.Limit)
	}
	rows, err := walkRange(ctx, session, q, size, abreast, read)
	if err != nil {
		return rows, fmt.Errorf("read rows: %w", wrapReadError(err))
	}
	return rows, nil
}

// reader returns at most limit of the rows in the window, in the order of the walk.
type reader func(ctx context.Context, session string, window transcript.Query, limit int) ([]transcript.Row, error)

// walkRange reads a range window by window until it has enough rows, abreast windows at a
// time. Seqs have no gaps, so they bound a window, and no query sorts more rows than
// that: before an analyze, PostgreSQL would sort a whole log for each page. No query
// stays open long, which would delay SQLite's checkpoints.
func walkRange(ctx context.Context, session string, q transcript.Query, size int64, abreast int, read reader) ([]transcript.Row, error) {
	var out []transcript.Row
	var unfinished error
	for unfinished == nil && len(out) < q.Limit && q.Before-q.After > 1 {
		windows := make([]transcript.Query, 0, abreast)
		for len(windows) < abreast && q.Before-q.After > 1 {
			windows = append(windows, cutWindow(&q, size))
		}
		rows, err := readWindows(ctx, session, windows, q.Limit-len(out), read)
		if err != nil && !isUnfinished(err) {
			return nil, err
		}
		out, unfinished = append(out, rows[:min(len(rows), q.Limit-len(out))]...), err
	}
	if len(out) == q.Limit {
		unfinished = nil // enough rows were found
	}
	if q.Latest {
		slices.Reverse(out)
	}
	return out, unfinished
}

// cutWindow removes the next window from the rest of a range.
func cutWindow(q *transcript.Query, size int64) transcript.Query {
	window := *q
	if q.Latest {
		window.After = max(q.After, q.Before-size-1)
		q.Before = window.After + 1
	} else {
		window.Before = min(q.Before, q.After+size+1)
		q.After = window.Before - 1
	}
	return window
}

// readWindows reads windows concurrently and returns their rows in the order of the walk.
func readWindows(ctx context.Context, session string, windows []transcript.Query, limit int, read reader) ([]transcript.Row, error) {
	if len(windows) == 1 {
		return read(ctx, session, windows[0], limit)
	}
	found, errs := make([][]transcript.Row, len(windows)), make([]error, len(windows))
	var readers sync.WaitGroup
	for i, window := range windows {
		readers.Go(func() { found[i], errs[i] = read(ctx, session, window, limit) })
	}
	readers.Wait()
	var rows []transcript.Row
	for i, err := range errs {
		if err != nil && !isUnfinished(err) {
			return nil, errors.Join(errs...)
		}
		rows = append(rows, found[i]...)
		if err != nil { // rows of the windows behind it would leave a gap
			return rows, err
		}
	}
	return rows, nil
}

// listRows is a reader of all rows.
func (s *Store) listRows(ctx context.Context, session string, q transcript.Query, limit int) ([]transcript.Row, error) {
	query, scan := selectFirst, scanStored
	switch {
	case q.Latest && q.Heads:
		query, scan = selectLastHeads, scanStoredHead
	case q.Heads:
		query, scan = selectFirstHeads, scanStoredHead
	case q.Latest:
		query = selectLast
	}
	stored, err := collectRows(ctx, s.read, scan, query, session, firstOf(q), q.Before, string(q.Direction), string(q.Opcode), q.Event, limit)
	if err != nil {
		return nil, err
	}
	return unpackAll(stored, q, limit)
}

// firstOf returns the seq that a range begins with.
func firstOf(q transcript.Query) int64 { return max(q.After, 0) + 1 }

// querier is a database or a transaction of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collectRows returns the scanned rows of a query. The error is the database's, or that
// of scan.
func collectRows[T any](ctx context.Context, db querier, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// scanID reads a row that is an id.
func scanID(row scanner) (id string, err error) {
	err = row.Scan(&id)
	return id, err
}

// lastSeq returns the newest seq of a session; 0 when it has none or is not known.
func (s *Store) lastSeq(ctx context.Context, session string) (last int64, err error) {
	err = s.read.QueryRowContext(ctx, selectLastSeq, session).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

// readRow returns one row, or ErrNotFound.
func readRow(ctx context.Context, db *sql.DB, session string, seq int64) (transcript.Row, error) {
	stored, err := scanStored(db.QueryRowContext(ctx, selectRow, session, seq))
	if err != nil {
		return transcript.Row{}, err
	}
	return stored.message(seq)
}

// SeqOfClientID returns the seq of the message that carries the client id.
func (s *Store) SeqOfClientID(ctx context.Context, session, clientID string) (seq int64, found bool, err error) {
	err = s.read.QueryRowContext(ctx, selectSeqOfID, session, clientID).Scan(&seq)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("find client id: %w", wrapReadError(err))
	}
	return seq, true, nil
}
