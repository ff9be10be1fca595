package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"duplex/bridge"
	"duplex/bridge/dialect"
)

const (
	sumTurns = `select session, count(*), cast(coalesce(sum(sentences), 0) as bigint), coalesce(min(case when failed then n end), 0)
		from turns where session in (%s) group by session`
	firstErrors = `select t.session, t.turn from turns t join (
			select session, min(n) as n from turns where failed and session in (%s) group by session
		) f on f.session = t.session and f.n = t.n`
	turnTexts = `select session, n, answer, asked, error from turns where session in (%s) order by session, n`
)

// listed returns a query about sessions, and its arguments.
func listed(query string, sessions []string) (text string, args []any) {
	marks := make([]string, len(sessions))
	args = make([]any, len(sessions))
	for i, id := range sessions {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	return fmt.Sprintf(query, strings.Join(marks, ", ")), args
}

// addTurns adds the summary of their turns to records, with two queries for all of them.
func (s *Store) addTurns(ctx context.Context, records []bridge.Record) error {
	if len(records) == 0 {
		return nil
	}
	at, ids := map[string]*bridge.Record{}, make([]string, len(records))
	for i := range records {
		at[records[i].ID], ids[i] = &records[i], records[i].ID
	}
	failed := false
	query, args := listed(sumTurns, ids)
	_, err := collectRows(ctx, s.read, func(row scanner) (struct{}, error) {
		var id string
		var sum bridge.TurnSummary
		var firstFailed int
		err := row.Scan(&id, &sum.Turns, &sum.Sentences, &firstFailed)
		if r := at[id]; err == nil && r != nil {
			r.Turns, failed = sum, failed || firstFailed > 0
		}
		return struct{}{}, err
	}, query, args...)
	if err == nil && failed {
		query, args = listed(firstErrors, ids)
		_, err = collectRows(ctx, s.read, func(row scanner) (struct{}, error) {
			var id, raw string
			var turn dialect.Turn
			err := row.Scan(&id, &raw)
			if err == nil {
				err = decodeJSON(raw, &turn)
			}
			if r := at[id]; err == nil && r != nil {
				r.Turns.Error = turn.Error
			}
			return struct{}{}, err
		}, query, args...)
	}
	if err != nil {
		return fmt.Errorf("sum up turns: %w", wrapReadError(err))
	}
	return nil
}

// FindTurns returns the stored turns of sessions with texts that match, in the order of
// their sessions and numbers. match returns the number of texts that do, and keeps none.
func (s *Store) FindTurns(ctx context.Context, sessions []string, match func(bridge.TurnTexts) int) ([]bridge.TurnPlace, error) {
	if len(sessions) == 0 {
		return nil, nil
	}
	query, args := listed(turnTexts, sessions)
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("find turns: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var found []bridge.TurnPlace
	var session, answer, asked, words sql.RawBytes
	for rows.Next() {
		var n int
		if err := rows.Scan(&session, &n, &answer, &asked, &words); err != nil {
			return nil, fmt.Errorf("find turns: %w", wrapReadError(err))
		}
		if texts := match(bridge.TurnTexts{Answer: answer, Asked: asked, Error: words}); texts > 0 {
			found = append(found, bridge.TurnPlace{Session: string(session), N: n, Texts: texts})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find turns: %w", wrapReadError(err))
	}
	return found, nil
}

// StoredTurn returns one stored turn, or ErrNotFound, and the number of sentences in the
// turns before it.
func (s *Store) StoredTurn(ctx context.Context, place bridge.TurnPlace) (t dialect.Turn, sentences int, err error) {
	if t, err = scanTurn(s.read.QueryRowContext(ctx, selectTurn, place.Session, place.N)); err == nil && len(t.Segments) > 0 {
		err = s.read.QueryRowContext(ctx, sentencesUntil, place.Session, place.N).Scan(&sentences)
	}
	if err != nil {
		return t, 0, fmt.Errorf("read turn: %w", notFound(err))
	}
	return t, sentences, nil
}
