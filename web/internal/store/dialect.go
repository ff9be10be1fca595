package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"duplex/bridge"
	"duplex/bridge/dialect"
)

const (
	dialectRows = `select d.name, d.source, d.sum, d.listed, d.owner, coalesce((select p.name from people p where p.id = d.owner), ''),
		d.created_at, d.updated_at from dialects d `
	selectDialect  = dialectRows + `where d.name = $1`
	selectDialects = dialectRows + `where d.listed order by d.name`
	countDialects  = `select count(*) from dialects where listed and name <> $1`
	insertDialect  = `insert into dialects (name, source, sum, listed, owner, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)`
	keepDialect    = insertDialect + ` on conflict (name) do nothing`
	updateDialect  = `update dialects set source = $1, sum = $2, owner = $3, updated_at = $4 where name = $5 and listed`
	deleteDialect  = `delete from dialects where name = $1 and listed`
	forgetUnlisted = `delete from dialects where not listed and created_at < $1
		and not exists (select 1 from sessions s where s.dialect = dialects.name)
		and not exists (select 1 from services v where v.dialect = dialects.name)`
)

// Errors about dialects.
var (
	ErrDialectTaken    = errors.New("store: another dialect has this name")
	ErrTooManyDialects = errors.New("store: the team keeps as many dialects as it can")
)

// Dialect returns a dialect by its name: a built-in one, else one of the team, or ErrNotFound.
// It parses one of the team once.
func (s *Store) Dialect(ctx context.Context, name string) (*dialect.Dialect, error) {
	if d, builtin := dialect.Builtin(name); builtin {
		return d, nil
	}
	saved, err := s.SavedDialect(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.dialects.parse(&saved)
}

// SavedDialect returns a dialect of the team, listed or not, or ErrNotFound.
func (s *Store) SavedDialect(ctx context.Context, name string) (bridge.SavedDialect, error) {
	if checkText(name) != nil {
		return bridge.SavedDialect{}, fmt.Errorf("read dialect: %w", ErrNotFound)
	}
	d, err := scanDialect(s.read.QueryRowContext(ctx, selectDialect, name))
	if err != nil {
		return d, fmt.Errorf("read dialect: %w", err)
	}
	return d, nil
}

// SavedDialects returns the listed dialects of the team by name.
func (s *Store) SavedDialects(ctx context.Context) ([]bridge.SavedDialect, error) {
	out, err := collectRows(ctx, s.read, scanDialect, selectDialects)
	if err != nil {
		return nil, fmt.Errorf("list dialects: %w", err)
	}
	return out, nil
}

// CreateDialect stores a new dialect of the team. The error is ErrDialectTaken when there is
// one of the name, and ErrTooManyDialects beyond bridge.MaxDialects. One that is not listed is
// kept once.
func (s *Store) CreateDialect(ctx context.Context, d *bridge.SavedDialect) error {
	if err := checkText(d.Name, string(d.Source), d.Owner); err != nil {
		return fmt.Errorf("create dialect: %w", err)
	}
	err := inTx(ctx, s.write, func(tx *sql.Tx) error {
		statement := keepDialect
		if d.Listed {
			statement = insertDialect
			var kept int
			if err := tx.QueryRowContext(ctx, countDialects, d.Name).Scan(&kept); err != nil {
				return err
			}
			if kept >= bridge.MaxDialects {
				return ErrTooManyDialects
			}
		}
		_, err := tx.ExecContext(ctx, statement, d.Name, string(d.Source), d.Sum, d.Listed, d.Owner, micros(s.now()))
		if isDuplicate(err) {
			return ErrDialectTaken
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("create dialect: %w", err)
	}
	return nil
}

// ReplaceDialect stores a new source of a listed dialect, or returns ErrNotFound.
func (s *Store) ReplaceDialect(ctx context.Context, d *bridge.SavedDialect) error {
	err := checkText(d.Name, string(d.Source), d.Owner)
	if err == nil {
		err = changedOne(s.write.ExecContext(ctx, updateDialect, string(d.Source), d.Sum, d.Owner, micros(s.now()), d.Name))
	}
	if err != nil {
		return fmt.Errorf("replace dialect: %w", err)
	}
	return nil
}

// DeleteDialect deletes a listed dialect, or returns ErrNotFound. Services and sessions keep
// its name.
func (s *Store) DeleteDialect(ctx context.Context, name string) error {
	err := checkText(name)
	if err == nil {
		err = changedOne(s.write.ExecContext(ctx, deleteDialect, name))
	}
	if err != nil {
		return fmt.Errorf("delete dialect: %w", err)
	}
	return nil
}

// changedOne returns ErrNotFound when a statement changed no row.
func changedOne(result sql.Result, err error) error {
	n, err := rowsAffected(result, err)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

func scanDialect(row scanner) (d bridge.SavedDialect, err error) {
	var source string
	err = row.Scan(&d.Name, &source, &d.Sum, &d.Listed, &d.Owner, &d.OwnerName, microsOf{&d.CreatedAt}, microsOf{&d.UpdatedAt})
	d.Source = []byte(source)
	return d, notFound(err)
}
