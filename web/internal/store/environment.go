package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"duplex/bridge"
	"duplex/bridge/vault"
)

const (
	environmentRows = `select e.id, e.name, e.vars, e.owner, coalesce((select p.name from people p where p.id = e.owner), ''),
		e.created_at, e.updated_at from environments e `
	selectEnvironment  = environmentRows + `where e.folded = $1`
	selectEnvironments = environmentRows + `order by e.folded`
	countEnvironments  = `select count(*) from environments`
	insertEnvironment  = `insert into environments (folded, name, vars, owner, updated_at, id, created_at) values ($1, $2, $3, $4, $5, $6, $5)`
	updateEnvironment  = `update environments set folded = $1, name = $2, vars = $3, owner = $4, updated_at = $5 where id = $6`
	renameInServices   = `update services set environment = $1 where environment = (select name from environments where id = $2)`
	deleteEnvironment  = `delete from environments where id = $1`
)

// ErrTooManyEnvironments says that the team has bridge.MaxEnvironments.
var ErrTooManyEnvironments = errors.New("store: the team keeps as many environments as it can")

// Environments returns all environments by name.
func (s *Store) Environments(ctx context.Context) ([]bridge.Environment, error) {
	out, err := collectRows(ctx, s.read, scanEnvironment, selectEnvironments)
	if err != nil {
		return nil, fmt.Errorf("list environments: %w", err)
	}
	kept, err := s.querySecretInfos(ctx, environmentSecrets.selectInfos)
	if err != nil {
		return nil, fmt.Errorf("list environments: %w", err)
	}
	for i := range out {
		out[i].Secrets = kept[out[i].ID]
	}
	return out, nil
}

// Environment returns the environment with this name in any case, or ErrNotFound.
func (s *Store) Environment(ctx context.Context, name string) (bridge.Environment, error) {
	if checkText(name) != nil || strings.TrimSpace(name) == "" {
		return bridge.Environment{}, fmt.Errorf("read environment: %w", ErrNotFound)
	}
	e, err := scanEnvironment(s.read.QueryRowContext(ctx, selectEnvironment, foldName(name)))
	if err != nil {
		return e, fmt.Errorf("read environment: %w", err)
	}
	kept, err := s.querySecretInfos(ctx, environmentSecrets.selectInfo, e.ID)
	if err != nil {
		return e, fmt.Errorf("read environment: %w", err)
	}
	e.Secrets = kept[e.ID]
	return e, nil
}

// SaveEnvironment stores an environment, as SaveService does: one without an ID is new, the
// secrets are sealed with their bindings, those named in keep stay, all others are deleted.
// Services follow a new name. e is updated. The error is ErrNameTaken, ErrNotFound,
// ErrTooManyEnvironments, ErrUnbound or ErrBadText.
func (s *Store) SaveEnvironment(ctx context.Context, e *bridge.Environment, secrets map[string]vault.Secret, keep []string) error {
	saved := *e
	vars, err := encodeJSON(saved.Values)
	if err == nil {
		err = checkText(saved.Name, saved.Owner, vars)
	}
	if err == nil {
		err = inTx(ctx, s.write, func(tx *sql.Tx) error {
			if err := s.putEnvironment(ctx, tx, &saved, vars); err != nil {
				return err
			}
			return s.changeSecrets(ctx, tx, &environmentSecrets, saved.ID, secrets, keep)
		})
	}
	if err != nil {
		return fmt.Errorf("save environment: %w", err)
	}
	*e, err = s.Environment(ctx, saved.Name)
	return err
}

// putEnvironment writes the row of an environment: a new one when it has no id.
func (s *Store) putEnvironment(ctx context.Context, tx *sql.Tx, e *bridge.Environment, vars string) error {
	now := micros(s.now())
	if e.ID != "" {
		if _, err := tx.ExecContext(ctx, renameInServices, e.Name, e.ID); err != nil {
			return err
		}
		return nameTaken(changedOne(tx.ExecContext(ctx, updateEnvironment, foldName(e.Name), e.Name, vars, e.Owner, now, e.ID)))
	}
	var kept int
	if err := tx.QueryRowContext(ctx, countEnvironments).Scan(&kept); err != nil {
		return err
	}
	if kept >= bridge.MaxEnvironments {
		return ErrTooManyEnvironments
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	e.ID = id.String()
	_, err = tx.ExecContext(ctx, insertEnvironment, foldName(e.Name), e.Name, vars, e.Owner, now, e.ID)
	return nameTaken(err)
}

// DeleteEnvironment deletes an environment with its secrets, or returns ErrNotFound. Services
// keep its name.
func (s *Store) DeleteEnvironment(ctx context.Context, id string) error {
	if err := changedOne(s.write.ExecContext(ctx, deleteEnvironment, id)); err != nil {
		return fmt.Errorf("delete environment: %w", err)
	}
	return nil
}

// EnvironmentSecrets returns the secrets of an environment, opened for a dial, and stamps them
// as used; none for an unknown one. The error is a *vault.KeyMissingError when the key file
// lacks a key.
func (s *Store) EnvironmentSecrets(ctx context.Context, id string) (map[string]vault.Secret, error) {
	return s.openSecrets(ctx, &environmentSecrets, id)
}

// BindEnvironmentSecret is BindSecret for a secret of an environment.
func (s *Store) BindEnvironmentSecret(ctx context.Context, id, name string, change func(vault.Binding) (vault.Binding, error)) error {
	return s.bindSecret(ctx, &environmentSecrets, id, name, change)
}

func scanEnvironment(row scanner) (e bridge.Environment, err error) {
	err = row.Scan(&e.ID, &e.Name, jsonText{&e.Values}, &e.Owner, &e.OwnerName, microsOf{&e.CreatedAt}, microsOf{&e.UpdatedAt})
	return e, notFound(err)
}
