package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"duplex/bridge/transcript"
)

// The place of a payload: a small one is in the preview only, one of middle size in its
// row, a larger one in parts in the table bodies, so that listing rows reads none of it.
const (
	inlineBytes = 4 << 10
	partBytes   = 1 << 20
)

const (
	insertPart    = `insert into bodies (session, seq, part, data) values ($1, $2, $3, $4)`
	selectLastSeq = `select last_seq from counts where session = $1`

	// It changes no row when the session is unknown or its last message is another one:
	// of two writers of one session only one can continue.
	advance = `update counts set last_seq = $1, sent = sent + $2, received = received + $3, events = events + $4,
		bytes_sent = bytes_sent + $5, bytes_received = bytes_received + $6, delivered_seq = $7 where session = $8 and last_seq = $9`
)

// inserts holds the prepared statements that write messages.
type inserts struct {
	copies  bool  // several rows go by COPY
	sizes   []int // how many rows each of rows takes, largest first and 1 last
	rows    []*sql.Stmt
	packed  *sql.Stmt // a row of packed messages
	part    *sql.Stmt
	advance *sql.Stmt
}

func prepareInserts(ctx context.Context, db *sql.DB, engine string) (p inserts, err error) {
	p.sizes, p.copies = sqliteInserts[:], engine == enginePostgres
	if p.copies {
		p.sizes = []int{1}
	}
	for _, n := range p.sizes {
		stmt, err := db.PrepareContext(ctx, insertText(n)) //nolint:sqlclosecheck // close does
		if err != nil {
			return p, err
		}
		p.rows = append(p.rows, stmt)
	}
	if p.packed, err = db.PrepareContext(ctx, packedText()); err != nil {
		return p, err
	}
	if p.part, err = db.PrepareContext(ctx, insertPart); err != nil {
		return p, err
	}
	p.advance, err = db.PrepareContext(ctx, advance)
	return p, err
}

func (p *inserts) close() error {
	errs := []error{p.packed.Close(), p.part.Close(), p.advance.Close()}
	for _, stmt := range p.rows {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// insertText is ($1, ... $6, $7, ... $12), ($1, ... $6, ?, ... ?), ...: the rows share the
// first values. SQLite looks up the name of each parameter that has one, in a list.
func insertText(rows int) string {
	var b strings.Builder
	b.WriteString("insert into messages (session, " + columnNames() + ", body) values ")
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($1")
		for column := range insertColumns {
			if row == 0 || column < sharedColumns {
				fmt.Fprintf(&b, ", $%d", 2+column)
			} else {
				b.WriteString(", ?")
			}
		}
		b.WriteString(")")
	}
	return b.String()
}

// packedText is insertText of one row that has further messages.
func packedText() string {
	var places strings.Builder
	for i := range insertColumns + 2 { // with session and further
		fmt.Fprintf(&places, ", $%d", 1+i)
	}
	return "insert into messages (session, " + columnNames() + ", body, further) values (" + places.String()[2:] + ")"
}

// insertGroup writes the batches of different sessions within tx, a transaction of conn.
func (p *inserts) insertGroup(ctx context.Context, conn *sql.Conn, tx *sql.Tx, group []*request) error {
	if !p.copies {
		for _, r := range group {
			if err := p.insertBatch(ctx, tx, r.session, r.batch, r.delivered); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range group {
		if err := p.advanceTo(ctx, tx, r.session, r.batch, r.delivered); err != nil {
			return err
		}
	}
	if err := copyRows(ctx, conn, group); err != nil {
		return err
	}
	for _, r := range group {
		if err := p.insertBodies(ctx, tx, r.session, r.batch); err != nil {
			return err
		}
	}
	return nil
}

// insertBatch writes consecutive messages of one session within tx; delivered is the newest
// sent message that is known to have been written to its socket.
func (p *inserts) insertBatch(ctx context.Context, tx *sql.Tx, session string, batch []transcript.Message, delivered int64) error {
	if err := p.advanceTo(ctx, tx, session, batch, delivered); err != nil {
		return err
	}
	if err := p.insertRows(ctx, tx, session, batch); err != nil {
		return err
	}
	return p.insertBodies(ctx, tx, session, batch)
}

// insertRows writes rows that are alike by one statement, and small messages packed.
func (p *inserts) insertRows(ctx context.Context, tx *sql.Tx, session string, rest []transcript.Message) error {
	var args []any
	var body []byte
	for len(rest) > 0 {
		if n := countPackable(rest); n > 0 {
			args, body = appendPackedColumns(append(args[:0], session), rest[:n]), appendPacked(body[:0], rest[:n])
			if err := p.insertPacked(ctx, tx, args, []any{session, rest[0].Seq, 0, body}); err != nil {
				return fmt.Errorf("insert packed messages: %w", err)
			}
			rest = rest[n:]
			continue
		}
		alike := countAlike(rest[:min(len(rest), p.sizes[0])])
		at := slices.IndexFunc(p.sizes, func(size int) bool { return size <= alike })
		args = appendColumns(append(args[:0], session), &rest[0], 0)
		for i := range rest[1:p.sizes[at]] {
			args = appendColumns(args, &rest[1+i], sharedColumns)
		}
		stmt := tx.StmtContext(ctx, p.rows[at]) //nolint:sqlclosecheck // the end of tx does
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("insert messages: %w", err)
		}
		rest = rest[p.sizes[at]:]
	}
	return nil
}

// insertPacked writes the row that stands for packed messages, and their part.
func (p *inserts) insertPacked(ctx context.Context, tx *sql.Tx, row, part []any) error {
	if _, err := tx.StmtContext(ctx, p.packed).ExecContext(ctx, row...); err != nil { //nolint:sqlclosecheck // the end of tx does
		return err
	}
	_, err := tx.StmtContext(ctx, p.part).ExecContext(ctx, part...) //nolint:sqlclosecheck // the end of tx does
	return err
}

// countAlike returns how many messages are like the first, up to one that is not.
func countAlike(batch []transcript.Message) int {
	n := 1
	for n < len(batch) && isAlike(&batch[0], &batch[n]) {
		n++
	}
	return n
}

func (p *inserts) advanceTo(ctx context.Context, tx *sql.Tx, session string, batch []transcript.Message, delivered int64) error {
	var sent, received, events, bytesSent, bytesReceived int64
	for i := range batch {
		switch batch[i].Direction {
		case transcript.Sent:
			sent++
			bytesSent += int64(len(batch[i].Payload))
		case transcript.Received:
			received++
			bytesReceived += int64(len(batch[i].Payload))
		case transcript.Event:
			events++
		}
	}
	first, last := batch[0].Seq, batch[len(batch)-1].Seq
	stmt := tx.StmtContext(ctx, p.advance) //nolint:sqlclosecheck // the end of tx does
	n, err := rowsAffected(stmt.ExecContext(ctx, last, sent, received, events, bytesSent, bytesReceived, delivered, session, first-1))
	if err != nil {
		return fmt.Errorf("advance counts: %w", err)
	}
	if n == 0 {
		return ErrNotNext
	}
	return nil
}

// insertBodies writes the large payloads.
func (p *inserts) insertBodies(ctx context.Context, tx *sql.Tx, session string, batch []transcript.Message) error {
	for i := range batch {
		if err := p.insertParts(ctx, tx, session, &batch[i]); err != nil {
			return fmt.Errorf("insert body: %w", err)
		}
	}
	return nil
}

// insertParts writes a large payload.
func (p *inserts) insertParts(ctx context.Context, tx *sql.Tx, session string, m *transcript.Message) error {
	if len(m.Payload) <= inlineBytes {
		return nil
	}
	stmt := tx.StmtContext(ctx, p.part) //nolint:sqlclosecheck // the end of tx does
	for part, rest := 0, m.Payload; len(rest) > 0; part++ {
		n := min(len(rest), partBytes)
		if _, err := stmt.ExecContext(ctx, session, m.Seq, part, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}
