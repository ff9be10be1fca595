package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/vault"
	"duplex/handlers"
	"duplex/views/text"
	"duplex/web/internal/config"
	"duplex/web/internal/provision"
	"duplex/web/internal/store"
)

// provisionSetting remembers what was provisioned.
const provisionSetting = "provision"

// provisionFiles applies the files of --provision. What people changed by hand since is said
// in the log, and put back.
func provisionFiles(ctx context.Context, c config.Config, h *handlers.Handler, st *store.Store, getenv func(string) string, log *slog.Logger) error {
	if c.Provision == "" {
		return nil
	}
	document, err := provision.Read(c.Provision)
	if err != nil {
		return fmt.Errorf("provision:\n%w", err)
	}
	applier, err := newApplier(h, getenv)
	if err != nil {
		return err
	}
	raw, err := st.Setting(ctx, provisionSetting)
	if err != nil {
		return err
	}
	state := provision.State{}
	if raw != "" {
		if err := json.Unmarshal([]byte(raw), &state); err != nil {
			return fmt.Errorf("setting %s: %w", provisionSetting, err)
		}
	}
	changes, state, err := applier.Apply(ctx, document, state)
	for _, change := range changes {
		level := slog.LevelInfo
		if change.Did == provision.Restored || change.Did == provision.Left {
			level = slog.LevelWarn
		}
		log.Log(ctx, level, "provisioned", "list", change.List, "name", change.Name, "did", string(change.Did))
	}
	if err != nil {
		err = fmt.Errorf("provision:\n%w", err)
	}
	kept, encodeErr := json.Marshal(state)
	if encodeErr != nil {
		return errors.Join(err, encodeErr)
	}
	return errors.Join(err, st.SetSetting(ctx, provisionSetting, string(kept)))
}

func newApplier(h *handlers.Handler, getenv func(string) string) (*provision.Applier, error) {
	keys, err := handlers.RequestKeys()
	return &provision.Applier{Call: h.Provision, Getenv: getenv, Keys: keys}, err
}

// exportCommand prints services, environments and dialects as a file for --provision.
func exportCommand(ctx context.Context, p process) int {
	c, code, ok := p.settings(p.args[1:], "duplex export does not run")
	if !ok {
		return code
	}
	raw, err := exportFile(ctx, c)
	if err == nil {
		_, err = p.stdout.Write(raw)
	}
	if err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex export: %v\n", err)
		return 1
	}
	return 0
}

// exportFile reads the store beside a server, through the same API.
func exportFile(ctx context.Context, c config.Config) (raw []byte, err error) {
	if c.DatabaseURL == "" && !store.Exists(c.Data) {
		return nil, fmt.Errorf("there is no database in %s: name its directory with --data, or its --database-url", c.Data)
	}
	st, err := store.Open(ctx, storeOptions(c, &vault.Keyring{}, nil))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	words, err := text.LoadAll()
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	hub := bridge.NewHub(bridge.HubOptions{Recorder: st, Library: st, Now: time.Now, NewID: newID, Log: log})
	h := handlers.New(handlers.Options{
		Hub: hub, Store: st, Audit: auditLog{Store: st, checker: new(atomic.Pointer[audit.Checker])}, StoreErrors: storeErrors(st),
		Text: words, Log: log, Now: time.Now, NewID: newID, PublicOrigins: func() []string { return nil },
	})
	applier, err := newApplier(h, func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	return applier.Export(ctx)
}
