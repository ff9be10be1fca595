package api

import (
	"context"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/shape"
)

// TurnSearchStore has the turns that a search looks in.
type TurnSearchStore interface {
	// TurnsWithText returns the stored turns of a session that have text.
	TurnsWithText(ctx context.Context, session string) ([]dialect.Turn, error)
}

// foundTurn is a turn whose joined text matches a search.
type foundTurn struct {
	N        int            `json:"n"`
	FirstSeq int64          `json:"first_seq"`
	LastSeq  int64          `json:"last_seq"`
	Stream   dialect.Stream `json:"stream"`
	Snippet  *wire.Snippet  `json:"snippet"`
}

// maxFoundTurns bounds the turns of one session in an answer.
const maxFoundTurns = 20

// findTurns returns the turns of a session whose joined text matches. Text that came in
// several messages is found there alone.
func (h *LogSearch) findTurns(ctx context.Context, info *bridge.Info, q transcript.Query) ([]foundTurn, error) {
	out := []foundTurn{}
	if info.Dialect == "" {
		return out, nil
	}
	finder, err := transcript.NewFinder(q)
	if err != nil {
		return nil, err
	}
	turns, err := h.Turns.TurnsWithText(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	for i := range turns {
		for _, side := range []struct {
			stream dialect.Stream
			text   string
		}{{dialect.StreamAnswer, turns[i].Text.Answer}, {dialect.StreamUser, turns[i].Text.User}} {
			snippet, found := finder.InText(side.text)
			if !found || len(out) == maxFoundTurns {
				continue
			}
			out = append(out, foundTurn{
				N: turns[i].N, FirstSeq: turns[i].FirstSeq, LastSeq: turns[i].LastSeq, Stream: side.stream,
				Snippet: shape.Snippet(&transcript.Row{Opcode: transcript.Text}, snippet),
			})
		}
	}
	return out, nil
}
