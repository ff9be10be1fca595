package vault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxKeyFile is how long a key file may be, in bytes: hundreds of keys.
const maxKeyFile = 64 << 10

// LoadOrCreate reads the master keys from the file at path: lines of id:64hex, the
// newest first. Where there is no file, it makes one with a random key, readable by
// its owner only, and the folders above it. It refuses a file that others may read
// and one it does not understand; the error says what to do.
func LoadOrCreate(path string) (*Keyring, error) {
	text, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createKeyFile(path); err == nil {
			text, err = readKeyFile(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	keyring, err := parseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w; restore it from its copy, since no secret opens without its key", path, err)
	}
	return keyring, nil
}

func readKeyFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a file; name a file", path)
	case info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%s is open to others (mode %#o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	case info.Size() > maxKeyFile:
		return "", fmt.Errorf("%s is longer than %d bytes; it is no key file", path, maxKeyFile)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	return string(text), err
}

// createKeyFile makes the file whole or not at all. It is written under another
// name and linked: unlike a rename, a link fails when a second process was faster,
// and then that one's key counts.
func createKeyFile(path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	if err := writeKey(draft); err != nil {
		return fmt.Errorf("write %s: %w", draft.Name(), err)
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(folder)
}

// writeKey writes a line with a new random key, and closes the file.
func writeKey(file *os.File) error {
	random := make([]byte, 4+keyBytes)
	defer clear(random)
	_, err := rand.Read(random)
	if err == nil {
		_, err = fmt.Fprintf(file, "k%s:%s\n", hex.EncodeToString(random[:4]), hex.EncodeToString(random[4:]))
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncFolder makes the new name last: a secret sealed under a key that a power cut
// takes away is lost.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
