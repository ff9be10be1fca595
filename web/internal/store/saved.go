package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"

	"duplex/bridge"
)

const (
	selectSaved = `select id, service, folder, position, name, type, size, version, updated_at
		from saved_messages where service = $1`
	listSaved       = selectSaved + ` order by position, id`
	selectSavedOne  = selectSaved + ` and id = $2`
	selectSavedPart = `select data from saved_bodies where message = $1 and version = $2 and part = $3`
)

// SavedMessages returns the messages saved with a service, folder by folder; those
// without a folder come first.
func (s *Store) SavedMessages(ctx context.Context, service string) ([]bridge.SavedMessage, error) {
	out, err := collectRows(ctx, s.read, scanSaved, listSaved, service)
	if err != nil {
		return nil, fmt.Errorf("list saved messages: %w", err)
	}
	slices.SortStableFunc(out, func(a, b bridge.SavedMessage) int { // the engines sort text in different ways
		return cmp.Or(cmp.Compare(foldName(a.Folder), foldName(b.Folder)), cmp.Compare(a.Folder, b.Folder))
	})
	return out, nil
}

// SavedBody opens the bytes of a saved message for reading and seeking, part by part.
// When they are replaced at the same time, reading ends in an error. ErrNotFound when the
// service has no such message.
func (s *Store) SavedBody(ctx context.Context, service, id string) (io.ReadSeekCloser, bridge.SavedMessage, error) {
	m, err := scanSaved(s.read.QueryRowContext(ctx, selectSavedOne, service, id))
	if err != nil {
		return nil, m, fmt.Errorf("read saved message: %w", err)
	}
	fetch := func(part int64) (data []byte, err error) {
		err = s.read.QueryRowContext(ctx, selectSavedPart, m.ID, m.Version, part).Scan(&data)
		if err != nil {
			return nil, fmt.Errorf("read part %d of a saved message: %w", part, notFound(err))
		}
		return data, nil
	}
	return &largeBody{fetch: fetch, over: ctx.Err, size: m.Size, part: -1}, m, nil
}

func scanSaved(row scanner) (m bridge.SavedMessage, err error) {
	var updated int64
	err = row.Scan(&m.ID, &m.ServiceID, &m.Folder, &m.Position, &m.Name, &m.Type, &m.Size, &m.Version, &updated)
	m.UpdatedAt = timeOf(updated)
	return m, notFound(err)
}

// readSaved reads a saved message within tx, which has locked its service.
func readSaved(ctx context.Context, tx *sql.Tx, service, id string) (bridge.SavedMessage, error) {
	return scanSaved(tx.QueryRowContext(ctx, selectSavedOne, service, id))
}
