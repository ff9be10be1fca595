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
			if err := p.insertRequest(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range group {
		if err := p.advanceTo(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := copyRows(ctx, conn, group); err != nil {
		return err
	}
	for _, r := range group {
		if err := p.insertBodies(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// insertRequest writes consecutive messages of one session within tx.
func (p *inserts) insertRequest(ctx context.Context, tx *sql.Tx, r *request) error {
	if err := p.advanceTo(ctx, tx, r); err != nil {
		return err
	}
	for i := range r.pieces {
		piece := &r.pieces[i]
		if piece.body == nil {
			if err := p.insertRows(ctx, tx, r.session, piece.single); err != nil {
				return fmt.Errorf("insert messages: %w", err)
			}
		} else if err := p.insertPacked(ctx, tx, r.session, piece); err != nil {
			return fmt.Errorf("insert packed messages: %w", err)
		}
	}
	return p.insertBodies(ctx, tx, r)
}

// insertRows writes rows that are alike by one statement.
func (p *inserts) insertRows(ctx context.Context, tx *sql.Tx, session string, rest []transcript.Message) error {
	var args []any
	for len(rest) > 0 {
		alike := countAlike(rest[:min(len(rest), p.sizes[0])])
		at := slices.IndexFunc(p.sizes, func(size int) bool { return size <= alike })
		args = appendColumns(append(args[:0], session), &rest[0], 0)
		for i := range rest[1:p.sizes[at]] {
			args = appendColumns(args, &rest[1+i], sharedColumns)
		}
		stmt := tx.StmtContext(ctx, p.rows[at]) //nolint:sqlclosecheck // the end of tx does
		if _, err := stmt.ExecContext(ctx, args...); err != nil {
			return err
		}
		rest = rest[p.sizes[at]:]
	}
	return nil
}

// insertPacked writes the row that stands for packed messages, and their part.
func (p *inserts) insertPacked(ctx context.Context, tx *sql.Tx, session string, packed *piece) error {
	row := packed.appendColumns([]any{session})
	if _, err := tx.StmtContext(ctx, p.packed).ExecContext(ctx, row...); err != nil { //nolint:sqlclosecheck // the end of tx does
		return err
	}
	_, err := tx.StmtContext(ctx, p.part).ExecContext(ctx, session, packed.shared.Seq, 0, packed.body) //nolint:sqlclosecheck // the end of tx does
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

func (p *inserts) advanceTo(ctx context.Context, tx *sql.Tx, r *request) error {
	t := &r.tally
	stmt := tx.StmtContext(ctx, p.advance) //nolint:sqlclosecheck // the end of tx does
	n, err := rowsAffected(stmt.ExecContext(ctx, r.last, t.Sent, t.Received, t.Events, t.BytesSent, t.BytesReceived, r.delivered, r.session, r.first-1))
	if err != nil {
		return fmt.Errorf("advance counts: %w", err)
	}
	if n == 0 {
		return ErrNotNext
	}
	return nil
}

// insertBodies writes the large payloads.
func (p *inserts) insertBodies(ctx context.Context, tx *sql.Tx, r *request) error {
	for _, piece := range r.pieces {
		for i := range piece.single {
			if err := p.insertParts(ctx, tx, r.session, &piece.single[i]); err != nil {
				return fmt.Errorf("insert body: %w", err)
			}
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
