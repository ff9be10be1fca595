package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duplex/bridge/vault"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

// inOut is the name of standard output and input in place of a file.
const inOut = "-"

// backupCommand writes a backup of the store of these settings.
func backupCommand(ctx context.Context, p process) int {
	return p.onFile("backup", func(c *config.Config, file string) error { return p.backup(ctx, c, file) })
}

// restoreCommand reads a backup into the store of these settings.
func restoreCommand(ctx context.Context, p process) int {
	return p.onFile("restore", func(c *config.Config, file string) error { return p.restore(ctx, c, file) })
}

// onFile runs a command with a file before the flags, and returns the exit code.
func (p process) onFile(name string, do func(c *config.Config, file string) error) int {
	if len(p.args) < 2 || strings.HasPrefix(p.args[1], "-") && p.args[1] != inOut {
		_, _ = fmt.Fprintf(p.stderr, "usage: duplex %s FILE [flags], where FILE may be -\n", name)
		return 2
	}
	c, code, ok := p.settings(p.args[2:], "duplex "+name+" does not run")
	if !ok {
		return code
	}
	if err := do(&c, p.args[1]); err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex %s: %v\n", name, err)
		return 1
	}
	return 0
}

func (p process) backup(ctx context.Context, c *config.Config, file string) error {
	note, err := noteKeys(ctx, c)
	if err != nil {
		return err
	}
	var contents store.Contents
	write := func(w io.Writer) error {
		contents, err = store.Backup(ctx, storeOptions(*c, nil, nil), w)
		return err
	}
	tell := p.stdout
	if file == inOut {
		tell, err = p.stderr, write(p.stdout)
	} else {
		err = writeWhole(file, write)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(tell, "backup of %s: %d tables, %d rows, contents %s\n", contents.MadeAt.Format(time.RFC3339), contents.Tables, contents.Rows, contents.Sum)
	if err == nil && contents.Key != "" {
		_, err = fmt.Fprintf(tell, "Its secrets are sealed under the key %s of %s, which is not in it: keep a copy of that file in another place. Without it this backup cannot be restored.%s\n",
			contents.Key, c.KeyFile, note)
	}
	return err
}

// noteKeys refuses a key file that is not the one of the database. Where there is none, it
// returns a sentence that says so: backups may be taken where no key is.
func noteKeys(ctx context.Context, c *config.Config) (note string, err error) {
	keys, err := vault.Load(c.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return " There is no such file on this machine.", nil
	}
	if err != nil {
		return "", err
	}
	if err := store.CheckBackupKeys(ctx, storeOptions(*c, keys, nil)); err != nil {
		return "", fmt.Errorf("%s is not the key file of this database: %w; name the right one with --key-file", c.KeyFile, err)
	}
	return "", nil
}

// writeWhole makes a file that only its owner may read, and that is there only when it is
// whole. It replaces no file.
func writeWhole(file string, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s: %w", file, fs.ErrExist)
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".duplex-backup-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	err = write(draft)
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Link(draft.Name(), file) // a rename would replace a file that was made meanwhile
}

func (p process) restore(ctx context.Context, c *config.Config, file string) error {
	source := p.stdin
	if file != inOut {
		opened, err := os.Open(file)
		if err != nil {
			return err
		}
		defer func() { _ = opened.Close() }()
		source = opened
	}
	keys, err := vault.Load(c.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		keys, err = &vault.Keyring{}, nil // a backup with sealed secrets says which key it lacks
	}
	if err != nil {
		return err
	}
	contents, err := store.Restore(ctx, storeOptions(*c, keys, nil), source)
	if isOtherKey(err) {
		return fmt.Errorf("%s is not the key file of this backup: %w; put the right file there, or name it with --key-file. Nothing was restored", c.KeyFile, err)
	}
	if err != nil {
		return fmt.Errorf("%w. Nothing was restored", err)
	}
	_, err = fmt.Fprintf(p.stdout, "restored as of %s: %d tables, %d rows, contents %s, compared with the backup\n",
		contents.MadeAt.Format(time.RFC3339), contents.Tables, contents.Rows, contents.Sum)
	return err
}
