package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"duplex/bridge"
)

const (
	// holdService locks the saved messages of a service, and changes no row when the
	// service does not exist. Unlike "for update", both engines support it.
	holdService = `update services set updated_at = updated_at where id = $1`

	countSaved       = `select count(*) from saved_messages where service = $1`
	countSavedFolder = countSaved + ` and folder = $2`
	closeSavedGap    = `update saved_messages set position = position - 1 where service = $1 and folder = $2 and position > $3`
	openSavedGap     = `update saved_messages set position = position + 1 where service = $1 and folder = $2 and position >= $3`
	insertSaved      = `insert into saved_messages (folder, position, name, type, size, version, updated_at, id, service)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	updateSaved = `update saved_messages set folder = $1, position = $2, name = $3, type = $4, size = $5, version = $6,
		updated_at = $7 where id = $8 and service = $9`
	deleteSaved     = `delete from saved_messages where id = $1`
	deleteSavedBody = `delete from saved_bodies where message = $1`
	insertSavedPart = `insert into saved_bodies (message, version, part, data) values ($1, $2, $3, $4)`
)

// SaveMessage stores a message with its service. One without an ID is new: it gets an
// ID and the last place in its folder; another replaces the message of its ID. m is
// updated. The error is ErrNotFound for an unknown service or message, ErrFull when the
// service has bridge.MaxSavedMessages, ErrBadText for a text that cannot be kept.
func (s *Store) SaveMessage(ctx context.Context, m *bridge.SavedMessage, body []byte) error {
	saved := *m
	saved.Size = int64(len(body))
	put := s.addSaved
	if saved.ID != "" {
		put = s.replaceSaved
	}
	err := s.changeSaved(ctx, &saved, func(tx *sql.Tx) error {
		if err := put(ctx, tx, &saved); err != nil {
			return err
		}
		return insertSavedBody(ctx, tx, &saved, body)
	})
	if err != nil {
		return fmt.Errorf("save message: %w", err)
	}
	*m = saved
	return nil
}

// ChangeSaved renames or moves a saved message and returns it as it is then.
// ErrNotFound when the service has no such message; ErrBadText when a text cannot be
// kept.
func (s *Store) ChangeSaved(ctx context.Context, service, id string, change bridge.SavedChange) (bridge.SavedMessage, error) {
	m := bridge.SavedMessage{ID: id, ServiceID: service}
	if change.Name != nil {
		m.Name = *change.Name
	}
	if change.Folder != nil {
		m.Folder = *change.Folder
	}
	err := s.changeSaved(ctx, &m, func(tx *sql.Tx) (err error) {
		if m, err = readSaved(ctx, tx, service, id); err != nil {
			return err
		}
		return s.moveSaved(ctx, tx, &m, change)
	})
	if err != nil {
		return bridge.SavedMessage{}, fmt.Errorf("change saved message: %w", err)
	}
	return m, nil
}

// DeleteSaved deletes a saved message, or returns ErrNotFound.
func (s *Store) DeleteSaved(ctx context.Context, service, id string) error {
	m := bridge.SavedMessage{ID: id, ServiceID: service}
	err := s.changeSaved(ctx, &m, func(tx *sql.Tx) (err error) {
		if m, err = readSaved(ctx, tx, service, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteSaved, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, closeSavedGap, service, m.Folder, m.Position)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete saved message: %w", err)
	}
	return nil
}

// changeSaved runs do while the saved messages of m's service are locked.
func (s *Store) changeSaved(ctx context.Context, m *bridge.SavedMessage, do func(*sql.Tx) error) error {
	if err := checkText(m.Name, m.Folder, string(m.Type)); err != nil {
		return err
	}
	return inTx(ctx, s.write, func(tx *sql.Tx) error {
		held, err := rowsAffected(tx.ExecContext(ctx, holdService, m.ServiceID))
		if err == nil && held == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return err
		}
		return do(tx)
	})
}

func (s *Store) addSaved(ctx context.Context, tx *sql.Tx, m *bridge.SavedMessage) error {
	var kept int
	if err := tx.QueryRowContext(ctx, countSaved, m.ServiceID).Scan(&kept); err != nil {
		return err
	}
	if kept >= bridge.MaxSavedMessages {
		return ErrFull
	}
	if err := s.checkSavedBytes(ctx, tx, m.ServiceID, 0, m.Size); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, countSavedFolder, m.ServiceID, m.Folder).Scan(&m.Position); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	m.ID, m.Version = id.String(), 1
	return s.putSaved(ctx, tx, insertSaved, m)
}

func (s *Store) replaceSaved(ctx context.Context, tx *sql.Tx, m *bridge.SavedMessage) error {
	before, err := readSaved(ctx, tx, m.ServiceID, m.ID)
	if err != nil {
		return err
	}
	if err := s.checkSavedBytes(ctx, tx, m.ServiceID, before.Size, m.Size); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, deleteSavedBody, m.ID); err != nil {
		return err
	}
	after := *m
	*m = before
	m.Type, m.Size, m.Version = after.Type, after.Size, before.Version+1
	return s.moveSaved(ctx, tx, m, bridge.SavedChange{Name: &after.Name, Folder: &after.Folder})
}

// moveSaved writes the row of m, renamed and at its new place.
func (s *Store) moveSaved(ctx context.Context, tx *sql.Tx, m *bridge.SavedMessage, change bridge.SavedChange) error {
	before := *m
	if change.Name != nil {
		m.Name = *change.Name
	}
	if change.Folder != nil {
		m.Folder = *change.Folder
	}
	if change.Position == nil && m.Folder == before.Folder {
		return s.putSaved(ctx, tx, updateSaved, m)
	}
	if err := tx.QueryRowContext(ctx, countSavedFolder, m.ServiceID, m.Folder).Scan(&m.Position); err != nil {
		return err
	}
	if m.Folder == before.Folder {
		m.Position-- // it counts itself
	}
	if change.Position != nil {
		m.Position = max(0, min(m.Position, *change.Position))
	}
	if _, err := tx.ExecContext(ctx, closeSavedGap, m.ServiceID, before.Folder, before.Position); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, openSavedGap, m.ServiceID, m.Folder, m.Position); err != nil {
		return err
	}
	return s.putSaved(ctx, tx, updateSaved, m)
}

// putSaved writes the row of m by one of the two statements that take all of it.
func (s *Store) putSaved(ctx context.Context, tx *sql.Tx, statement string, m *bridge.SavedMessage) error {
	m.UpdatedAt = timeOf(micros(s.now()))
	_, err := tx.ExecContext(ctx, statement, m.Folder, m.Position, m.Name, string(m.Type), m.Size, m.Version,
		micros(m.UpdatedAt), m.ID, m.ServiceID)
	return err
}

func insertSavedBody(ctx context.Context, tx *sql.Tx, m *bridge.SavedMessage, body []byte) error {
	for part, rest := 0, body; len(rest) > 0; part++ {
		n := min(len(rest), partBytes)
		if _, err := tx.ExecContext(ctx, insertSavedPart, m.ID, m.Version, part, rest[:n]); err != nil {
			return fmt.Errorf("insert body: %w", err)
		}
		rest = rest[n:]
	}
	return nil
}
