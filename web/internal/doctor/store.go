package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"duplex/bridge/vault"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

func optionsOf(c *config.Config, keys *vault.Keyring) store.Options {
	return store.Options{DataDir: c.Data, DatabaseURL: c.DatabaseURL, Keyring: keys, MinFree: c.MinFree}
}

func checkDatabase(ctx context.Context, c *config.Config) (Check, store.Inspection) {
	const name = "database"
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	i, err := store.Inspect(ctx, optionsOf(c, nil))
	switch {
	case errors.Is(err, store.ErrReadOnly):
		return bad(name, err, "name the primary server in --database-url, not a standby"), i
	case errors.Is(err, store.ErrNoSchema):
		return bad(name, err, "grant its user the right to create in the schema"), i
	case errors.Is(err, fs.ErrPermission):
		return bad(name, err, "give the data directory to the user of the server"), i
	case err != nil && c.DatabaseURL != "" && store.Away(err):
		return bad(name, fmt.Errorf("it cannot be reached: %w", err), "start PostgreSQL, or correct --database-url"), i
	case err != nil:
		return bad(name, err, `follow the message; "duplex help store" has more`), i
	case i.Floor > 0 && i.Free < i.Floor:
		return bad(name, fmt.Errorf("%s are free beside %s, and %s have to stay free: nothing new is begun", mebibytes(i.Free), i.Place, mebibytes(i.Floor)),
			"free some space, delete sessions, or set --retention-days, --retention-bytes or --min-free-bytes"), i
	case !i.Exists:
		return good(name, "%s: a start makes a new database", i.Place), i
	case i.Missing > 0:
		return good(name, "%s: a start brings its schema up to date (%d steps)", i.Place, i.Missing), i
	case c.DatabaseURL == "":
		return good(name, "%s: %s, schema current, can be written, %s are free", i.Place, mebibytes(i.Size), mebibytes(i.Free)), i
	}
	return good(name, "%s: %s, schema current, can be written", i.Place, mebibytes(i.Size)), i
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// checkKeys reads the key file, and opens the secrets of a database that can be read.
func checkKeys(ctx context.Context, c *config.Config, i store.Inspection, readable bool) Check {
	const name = "keys"
	keys, err := vault.Load(c.KeyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !readable:
		return Check{} // the database would tell whether it needs one
	case errors.Is(err, fs.ErrNotExist) && !i.Exists:
		return good(name, "a start makes the key file %s", c.KeyFile)
	case errors.Is(err, fs.ErrNotExist):
		return bad(name, err, "put the key file of this database back, or name it with --key-file: without it no secret opens")
	case err != nil:
		return bad(name, err, "make the file as it was when the secrets were sealed")
	case !readable || !i.Exists || i.Missing > 0: // its tables may lack a column
		return good(name, "%s: %d keys; not compared with the secrets", c.KeyFile, len(keys.IDs()))
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	secrets, err := openSecrets(ctx, optionsOf(c, keys))
	if err != nil {
		return bad(name, fmt.Errorf("%s is not the key file of this database: %w", c.KeyFile, err), "put the right file back, or name it with --key-file")
	}
	return good(name, "%s: %d keys, all %d secrets open", c.KeyFile, len(keys.IDs()), secrets)
}

// openSecrets opens every secret and returns their number.
func openSecrets(ctx context.Context, o store.Options) (n int, err error) {
	st, err := store.Open(ctx, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := st.CheckKeys(ctx); err != nil {
		return 0, err
	}
	states, err := st.CheckSecrets(ctx)
	for _, s := range states {
		if s.Err != nil && s.Person == "" {
			return 0, fmt.Errorf("%s of %s%s: %w", s.Field, s.Service, s.Environment, s.Err)
		}
	}
	return len(states), err
}
