package live

import (
	"context"
	"slices"
	"time"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/wire"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

const (
	turnTime        = 50 * time.Millisecond // between events about turns
	turnsAtOnce     = 100                   // in one event
	rememberedTurns = 4                     // whose texts are remembered, to send their changes only
)

// rowNoter returns what labels the rows; nil without a dialect.
func (v *viewer) rowNoter(ctx context.Context) *dialect.Noter {
	info := v.info()
	if v.labels.name != info.Dialect {
		v.labels.name, v.labels.noter = info.Dialect, v.handler.Load.RowNoter(ctx, &info)
	}
	return v.labels.noter
}

// sendTurns sends the turns of the session, those of a live one as they change. The first
// change after a pause is sent at once.
func (v *viewer) sendTurns(ctx context.Context) error {
	select {
	case <-v.begun:
	case <-ctx.Done():
		return nil
	}
	info := v.info()
	out := turnsWriter{viewer: v}
	if v.session == nil || v.session.Dialect() == nil {
		if info.Dialect == "" {
			return nil
		}
		turns, _, err := v.handler.Load.TurnPage(ctx, &info, info.Dialect, 0, v.turns)
		if err != nil { // the rows can be read without them
			v.handler.Log.WarnContext(ctx, "turns cannot be read", "session", info.ID, "error", err)
			return nil
		}
		return out.sendTurns(turns)
	}
	return out.follow(ctx, v.session)
}

// turnsWriter sends the changes of turns and of speech, and the readiness of a session.
type turnsWriter struct {
	viewer  *viewer
	sent    []sentTurn // the newest ones, ascending
	playing bridge.Playing
	ready   bool
}

// sentTurn remembers the growing parts of a turn that the viewer has.
type sentTurn struct {
	n        int
	text     dialect.TurnText
	segments []dialect.Segment
}

// follow sends changes until the session or ctx ends.
func (t *turnsWriter) follow(ctx context.Context, s *bridge.Session) error {
	var revision int64
	var turns []dialect.Turn
	t.ready = s.Info().Speech.Ready
	for over := false; ; {
		changed := s.TurnsChanged()
		isFirst := revision == 0
		turns, revision = s.Turns(revision)
		if isFirst && t.viewer.turns > 0 {
			turns = turns[max(0, len(turns)-t.viewer.turns):]
		}
		if err := t.sendTurns(turns); err != nil {
			return err
		}
		if err := t.sendProgress(s); err != nil || over {
			return err
		}
		if !reply.Pause(ctx, turnTime) {
			return nil
		}
		select {
		case <-changed:
		case <-s.Done():
			over = true
		case <-ctx.Done():
			return nil
		}
	}
}

// sendProgress sends the progress of speech, and the state of a session that became ready.
func (t *turnsWriter) sendProgress(s *bridge.Session) error {
	if info := s.Info(); info.Speech.Ready != t.ready {
		t.ready = info.Speech.Ready
		if err := t.viewer.writeEvent(&wire.ServerEvent{Type: wire.TypeState, State: t.viewer.State(&info)}); err != nil {
			return err
		}
	}
	now, any := s.Playing()
	if !any || now.ID == t.playing.ID && now.State == t.playing.State && now.Paused == t.playing.Paused && now.Sent == t.playing.Sent && now.Total == t.playing.Total {
		return nil
	}
	t.playing = now
	return t.viewer.writeEvent(&wire.ServerEvent{Type: wire.TypePlaying, Playing: shape.Playing(t.viewer.Words, &now)})
}

// sendTurns sends turns that changed.
func (t *turnsWriter) sendTurns(turns []dialect.Turn) error {
	for part := range slices.Chunk(turns, turnsAtOnce) {
		updates := make([]wire.TurnUpdate, len(part))
		for i := range part {
			updates[i] = t.updateOf(&part[i])
		}
		if err := t.viewer.writeEvent(&wire.ServerEvent{Type: wire.TypeTurns, Turns: updates}); err != nil {
			return err
		}
	}
	return nil
}

// updateOf returns the changes of a turn.
func (t *turnsWriter) updateOf(turn *dialect.Turn) wire.TurnUpdate {
	at := slices.IndexFunc(t.sent, func(s sentTurn) bool { return s.n == turn.N })
	if at < 0 {
		t.sent = append(t.sent, sentTurn{n: turn.N})
		if len(t.sent) > rememberedTurns {
			t.sent = slices.Delete(t.sent, 0, 1)
		}
		at = len(t.sent) - 1
	}
	before := &t.sent[at]
	u := wire.TurnUpdate{Turn: *turn, Texts: []wire.TextUpdate{}}
	for u.KeepSegments < min(len(before.segments), len(turn.Segments)) && before.segments[u.KeepSegments] == turn.Segments[u.KeepSegments] {
		u.KeepSegments++
	}
	u.Turn.Text, u.Turn.Segments = dialect.TurnText{}, turn.Segments[u.KeepSegments:]
	u.Texts = shape.AppendTextChange(u.Texts, dialect.StreamAnswer, before.text.Answer, turn.Text.Answer)
	u.Texts = shape.AppendTextChange(u.Texts, dialect.StreamUser, before.text.User, turn.Text.User)
	before.text, before.segments = turn.Text, turn.Segments
	return u
}
