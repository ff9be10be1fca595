package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	sizes   []int // how many rows each of rows takes, largest first and 1 last
	rows    []*sql.Stmt
	part    *sql.Stmt
	advance *sql.Stmt
}

func prepareInserts(ctx context.Context, db *sql.DB, sizes []int) (p inserts, err error) {
	p.sizes = sizes
	for _, n := range sizes {
		stmt, err := db.PrepareContext(ctx, insertText(n)) //nolint:sqlclosecheck // close does
		if err != nil {
			return p, err
		}
		p.rows = append(p.rows, stmt)
	}
	if p.part, err = db.PrepareContext(ctx, insertPart); err != nil {
		return p, err
	}
	p.advance, err = db.PrepareContext(ctx, advance)
	return p, err
}

func (p *inserts) close() error {
	errs := []error{p.part.Close(), p.advance.Close()}
	for _, stmt := range p.rows {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}

// insertText is ($1, $2, ... $12), ($1, $13, ...), ...
func insertText(rows int) string {
	var b strings.Builder
	b.WriteString("insert into messages (session, " + columnNames() + ", body) values ")
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteString("($1")
		for column := range insertColumns {
			fmt.Fprintf(&b, ", $%d", 2+row*insertColumns+column)
		}
		b.WriteString(")")
	}
	return b.String()
}

// insertBatch writes consecutive messages of one session within tx; delivered is the newest
// sent message that is known to have been written to its socket.
func (p *inserts) insertBatch(ctx context.Context, tx *sql.Tx, session string, batch []transcript.Message, delivered int64) error {
	if err := p.advanceTo(ctx, tx, session, batch, delivered); err != nil {
		return err
	}
	rest := batch
	for i, n := range p.sizes {
		if len(rest) < n {
			continue
		}
		stmt := tx.StmtContext(ctx, p.rows[i]) //nolint:sqlclosecheck // the end of tx does
		args := make([]any, 0, 1+n*insertColumns)
		for len(rest) >= n {
			if _, err := stmt.ExecContext(ctx, rowArgs(args, session, rest[:n])...); err != nil {
				return fmt.Errorf("insert messages: %w", err)
			}
			rest = rest[n:]
		}
	}
	for i := range batch {
		if err := p.insertParts(ctx, tx, session, &batch[i]); err != nil {
			return fmt.Errorf("insert body: %w", err)
		}
	}
	return nil
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

func rowArgs(args []any, session string, rows []transcript.Message) []any {
	args = append(args[:0], session)
	for i := range rows {
		args = appendRow(args, &rows[i])
	}
	return args
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
