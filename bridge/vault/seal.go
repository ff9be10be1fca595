package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrAltered is the error for a sealed value that was changed, was moved to another
// place, or was sealed under another key of the same id.
var ErrAltered = errors.New("vault: sealed value was altered or moved")

// KeyMissingError says that the key file has no line for the master key that a
// value was sealed under.
type KeyMissingError struct{ ID string }

// Error implements error.
func (e *KeyMissingError) Error() string {
	return fmt.Sprintf("vault: the key file has no key %q; put its line back", e.ID)
}

// Place names the cell of a sealed value. It is the associated data of the seal, so a
// value that is copied to another row or column does not open there.
type Place struct{ Table, Row, Column string }

// Sealed is a secret as it is stored: the data key wrapped by the master key KeyID,
// and the value in a box under that data key. Both are AES-256-GCM with the random
// nonce in front (28 bytes longer than their content). The binding is in plain, and
// associated data of the box: changed, or put beside another box, it opens nothing.
type Sealed struct {
	KeyID      string
	WrappedKey []byte
	Box        []byte
	Binding    string // "" for a secret that was bound to nothing
}

// The types of ciphertext, so that a wrapped key is never opened as a box.
const (
	purposeKey = "data key"
	purposeBox = "box"
)

const keyBytes = 32 // AES-256

// Seal seals secret, with where it may go, for place under the newest master key,
// with a data key of its own. A key file that cannot be read any more is an error:
// nothing is sealed under a key that may be gone.
func (k *Keyring) Seal(place Place, secret Secret) (Sealed, error) {
	newest, err := k.newest()
	if err != nil {
		return Sealed{}, err
	}
	dataKey := make([]byte, keyBytes)
	defer clear(dataKey)
	if _, err := rand.Read(dataKey); err != nil {
		return Sealed{}, fmt.Errorf("make data key: %w", err)
	}
	box, err := newAEAD(dataKey)
	if err != nil {
		return Sealed{}, err
	}
	sealed := newest.wrap(place, dataKey)
	sealed.Binding, _ = secret.parts()
	sealed.Box = box.Seal(nil, nil, []byte(secret.Reveal()), place.bindBox(sealed.Binding)) //nolint:gosec // it draws its own nonce
	return sealed, nil
}

// Open returns the secret that was sealed for place, bound as it was. The error is a
// *KeyMissingError or ErrAltered.
func (k *Keyring) Open(place Place, sealed Sealed) (Secret, error) {
	dataKey, err := k.unwrap(place, sealed)
	if err != nil {
		return Secret{}, err
	}
	defer clear(dataKey)
	box, err := newAEAD(dataKey)
	if err != nil {
		return Secret{}, err
	}
	value, err := box.Open(nil, nil, sealed.Box, place.bindBox(sealed.Binding))
	if err != nil {
		return Secret{}, ErrAltered
	}
	return newBound(string(value), sealed.Binding), nil
}

// Rewrap wraps the data key of sealed under the newest master key and leaves the
// box as it is. A value that is under the newest key already comes back unchanged.
// Errors are those of Open, except that the box is not looked at.
func (k *Keyring) Rewrap(place Place, sealed Sealed) (Sealed, error) {
	newest, err := k.newest()
	if err != nil || sealed.KeyID == newest.id {
		return sealed, err
	}
	dataKey, err := k.unwrap(place, sealed)
	if err != nil {
		return Sealed{}, err
	}
	defer clear(dataKey)
	rewrapped := newest.wrap(place, dataKey)
	rewrapped.Box, rewrapped.Binding = sealed.Box, sealed.Binding
	return rewrapped, nil
}

// wrap returns a Sealed without a box.
func (key *masterKey) wrap(place Place, dataKey []byte) Sealed {
	return Sealed{
		KeyID:      key.id,
		WrappedKey: key.wrapper.Seal(nil, nil, dataKey, place.bind(purposeKey)), //nolint:gosec // it draws its own nonce
	}
}

func (k *Keyring) unwrap(place Place, sealed Sealed) ([]byte, error) {
	key := k.find(sealed.KeyID)
	if key == nil {
		return nil, &KeyMissingError{ID: sealed.KeyID}
	}
	dataKey, err := key.wrapper.Open(nil, nil, sealed.WrappedKey, place.bind(purposeKey))
	if err != nil {
		return nil, ErrAltered
	}
	return dataKey, nil
}

// bind returns the associated data of place: a version, then every part with its
// length in front, so that no two places give the same bytes.
func (p Place) bind(purpose string) []byte {
	return associated(1, purpose, p.Table, p.Row, p.Column)
}

// bindBox is bind for a box that goes with a binding. Boxes without one are those of
// the first version.
func (p Place) bindBox(binding string) []byte {
	if binding == "" {
		return p.bind(purposeBox)
	}
	return associated(2, purposeBox, p.Table, p.Row, p.Column, binding)
}

func associated(version byte, parts ...string) []byte {
	out := []byte{version}
	for _, part := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part))) //nolint:gosec // names, far below 4 GiB
		out = append(out, part...)
	}
	return out
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return aead, nil
}
