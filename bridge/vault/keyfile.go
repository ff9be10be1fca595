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

// maxKeyFile bounds the size of a key file, in bytes: hundreds of keys.
const maxKeyFile = 64 << 10

// Load reads the master keys from the file at path: lines of id:64hex, the newest
// first. It refuses a file that other users may read and one with a malformed line; the
// error tells the remedy. A missing file is fs.ErrNotExist.
func Load(path string) (*Keyring, error) {
	text, info, err := readKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	keyring, err := parseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w; restore it from its copy, since no secret opens without its key", path, err)
	}
	keyring.path, keyring.read = path, info
	return keyring, nil
}

// LoadOrCreate is Load, and where there is no file it makes one with a random key,
// readable by its owner only, and the folders above it.
func LoadOrCreate(path string) (*Keyring, error) {
	keyring, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keyring, err
	}
	if err := createKeyFile(path); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return Load(path)
}

func readKeyFile(path string) (string, fs.FileInfo, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", nil, err
	case !info.Mode().IsRegular():
		return "", nil, fmt.Errorf("%s is not a file; name a file", path)
	case info.Mode().Perm()&0o077 != 0:
		return "", nil, fmt.Errorf("%s is open to others (mode %#o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	case info.Size() > maxKeyFile:
		return "", nil, fmt.Errorf("%s is longer than %d bytes; it is no key file", path, maxKeyFile)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	return string(text), info, err
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
