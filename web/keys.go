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

// loadKeys reads the key file. The first start makes one; once there are secrets, a new
// one would open none of them, and hide that theirs is missing.
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
	err = errors.Join(st.CheckKeys(ctx), st.Close())
	if missing, ok := errors.AsType[*vault.KeyMissingError](err); ok {
		return nil, fmt.Errorf("there is no key file %s, and secrets are sealed under the key %q: put the file back", c.KeyFile, missing.ID)
	}
	if err != nil {
		return nil, err
	}
	return vault.LoadOrCreate(c.KeyFile)
}

// prepareSecrets refuses a key file that is not the one that the secrets were sealed
// under, and binds those of versions that did not.
func prepareSecrets(ctx context.Context, c config.Config, st *store.Store) error {
	if err := st.CheckKeys(ctx); err != nil {
		return fmt.Errorf("key file %s: %w", c.KeyFile, err)
	}
	return st.BindUnbound(ctx, func(s *bridge.Service) (vault.Binding, error) { return s.Binding(demoOwner) })
}
