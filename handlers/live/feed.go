package live

import (
	"context"
	"fmt"
	"io"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

// RowStore reads the rows of ended sessions.
type RowStore interface {
	Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error)
}

// pastFeed returns the stored rows of an ended session.
type pastFeed struct {
	messages RowStore
	info     *bridge.Info // nil once it was shown
	session  string
	isRead   bool // by a dialect, which labels the rows by their heads
	after    int64
}

// Next implements feed.
func (p *pastFeed) Next(ctx context.Context) (bridge.Update, error) {
	if p.info != nil {
		u := bridge.Update{Info: p.info}
		p.info = nil
		return u, nil
	}
	rows, err := p.messages.Rows(ctx, p.session, transcript.Query{After: p.after, Limit: bridge.MaxRows, Heads: p.isRead})
	if err != nil {
		return bridge.Update{}, fmt.Errorf("read log: %w", err)
	}
	if len(rows) == 0 {
		return bridge.Update{}, io.EOF
	}
	p.after = rows[len(rows)-1].Seq
	return bridge.Update{Rows: rows, Forms: new(bridge.Forms)}, nil
}

// Close implements feed.
func (p *pastFeed) Close() {}

// feed is the source of the updates that a viewer receives: a *bridge.Cursor or a
// pastFeed.
type feed interface {
	// Next waits for something new; io.EOF after the last row of an ended session.
	Next(ctx context.Context) (bridge.Update, error)
	Close()
}
