package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// copyRows writes the rows of a group into PostgreSQL, within the transaction of conn: one
// round trip for the messages, and one for the parts of packed ones.
func copyRows(ctx context.Context, conn *sql.Conn, group []*request) error {
	columns := append(append([]string{"session"}, listColumns()...), "body", "further")
	err := conn.Raw(func(driver any) error {
		pg, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T cannot copy", driver)
		}
		rows := &groupRows{group: group}
		if _, err := pg.Conn().CopyFrom(ctx, pgx.Identifier{"messages"}, columns, rows); err != nil || len(rows.parts) == 0 {
			return err
		}
		_, err := pg.Conn().CopyFrom(ctx, pgx.Identifier{"bodies"}, []string{"session", "seq", "part", "data"}, pgx.CopyFromRows(rows.parts))
		return err
	})
	if err != nil {
		return fmt.Errorf("copy messages: %w", err)
	}
	return nil
}

// groupRows is a pgx.CopyFromSource of the rows of a group.
type groupRows struct {
	group  []*request // those that have pieces left
	piece  int        // of the first
	next   int        // in the piece
	values []any
	parts  [][]any // rows of packed messages, for the table bodies
}

// Next implements pgx.CopyFromSource.
func (g *groupRows) Next() bool {
	if len(g.group) == 0 {
		return false
	}
	r := g.group[0]
	piece := &r.pieces[g.piece]
	g.values = append(g.values[:0], r.session)
	if piece.body != nil {
		g.values = piece.appendColumns(g.values)
		g.parts = append(g.parts, []any{r.session, piece.shared.Seq, int64(0), piece.body})
	} else {
		g.values = append(appendColumns(g.values, &piece.single[g.next], 0), int64(0))
		g.next++
	}
	if g.next >= len(piece.single) {
		g.piece, g.next = g.piece+1, 0
	}
	if g.piece == len(r.pieces) {
		g.group, g.piece = g.group[1:], 0
	}
	return true
}

// Values implements pgx.CopyFromSource.
func (g *groupRows) Values() ([]any, error) { return g.values, nil }

// Err implements pgx.CopyFromSource.
func (g *groupRows) Err() error { return nil }
