package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"duplex/bridge"
	"duplex/bridge/vault"
)

const selectUnbound = `select distinct service from secrets where binding = ''`

// BindSecret changes the binding of a saved secret, but not its value or history. change
// receives the sealed binding, which no edit of a row can forge; its error is returned.
// The error is ErrNotFound when the secret does not exist or was replaced.
func (s *Store) BindSecret(ctx context.Context, service, field string, change func(vault.Binding) (vault.Binding, error)) error {
	return s.bindSecret(ctx, &serviceSecrets, service, field, change)
}

func (s *Store) bindSecret(ctx context.Context, t *secretTable, owner, field string, change func(vault.Binding) (vault.Binding, error)) error {
	sealed, err := readSealed(ctx, s.read, t, owner)
	if err != nil {
		return err
	}
	before, found := sealed[field]
	if !found {
		return fmt.Errorf("bind secret: %w", ErrNotFound)
	}
	if err := s.rebind(ctx, t, owner, field, before, change); err != nil {
		return fmt.Errorf("bind secret: %w", err)
	}
	return nil
}

func (s *Store) rebind(ctx context.Context, t *secretTable, owner, field string, before vault.Sealed, change func(vault.Binding) (vault.Binding, error)) error {
	secret, err := s.keyring.Open(t.place(owner, field), before)
	if err != nil {
		return err
	}
	b, _ := secret.Binding()
	if b, err = change(b); err != nil {
		return err
	}
	after, err := s.keyring.Seal(t.place(owner, field), secret.Bind(b))
	if err != nil {
		return err
	}
	done, err := reseal(ctx, s.write, t, owner, field, before, after)
	if err == nil && !done {
		err = ErrNotFound
	}
	return err
}

// reseal replaces one sealed form of a secret by another, unless the row has changed
// since.
func reseal(ctx context.Context, db *sql.DB, t *secretTable, owner, field string, before, after vault.Sealed) (done bool, err error) {
	n, err := rowsAffected(db.ExecContext(ctx, t.reseal, after.KeyID, after.WrappedKey, after.Box, after.Binding,
		owner, field, before.KeyID, before.WrappedKey))
	return n > 0, err
}

// BindUnbound binds secrets from versions without bindings, each by bindingOf of its
// service. A secret that does not open stays as it is.
func (s *Store) BindUnbound(ctx context.Context, bindingOf func(*bridge.Service) (vault.Binding, error)) error {
	services, err := s.listUnbound(ctx)
	if err != nil {
		return err
	}
	for _, id := range services {
		if err := s.bindService(ctx, id, bindingOf); err != nil {
			return fmt.Errorf("bind secrets: %w", err)
		}
	}
	return nil
}

func (s *Store) bindService(ctx context.Context, id string, bindingOf func(*bridge.Service) (vault.Binding, error)) error {
	svc, err := s.Service(ctx, "", id)
	if errors.Is(err, ErrNotFound) { // deleted in the meantime
		return nil
	}
	if err != nil {
		return err
	}
	binding, err := bindingOf(&svc)
	if err != nil {
		s.log.WarnContext(ctx, "secrets stay unbound, and go nowhere", "service", svc.Name, "error", err)
		return nil
	}
	sealed, err := readSealed(ctx, s.read, &serviceSecrets, id)
	if err != nil {
		return err
	}
	for field, before := range sealed {
		if before.Binding != "" {
			continue
		}
		toBinding := func(vault.Binding) (vault.Binding, error) { return binding, nil }
		if err := s.rebind(ctx, &serviceSecrets, id, field, before, toBinding); err != nil {
			s.log.WarnContext(ctx, "secret stays unbound, and goes nowhere", "service", svc.Name, "field", field, "error", err)
		}
	}
	return nil
}

func (s *Store) listUnbound(ctx context.Context) ([]string, error) {
	ids, err := collectRows(ctx, s.read, scanID, selectUnbound)
	if err != nil {
		return nil, fmt.Errorf("list unbound secrets: %w", err)
	}
	return ids, nil
}
