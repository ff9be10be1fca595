package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// copyRows writes the rows of a group into PostgreSQL in one round trip, within the
// transaction of conn.
func copyRows(ctx context.Context, conn *sql.Conn, group []*request) error {
	columns := append(append([]string{"session"}, listColumns()...), "body")
	err := conn.Raw(func(driver any) error {
		pg, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T cannot copy", driver)
		}
		_, err := pg.Conn().CopyFrom(ctx, pgx.Identifier{"messages"}, columns, &groupRows{group: group})
		return err
	})
	if err != nil {
		return fmt.Errorf("copy messages: %w", err)
	}
	return nil
}

// groupRows is a pgx.CopyFromSource of the rows of a group.
type groupRows struct {
	group  []*request // those that have rows left
	next   int        // in the batch of the first
	values []any
}

// Next implements pgx.CopyFromSource.
func (g *groupRows) Next() bool {
	if len(g.group) == 0 {
		return false
	}
	r := g.group[0]
	g.values = appendColumns(append(g.values[:0], r.session), &r.batch[g.next], 0)
	if g.next++; g.next == len(r.batch) {
		g.group, g.next = g.group[1:], 0
	}
	return true
}

// Values implements pgx.CopyFromSource.
func (g *groupRows) Values() ([]any, error) { return g.values, nil }

// Err implements pgx.CopyFromSource.
func (g *groupRows) Err() error { return nil }
