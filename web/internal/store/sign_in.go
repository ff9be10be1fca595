package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duplex/bridge/vault"
	"duplex/handlers/identity"
)

// keptSignIns is the time that a sign-in is kept after its last change: long enough for
// every process to learn of its end.
const keptSignIns = 7 * 24 * time.Hour

const (
	signInColumns = `id, person, issuer, subject, name, email, person_groups, made_at, seen_at, until_at, refused_at, ended_at`
	upsertSignIn  = `insert into sign_ins (id, person, issuer, subject, name, email, person_groups, key_id, wrapped, box,
		made_at, seen_at, until_at, refused_at, ended_at, changed_at, claimed_until)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, 0)
		on conflict (id) do update set name = excluded.name, email = excluded.email, person_groups = excluded.person_groups,
		key_id = excluded.key_id, wrapped = excluded.wrapped, box = excluded.box, seen_at = excluded.seen_at,
		until_at = excluded.until_at, refused_at = excluded.refused_at, changed_at = excluded.changed_at, claimed_until = 0 where sign_ins.ended_at = 0`
	selectSignIn    = `select ` + signInColumns + `, key_id, wrapped, box from sign_ins where id = $1`
	selectChanged   = `select ` + signInColumns + ` from sign_ins where changed_at >= $1`
	selectRenewable = `select id from sign_ins where person = $1 and ended_at = 0 and key_id <> ''
		order by case when refused_at = 0 then 0 else 1 end, until_at desc limit 1`
	seeSignIn = `update sign_ins set seen_at = $1, until_at = case when until_at < $2 then $2 else until_at end, changed_at = $1
		where id = $3 and ended_at = 0`
	endSignIn   = `update sign_ins set ended_at = $1, changed_at = $1 where id = $2 and ended_at = 0`
	claimSignIn = `update sign_ins set claimed_until = $1 where id = $2 and claimed_until < $3 and ended_at = 0`
	dropSignIns = `delete from sign_ins where changed_at < $1`
)

// tokenPlace binds a sealed refresh token to its row.
func tokenPlace(signIn string) vault.Place {
	return vault.Place{Table: "sign_ins", Row: signIn, Column: "refresh"}
}

// PutSignIn stores a sign-in or replaces it, and releases its claim. One that has ended
// stays ended. It also deletes old sign-ins.
func (s *Store) PutSignIn(ctx context.Context, in identity.SignIn) error {
	values, err := s.signInValues(&in)
	if err == nil {
		err = inTx(ctx, s.write, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, dropSignIns, micros(s.now().Add(-keptSignIns))); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, upsertSignIn, values...)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	return nil
}

func (s *Store) signInValues(in *identity.SignIn) ([]any, error) {
	groups, err := encodeGroups(in.Groups)
	if err != nil {
		return nil, err
	}
	if err := checkText(in.ID, in.Person, in.Issuer, in.Subject, in.Name, in.Email, groups); err != nil {
		return nil, err
	}
	sealed := vault.Sealed{WrappedKey: []byte{}, Box: []byte{}}
	if in.Refresh.Reveal() != "" {
		if sealed, err = s.keyring.Seal(tokenPlace(in.ID), in.Refresh); err != nil {
			return nil, fmt.Errorf("seal token: %w", err)
		}
	}
	return []any{
		in.ID, in.Person, in.Issuer, in.Subject, in.Name, in.Email, groups, sealed.KeyID, sealed.WrappedKey, sealed.Box,
		micros(in.Made), micros(in.Seen), micros(in.Until), micros(in.Refused), micros(s.now()),
	}, nil
}

// SignIn returns a sign-in, ended or not; without its refresh token when the key file
// lacks the key.
func (s *Store) SignIn(ctx context.Context, id string) (in identity.SignIn, found bool, err error) {
	var sealed vault.Sealed
	in, err = scanSignIn(s.read.QueryRowContext(ctx, selectSignIn, id), &sealed.KeyID, &sealed.WrappedKey, &sealed.Box)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return in, false, nil
	case err == nil && sealed.KeyID != "":
		in.Refresh, err = s.keyring.Open(tokenPlace(id), sealed)
	}
	if _, missing := errors.AsType[*vault.KeyMissingError](err); missing {
		err = nil
	}
	if err != nil {
		return in, false, fmt.Errorf("read sign-in: %w", err)
	}
	return in, true, nil
}

// RenewableSignIn returns the sign-in of a person that has a refresh token and has not
// ended: the newest that the provider has not refused, or else the newest.
func (s *Store) RenewableSignIn(ctx context.Context, person string) (in identity.SignIn, found bool, err error) {
	var id string
	err = s.read.QueryRowContext(ctx, selectRenewable, person).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return in, false, nil
	}
	if err != nil {
		return in, false, fmt.Errorf("look for a sign-in to renew: %w", err)
	}
	in, found, err = s.SignIn(ctx, id)
	return in, found && in.Refresh.Reveal() != "", err // its key may be missing
}

func scanSignIn(row scanner, more ...any) (in identity.SignIn, err error) {
	var groups string
	var made, seen, until, refused, ended int64
	err = row.Scan(append([]any{
		&in.ID, &in.Person, &in.Issuer, &in.Subject, &in.Name, &in.Email, &groups, &made, &seen, &until, &refused, &ended,
	}, more...)...)
	if err != nil {
		return in, err
	}
	in.Made, in.Seen, in.Until = timeOf(made), timeOf(seen), timeOf(until)
	in.Refused, in.Ended = timeOf(refused), timeOf(ended)
	return in, decodeJSON(groups, &in.Groups)
}

// SeeSignIn sets Seen to now and prolongs Until.
func (s *Store) SeeSignIn(ctx context.Context, id string, until time.Time) error {
	if _, err := s.write.ExecContext(ctx, seeSignIn, micros(s.now()), micros(until), id); err != nil {
		return fmt.Errorf("see sign-in: %w", err)
	}
	return nil
}

// EndSignIn ends a sign-in.
func (s *Store) EndSignIn(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx, endSignIn, micros(s.now()), id); err != nil {
		return fmt.Errorf("end sign-in: %w", err)
	}
	return nil
}

// ClaimSignIn claims the renewal of a sign-in until a time or PutSignIn; false when
// another process has claimed it.
func (s *Store) ClaimSignIn(ctx context.Context, id string, until time.Time) (bool, error) {
	n, err := rowsAffected(s.write.ExecContext(ctx, claimSignIn, micros(until), id, micros(s.now())))
	if err != nil {
		return false, fmt.Errorf("claim sign-in: %w", err)
	}
	return n == 1, nil
}

// ChangedSignIns returns the sign-ins that were renewed or ended since, without tokens.
func (s *Store) ChangedSignIns(ctx context.Context, since time.Time) ([]identity.SignIn, error) {
	out, err := collectRows(ctx, s.read, func(row scanner) (identity.SignIn, error) { return scanSignIn(row) }, selectChanged, micros(since))
	if err != nil {
		return nil, fmt.Errorf("list sign-ins: %w", err)
	}
	return out, nil
}
