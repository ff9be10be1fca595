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
	upsertPerson = `insert into people (id, name, email, role, person_groups, seen_at, signed_out_at)
		values ($1, $2, $3, $4, $5, $6, 0)
		on conflict (id) do update set name = excluded.name, email = excluded.email, role = excluded.role,
		person_groups = excluded.person_groups, seen_at = excluded.seen_at`
	selectPeople = `select p.id, p.name, p.email, p.role, p.person_groups, p.seen_at,
		(select count(*) from sign_ins s where s.person = p.id and s.ended_at = 0 and s.until_at > $1)
		from people p where p.seen_at > 0 order by p.name, p.id`
	signOutPerson = `insert into people (id, name, email, role, person_groups, seen_at, signed_out_at)
		values ($1, '', '', '', '[]', 0, $2) on conflict (id) do update set signed_out_at = excluded.signed_out_at`
	endSignInsOf     = `update sign_ins set ended_at = $1, changed_at = $1 where person = $2 and ended_at = 0`
	selectSignedOut  = `select id, signed_out_at from people where signed_out_at >= $1 and signed_out_at > 0`
	selectSignOutsOf = `select signed_out_at from people where id = $1`
)

// PutPerson stores the current record of a person.
func (s *Store) PutPerson(ctx context.Context, p identity.Person) error {
	groups, err := encodeGroups(p.Groups)
	if err == nil {
		err = checkText(p.ID, p.Name, p.Email, groups)
	}
	if err == nil {
		_, err = s.write.ExecContext(ctx, upsertPerson, p.ID, p.Name, p.Email, p.Role.String(), groups, micros(s.now()))
	}
	if err != nil {
		return fmt.Errorf("keep person: %w", err)
	}
	return nil
}

// People returns all people, sorted by name.
func (s *Store) People(ctx context.Context) ([]identity.Known, error) {
	out, err := collectRows(ctx, s.read, scanKnown, selectPeople, micros(s.now()))
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return out, nil
}

func scanKnown(row scanner) (k identity.Known, err error) {
	var groups string
	var seen int64
	if err := row.Scan(&k.ID, &k.Name, &k.Email, &k.Role, &groups, &seen, &k.SignIns); err != nil {
		return k, err
	}
	k.Seen = timeOf(seen)
	return k, decodeJSON(groups, &k.Groups)
}

// SignOutPerson ends all sign-ins of a person and stores the time.
func (s *Store) SignOutPerson(ctx context.Context, id string) error {
	err := checkText(id)
	if err == nil {
		err = inTx(ctx, s.write, func(tx *sql.Tx) error {
			now := micros(s.now())
			if _, err := tx.ExecContext(ctx, signOutPerson, id, now); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, endSignInsOf, now, id)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("sign out person: %w", err)
	}
	return nil
}

// SignedOut returns the people who were signed out since, with the times.
func (s *Store) SignedOut(ctx context.Context, since time.Time) (map[string]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, selectSignedOut, micros(since))
	if err != nil {
		return nil, fmt.Errorf("list sign-outs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]time.Time{}
	for rows.Next() {
		var id string
		var at int64
		if err := rows.Scan(&id, &at); err != nil {
			return nil, fmt.Errorf("list sign-outs: %w", err)
		}
		out[id] = timeOf(at)
	}
	return out, rows.Err()
}

// SignedOutAt returns the time of a person's last SignOutPerson; zero for never.
func (s *Store) SignedOutAt(ctx context.Context, id string) (time.Time, error) {
	var at int64
	err := s.read.QueryRowContext(ctx, selectSignOutsOf, id).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read sign-out: %w", err)
	}
	return timeOf(at), nil
}

// encodeGroups writes no groups as an empty list.
func encodeGroups(groups []string) (string, error) { return encodeJSON(append([]string{}, groups...)) }
