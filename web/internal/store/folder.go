package store

import (
	"context"
	"database/sql"
	"fmt"

	"duplex/bridge"
)

const (
	selectFolders = `select name from folders where owner = $1 order by folded`
	dropFolder    = `delete from folders where owner = $1 and folded = $2`
	keepFolder    = `insert into folders (owner, folded, name, created_at) values ($1, $2, $3, $4)
		on conflict (owner, folded) do update set name = excluded.name`
	moveService    = `update services set folder = $1, updated_at = $2 where id = $3`
	setSessionName = `update sessions set name = $1 where id = $2 and not deleting`
)

// Folders returns the folders that a person made, by name.
func (s *Store) Folders(ctx context.Context, person string) ([]string, error) {
	out, err := collectRows(ctx, s.read, func(row scanner) (name string, err error) {
		err = row.Scan(&name)
		return name, err
	}, selectFolders, person)
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	return out, nil
}

// ChangeFolders moves services and changes the folders of a person, all or nothing. Services
// that are gone are skipped. The error is ErrBadText for names that cannot be stored.
func (s *Store) ChangeFolders(ctx context.Context, c bridge.FolderChange) error {
	err := checkText(c.Person, c.Keep, c.To)
	if err == nil {
		err = inTx(ctx, s.write, func(tx *sql.Tx) error { return s.changeFolders(ctx, tx, &c) })
	}
	if err != nil {
		return fmt.Errorf("change folders: %w", err)
	}
	return nil
}

func (s *Store) changeFolders(ctx context.Context, tx *sql.Tx, c *bridge.FolderChange) error {
	now := micros(s.now())
	for _, id := range c.Services {
		if _, err := tx.ExecContext(ctx, moveService, c.To, now, id); err != nil {
			return err
		}
	}
	if c.Drop != "" {
		if _, err := tx.ExecContext(ctx, dropFolder, c.Person, foldName(c.Drop)); err != nil {
			return err
		}
	}
	if c.Keep == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, keepFolder, c.Person, foldName(c.Keep), c.Keep, now)
	return err
}

// ChangeService changes a part of a service and leaves the rest as it is. The error is
// ErrNotFound, ErrNameTaken or ErrBadText.
func (s *Store) ChangeService(ctx context.Context, id string, c bridge.ServiceChange) error {
	err := inTx(ctx, s.write, func(tx *sql.Tx) error {
		svc, err := scanService(tx.QueryRowContext(ctx, selectServiceByID, id))
		if err != nil {
			return err
		}
		if c.Name != nil {
			svc.Name = *c.Name
		}
		if c.Folder != nil {
			svc.Folder = *c.Folder
		}
		if err := checkText(svc.Name, svc.Folder); err != nil {
			return err
		}
		svc.UpdatedAt = timeOf(micros(s.now()))
		return putServiceRow(ctx, tx, &svc)
	})
	if err != nil {
		return fmt.Errorf("change service: %w", err)
	}
	return nil
}

// NameSession stores the name that people gave to a session; "" for none. The error is
// ErrNotFound for a session that is unknown or being deleted, or ErrBadText.
func (s *Store) NameSession(ctx context.Context, session, name string) error {
	err := checkText(name)
	if err == nil {
		err = changedOne(s.write.ExecContext(ctx, setSessionName, name, session))
	}
	if err != nil {
		return fmt.Errorf("name session %s: %w", session, err)
	}
	return nil
}
