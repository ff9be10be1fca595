package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"

	"duplex/bridge/vault"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

// secretCommands lists the verbs of "duplex secrets". They may run beside a server.
var secretCommands = map[string]func(context.Context, *store.Store, *vault.Keyring, io.Writer) error{
	"check":  checkSecrets,
	"rewrap": rewrapSecrets,
}

// errSecretsShut says that there are secrets that do not open; which was printed.
var errSecretsShut = errors.New("not all secrets can be opened")

// secretsCommand works on the kept secrets, with the settings of the server. It
// returns the exit code.
func secretsCommand(ctx context.Context, p process) int {
	var command func(context.Context, *store.Store, *vault.Keyring, io.Writer) error
	if len(p.args) > 1 {
		command = secretCommands[p.args[1]]
	}
	if command == nil {
		_, _ = fmt.Fprintln(p.stderr, "usage: duplex secrets check|rewrap [flags]")
		return 2
	}
	c, code, ok := p.settings(p.args[2:], "duplex secrets does not run")
	if !ok {
		return code
	}
	log := c.Log(p.stderr)
	if err := onSecrets(ctx, c, log, p.stdout, command); err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex: %v\n", err)
		return 1
	}
	return 0
}

func onSecrets(
	ctx context.Context, c config.Config, log *slog.Logger, out io.Writer,
	command func(context.Context, *store.Store, *vault.Keyring, io.Writer) error,
) (err error) {
	if c.DatabaseURL == "" && !store.Exists(c.Data) {
		return fmt.Errorf("there is no database in %s: name its directory with --data, or its --database-url", c.Data)
	}
	keys, err := vault.Load(c.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		_, _ = fmt.Fprintf(out, "there is no key file %s\n", c.KeyFile)
		keys, err = &vault.Keyring{}, nil // then every secret says which key it lacks
	}
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, storeOptions(c, keys, log))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return command(ctx, st, keys, out)
}

// checkSecrets opens every secret and lists the keys in use.
func checkSecrets(ctx context.Context, st *store.Store, keys *vault.Keyring, out io.Writer) error {
	states, err := st.CheckSecrets(ctx)
	if err != nil {
		return err
	}
	use, shut := map[string]int{}, []store.SecretState{}
	ids := keys.IDs()
	for _, state := range states {
		if use[state.KeyID]++; !slices.Contains(ids, state.KeyID) {
			ids = append(ids, state.KeyID)
		}
		if state.Err != nil {
			shut = append(shut, state)
		}
	}
	for i, id := range ids {
		note := ""
		switch {
		case i >= len(keys.IDs()):
			note = ", missing in the key file"
		case i == 0:
			note = ", the newest"
		case use[id] == 0:
			note = ", no longer needed"
		}
		_, _ = fmt.Fprintf(out, "key %s: %d secrets%s\n", id, use[id], note)
	}
	_, _ = fmt.Fprintf(out, "%d secrets, %d can be opened\n", len(states), len(states)-len(shut))
	return tellShut(shut, out)
}

// rewrapSecrets wraps every data key under the newest key.
func rewrapSecrets(ctx context.Context, st *store.Store, keys *vault.Keyring, out io.Writer) error {
	if len(keys.IDs()) == 0 {
		return errors.New("there is no key to wrap under: put the key file back")
	}
	wrapped, shut, err := st.Rewrap(ctx)
	if err == nil && st.CheckSigner(ctx) == nil {
		err = st.RenewKeyCheck(ctx)
	}
	_, _ = fmt.Fprintf(out, "%d secrets wrapped under the key %s\n", wrapped, keys.IDs()[0])
	if err != nil {
		return fmt.Errorf("broken off, and nothing is lost: run it again: %w", err)
	}
	return tellShut(shut, out)
}

func tellShut(shut []store.SecretState, out io.Writer) error {
	for _, s := range shut {
		of := fmt.Sprintf("service %q", s.Service)
		switch {
		case s.Environment != "":
			of = fmt.Sprintf("environment %q", s.Environment)
		case s.Person != "":
			of = fmt.Sprintf("%q, who will have to sign in again", s.Person)
		}
		_, _ = fmt.Fprintf(out, "cannot be opened: %s of %s, under key %s: %v\n", s.Field, of, s.KeyID, s.Err)
	}
	if len(shut) > 0 {
		return errSecretsShut
	}
	return nil
}
