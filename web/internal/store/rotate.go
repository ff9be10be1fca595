package store

import (
	"context"
	"errors"
	"fmt"

	"duplex/bridge/vault"
)

const selectAllSealed = `select s.service, v.name, s.field, s.key_id, s.wrapped, s.box, s.binding
	from secrets s join services v on v.id = s.service order by v.folded, s.field`

// rewrapPasses is how often Rewrap looks again for what was saved while it ran.
const rewrapPasses = 3

// SecretState is what is true of one kept secret.
type SecretState struct {
	Service string // its name
	Field   string
	KeyID   string // the master key that it is sealed under
	Err     error  // why it does not open; nil when it does
}

// sealedRow is a secret with the place it is kept at.
type sealedRow struct {
	SecretState

	service string
	sealed  vault.Sealed
}

// CheckSecrets opens every secret and says which do not open.
func (s *Store) CheckSecrets(ctx context.Context) ([]SecretState, error) {
	rows, err := s.allSealed(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]SecretState, len(rows))
	for i, row := range rows {
		_, row.Err = s.keyring.Open(place(row.service, row.Field), row.sealed)
		states[i] = row.SecretState
	}
	return states, nil
}

// CheckKeys says whether the keyring is the one that the secrets are sealed under. The
// error is a *vault.KeyMissingError for a key that it lacks, and wraps ErrWrongKey for
// one under which nothing opens. A single secret that does not open is no matter here.
func (s *Store) CheckKeys(ctx context.Context) error {
	states, err := s.CheckSecrets(ctx)
	if err != nil {
		return err
	}
	opens := map[string]bool{}
	for _, state := range states {
		opens[state.KeyID] = opens[state.KeyID] || state.Err == nil
	}
	for _, state := range states {
		if _, missing := errors.AsType[*vault.KeyMissingError](state.Err); missing {
			return state.Err
		}
		if !opens[state.KeyID] {
			return fmt.Errorf("key %q: %w", state.KeyID, ErrWrongKey)
		}
	}
	return nil
}

// Rewrap wraps the data keys of all secrets under the newest master key, row by row,
// and returns how many it wrapped and which it could not. Each row is whole at every
// moment, under the old key or the new one, so it may be broken off anywhere and begun
// again; others may save meanwhile. An error is the database's.
func (s *Store) Rewrap(ctx context.Context) (wrapped int, failed []SecretState, err error) {
	for range rewrapPasses {
		n, broken, err := s.rewrapAll(ctx)
		wrapped, failed = wrapped+n, broken
		if err != nil || n == 0 {
			return wrapped, failed, err
		}
	}
	return wrapped, failed, nil
}

func (s *Store) rewrapAll(ctx context.Context) (wrapped int, failed []SecretState, err error) {
	rows, err := s.allSealed(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, row := range rows {
		after, err := s.rewrapped(row)
		if err != nil {
			row.Err = err
			failed = append(failed, row.SecretState)
			continue
		}
		if after.KeyID == row.KeyID {
			continue
		}
		done, err := reseal(ctx, s.write, row.service, row.Field, row.sealed, after)
		if err != nil {
			return wrapped, failed, fmt.Errorf("rewrap %s of %s: %w", row.Field, row.Service, err)
		}
		if done {
			wrapped++
		}
	}
	return wrapped, failed, nil
}

// rewrapped is the secret of a row under the newest key. It has been opened: what does
// not open any more never takes the place of what did.
func (s *Store) rewrapped(row sealedRow) (vault.Sealed, error) {
	at := place(row.service, row.Field)
	after, err := s.keyring.Rewrap(at, row.sealed)
	if err != nil {
		return after, err
	}
	_, err = s.keyring.Open(at, after)
	return after, err
}

func (s *Store) allSealed(ctx context.Context) ([]sealedRow, error) {
	rows, err := s.read.QueryContext(ctx, selectAllSealed)
	if err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []sealedRow
	for rows.Next() {
		var r sealedRow
		err := rows.Scan(&r.service, &r.Service, &r.Field, &r.sealed.KeyID, &r.sealed.WrappedKey, &r.sealed.Box, &r.sealed.Binding)
		if err != nil {
			return nil, fmt.Errorf("read secrets: %w", err)
		}
		r.KeyID = r.sealed.KeyID
		out = append(out, r)
	}
	return out, rows.Err()
}
