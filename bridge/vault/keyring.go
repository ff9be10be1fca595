package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Keyring holds the master keys of a key file, and reads it again when it has
// changed, so that a rotation needs no restart. It is safe for concurrent use, and
// prints as "[keyring]". The zero Keyring has no keys: it seals and opens nothing.
type Keyring struct {
	path string // "" when it came from no file

	mu   sync.Mutex  // guards all below
	read fs.FileInfo // of the file, when it was read
	// Newest first. Pointers, because a verb that fits no type (%w) prints past Format,
	// but stops at addresses.
	keys []*masterKey
}

// masterKey holds the keys derived from a line of the key file. The line itself is not
// kept.
type masterKey struct {
	id          string
	wrapper     cipher.AEAD // wraps data keys
	fingerprint []byte      // the key of fingerprints
	deriver     []byte      // the key of keys for other purposes
	mac         []byte      // the key of authentication codes
}

// The purposes of keys derived from a master key (the info of HKDF, RFC 5869).
const (
	infoWrap        = "duplex vault v1 wrap"
	infoFingerprint = "duplex vault v1 fingerprint"
	infoDerive      = "duplex vault v1 derive"
	infoMAC         = "duplex vault v1 mac"
)

// keyLine is one line of a key file: an id for people, and 32 bytes in hex.
var keyLine = regexp.MustCompile(`^([A-Za-z0-9._-]{1,64}):([0-9a-fA-F]{64})$`)

// parseKeyring reads the lines of a key file, newest key first. Errors name lines
// by number and never quote them.
func parseKeyring(text string) (*Keyring, error) {
	k := &Keyring{}
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		match := keyLine.FindStringSubmatch(line)
		if match == nil {
			return nil, fmt.Errorf("line %d is not id:64hex", i+1)
		}
		if seen[match[1]] {
			return nil, fmt.Errorf("line %d repeats the id of a line above", i+1)
		}
		seen[match[1]] = true
		key, err := newMasterKey(match[1], match[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		k.keys = append(k.keys, key)
	}
	return k, nil
}

// newest returns the key to seal under: the one that the file has in front now.
func (k *Keyring) newest() (*masterKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.refresh(); err != nil {
		return nil, err
	}
	if len(k.keys) == 0 {
		return nil, errors.New("vault: there is no key to seal under")
	}
	return k.keys[0], nil
}

// find returns the key of that id, or nil. It looks into the file for one it does not
// know: another process may have sealed under a key that was added since.
func (k *Keyring) find(id string) *masterKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.named(id); key != nil {
		return key
	}
	if k.refresh() != nil {
		return nil // the value is sealed under no key that can be read
	}
	return k.named(id)
}

// named is find among the keys that were read. The caller holds mu.
func (k *Keyring) named(id string) *masterKey {
	i := slices.IndexFunc(k.keys, func(key *masterKey) bool { return key.id == id })
	if i < 0 {
		return nil
	}
	return k.keys[i]
}

// refresh reads the key file again when it has changed. The caller holds mu.
func (k *Keyring) refresh() error {
	if k.path == "" {
		return nil
	}
	info, err := os.Stat(k.path)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if os.SameFile(info, k.read) && info.ModTime().Equal(k.read.ModTime()) && info.Size() == k.read.Size() {
		return nil
	}
	fresh, err := Load(k.path)
	if err != nil {
		return err
	}
	k.keys, k.read = fresh.keys, fresh.read
	return nil
}

// IDs returns the ids of the keys, newest first.
func (k *Keyring) IDs() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	ids := make([]string, len(k.keys))
	for i, key := range k.keys {
		ids[i] = key.id
	}
	return ids
}

func newMasterKey(id, hexKey string) (*masterKey, error) {
	master, err := hex.DecodeString(hexKey)
	if err != nil {
		return nil, errors.New("the key is not hex") // the cause would quote it
	}
	defer clear(master)
	wrapKey, err := hkdf.Key(sha256.New, master, nil, infoWrap, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	defer clear(wrapKey)
	wrapper, err := newAEAD(wrapKey)
	if err != nil {
		return nil, err
	}
	fingerprint, err := hkdf.Key(sha256.New, master, nil, infoFingerprint, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	deriver, err := hkdf.Key(sha256.New, master, nil, infoDerive, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	mac, err := hkdf.Key(sha256.New, master, nil, infoMAC, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return &masterKey{id: id, wrapper: wrapper, fingerprint: fingerprint, deriver: deriver, mac: mac}, nil
}

// Derive returns a 32-byte key for a purpose from each master key, the newest first:
// data made with an older key stays readable while its line is in the key file.
func (k *Keyring) Derive(purpose string) ([][]byte, error) {
	k.mu.Lock()
	masters := k.keys
	k.mu.Unlock()
	keys := make([][]byte, len(masters))
	for i, master := range masters {
		key, err := hkdf.Expand(sha256.New, master.deriver, purpose, keyBytes)
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		keys[i] = key
	}
	return keys, nil
}

// Fingerprint returns 8 hex digits that are the same for the same value, so that
// people can compare secrets without seeing them. They hang on the oldest key: a
// new one in front changes nothing, and they change when the oldest leaves.
func (k *Keyring) Fingerprint(secret Secret) string {
	oldest := k.oldest()
	mac := hmac.New(sha256.New, oldest.fingerprint)
	mac.Write([]byte(secret.Reveal()))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

func (k *Keyring) oldest() *masterKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys[len(k.keys)-1]
}

// Format implements fmt.Formatter and hides the keys.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keyring]") }
