package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"duplex/bridge"
	"duplex/bridge/vault"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

func storeOptions(c config.Config, keys *vault.Keyring, log *slog.Logger) store.Options {
	return store.Options{DataDir: c.Data, DatabaseURL: c.DatabaseURL, Keyring: keys, Now: time.Now, Log: log, MinFree: c.MinFree}
}

// loadKeys reads the key file. It makes one for a new database alone: for another, a new
// key would open no secret and check no entry of the audit log, and hide that theirs is
// missing.
func loadKeys(ctx context.Context, c config.Config, o store.Options) (*vault.Keyring, error) {
	keys, err := vault.Load(c.KeyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	o.Keyring = &vault.Keyring{}
	st, err := store.Open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	id, err := st.KeyInUse(ctx)
	if err = errors.Join(err, st.Close()); err != nil {
		return nil, err
	}
	if id != "" {
		return nil, fmt.Errorf("there is no key file %s, and secrets are sealed or the audit log is signed under the key %q: put the file back", c.KeyFile, id)
	}
	return vault.LoadOrCreate(c.KeyFile)
}

// prepareSecrets refuses a key file that is not the one that the secrets were sealed
// under and the audit log signed with, and binds secrets of versions that did not.
func prepareSecrets(ctx context.Context, c config.Config, st *store.Store) error {
	if err := st.CheckKeys(ctx); err != nil {
		return fmt.Errorf("key file %s is not the one of this database: %w; put the right file back, or name it with --key-file", c.KeyFile, err)
	}
	if err := st.RenewKeyCheck(ctx); err != nil {
		return err
	}
	return st.BindUnbound(ctx, func(s *bridge.Service) (vault.Binding, error) { return s.Binding(demoOwner) })
}
