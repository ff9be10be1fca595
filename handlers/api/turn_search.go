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
	// FindTurns returns the stored turns of sessions with texts that match, session by
	// session. match returns the number of texts that do.
	FindTurns(ctx context.Context, sessions []string, match func(bridge.TurnTexts) int) ([]bridge.TurnPlace, error)
	// StoredTurn returns one stored turn, and the number of sentences in those before;
	// StoreErrors.NotFound.
	StoredTurn(ctx context.Context, place bridge.TurnPlace) (t dialect.Turn, sentences int, err error)
}

// foundTurn is a text of a turn that matches a search.
type foundTurn struct {
	N        int            `json:"n"`
	FirstSeq int64          `json:"first_seq"`
	LastSeq  int64          `json:"last_seq"`
	Stream   dialect.Stream `json:"stream"`
	Snippet  *wire.Snippet  `json:"snippet"`

	Sentence int   `json:"sentence,omitempty"`  // in the session, from 1; of a dialect with sentences
	AtUS     int64 `json:"at_us,omitempty"`     // of the sentence, since the speech began
	ErrorSeq int64 `json:"error_seq,omitempty"` // the text is an error, which is in this message
	IsError  bool  `json:"error,omitempty"`
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
	sentences := 0
	for i := range turns {
		out = append(out, foundTexts(finder, &turns[i], sentences)...)
		sentences += len(turns[i].Segments)
	}
	return out[:min(len(out), maxFoundTurns)], nil
}

// foundTexts returns the texts of a turn that match. sentences is the number of those in
// the turns before.
func foundTexts(finder *transcript.Finder, t *dialect.Turn, sentences int) []foundTurn {
	var out []foundTurn
	add := func(stream dialect.Stream, text string) *foundTurn {
		snippet, found := finder.InText(text)
		if !found {
			return nil
		}
		out = append(out, foundTurn{
			N: t.N, FirstSeq: t.FirstSeq, LastSeq: t.LastSeq, Stream: stream,
			Snippet: shape.Snippet(&transcript.Row{Opcode: transcript.Text}, snippet),
		})
		return &out[len(out)-1]
	}
	for _, side := range []struct {
		stream dialect.Stream
		text   string
	}{{dialect.StreamAnswer, t.Text.Answer}, {dialect.StreamUser, t.Text.User}} {
		if hit := add(side.stream, side.text); hit != nil {
			hit.placeInSpeech(finder, t, sentences)
		}
	}
	if t.Error != nil {
		if hit := add(dialect.StreamAnswer, t.Error.Words()); hit != nil {
			hit.IsError, hit.ErrorSeq = true, t.Error.Seq
		}
	}
	return out
}

// placeInSpeech adds the sentence that matches. A match across two of them has none.
func (f *foundTurn) placeInSpeech(finder *transcript.Finder, t *dialect.Turn, sentences int) {
	for i := range t.Segments {
		segment := &t.Segments[i]
		if segment.Stream != f.Stream || finder.Find([]byte(segment.Text)) == nil {
			continue
		}
		f.Sentence = sentences + i + 1
		if t.AudioStartUS > 0 && segment.AtUS > t.AudioStartUS {
			f.AtUS = segment.AtUS - t.AudioStartUS
		}
		return
	}
}
