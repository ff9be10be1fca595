package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"duplex/bridge/dialect"
)

const (
	insertTurn = `insert into turns (session, n, read_by, answer, asked, turn, error, sentences, failed)
		select id, cast($2 as bigint), cast($3 as text), cast($4 as text), cast($5 as text), cast($6 as text),
			cast($7 as text), cast($8 as bigint), cast($9 as boolean) from sessions where id = $1
		on conflict (session, n) do update set read_by = excluded.read_by, answer = excluded.answer, asked = excluded.asked, turn = excluded.turn,
			error = excluded.error, sentences = excluded.sentences, failed = excluded.failed`
	deleteTurns    = `delete from turns where session = $1`
	selectTurns    = `select turn from turns where session = $1 and n < $2 order by n desc limit $3`
	selectLastTurn = `select coalesce(max(n), 0) from turns where session = $1`
	selectTurnText = `select turn from turns where session = $1 and (answer <> '' or asked <> '') order by n`
	selectTurn     = `select turn from turns where session = $1 and n = $2`
	sentencesUntil = `select cast(coalesce(sum(sentences), 0) as bigint) from turns where session = $1 and n < $2`
	setTurnsBy     = `update sessions set turns_by = $1 where id = $2 and ended_at is not null and not deleting`
	selectTurnsBy  = `select turns_by from sessions where id = $1`
)

// KeepTurn stores a turn of a session that runs, so that searches find it. by names the
// reading: turns of another one are replaced by ReplaceTurns.
func (s *Store) KeepTurn(ctx context.Context, session, by string, turn *dialect.Turn) error {
	if err := putTurn(ctx, s.write, session, by, turn); err != nil {
		return fmt.Errorf("keep turn %d of %s: %w", turn.N, session, s.wrapAway(err))
	}
	return nil
}

// ReplaceTurns stores all turns of an ended session. It does nothing for a session that runs
// or is being deleted.
func (s *Store) ReplaceTurns(ctx context.Context, session, by string, turns []dialect.Turn) error {
	err := inTx(ctx, s.write, func(tx *sql.Tx) error {
		if n, err := rowsAffected(tx.ExecContext(ctx, setTurnsBy, by, session)); err != nil || n == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteTurns, session); err != nil {
			return err
		}
		for i := range turns {
			if err := putTurn(ctx, tx, session, by, &turns[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep turns of %s: %w", session, s.wrapAway(err))
	}
	return nil
}

// Turns returns stored turns of an ended session, if all of them were stored by that reading:
// at most limit, the newest of those before a number, and the number of the newest. 0 is no
// bound.
func (s *Store) Turns(ctx context.Context, session, by string, before, limit int) (turns []dialect.Turn, last int, found bool, err error) {
	var stored string
	if err := s.read.QueryRowContext(ctx, selectTurnsBy, session).Scan(&stored); err != nil {
		return nil, 0, false, fmt.Errorf("read turns: %w", notFound(err))
	}
	if stored != by || by == "" {
		return nil, 0, false, nil
	}
	if err := s.read.QueryRowContext(ctx, selectLastTurn, session).Scan(&last); err != nil {
		return nil, 0, false, fmt.Errorf("read turns: %w", wrapReadError(err))
	}
	if before == 0 {
		before = math.MaxInt32
	}
	if limit == 0 {
		limit = math.MaxInt32
	}
	if turns, err = collectRows(ctx, s.read, scanTurn, selectTurns, session, before, limit); err != nil {
		return nil, 0, false, fmt.Errorf("read turns: %w", wrapReadError(err))
	}
	slices.Reverse(turns)
	return turns, last, true, nil
}

// TurnsWithText returns the stored turns of a session that have text, for a search.
func (s *Store) TurnsWithText(ctx context.Context, session string) ([]dialect.Turn, error) {
	turns, err := collectRows(ctx, s.read, scanTurn, selectTurnText, session)
	if err != nil {
		return nil, fmt.Errorf("read turns: %w", wrapReadError(err))
	}
	return turns, nil
}

// storedTurn is a turn with what the API does not tell.
type storedTurn struct {
	dialect.Turn

	Pace *dialect.Pace `json:"pace,omitempty"`
}

func scanTurn(row scanner) (dialect.Turn, error) {
	var raw string
	if err := row.Scan(&raw); err != nil {
		return dialect.Turn{}, err
	}
	var stored storedTurn
	err := decodeJSON(raw, &stored)
	stored.Turn.Pace = stored.Pace
	return stored.Turn, err
}

// execer is a database or a transaction of it.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func putTurn(ctx context.Context, db execer, session, by string, turn *dialect.Turn) error {
	raw, err := encodeJSON(storedTurn{*turn, turn.Pace})
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, insertTurn, session, turn.N, by, storable(turn.Text.Answer), storable(turn.Text.User), raw,
		storable(turn.Error.Words()), len(turn.Segments), turn.Error != nil)
	return err
}

// storable replaces what PostgreSQL cannot store as text.
func storable(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}
