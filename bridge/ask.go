package bridge

import (
	"context"
	"time"

	"duplex/bridge/dialect"
	"duplex/bridge/speech"
)

// Question is one request by the dialect: a text, or a clip.
type Question struct {
	Text    string
	Clip    *speech.Clip  // nil for a text
	Timeout time.Duration // from the end of the request to the end of its turn; the dialect's limit, else dialect.DefaultRequest, when 0
}

// Ask sends a question and returns its turn when that has ended, with notes about the audio. A
// turn that does not end in time is returned as cut. onTurn, which may be nil, is called with
// each state of the turn. Errors: those of Prompt and PlayAudio.
func (h *Hub) Ask(ctx context.Context, s *Session, q Question, onTurn func(dialect.Turn)) (dialect.Turn, []speech.Note, error) {
	return dialect.Turn{}, nil, ErrNoDialect
}
