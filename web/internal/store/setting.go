package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	selectSetting = `select value from settings where key = $1`
	upsertSetting = `insert into settings (key, value, updated_at) values ($1, $2, $3)
		on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`
)

// Setting returns the value of key; "" when it was never set.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := s.read.QueryRowContext(ctx, selectSetting, key).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read setting: %w", err)
	}
	return value, nil
}

// SetSetting stores the value of key.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	if err := checkText(key, value); err != nil {
		return fmt.Errorf("keep setting: %w", err)
	}
	err := s.urgent(func() error {
		_, err := s.write.ExecContext(ctx, upsertSetting, key, value, micros(s.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep setting: %w", err)
	}
	return nil
}
