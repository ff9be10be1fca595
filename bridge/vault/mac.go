package vault

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Signer makes codes for data that nobody can make without the key file.
type Signer struct {
	ID  string // of the master key that its key is derived from
	key []byte
}

// Signer returns the Signer of the newest master key. When the key file cannot be read
// again, it is the newest key that was.
func (k *Keyring) Signer() Signer {
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = k.refresh()
	return Signer{ID: k.keys[0].id, key: k.keys[0].mac}
}

// MAC returns the HMAC-SHA-256 of data. Callers start data with its type.
func (s Signer) MAC(data []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(data)
	return mac.Sum(nil)
}

// CheckMAC checks a code that the Signer of keyID made. The error is a
// *KeyMissingError or ErrAltered.
func (k *Keyring) CheckMAC(keyID string, data, mac []byte) error {
	key := k.find(keyID)
	if key == nil {
		return &KeyMissingError{ID: keyID}
	}
	if !hmac.Equal(Signer{key: key.mac}.MAC(data), mac) {
		return ErrAltered
	}
	return nil
}
