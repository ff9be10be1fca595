package api

import (
	"context"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/reply"
)

// answeredLists is the number of sessions whose answers are searched at a time.
const answeredLists = 200

// searchAnswers searches the texts of turns, of many sessions at a time.
func (s *searchRun) searchAnswers(ctx context.Context) error {
	finder, err := transcript.NewFinder(s.query)
	if err != nil {
		return err
	}
	for {
		s.filter.Limit, s.filter.Before, s.filter.BeforeTime = answeredLists, s.place.id, s.place.opened
		infos, err := s.h.Load.Sessions(ctx, s.filter)
		if err != nil {
			return err
		}
		if err := s.addAnswers(ctx, finder, infos); err != nil {
			return err
		}
		s.out.Searched.Sessions += int64(len(infos))
		for i := range infos {
			s.out.Searched.Messages += infos[i].LastSeq
		}
		if len(infos) < answeredLists {
			return nil
		}
		last := &infos[len(infos)-1]
		s.place = place{id: last.ID, opened: last.OpenedAt, after: searched}
		if s.budget.over(len(s.out.Sessions) > 0) {
			s.out.Next = s.place.String()
			return nil
		}
	}
}

// addAnswers appends the sessions with texts that match, in their order; the first few
// texts of each with their snippets.
func (s *searchRun) addAnswers(ctx context.Context, finder *transcript.Finder, infos []bridge.Info) error {
	var ids []string
	for i := range infos {
		if infos[i].Dialect != "" {
			ids = append(ids, infos[i].ID)
		}
	}
	places, err := s.h.Logs.Turns.FindTurns(ctx, ids, func(texts bridge.TurnTexts) (n int) {
		for _, text := range [][]byte{texts.Answer, texts.Asked, texts.Error} {
			if len(text) > 0 && finder.Find(text) != nil {
				n++
			}
		}
		return n
	})
	if err != nil {
		return err
	}
	of := map[string][]bridge.TurnPlace{}
	for _, place := range places {
		of[place.Session] = append(of[place.Session], place)
	}
	for i := range infos {
		if places := of[infos[i].ID]; len(places) > 0 {
			if err := s.addAnswered(ctx, finder, &infos[i], places); err != nil {
				return err
			}
		}
	}
	return nil
}

// addAnswered appends one session.
func (s *searchRun) addAnswered(ctx context.Context, finder *transcript.Finder, info *bridge.Info, places []bridge.TurnPlace) error {
	if err := s.h.Audit.RecordReading(ctx, info); err != nil {
		return err
	}
	found := foundJSON{Session: s.reader.State(info), Messages: []wire.Row{}, Turns: []foundTurn{}}
	for _, place := range places {
		found.Texts += place.Texts
		if len(found.Turns) >= shownHits {
			continue
		}
		turn, sentences, err := s.h.Logs.Turns.StoredTurn(ctx, place)
		if reply.IsMissing(s.h.Logs.Errors.MapNotFound(err, reply.CodeTurnNotFound), reply.CodeTurnNotFound) {
			continue // read anew since
		}
		if err != nil {
			return err
		}
		found.Turns = append(found.Turns, foundTexts(finder, &turn, sentences)...)
	}
	found.Turns = found.Turns[:min(len(found.Turns), shownHits)]
	s.out.Sessions = append(s.out.Sessions, found)
	return nil
}
