package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"duplex/bridge/vault"
)

const (
	selectSealedSignIns = `select id, case when name = '' then person else name end, key_id, wrapped, box from sign_ins where key_id <> '' and ended_at = 0 order by made_at, id`
	resealSignIn        = `update sign_ins set key_id = $1, wrapped = $2, box = $3 where id = $4 and key_id = $5 and wrapped = $6`
)

// rewrapPasses is the number of passes of Rewrap, for secrets saved while it runs.
const rewrapPasses = 3

// SecretState is the result of checking one kept secret: of a service, of an environment, or
// the refresh token of a sign-in. One of Service, Environment and Person is set.
type SecretState struct {
	Service     string // its name
	Environment string // its name
	Person      string // who signed in
	Field       string
	KeyID       string // the master key that it is sealed under
	Err         error  // of opening it; nil when it opens
}

// sealedRow is a sealed secret with its place.
type sealedRow struct {
	SecretState

	table  *secretTable // nil for a refresh token
	place  vault.Place
	sealed vault.Sealed
}

// CheckSecrets opens every secret and returns the result for each.
func (s *Store) CheckSecrets(ctx context.Context) ([]SecretState, error) {
	rows, err := s.listSealed(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]SecretState, len(rows))
	for i, row := range rows {
		_, row.Err = s.keyring.Open(row.place, row.sealed)
		states[i] = row.SecretState
	}
	return states, nil
}

// CheckKeys checks that the keyring has the keys that the secrets are sealed with and the
// audit log is signed with. The error is a *vault.KeyMissingError for a key that it
// lacks, and wraps ErrWrongKey for one under which nothing opens. A single secret that
// does not open is no error, nor is a refresh token: without it, its person signs in
// again.
func (s *Store) CheckKeys(ctx context.Context) error {
	if err := s.checkSealed(ctx); err != nil {
		return err
	}
	return s.CheckSigner(ctx)
}

func (s *Store) checkSealed(ctx context.Context) error {
	states, err := s.CheckSecrets(ctx)
	if err != nil {
		return err
	}
	states = slices.DeleteFunc(states, func(state SecretState) bool { return state.Person != "" })
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

// Rewrap wraps the data keys of all secrets under the newest master key, row by row. It
// returns the number of wrapped secrets and those that failed. It may be interrupted and
// repeated, because each row is always complete, under the old or the new key; other
// processes may save at the same time. The error is the database's.
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
	rows, err := s.listSealed(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, row := range rows {
		after, err := s.rewrapRow(row)
		if err != nil {
			row.Err = err
			failed = append(failed, row.SecretState)
			continue
		}
		if after.KeyID == row.KeyID {
			continue
		}
		done, err := s.replaceSealed(ctx, row, after)
		if err != nil {
			return wrapped, failed, fmt.Errorf("rewrap %s of %s: %w", row.Field, cmp.Or(row.Service, row.Environment, row.Person), err)
		}
		if done {
			wrapped++
		}
	}
	return wrapped, failed, nil
}

// replaceSealed replaces the sealed form that was read by another.
func (s *Store) replaceSealed(ctx context.Context, row sealedRow, after vault.Sealed) (done bool, err error) {
	if row.table != nil {
		return reseal(ctx, s.write, row.table, row.place.Row, row.Field, row.sealed, after)
	}
	n, err := rowsAffected(s.write.ExecContext(ctx, resealSignIn, after.KeyID, after.WrappedKey, after.Box, row.place.Row, row.sealed.KeyID, row.sealed.WrappedKey))
	return n > 0, err
}

// rewrapRow returns the secret of a row, sealed under the newest key. It opens the
// result first, so a secret that does not open never replaces one that does.
func (s *Store) rewrapRow(row sealedRow) (vault.Sealed, error) {
	after, err := s.keyring.Rewrap(row.place, row.sealed)
	if err != nil {
		return after, err
	}
	_, err = s.keyring.Open(row.place, after)
	return after, err
}

func (s *Store) listSealed(ctx context.Context) ([]sealedRow, error) {
	var all []sealedRow
	for _, t := range []*secretTable{&serviceSecrets, &environmentSecrets} {
		scan := func(row scanner) (sealedRow, error) { return scanSealed(row, t) }
		secrets, err := collectRows(ctx, s.read, scan, t.selectAll)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t.name, err)
		}
		all = append(all, secrets...)
	}
	tokens, err := collectRows(ctx, s.read, scanSealedToken, selectSealedSignIns)
	if err != nil {
		return nil, fmt.Errorf("read refresh tokens: %w", err)
	}
	return append(all, tokens...), nil
}

func scanSealed(row scanner, t *secretTable) (r sealedRow, err error) {
	var owner, name string
	err = row.Scan(&owner, &name, &r.Field, &r.sealed.KeyID, &r.sealed.WrappedKey, &r.sealed.Box, &r.sealed.Binding)
	r.table, r.place, r.KeyID = t, t.place(owner, r.Field), r.sealed.KeyID
	if t == &serviceSecrets {
		r.Service = name
	} else {
		r.Environment = name
	}
	return r, err
}

func scanSealedToken(row scanner) (r sealedRow, err error) {
	var signIn string
	err = row.Scan(&signIn, &r.Person, &r.sealed.KeyID, &r.sealed.WrappedKey, &r.sealed.Box)
	r.place, r.Field, r.KeyID = tokenPlace(signIn), "refresh token", r.sealed.KeyID
	return r, err
}
