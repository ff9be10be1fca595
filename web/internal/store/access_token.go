package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"duplex/handlers/identity"
)

const (
	//nolint:gosec // G101: the tokens are not in it
	insertToken = `insert into access_tokens (id, hash, person, name, scopes, made_at, until_at, used_at, revoked_at)
		values ($1, $2, $3, $4, $5, $6, $7, 0, 0)`
	tokenColumns      = `select id, hash, person, name, scopes, made_at, until_at, used_at from access_tokens ` //nolint:gosec // G101: likewise
	selectTokenByHash = tokenColumns + `where hash = $1 and revoked_at = 0`
	selectTokens      = tokenColumns + `where person = $1 and revoked_at = 0 order by made_at desc, id`
	revokeToken       = `update access_tokens set revoked_at = $1 where id = $2 and person = $3 and revoked_at = 0`
	selectRevoked     = `select id from access_tokens where revoked_at >= $1 and revoked_at > 0`
	useToken          = `update access_tokens set used_at = $1 where id = $2`
	selectPerson      = `select id, name, email, role, person_groups, seen_at from people where id = $1 and seen_at > 0`
)

// PutToken keeps a new access token.
func (s *Store) PutToken(ctx context.Context, t identity.AccessToken) error {
	scopes, err := encodeJSON(t.Scopes)
	if err == nil {
		err = checkText(t.ID, t.Hash, t.Person, t.Name)
	}
	if err == nil {
		_, err = s.write.ExecContext(ctx, insertToken, t.ID, t.Hash, t.Person, t.Name, scopes, micros(t.Made), micros(t.Until))
	}
	if err != nil {
		return fmt.Errorf("keep access token: %w", err)
	}
	return nil
}

// TokenByHash returns the access token that has the hash, unless it is revoked.
func (s *Store) TokenByHash(ctx context.Context, hash string) (t identity.AccessToken, found bool, err error) {
	t, err = scanToken(s.read.QueryRowContext(ctx, selectTokenByHash, hash))
	if errors.Is(err, ErrNotFound) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("read access token: %w", err)
	}
	return t, true, nil
}

// Tokens returns the access tokens of a person, the newest first.
func (s *Store) Tokens(ctx context.Context, person string) ([]identity.AccessToken, error) {
	out, err := collectRows(ctx, s.read, scanToken, selectTokens, person)
	if err != nil {
		return nil, fmt.Errorf("list access tokens: %w", err)
	}
	return out, nil
}

// RevokeToken revokes an access token of a person; false when there is none.
func (s *Store) RevokeToken(ctx context.Context, person, id string) (bool, error) {
	if checkText(id) != nil { // for PostgreSQL it is an error
		return false, nil //nolint:nilerr // no token has such an id
	}
	n, err := rowsAffected(s.write.ExecContext(ctx, revokeToken, micros(s.now()), id, person))
	if err != nil {
		return false, fmt.Errorf("revoke access token: %w", err)
	}
	return n > 0, nil
}

// RevokedTokens returns the ids of access tokens that were revoked since.
func (s *Store) RevokedTokens(ctx context.Context, since time.Time) ([]string, error) {
	ids, err := collectRows(ctx, s.read, scanID, selectRevoked, micros(since))
	if err != nil {
		return nil, fmt.Errorf("list revoked access tokens: %w", err)
	}
	return ids, nil
}

// UseToken sets the time of an access token's last use to now.
func (s *Store) UseToken(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx, useToken, micros(s.now()), id); err != nil {
		return fmt.Errorf("use access token: %w", err)
	}
	return nil
}

// Person returns the record of a person as of their last visit.
func (s *Store) Person(ctx context.Context, id string) (k identity.Known, found bool, err error) {
	var groups string
	var seen int64
	err = s.read.QueryRowContext(ctx, selectPerson, id).Scan(&k.ID, &k.Name, &k.Email, &k.Role, &groups, &seen)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return k, false, nil
	case err != nil:
		return k, false, fmt.Errorf("read person: %w", err)
	}
	k.Seen = timeOf(seen)
	return k, true, decodeJSON(groups, &k.Groups)
}

func scanToken(row scanner) (t identity.AccessToken, err error) {
	var scopes string
	var made, until, used int64
	if err := row.Scan(&t.ID, &t.Hash, &t.Person, &t.Name, &scopes, &made, &until, &used); err != nil {
		return t, notFound(err)
	}
	t.Made, t.Until, t.Used = timeOf(made), timeOf(until), timeOf(used)
	return t, decodeJSON(scopes, &t.Scopes)
}
