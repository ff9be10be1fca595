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
	"regexp"
	"strings"
)

// Keyring holds the master keys. It is safe for concurrent use, and prints as
// "[keyring]".
type Keyring struct {
	// Newest first, never empty. Pointers, because a verb that fits no type (%w)
	// prints past Format, but stops at addresses.
	keys []*masterKey
}

// masterKey is what is derived from a line of the key file; the line itself is not
// kept.
type masterKey struct {
	id          string
	wrapper     cipher.AEAD // wraps data keys
	fingerprint []byte      // the key of fingerprints
	deriver     []byte      // the key of keys for other purposes
}

// What the keys derived from a master key are for (the info of HKDF, RFC 5869).
const (
	infoWrap        = "duplex vault v1 wrap"
	infoFingerprint = "duplex vault v1 fingerprint"
	infoDerive      = "duplex vault v1 derive"
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
	return &masterKey{id: id, wrapper: wrapper, fingerprint: fingerprint, deriver: deriver}, nil
}

// Derive returns a key of 32 bytes for a purpose from each master key, the newest
// first: what was made with one stays readable while its line is in the key file.
func (k *Keyring) Derive(purpose string) ([][]byte, error) {
	keys := make([][]byte, len(k.keys))
	for i, master := range k.keys {
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
	oldest := k.keys[len(k.keys)-1]
	mac := hmac.New(sha256.New, oldest.fingerprint)
	mac.Write([]byte(secret.Reveal()))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// Format implements fmt.Formatter and hides the keys.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keyring]") }
