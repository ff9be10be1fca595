package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

const (
	selectInfos  = `select service, field, fingerprint, binding, updated_at, last_used_at from secrets`
	selectInfo   = selectInfos + ` where service = $1`
	selectSealed = `select field, key_id, wrapped, box, binding from secrets where service = $1`
	upsertSecret = `insert into secrets (service, field, key_id, wrapped, box, binding, fingerprint, updated_at, last_used_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		on conflict (service, field) do update set key_id = excluded.key_id, wrapped = excluded.wrapped, box = excluded.box,
		binding = excluded.binding, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at, last_used_at = 0`
	selectName   = `select name from people where id = $1`
	deleteSecret = `delete from secrets where service = $1 and field = $2`
	stampSecrets = `update secrets set last_used_at = $1 where service = $2`
)

// secretPlace binds a sealed secret to its row, so that it opens nowhere else.
func secretPlace(service, field string) vault.Place {
	return vault.Place{Table: "secrets", Row: service, Column: field}
}

// SaveService stores a service. One without an ID is new and gets an ID; another
// replaces the service of its ID, or fails with ErrNotFound. The secrets are sealed
// with their bindings; the error is ErrUnbound for one without. Secrets named in keep
// stay as they are, all others are deleted. svc is updated, its Secrets included. The
// error is ErrNameTaken when another service has the name in any case, and ErrBadText
// for a text that cannot be kept.
func (s *Store) SaveService(ctx context.Context, svc *bridge.Service, secrets map[string]vault.Secret, keep []string) error {
	saved := *svc
	if err := checkText(saved.Name, saved.Address, saved.CAPEM, saved.ClientCertPEM, saved.Demo); err != nil {
		return fmt.Errorf("save service: %w", err)
	}
	err := inTx(ctx, s.write, func(tx *sql.Tx) error {
		if err := s.putService(ctx, tx, &saved); err != nil {
			return err
		}
		if err := dropSecrets(ctx, tx, saved.ID, keep); err != nil {
			return err
		}
		for field, secret := range secrets {
			if err := s.sealSecret(ctx, tx, saved.ID, field, secret); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save service: %w", err)
	}
	*svc, err = s.Service(ctx, "", saved.ID)
	return err
}

// dropSecrets deletes the secrets that are not to be kept.
func dropSecrets(ctx context.Context, tx *sql.Tx, service string, keep []string) error {
	sealed, err := readSealed(ctx, tx, service)
	if err != nil {
		return err
	}
	for field := range sealed {
		if slices.Contains(keep, field) {
			continue
		}
		if _, err := tx.ExecContext(ctx, deleteSecret, service, field); err != nil {
			return fmt.Errorf("delete secret: %w", err)
		}
	}
	return nil
}

func (s *Store) sealSecret(ctx context.Context, tx *sql.Tx, service, field string, secret vault.Secret) error {
	if _, bound := secret.Binding(); !bound {
		return fmt.Errorf("seal %s: %w", field, ErrUnbound)
	}
	sealed, err := s.keyring.Seal(secretPlace(service, field), secret)
	if err != nil {
		return fmt.Errorf("seal %s: %w", field, err)
	}
	_, err = tx.ExecContext(ctx, upsertSecret, service, field, sealed.KeyID, sealed.WrappedKey, sealed.Box, sealed.Binding,
		s.keyring.Fingerprint(secret), micros(s.now()))
	if err != nil {
		return fmt.Errorf("keep secret %s: %w", field, err)
	}
	return nil
}

// Credential returns the credential of a service with its secrets opened, for a
// dial, and stamps them as used. ErrNotFound when there is no such service; a
// *vault.KeyMissingError when the key file lacks a key.
func (s *Store) Credential(ctx context.Context, serviceID string) (sign.Credential, error) {
	svc, err := s.Service(ctx, "", serviceID)
	if err != nil {
		return sign.Credential{}, err
	}
	c := svc.Credential
	sealed, err := readSealed(ctx, s.read, svc.ID)
	if err != nil {
		return sign.Credential{}, err
	}
	if len(sealed) == 0 {
		return c, nil
	}
	c.Secrets = make(map[string]vault.Secret, len(sealed))
	for field, box := range sealed {
		if c.Secrets[field], err = s.openSecret(svc.ID, field, box); err != nil {
			return sign.Credential{}, fmt.Errorf("open secret %s of %s: %w", field, svc.Name, err)
		}
	}
	if _, err := s.write.ExecContext(ctx, stampSecrets, micros(s.now()), svc.ID); err != nil {
		return sign.Credential{}, fmt.Errorf("stamp secrets: %w", err)
	}
	return c, nil
}

// openSecret opens a secret. A secret from before bindings gets a binding without
// targets.
func (s *Store) openSecret(service, field string, sealed vault.Sealed) (vault.Secret, error) {
	secret, err := s.keyring.Open(secretPlace(service, field), sealed)
	if _, bound := secret.Binding(); err == nil && !bound {
		secret = secret.Bind(vault.Binding{})
	}
	return secret, err
}

func readSealed(ctx context.Context, db querier, service string) (map[string]vault.Sealed, error) {
	rows, err := db.QueryContext(ctx, selectSealed, service)
	if err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]vault.Sealed{}
	for rows.Next() {
		var field string
		var sealed vault.Sealed
		if err := rows.Scan(&field, &sealed.KeyID, &sealed.WrappedKey, &sealed.Box, &sealed.Binding); err != nil {
			return nil, fmt.Errorf("read secrets: %w", err)
		}
		out[field] = sealed
	}
	return out, rows.Err()
}

func (s *Store) readSecretInfo(ctx context.Context, service string) (map[string]bridge.SecretInfo, error) {
	all, err := s.querySecretInfos(ctx, selectInfo, service)
	return all[service], err
}

func (s *Store) readSecretInfos(ctx context.Context) (map[string]map[string]bridge.SecretInfo, error) {
	return s.querySecretInfos(ctx, selectInfos)
}

// secretInfoRow is the visible part of a secret, with its place.
type secretInfoRow struct {
	bridge.SecretInfo

	service, field string
}

// querySecretInfos returns the visible parts of secrets, by service and field.
func (s *Store) querySecretInfos(ctx context.Context, query string, args ...any) (map[string]map[string]bridge.SecretInfo, error) {
	rows, err := collectRows(ctx, s.read, scanSecretInfo, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	names, err := s.ownersOf(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("read owners of secrets: %w", err)
	}
	out := map[string]map[string]bridge.SecretInfo{}
	for _, r := range rows {
		if out[r.service] == nil {
			out[r.service] = map[string]bridge.SecretInfo{}
		}
		r.OwnerName = names[r.Binding.Owner]
		out[r.service][r.field] = r.SecretInfo
	}
	return out, nil
}

func scanSecretInfo(row scanner) (r secretInfoRow, err error) {
	var binding string
	var updated, used int64
	err = row.Scan(&r.service, &r.field, &r.Fingerprint, &binding, &updated, &used)
	r.Binding = vault.ParseBinding(binding)
	r.UpdatedAt, r.LastUsedAt = timeOf(updated), timeOf(used)
	return r, err
}

// ownersOf returns the names of the people who entered secrets, by id. A join cannot do
// this, because the ids are sealed with the secrets.
func (s *Store) ownersOf(ctx context.Context, rows []secretInfoRow) (map[string]string, error) {
	names := map[string]string{}
	for _, r := range rows {
		id := r.Binding.Owner
		if _, known := names[id]; known {
			continue
		}
		var name string
		if err := s.read.QueryRowContext(ctx, selectName, id).Scan(&name); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		names[id] = name
	}
	return names, nil
}
