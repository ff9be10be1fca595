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

const selectName = `select name from people where id = $1`

// secretTable holds the statements on a table of sealed secrets. Each row belongs to an owner,
// a service or an environment, and opens in no other row.
type secretTable struct {
	name string

	selectInfos, selectInfo, selectSealed, upsert, remove, stamp, reseal, selectAll string
}

// The tables of secrets.
var (
	serviceSecrets     = newSecretTable("secrets", "service", "services")
	environmentSecrets = newSecretTable("environment_secrets", "environment", "environments")
)

// newSecretTable returns the statements for a table. Owner is the column with the id of the
// owner, in the table owners.
func newSecretTable(table, owner, owners string) secretTable {
	infos := `select ` + owner + `, field, fingerprint, binding, updated_at, last_used_at from ` + table
	return secretTable{
		name:         table,
		selectInfos:  infos,
		selectInfo:   infos + ` where ` + owner + ` = $1`,
		selectSealed: `select field, key_id, wrapped, box, binding from ` + table + ` where ` + owner + ` = $1`,
		upsert: `insert into ` + table + ` (` + owner + `, field, key_id, wrapped, box, binding, fingerprint, updated_at, last_used_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, 0)
			on conflict (` + owner + `, field) do update set key_id = excluded.key_id, wrapped = excluded.wrapped, box = excluded.box,
			binding = excluded.binding, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at, last_used_at = 0`,
		remove: `delete from ` + table + ` where ` + owner + ` = $1 and field = $2`,
		stamp:  `update ` + table + ` set last_used_at = $1 where ` + owner + ` = $2`,
		// The update matches only the row as it was read: a value that was saved since stays.
		reseal: `update ` + table + ` set key_id = $1, wrapped = $2, box = $3, binding = $4
			where ` + owner + ` = $5 and field = $6 and key_id = $7 and wrapped = $8`,
		selectAll: `select s.` + owner + `, o.name, s.field, s.key_id, s.wrapped, s.box, s.binding
			from ` + table + ` s join ` + owners + ` o on o.id = s.` + owner + ` order by o.folded, s.field`,
	}
}

// place binds a sealed secret to its row.
func (t *secretTable) place(owner, field string) vault.Place {
	return vault.Place{Table: t.name, Row: owner, Column: field}
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
		return s.changeSecrets(ctx, tx, &serviceSecrets, saved.ID, secrets, keep)
	})
	if err != nil {
		return fmt.Errorf("save service: %w", err)
	}
	*svc, err = s.Service(ctx, "", saved.ID)
	return err
}

// changeSecrets seals the secrets of an owner, keeps those that are named, and deletes all
// others.
func (s *Store) changeSecrets(ctx context.Context, tx *sql.Tx, t *secretTable, owner string, secrets map[string]vault.Secret, keep []string) error {
	sealed, err := readSealed(ctx, tx, t, owner)
	if err != nil {
		return err
	}
	for field := range sealed {
		if slices.Contains(keep, field) {
			continue
		}
		if _, err := tx.ExecContext(ctx, t.remove, owner, field); err != nil {
			return fmt.Errorf("delete secret: %w", err)
		}
	}
	for field, secret := range secrets {
		if err := s.sealSecret(ctx, tx, t, owner, field, secret); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) sealSecret(ctx context.Context, tx *sql.Tx, t *secretTable, owner, field string, secret vault.Secret) error {
	if _, bound := secret.Binding(); !bound {
		return fmt.Errorf("seal %s: %w", field, ErrUnbound)
	}
	sealed, err := s.keyring.Seal(t.place(owner, field), secret)
	if err != nil {
		return fmt.Errorf("seal %s: %w", field, err)
	}
	_, err = tx.ExecContext(ctx, t.upsert, owner, field, sealed.KeyID, sealed.WrappedKey, sealed.Box, sealed.Binding,
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
	c.Secrets, err = s.openSecrets(ctx, &serviceSecrets, svc.ID)
	if err != nil {
		return sign.Credential{}, fmt.Errorf("secrets of %s: %w", svc.Name, err)
	}
	return c, nil
}

// openSecrets opens the secrets of an owner and stamps them as used; nil when it has none. A
// secret from before bindings gets a binding without targets.
func (s *Store) openSecrets(ctx context.Context, t *secretTable, owner string) (map[string]vault.Secret, error) {
	sealed, err := readSealed(ctx, s.read, t, owner)
	if err != nil || len(sealed) == 0 {
		return nil, err
	}
	opened := make(map[string]vault.Secret, len(sealed))
	for field, box := range sealed {
		secret, err := s.keyring.Open(t.place(owner, field), box)
		if err != nil {
			return nil, fmt.Errorf("open secret %s: %w", field, err)
		}
		if _, bound := secret.Binding(); !bound {
			secret = secret.Bind(vault.Binding{})
		}
		opened[field] = secret
	}
	if _, err := s.write.ExecContext(ctx, t.stamp, micros(s.now()), owner); err != nil {
		return nil, fmt.Errorf("stamp secrets: %w", err)
	}
	return opened, nil
}

func readSealed(ctx context.Context, db querier, t *secretTable, owner string) (map[string]vault.Sealed, error) {
	rows, err := db.QueryContext(ctx, t.selectSealed, owner)
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

// secretInfoRow is the visible part of a secret, with its place.
type secretInfoRow struct {
	bridge.SecretInfo

	owner, field string
}

// querySecretInfos returns the visible parts of secrets, by owner and field.
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
		if out[r.owner] == nil {
			out[r.owner] = map[string]bridge.SecretInfo{}
		}
		r.OwnerName = names[r.Binding.Owner]
		out[r.owner][r.field] = r.SecretInfo
	}
	return out, nil
}

func scanSecretInfo(row scanner) (r secretInfoRow, err error) {
	var binding string
	var updated, used int64
	err = row.Scan(&r.owner, &r.field, &r.Fingerprint, &binding, &updated, &used)
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
